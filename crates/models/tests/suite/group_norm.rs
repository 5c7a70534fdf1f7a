//! The layer `group-norm`.

use brasa_models::{NetworkConfig, Sequential, SequentialConfig, load_weights, save_weights};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

fn config(layer: &str) -> SequentialConfig {
    let layers = vec![layer.parse().unwrap()];
    SequentialConfig { layers, ..SequentialConfig::new(vec![4, 1, 2], 3) }
}

#[test]
fn each_group_of_channels_has_mean_0_and_deviation_1_in_each_sample() {
    let device = Device::default();
    let network: Sequential = config("group-norm 2").init(1, &device).unwrap();
    let x = Tensor::<2>::from_floats([[1.0, 2.0, 3.0, 5.0, -1.0, 0.0, 4.0, 4.0]], &device);
    let maps = network.maps(x, 0).unwrap().into_data().try_into_vec::<f32>().unwrap();
    // (x - mean) / sqrt(variance + 1e-5) in f64.
    let expected = [
        -1.183_213_3,
        -0.507_091_4,
        0.169_030_46,
        1.521_274_2,
        -1.207_405_7,
        -0.768_349_1,
        0.987_877_4,
        0.987_877_4,
    ];
    assert!(maps.iter().zip(expected).all(|(y, expected)| (y - expected).abs() < 1e-5), "{maps:?}");
}

#[test]
fn its_parameters_are_counted_and_saved_with_pytorchs_names() {
    let device = Device::default();
    let config = config("group-norm 4");
    let network = config.init(1, &device).unwrap();
    assert_eq!(config.summary().unwrap().parameters(), network.num_params());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let whole = NetworkConfig::Sequential(config);
    save_weights(&whole.init(1, &device).unwrap(), &path).unwrap();
    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
    assert!(text.contains("\"layers.0.weight\"") && text.contains("\"layers.0.bias\""), "{text}");
    assert!(load_weights(whole.init(2, &device).unwrap(), &path, &[]).is_ok());
}

#[test]
fn groups_divide_the_channels() {
    let error = config("group-norm 3").init(1, &Device::default()).unwrap_err().to_string();
    assert!(
        error.contains("channels that 3 groups divide at `group-norm 3` (layer 0), found [4, 1, 2]"),
        "{error}"
    );
}
