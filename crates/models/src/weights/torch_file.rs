//! Weights as a file of PyTorch's.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use burn_store::{BurnToPyTorchAdapter, ModuleSnapshot};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::matching::in_torch;
use super::{TorchLayout, TorchName};
use crate::{Model, ModelError, Result};

/// Writes the weights as a file that `torch.load(path, weights_only=True)` reads into a state dict; `names` as in
/// [`save_weights_as`](crate::save_weights_as).
///
/// # Errors
/// [`ModelError::WriteWeights`].
pub fn save_torch<M: Model>(network: &M, path: &Path, names: &[TorchName]) -> Result<()> {
    let failed = |reason: String| ModelError::WriteWeights { path: path.into(), reason };
    let mut entries = Vec::new();
    for tensor in network.collect(None, Some(Box::new(BurnToPyTorchAdapter)), true) {
        let (name, layout) =
            in_torch(&tensor.name, names).unwrap_or_else(|| (tensor.name.clone(), TorchLayout::Same));
        let shape = layout.shape(&tensor.shape);
        let bytes = tensor.into_bytes().map_err(|error| failed(error.to_string()))?;
        entries.push((name, shape, bytes.to_vec()));
    }
    write(path, &entries).map_err(|error| failed(error.to_string()))
}

/// Name, shape and numbers of a tensor.
type Entry = (String, Vec<usize>, Vec<u8>);

fn write(path: &Path, entries: &[Entry]) -> io::Result<()> {
    let mut archive = ZipWriter::new(BufWriter::new(File::create(path)?));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut put = |name: &str, bytes: &[u8]| {
        archive.start_file(format!("archive/{name}"), stored)?;
        archive.write_all(bytes)
    };
    put("data.pkl", &pickle(entries))?;
    put("byteorder", b"little")?;
    for (place, (_, _, bytes)) in entries.iter().enumerate() {
        put(&format!("data/{place}"), bytes)?;
    }
    put("version", b"3\n")?;
    archive.finish()?.flush()
}

/// A dictionary of tensors, each rebuilt from a storage of its own: the calls that `torch.save` writes, and no others.
fn pickle(entries: &[Entry]) -> Vec<u8> {
    let mut out = b"\x80\x02}(".to_vec();
    for (place, (name, shape, bytes)) in entries.iter().enumerate() {
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
