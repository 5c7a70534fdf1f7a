//! Weights as a file of PyTorch's.

use std::io::{self, Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{TorchName, TorchTensor, torch_tensors};
use crate::{Model, ModelError, Result};

/// Writes the weights as a file that `torch.load(path, weights_only=True)` reads into a state dict; `names` as in
/// [`save_weights_as`](crate::save_weights_as).
///
/// # Errors
/// [`ModelError::WriteWeights`].
pub fn save_torch<M: Model>(network: &M, path: &Path, names: &[TorchName]) -> Result<()> {
    std::fs::write(path, torch_bytes(network, names)?)
        .map_err(|error| ModelError::WriteWeights { path: path.into(), reason: error.to_string() })
}

/// The bytes of the file that [`save_torch`] writes.
///
/// # Errors
/// [`ModelError::ReadBack`] where the device fails.
pub fn torch_bytes<M: Model>(network: &M, names: &[TorchName]) -> Result<Vec<u8>> {
    let failed = |error: io::Error| ModelError::ReadBack { what: "the weights", reason: error.to_string() };
    archive(&torch_tensors(network, names)?).map_err(failed)
}

fn archive(tensors: &[TorchTensor]) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut put = |name: &str, bytes: &[u8]| {
        archive.start_file(format!("archive/{name}"), stored)?;
        archive.write_all(bytes)
    };
    put("data.pkl", &pickle(tensors))?;
    put("byteorder", b"little")?;
    for (place, (_, (_, bytes))) in tensors.iter().enumerate() {
        put(&format!("data/{place}"), bytes)?;
    }
    put("version", b"3\n")?;
    Ok(archive.finish()?.into_inner())
}

/// A dictionary of tensors, each rebuilt from a storage of its own: the calls that `torch.save` writes, and no others.
fn pickle(tensors: &[TorchTensor]) -> Vec<u8> {
    let mut out = b"\x80\x02}(".to_vec();
    for (place, (name, (shape, bytes))) in tensors.iter().enumerate() {
        text(&mut out, name);
        out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut out, "storage");
        out.extend(b"ctorch\nFloatStorage\n");
        text(&mut out, &place.to_string());
        text(&mut out, "cpu");
        number(&mut out, bytes.len() / size_of::<f32>());
        // The storage, from its first number on.
        out.extend(b"tQK\x00");
        tuple(&mut out, shape);
        tuple(&mut out, &strides(shape));
        // It needs no gradient and has no hooks.
        out.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    out.extend(b"u.");
    out
}

/// Numbers from one entry of an axis to the next.
fn strides(shape: &[usize]) -> Vec<usize> {
    (1..=shape.len()).map(|axis| shape.iter().skip(axis).product()).collect()
}

fn tuple(out: &mut Vec<u8>, numbers: &[usize]) {
    out.push(b'(');
    numbers.iter().for_each(|&side| number(out, side));
    out.push(b't');
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'X');
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
}

/// As a long number of as many bytes as it needs, the sign among them.
fn number(out: &mut Vec<u8>, number: usize) {
    let bytes = (number as u64).to_le_bytes();
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let signed = bytes.get(used.wrapping_sub(1)).is_some_and(|byte| *byte >= 0x80);
    let length = (used + usize::from(signed)).min(bytes.len());
    out.extend([0x8a, length as u8]);
    out.extend(bytes.iter().take(length));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Tensor;

    use super::*;
    use crate::{MlpConfig, load_weights, parameter_names};

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.pt");
        let device = Default::default();
        let config = MlpConfig { hidden: vec![300], batch_norm: true, ..MlpConfig::new(4, 3) };
        let network = config.init(1, &device).unwrap();
        save_torch(&network, &path, &[]).unwrap();
        let again = load_weights(config.init(2, &device).unwrap(), &path, &[]).unwrap();
        let input = Tensor::<2>::ones([2, 4], &device);
        assert_eq!(again.forward(input.clone()).into_data(), network.forward(input).into_data());
        assert!(!parameter_names(&again).is_empty());
    }

    #[test]
    fn numbers_have_as_many_bytes_as_they_need() {
        let of = |value: usize| {
            let mut out = Vec::new();
            number(&mut out, value);
            out
        };
        assert_eq!(of(0), [0x8a, 0]);
        assert_eq!(of(127), [0x8a, 1, 127]);
        assert_eq!(of(128), [0x8a, 2, 128, 0]);
        assert_eq!(of(0x1234), [0x8a, 2, 0x34, 0x12]);
    }
}
