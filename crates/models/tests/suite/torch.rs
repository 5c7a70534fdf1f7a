//! Networks and weights against PyTorch: fixtures of `tests/fixtures/mlp*`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use brasa_models::{
    Activation, KeyRename, MlpConfig, Model, ModelError, Network, NetworkConfig, load_weights, save_weights,
    select_device,
};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    inputs: Vec<Vec<f32>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    activation: String,
    batch_norm: bool,
    weights: String,
    eval_logits: Vec<Vec<f32>>,
    train_logits: Vec<Vec<f32>>,
    running_after_train: BTreeMap<String, Vec<f32>>,
}

fn fixture_path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures").join(name)
}

fn fixture() -> Fixture {
    serde_json::from_str(&std::fs::read_to_string(fixture_path("mlp.json")).unwrap()).unwrap()
}

fn config(activation: Activation, batch_norm: bool) -> NetworkConfig {
    NetworkConfig::Mlp(MlpConfig { hidden: vec![9, 7], activation, batch_norm, ..MlpConfig::new(12, 5) })
}

fn matrix(rows: &[Vec<f32>], device: &Device) -> Tensor<2> {
    let columns = rows[0].len();
    Tensor::from_data(TensorData::new(rows.concat(), [rows.len(), columns]), device)
}

fn assert_close(found: Tensor<2>, expected: &[Vec<f32>], what: &str) {
    let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
    let expected = expected.concat();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-5, "{what}: {found} for {expected}");
    }
}

fn activation(name: &str) -> Activation {
    serde_json::from_value(name.replace('_', "-").into()).unwrap()
}

#[test]
fn logits_agree_in_evaluation_mode() {
    let fixture = fixture();
    let device = select_device("flex").unwrap();
    assert!(fixture.cases.len() >= 9);
    for case in &fixture.cases {
        let network = config(activation(&case.activation), case.batch_norm).init(0, &device).unwrap();
        let network = load_weights(network, &fixture_path(&case.weights), &[]).unwrap();
        assert_close(
            network.forward(&matrix(&fixture.inputs, &device).into()),
            &case.eval_logits,
            &case.activation,
        );
    }
}

#[test]
fn a_training_pass_agrees_and_moves_the_running_statistics_as_torch_does() {
    let fixture = fixture();
    let device = select_device("flex").unwrap().autodiff();
    for case in &fixture.cases {
        let network = config(activation(&case.activation), case.batch_norm).init(0, &device).unwrap();
        let network = load_weights(network, &fixture_path(&case.weights), &[]).unwrap();
        let logits = network.forward(&matrix(&fixture.inputs, &device).into());
        assert_close(logits.inner(), &case.train_logits, &case.activation);

        let mut found = Parameters::default();
        // The layer keeps its statistics per thread until they are asked for, as for evaluation.
        network.valid().visit(&mut found);
        for (name, expected) in case.running_after_train.iter().filter(|(name, _)| name.contains("running")) {
            let values = &found.values[&format!("Mlp.{name}")];
            for (value, expected) in values.iter().zip(expected) {
                assert!((value - expected).abs() < 1e-5, "{name}: {value} for {expected}");
            }
        }
    }
}

#[derive(Default)]
struct Parameters {
    path: Vec<String>,
    values: BTreeMap<String, Vec<f32>>,
}

impl ModuleVisitor for Parameters {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.values.insert(self.path.join("."), param.val().into_data().try_into_vec().unwrap());
    }

    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }
}

#[test]
fn foreign_names_load_from_safetensors_and_from_torch_files() {
    let fixture = fixture();
    let device = select_device("flex").unwrap();
    let case = fixture.cases.iter().find(|case| case.activation == "relu" && case.batch_norm).unwrap();
    let renames = [
        KeyRename::new(r"^l\.(\d+)\.", "hidden.$1.linear."),
        KeyRename::new(r"^b\.(\d+)\.", "hidden.$1.norm."),
        KeyRename::new(r"^o\.", "output."),
    ];
    for file in ["mlp-foreign.safetensors", "mlp-foreign.pt"] {
        let network = config(Activation::Relu, true).init(0, &device).unwrap();
        let network = load_weights(network, &fixture_path(file), &renames).unwrap();
        assert_close(network.forward(&matrix(&fixture.inputs, &device).into()), &case.eval_logits, file);
    }
}

#[test]
fn a_saved_network_reads_back_to_the_same_logits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let device = select_device("flex").unwrap();
    let network = config(Activation::Mish, true).init(3, &device).unwrap();
    save_weights(&network, &path).unwrap();
    let again = load_weights(config(Activation::Mish, true).init(4, &device).unwrap(), &path, &[]).unwrap();
    let input = matrix(&fixture().inputs, &device).into();
    assert_eq!(again.forward(&input).into_data(), network.forward(&input).into_data());
}

#[test]
fn weights_that_do_not_fit_are_refused_by_name() {
    let device = select_device("flex").unwrap();
    let load = |config: NetworkConfig, file: PathBuf| -> ModelError {
        load_weights(config.init(0, &device).unwrap(), &file, &[]).unwrap_err()
    };
    let missing = load(config(Activation::Relu, true), fixture_path("mlp-plain.safetensors")).to_string();
    assert!(missing.contains("norm") && missing.contains("missing"), "{missing}");

    let wide = NetworkConfig::Mlp(MlpConfig { hidden: vec![9, 8], ..MlpConfig::new(12, 5) });
    let shape = load(wide, fixture_path("mlp-plain.safetensors")).to_string();
    assert!(shape.contains("hidden.1.linear"), "{shape}");

    assert!(
        load(config(Activation::Relu, true), fixture_path("nothing.safetensors"))
            .to_string()
            .contains("no such file")
    );

    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.safetensors");
    let bytes = std::fs::read(fixture_path("mlp.safetensors")).unwrap();
    for length in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&cut, &bytes[..length]).unwrap();
        let error = load(config(Activation::Relu, true), cut.clone());
        assert!(matches!(error, ModelError::ReadWeights { .. }), "{length} bytes: {error}");
    }
}

#[test]
fn the_kept_weights_do_not_move_when_training_goes_on() {
    let fixture = fixture();
    let device = select_device("flex").unwrap();
    let autodiff = device.clone().autodiff();
    let network: Network = config(Activation::Relu, true).init(0, &autodiff).unwrap();
    let kept = network.valid();
    let input = matrix(&fixture.inputs, &device).into();
    let before = kept.forward(&input).into_data();
    network.forward(&matrix(&fixture.inputs, &autodiff).into());
    assert_eq!(kept.forward(&input).into_data(), before);
    assert_ne!(network.valid().forward(&input).into_data(), before);
}
