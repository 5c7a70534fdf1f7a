//! Recurrent networks against PyTorch: fixtures of `tests/fixtures/recurrent-*`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use brasa_models::{
    Cell, KeyRename, Model, Network, NetworkConfig, Pool, RecurrentConfig, load_weights, save_weights,
    select_device,
};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    cell: Cell,
    hidden: Vec<usize>,
    bidirectional: bool,
    pool: Pool,
    input: [usize; 2],
    inputs: Vec<Vec<f32>>,
    logits: Vec<Vec<f32>>,
    head_gradient: Vec<Vec<f32>>,
    first_gradient: Vec<Vec<f32>>,
    hidden_gradient: Vec<Vec<f32>>,
}

fn fixture_path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures").join(name)
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(fixture_path("recurrent-net.json")).unwrap();
    serde_json::from_str::<Fixture>(&text).unwrap().cases
}

impl Case {
    fn config(&self) -> NetworkConfig {
        NetworkConfig::Recurrent(RecurrentConfig {
            cell: self.cell,
            hidden: self.hidden.clone(),
            bidirectional: self.bidirectional,
            pool: self.pool,
            ..RecurrentConfig::new(self.input, self.logits[0].len())
        })
    }

    fn network(&self, device: &Device) -> Network {
        let network = self.config().init(0, device).unwrap();
        let path = fixture_path(&format!("recurrent-{}.safetensors", self.name));
        load_weights(network, &path, &KeyRename::of_torch_recurrent("rnn", "head")).unwrap()
    }

    fn inputs(&self, device: &Device) -> Tensor<2> {
        let shape = [self.inputs.len(), self.inputs[0].len()];
        Tensor::from_data(TensorData::new(self.inputs.concat(), shape), device)
    }
}

fn assert_close(found: Tensor<2>, expected: &[Vec<f32>], tolerance: f32, what: &str) {
    assert_eq!(found.dims(), [expected.len(), expected[0].len()], "{what}");
    let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
    for (found, expected) in found.iter().zip(expected.concat()) {
        assert!(
            (found - expected).abs() < tolerance * expected.abs().max(1.0),
            "{what}: {found} for {expected}"
        );
    }
}

/// Gradients of all matrices by their names.
struct Gradients<'a> {
    of: &'a burn::tensor::Gradients,
    path: Vec<String>,
    found: BTreeMap<String, Tensor<2>>,
}

impl ModuleVisitor for Gradients<'_> {
    fn enter_module(&mut self, name: &str, _kind: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _kind: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if D == 2 {
            let gradient = param.val().grad(self.of).unwrap();
            let shape: [usize; 2] = gradient.dims()[..].try_into().unwrap();
            self.found.insert(self.path.join("."), gradient.reshape(shape));
        }
    }
}

#[test]
fn logits_and_gradients_agree_under_the_names_of_torch() {
    let device = select_device("flex").unwrap().autodiff();
    for case in cases() {
        let what = format!("{} {:?}", case.name, case.pool);
        let network = case.network(&device);
        let logits = network.forward(&case.inputs(&device).into());
        assert_close(logits.clone().inner(), &case.logits, 1e-5, &what);
        let identity = Tensor::<2>::eye(4, &device);
        let loss = (log_softmax(logits, 1) * identity).sum().neg().div_scalar(4.0);
        let of = loss.backward();
        let mut gradients = Gradients { of: &of, path: Vec::new(), found: BTreeMap::new() };
        network.visit(&mut gradients);
        let mut take = |end: &str| {
            let key = gradients.found.keys().find(|key| key.ends_with(end)).cloned();
            // Linear layers keep the transpose of PyTorch's matrix.
            gradients.found.remove(&key.unwrap_or_else(|| panic!("no {end}"))).unwrap().transpose()
        };
        assert_close(take("output.weight"), &case.head_gradient, 1e-4, &what);
        assert_close(take("layers.0.forward.ih.weight"), &case.first_gradient, 1e-4, &what);
        assert_close(take("layers.0.forward.hh.weight"), &case.hidden_gradient, 1e-4, &what);
    }
}

#[test]
fn weights_survive_saving() {
    let device = select_device("flex").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let path = folder.path().join("weights.safetensors");
        save_weights(&case.network(&device), &path).unwrap();
        let network = load_weights(case.config().init(1, &device).unwrap(), &path, &[]).unwrap();
        assert_close(network.forward(&case.inputs(&device).into()), &case.logits, 1e-5, &case.name);
    }
}

#[test]
fn the_summary_counts_what_the_network_holds() {
    for case in cases() {
        let summary = case.config().summary().unwrap();
        let network = case.config().init(1, &Device::default()).unwrap();
        assert_eq!(summary.parameters(), network.num_params(), "{}", case.name);
    }
}

#[test]
fn networks_that_cannot_be_are_refused() {
    let error = |config: RecurrentConfig| config.init(1, &Device::default()).unwrap_err().to_string();
    let good = RecurrentConfig { hidden: vec![4, 4], ..RecurrentConfig::new([5, 2], 3) };
    assert!(error(RecurrentConfig { input: vec![10], ..good.clone() }).contains("[time, channels]"));
    assert!(error(RecurrentConfig { hidden: vec![], ..good.clone() }).contains("at least one layer"));
    assert!(error(RecurrentConfig { hidden: vec![4, 0], ..good.clone() }).contains("at least 1"));
    let message = error(RecurrentConfig { dropout: vec![0.1, 0.2], ..good });
    assert!(message.contains("one for each of the 1 layers but the last"), "{message}");
}
