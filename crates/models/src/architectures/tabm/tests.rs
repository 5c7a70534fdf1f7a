#![allow(clippy::unwrap_used)]
use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::{Architecture, read_back};

/// Two numbers, a pair, three levels, and eighty, which become a vector.
const COLUMNS: [usize; 5] = [0, 0, 2, 3, 80];

fn config() -> TabmConfig {
    TabmConfig { hidden: vec![16, 8], members: 4, bins: 5, dims: 3, ..TabmConfig::new(COLUMNS.to_vec(), 2) }
}

fn rows(device: &Device) -> Tensor<2> {
    let row = |row: usize| {
        let number = |n: usize| ((row * 7 + n * 3) % 13) as f32 / 4.0 - 1.5;
        [number(1), number(2), (row % 2 + 1) as f32, (row % 4) as f32, (row % 81) as f32]
    };
    let values: Vec<f32> = (0..40).flat_map(row).collect();
    Tensor::from_data(TensorData::new(values, [40, COLUMNS.len()]), device)
}

#[test]
fn the_answer_is_the_mean_of_members_that_differ() {
    let device = Device::default();
    let config = TabmConfig { dropout: 0.0, ..config() };
    let network = config.init(1, &device).unwrap();
    let network = config.fit_initial(network, &rows(&device).into(), &[], 1).unwrap();
    let each = read_back(network.forward_train(rows(&device), 3), "outputs").unwrap();
    let mean = read_back(network.forward(rows(&device)), "outputs").unwrap();
    assert_eq!(network.answers(), 4);
    for (row, mean) in mean.chunks(2).enumerate() {
        let of =
            |output: usize| each[row * 8..][..8].iter().skip(output).step_by(2).copied().collect::<Vec<_>>();
        for (output, mean) in mean.iter().enumerate() {
            let of = of(output);
            assert!((of.iter().sum::<f32>() / 4.0 - mean).abs() < 1e-5);
            assert!(of.windows(2).all(|pair| pair[0] != pair[1]), "{of:?}");
        }
    }
}

#[test]
fn parameters_are_those_of_the_summary() {
    let device = Device::default();
    let network = config().init(1, &device).unwrap();
    // Beside what is trained: four numbers for each bin, and the scale of four indicators.
    assert_eq!(network.num_params(), config().layers().unwrap().parameters() + 4 * 2 * 5 + 2 * 4);
    // Its authors' count for eight numbers: rtdl_num_embeddings in version "B", and the package `tabm`.
    let theirs = TabmConfig { members: 32, hidden: vec![512; 2], ..TabmConfig::new(vec![0; 8], 1) };
    let embeddings = 8 * 16 * (48 + 2);
    let rest = 32 * 128 + (128 + 1) * 512 + (512 + 1) * 512 + 32 * (512 + 1);
    assert_eq!(theirs.layers().unwrap().parameters(), embeddings + rest);
}

#[test]
fn outputs_and_bins_are_those_of_its_authors() {
    #[derive(serde::Deserialize)]
    struct Fixture {
        rows: Vec<Vec<f32>>,
        members: Vec<Vec<f64>>,
        mean: Vec<Vec<f64>>,
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let fixture: Fixture =
        serde_json::from_str(&std::fs::read_to_string(folder.join("tabm.json")).unwrap()).unwrap();
    let device = Device::default();
    let rows = Tensor::<2>::from_data(TensorData::new(fixture.rows.concat(), [60, 4]), &device);
    let config = TabmConfig {
        hidden: vec![8, 8],
        members: 5,
        bins: 6,
        dims: 3,
        dropout: 0.0,
        ..TabmConfig::new(vec![0; 4], 2)
    };
    let network = config.init(1, &device).unwrap();
    let network = config.fit_initial(network, &rows.clone().into(), &[], 1).unwrap();
    let bins = ["slope", "offset", "least", "greatest"].map(|state| format!("pieces.{state}"));
    let own: Vec<String> =
        bins.into_iter().chain(["front.centre", "front.factor"].map(str::to_owned)).collect();
    // These stay as they were fitted.
    let options = crate::LoadOptions { new_head: &own, ..crate::LoadOptions::default() };
    let weights = crate::StoredWeights::open(&folder.join("tabm.safetensors")).unwrap();
    let network = crate::load_stored_weights(network, &weights, options).unwrap().network;
    for (found, expected) in
        [(network.forward_train(rows.clone(), 1), fixture.members), (network.forward(rows), fixture.mean)]
    {
        for (found, expected) in read_back(found, "outputs").unwrap().into_iter().zip(expected.concat()) {
            assert!((f64::from(found) - expected).abs() < 1e-5, "{found} instead of {expected}");
        }
    }
}
