#![allow(clippy::unwrap_used)]
use burn::tensor::{Device, Tensor};

use super::*;
use crate::{Architecture, RealMlpConfig, read_back};

/// Two numbers, a pair, three levels, and ten, which become a vector.
const COLUMNS: [usize; 5] = [0, 0, 2, 3, 10];

fn config() -> RealMlpConfig {
    RealMlpConfig { hidden: vec![16, 8], ..RealMlpConfig::new(COLUMNS.to_vec(), 3) }
}

/// Rows whose numbers and levels follow from their place.
fn rows(count: usize) -> Vec<f32> {
    let row = |row: usize| {
        let number = |n: usize| ((row * 7 + n * 3) % 13) as f32 / 4.0 - 1.5;
        [number(1), number(2), (row % 2 + 1) as f32, (row % 3 + 1) as f32, (row % 11) as f32]
    };
    (0..count).flat_map(row).collect()
}

fn tensor(values: &[f32], device: &Device) -> Tensor<2> {
    let count = values.len() / COLUMNS.len();
    Tensor::from_data(burn::tensor::TensorData::new(values.to_vec(), [count, COLUMNS.len()]), device)
}

#[test]
fn fitted_to_rows_every_unit_has_deviation_1_on_them() {
    let device = Device::default();
    let x = tensor(&rows(200), &device);
    let config = config();
    let network = config.init(1, &device).unwrap();
    let network = config.fit_initial(network, &x.clone().into(), &[], 1).unwrap();
    let mut features = network.front.forward(x.clone()) * network.scale.val().unsqueeze::<2>();
    for block in &network.hidden {
        let products = features.clone().matmul(block.linear.weight.val());
        let deviation = (products.clone() - products.mean_dim(0)).powi_scalar(2).mean_dim(0).sqrt();
        for value in read_back(deviation, "deviations").unwrap() {
            assert!((value - 1.0).abs() < 1e-3, "{value}");
        }
        features = block.linear.forward(features);
        features = parametric_activation(features, block.slope.val(), network.activation);
    }
    let outputs = read_back(network.forward(x), "outputs").unwrap();
    assert!(outputs.iter().all(|value| value.is_finite()));
}

#[test]
fn parameters_are_those_of_the_summary_and_all_have_a_rate() {
    let device = Device::default();
    let network = config().init(1, &device).unwrap();
    // Beside what is trained: the scale of six indicators, and the bounds of three outputs.
    assert_eq!(network.num_params(), config().layers().unwrap().parameters() + 2 * 4 + 2 * 3);
    let rate = |path: &str| network.rate(path);
    assert_eq!(rate("RealMlp.scale"), Rate { lr: 6.0, decay: 6.0, ..Rate::default() });
    assert_eq!(rate("RealMlp.hidden.1.linear.weight"), Rate { lr: 0.25, decay: 4.0, ..Rate::default() });
    assert_eq!(rate("hidden.0.linear.bias"), Rate { lr: 0.1, decay: 0.0, ..Rate::default() });
    assert_eq!(rate("front.periodic.bias"), Rate { lr: 0.1, decay: 0.1, ..Rate::default() });
    assert_eq!(rate("front.vectors"), Rate { rows: true, ..Rate::default() });
    assert_eq!(rate("output.weight").lr, 1.0 / 8.0_f64.sqrt());
}

#[test]
fn levels_that_training_has_not_seen_are_no_level() {
    let device = Device::default();
    let network = config().init(1, &device).unwrap();
    let indicators =
        network.front.indicators(&tensor(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 4.0], &device));
    let values = read_back(indicators.unwrap(), "indicators").unwrap();
    assert_eq!(values, [0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 1.0]);
}

#[test]
fn bounded_outputs_stay_within_the_range() {
    let device = Device::default();
    let x = tensor(&rows(50), &device);
    let config = RealMlpConfig { bounded: true, ..config() };
    let network = config.init(3, &device).unwrap();
    let range = [[-0.1, 0.1], [0.0, 0.5], [-2.0, 2.0]];
    let network = config.fit_initial(network, &x.clone().into(), &range, 3).unwrap();
    for row in read_back(network.forward(x.clone()), "outputs").unwrap().chunks(3) {
        assert!(row.iter().zip(range).all(|(value, [low, high])| (low..=high).contains(value)), "{row:?}");
    }
    let free = read_back(network.forward_train(x, 1), "outputs").unwrap();
    assert!(free.iter().any(|value| value.abs() > 0.6), "training knows no bounds");
}

#[test]
fn dropout_goes_down_with_the_run() {
    let device = Device::default();
    let mut network = config().init(1, &device).unwrap();
    for (progress, share) in [(0.2, 1.0), (0.75, 0.5), (1.0, 0.0)] {
        network.set_progress(progress);
        assert!((network.share - share).abs() < 1e-12);
    }
}

/// `tests/fixtures/fixture_real_mlp.py`: NumPy after the paper.
#[test]
fn outputs_are_those_of_the_reference() {
    #[derive(serde::Deserialize)]
    struct Fixture {
        rows: Vec<Vec<f32>>,
        free: Vec<Vec<f64>>,
        bounded: Vec<Vec<f64>>,
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let text = std::fs::read_to_string(folder.join("real_mlp.json")).unwrap();
    let fixture: Fixture = serde_json::from_str(&text).unwrap();
    let device = Device::default();
    let x = tensor(&fixture.rows.concat(), &device);
    for (bounded, expected) in [(false, fixture.free), (true, fixture.bounded)] {
        let config = RealMlpConfig {
            hidden: vec![6, 5],
            activation: crate::Activation::Mish,
            bounded,
            ..RealMlpConfig::new(COLUMNS.to_vec(), 3)
        };
        let network = config.init(1, &device).unwrap();
        let network = crate::load_weights(network, &folder.join("real-mlp.safetensors"), &[]).unwrap();
        let found = read_back(network.forward(x.clone()), "outputs").unwrap();
        for (found, expected) in found.into_iter().zip(expected.concat()) {
            assert!((f64::from(found) - expected).abs() < 1e-5, "{found} instead of {expected}");
        }
    }
}
