//! Convolutional networks against PyTorch: fixtures of `tests/fixtures/cnn*`.

use std::path::PathBuf;

use brasa_models::{
    Input, LayerSpec, Model, Network, NetworkConfig, SequentialConfig, load_weights, save_weights,
    select_device,
};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    input: Vec<usize>,
    layers: Vec<LayerSpec>,
    inputs: Vec<Vec<f32>>,
    eval_logits: Vec<Vec<f32>>,
    train_logits: Vec<Vec<f32>>,
    maps_after: usize,
    maps: Vec<Vec<f32>>,
    class: usize,
    grad_cam: Vec<Vec<f32>>,
}

fn fixture_path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures").join(name)
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(fixture_path("cnn.json")).unwrap();
    serde_json::from_str::<Fixture>(&text).unwrap().cases
}

impl Case {
    fn config(&self) -> SequentialConfig {
        let outputs = self.eval_logits[0].len();
        SequentialConfig { layers: self.layers.clone(), ..SequentialConfig::new(self.input.clone(), outputs) }
    }

    fn network(&self, device: &Device) -> Network {
        let network = NetworkConfig::Sequential(self.config()).init(0, device).unwrap();
        load_weights(network, &fixture_path(&format!("cnn-{}.safetensors", self.name)), &[]).unwrap()
    }

    fn inputs(&self, device: &Device) -> Tensor<2> {
        let shape = [self.inputs.len(), self.inputs[0].len()];
        Tensor::from_data(TensorData::new(self.inputs.concat(), shape), device)
    }
}

fn assert_close<const D: usize>(found: Tensor<D>, expected: &[Vec<f32>], what: &str) {
    let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
    let expected = expected.concat();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-5 * expected.abs().max(1.0), "{what}: {found} for {expected}");
    }
}

#[test]
fn logits_agree_in_evaluation_mode() {
    let device = select_device("flex").unwrap();
    for case in cases() {
        assert_close(
            case.network(&device).forward(&case.inputs(&device).into()),
            &case.eval_logits,
            &case.name,
        );
    }
}

#[test]
fn logits_agree_in_training_mode() {
    let device = select_device("flex").unwrap().autodiff();
    for case in cases() {
        let logits = case.network(&device).forward_train(&case.inputs(&device).into(), 1);
        assert_close(logits.inner(), &case.train_logits, &case.name);
    }
}

#[test]
fn feature_maps_agree_and_lead_to_the_same_logits() {
    let device = select_device("flex").unwrap();
    for case in cases() {
        let network = case.network(&device);
        let cnn = network.as_sequential().unwrap();
        let maps = cnn.maps(case.inputs(&device), case.maps_after).unwrap();
        assert_close(maps.clone(), &case.maps, &case.name);
        assert_close(cnn.logits_from_maps(maps, case.maps_after), &case.eval_logits, &case.name);
    }
}

#[test]
fn class_maps_agree() {
    let device = select_device("flex").unwrap();
    for case in cases() {
        let network = case.network(&device);
        let cnn = network.as_sequential().unwrap();
        let found = cnn.grad_cam(case.inputs(&device), case.maps_after, case.class).unwrap();
        assert!(case.grad_cam.concat().iter().any(|value| *value > 0.0));
        assert_close(found, &case.grad_cam, &case.name);
    }
}

#[test]
fn the_first_kernels_are_those_of_the_file() {
    let device = select_device("flex").unwrap();
    for case in cases() {
        let network = case.network(&device);
        let kernels = network.as_sequential().unwrap().first_kernels().unwrap();
        assert_eq!(kernels.dims()[1], case.input[0], "{}", case.name);
        // The loaded tensor is checked through the logits; here that it is the first layer's, in PyTorch's layout.
        assert!(network.as_sequential().unwrap().map_layers()[0].1.starts_with("layers.0 conv"));
    }
}

#[test]
fn weights_survive_saving() {
    let device = select_device("flex").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let path = folder.path().join("weights.safetensors");
        save_weights(&case.network(&device), &path).unwrap();
        let fresh = NetworkConfig::Sequential(case.config()).init(1, &device).unwrap();
        let network = load_weights(fresh, &path, &[]).unwrap();
        assert_close(network.forward(&case.inputs(&device).into()), &case.eval_logits, &case.name);
    }
}

#[test]
fn the_summary_counts_what_the_network_holds_and_says_how_sizes_come_about() {
    for case in cases() {
        let summary = case.config().summary().unwrap();
        let network = case.config().init(1, &Device::default()).unwrap();
        let running: usize = match case.name.as_str() {
            // Two running statistics for each map of each batch norm.
            "residual" => 2 * (4 + 4 + 4 + 6 + 6 + 6),
            _ => 0,
        };
        assert_eq!(summary.parameters() + running, network.num_params(), "{}", case.name);
    }
    let course = &cases()[0];
    let layers = course.config().summary().unwrap().layers;
    assert_eq!(layers[0].size.as_deref(), Some("(12-5+2*2)/1+1 = 12"));
    assert_eq!(layers[2].size.as_deref(), Some("(12-2+2*0)/2+1 = 6"));
    assert_eq!((layers[0].parameters, layers[0].flops), (4 * 26, 4 * 51 * 144));
}

#[test]
fn a_series_is_convolved_over_time() {
    let device = select_device("flex").unwrap();
    let layers = ["conv 3 5", "relu", "max-pool 2"].map(|layer| layer.parse().unwrap()).to_vec();
    let config = SequentialConfig { layers, ..SequentialConfig::new(vec![8, 2], 4) };
    assert_eq!(config.summary().unwrap().layers[2].output, [3, 1, 4]);
    let network = config.init(3, &device).unwrap();
    // [time, channels] rows: a pulse in channel 1 at time 4 is seen by the kernel at times 2 to 6 alone.
    let mut pulse = vec![0.0_f32; 16];
    pulse[4 * 2 + 1] = 1.0;
    let silent = network.maps(Tensor::zeros([1, 16], &device), 0).unwrap().into_data();
    let heard = network.maps(Tensor::from_data(TensorData::new(pulse, [1, 16]), &device), 0).unwrap();
    let (silent, heard) =
        (silent.try_into_vec::<f32>().unwrap(), heard.into_data().try_into_vec::<f32>().unwrap());
    let changed: Vec<usize> = (0..8).filter(|&time| silent[time] != heard[time]).collect();
    assert_eq!(changed, [2, 3, 4, 5, 6]);
}

#[test]
fn layers_that_do_not_fit_are_named() {
    let error = |layers: &[&str], input: &[usize]| {
        let layers = layers.iter().map(|layer| layer.parse().unwrap()).collect();
        let config = SequentialConfig { layers, ..SequentialConfig::new(input.to_vec(), 3) };
        config.init(1, &Device::default()).unwrap_err().to_string()
    };
    let image = [1, 8, 8];
    for (layers, input, parts) in [
        (vec!["conv 4 9x9 padding=0"], &image[..], ["at least as large as the kernel", "[1, 8, 8]"]),
        (vec!["linear 4", "conv 4 3x3"], &image, ["maps, not a flat row at `conv 4 3x3` (layer 1)", "[4]"]),
        (vec!["conv 4 3x3 groups=2"], &image, ["2 groups divide", "[1, 8, 8]"]),
        (vec!["max-pool 9"], &image, ["at least as large as the window", "layer 0"]),
        (vec!["max-pool 2 padding=2"], &image, ["half of the window", "layer 0"]),
        (vec!["residual 4 squeeze=5"], &image, ["squeeze of at most 4", "layer 0"]),
        (vec!["linear 1000000", "linear 1000000"], &image, ["weights in all", "model.layers"]),
        (vec![], &[4], ["[channels, height, width] or [time, channels]", "[4]"]),
        (vec![], &[1, 0, 8], ["at least 1", "[1, 0, 8]"]),
    ] {
        let message = error(&layers, input);
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
}

/// What evaluation does in one pass, it also does step by step: the maps after every layer lead to the same logits.
#[test]
fn layers_that_share_a_pass_are_those_of_the_recipe() {
    let recipes: [&[&str]; 4] = [
        &["conv 20 3x3", "relu", "batch-norm", "max-pool 2", "conv 17 3x3", "relu", "batch-norm"],
        &["conv 20 3x3", "batch-norm", "relu", "conv 20 3x3 groups=5", "batch-norm", "relu"],
        &["conv 6 3x3", "batch-norm", "conv 9 5x5", "relu", "relu", "batch-norm"],
        &["residual 16", "batch-norm", "residual 20 stride=2 squeeze=4", "relu"],
    ];
    for recipe in recipes {
        let layers: Vec<LayerSpec> = recipe.iter().map(|layer| layer.parse().unwrap()).collect();
        let config = SequentialConfig { layers, ..SequentialConfig::new(vec![3, 12, 12], 4) };
        let plain = select_device("flex").unwrap();
        let network = NetworkConfig::Sequential(config).init(1, &plain.clone().autodiff()).unwrap();
        let values: Vec<f32> = (0..6 * 3 * 144).map(|i| (i as f32 * 0.37).sin() * 2.0 + 0.5).collect();
        let data = TensorData::new(values, [6, 3 * 144]);
        // Running statistics that differ from the first ones.
        for step in 0..20 {
            let input = Tensor::<2>::from_data(data.clone(), &plain.clone().autodiff());
            network.forward_train(&input.into(), step);
        }
        let Network::Sequential(network) = network.valid() else { panic!("a sequential network") };
        let x = Tensor::<2>::from_data(data, &plain);
        let whole: Vec<Vec<f32>> = vec![network.forward(x.clone()).into_data().try_into_vec().unwrap()];
        for (index, name) in network.map_layers() {
            let maps = network.maps(x.clone(), index).unwrap();
            assert_close(network.logits_from_maps(maps, index), &whole, name);
        }
    }
}

/// A plain input does not turn training into evaluation: the parameters are what is trained.
#[test]
fn a_network_that_trains_on_plain_inputs_keeps_its_statistics() {
    let layers: Vec<LayerSpec> =
        ["conv 4 3x3", "relu", "batch-norm"].map(|layer| layer.parse().unwrap()).into();
    let config = SequentialConfig { layers, ..SequentialConfig::new(vec![1, 6, 6], 2) };
    let plain = select_device("flex").unwrap();
    let network = NetworkConfig::Sequential(config).init(1, &plain.clone().autodiff()).unwrap();
    let x = || Input::from(Tensor::<2>::ones([5, 36], &plain).mul_scalar(3.0));
    let before: Vec<f32> = network.valid().forward(&x()).into_data().try_into_vec().unwrap();
    network.forward_train(&x(), 0);
    let after: Vec<f32> = network.valid().forward(&x()).into_data().try_into_vec().unwrap();
    assert_ne!(before, after, "the running statistics have moved");
}
