//! Files of weights from elsewhere: ONNX initialisers, what does not fit told at once, and files that mean harm.

use std::path::PathBuf;

use brasa_models::{
    LoadOptions, Mlp, MlpConfig, StoredWeights, TorchName, load_stored_weights, load_weights, save_torch,
    save_weights_as,
};
use brasa_onnx::{Graph, Opset};
use burn::tensor::{Device, Tensor};

fn mlp(hidden: usize, outputs: usize, seed: u64) -> Mlp {
    MlpConfig { hidden: vec![hidden], ..MlpConfig::new(3, outputs) }.init(seed, &Device::default()).unwrap()
}

fn outputs(network: &Mlp) -> Vec<f32> {
    let input = Tensor::<2>::from_floats([[0.5, -1.0, 2.0]], &Device::default());
    network.forward(input).into_data().try_into_vec().unwrap()
}

fn names() -> Vec<TorchName> {
    vec![TorchName::new("hidden.0.linear", "fc1"), TorchName::new("output", "fc2")]
}

#[test]
fn initialisers_of_an_onnx_file_are_weights() {
    let folder = tempfile::tempdir().unwrap();
    let (safe, onnx) = (folder.path().join("w.safetensors"), folder.path().join("w.onnx"));
    let network = mlp(4, 2, 1);
    save_weights_as(&network, &safe, &names()).unwrap();
    let bytes = std::fs::read(&safe).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut graph = Graph::new("mlp");
    for (name, tensor) in tensors.tensors() {
        let numbers = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()));
        graph.initializer(name, tensor.shape(), numbers.collect::<Vec<_>>());
    }
    graph.initializer("shape", &[2], vec![1_i64, 2]);
    let given = graph.constant(&[1], vec![1.0_f32]);
    graph.output("out", &given, brasa_onnx::Element::F32, &[1.into()]);
    std::fs::write(&onnx, graph.finish(Opset::V17, "test", "1").unwrap()).unwrap();
    let stored = StoredWeights::open(&onnx).unwrap();
    let names = names();
    let options = LoadOptions { torch_names: &names, ..LoadOptions::default() };
    let loaded = load_stored_weights(mlp(4, 2, 2), &stored, options).unwrap();
    assert_eq!(outputs(&loaded.network), outputs(&network));
}

#[test]
fn everything_that_does_not_fit_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let mut wrong = names();
    wrong[0].theirs = "first".into();
    save_weights_as(&mlp(4, 2, 1), &path, &wrong).unwrap();
    let names = names();
    let options = LoadOptions { torch_names: &names, ..LoadOptions::default() };
    let stored = StoredWeights::open(&path).unwrap();
    let message = load_stored_weights(mlp(4, 5, 2), &stored, options).unwrap_err().to_string();
    for part in [
        "2 tensors are missing: `fc1.weight`, `fc1.bias`",
        "2 of other shapes: `fc2.weight` [2, 4] where the network has [5, 4]",
        "2 that the network has no place for: `first.bias`, `first.weight`",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let options = LoadOptions { new_head: &["output".to_string()], ..options };
    let missing = load_stored_weights(mlp(4, 5, 2), &stored, options).unwrap_err().to_string();
    assert!(missing.contains("are missing") && !missing.contains("other shapes"), "{missing}");
}

/// A file of PyTorch's whose pickle is this.
fn torch_file(folder: &std::path::Path, pickle: &[u8]) -> PathBuf {
    let path = folder.join("harm.pt");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [("data.pkl", pickle), ("data/0", &[0; 64]), ("version", b"3\n")] {
        archive.start_file(format!("archive/{name}"), stored).unwrap();
        std::io::Write::write_all(&mut archive, bytes).unwrap();
    }
    archive.finish().unwrap();
    path
}

#[test]
fn a_pickle_runs_nothing_and_huge_tensors_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let witness = folder.path().join("witness");
    let touch = format!("touch {}", witness.display());
    let call = [
        b"\x80\x02cos\nsystem\n(X".as_slice(),
        &(touch.len() as u32).to_le_bytes(),
        touch.as_bytes(),
        b"tR.",
    ]
    .concat();
    // A tensor of 2^40 numbers over a storage of 16.
    let huge = b"\x80\x02}(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu\x8a\x01\x10tQK\x00(\x8a\x06\x00\x00\x00\x00\x00\x01t(K\x01t\x89ccollections\nOrderedDict\n)RtRu.";
    for (what, pickle) in [("a call", call.as_slice()), ("a huge tensor", huge), ("nothing", b"")] {
        let path = torch_file(folder.path(), pickle);
        let error = load_weights(mlp(4, 2, 1), &path, &[]).unwrap_err().to_string();
        assert!(error.contains("cannot load weights"), "{what}: {error}");
        assert!(!witness.exists(), "{what}");
    }
}

#[test]
fn a_file_cut_off_anywhere_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.pt");
    save_torch(&mlp(4, 2, 1), &path, &[]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(outputs(&load_weights(mlp(4, 2, 2), &path, &[]).unwrap()), outputs(&mlp(4, 2, 1)));
    for length in (0..bytes.len()).step_by(37) {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(load_weights(mlp(4, 2, 1), &path, &[]).is_err(), "{length} bytes");
    }
}
