//! Answers that are the mean over an image and its mirror image.

use brasa_models::{Input, LayerSpec, Model, NetworkConfig, SequentialConfig};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

fn config() -> NetworkConfig {
    let layers =
        ["conv 4 3x3", "relu", "max-pool 2"].map(|layer| layer.parse::<LayerSpec>().unwrap()).to_vec();
    NetworkConfig::Sequential(SequentialConfig { layers, ..SequentialConfig::new(vec![2, 6, 5], 3) })
}

fn images(values: &[f32], device: &Device) -> Input {
    Input::numbers(Tensor::from_data(TensorData::new(values.to_vec(), [4, 60]), device), &[2, 6, 5])
}

fn numbers(outputs: Tensor<2>) -> Vec<f32> {
    outputs.into_data().try_into_vec().unwrap()
}

#[test]
fn evaluation_answers_with_the_mean_and_training_does_not() {
    let device = Device::default();
    let values: Vec<f32> = (0..240).map(|at| (at as f32 * 0.37).sin()).collect();
    let mirrored: Vec<f32> = values.chunks(5).flat_map(|row| row.iter().rev().copied()).collect();
    let plain = config().init(7, &device).unwrap();
    let both = config().with_test_flip().unwrap().init(7, &device).unwrap();
    let [one, other] = [&values, &mirrored].map(|values| numbers(plain.forward(&images(values, &device))));
    let found = numbers(both.forward(&images(&values, &device)));
    assert!(one.iter().zip(&other).any(|(one, other)| (one - other).abs() > 1e-3));
    for ((one, other), found) in one.iter().zip(&other).zip(found) {
        assert!(((one + other) / 2.0 - found).abs() < 1e-6);
    }

    let learns = device.autodiff();
    let trained = |config: NetworkConfig| {
        let network = config.init(7, &learns).unwrap().train();
        numbers(network.forward_train(&images(&values, &learns), 1).inner())
    };
    assert_eq!(trained(config()), trained(config().with_test_flip().unwrap()));
}

#[test]
fn what_is_no_image_has_no_mirror_image() {
    let series = NetworkConfig::Sequential(SequentialConfig::new(vec![6, 5], 3));
    assert_eq!(series.with_test_flip(), None);
    let wrong = SequentialConfig { test_flip: true, ..SequentialConfig::new(vec![6, 5], 3) };
    assert!(wrong.init(7, &Device::default()).unwrap_err().to_string().contains("no images"));
}
