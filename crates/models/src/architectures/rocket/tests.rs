#![allow(clippy::unwrap_used)]
use burn::tensor::{Device, Tensor, TensorData};

use super::{Rocket, RocketConfig, RocketFeatures, RocketTargets};
use crate::{Model, Network, NetworkConfig, load_weights, save_weights};

/// Twelve series of two channels, whose waves are fast or slow.
fn series() -> (Vec<f32>, Vec<u32>) {
    let labels: Vec<u32> = (0..12).map(|row| row % 2).collect();
    let value = |at: usize| {
        let (row, step, channel) = (at / 50, at % 50 / 2, at % 2);
        let pace = if row % 2 == 0 { 0.3 } else { 1.1 };
        (step as f32 * pace + row as f32 * 0.7 + channel as f32).sin()
    };
    ((0..12 * 50).map(value).collect(), labels)
}

fn kinds() -> [RocketFeatures; 2] {
    [RocketFeatures::Mini { features: 500, max_dilations: 8 }, RocketFeatures::HydraMulti]
}

fn outputs(network: &Network, samples: &[f32]) -> Vec<f32> {
    let input = Tensor::<2>::from_data(TensorData::new(samples.to_vec(), [12, 50]), &Device::default());
    network.forward(&input.into()).into_data().try_into_vec().unwrap()
}

#[test]
fn what_was_fitted_tells_the_classes_and_is_saved_like_weights() {
    let (samples, labels) = series();
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    for features in kinds() {
        let config = RocketConfig::new([25, 2], 2, features);
        let fitted = Rocket::fit(&config, &samples, RocketTargets::Classes(&labels), 4, &device).unwrap();
        let network = Network::Rocket(fitted);
        let found = outputs(&network, &samples);
        let classes: Vec<u32> = found.chunks(2).map(|row| u32::from(row[1] > row[0])).collect();
        assert_eq!(classes, labels);
        let card = NetworkConfig::Rocket(config).fitted(&network);
        let card: NetworkConfig = serde_json::from_str(&serde_json::to_string(&card).unwrap()).unwrap();
        let path = folder.path().join("w.safetensors");
        save_weights(&network, &path).unwrap();
        let again = load_weights(card.init(0, &device).unwrap(), &path, &[]).unwrap();
        assert_eq!(outputs(&again, &samples), found);
        assert!(card.summary().unwrap().parameters() > 500);
    }
}

#[test]
fn padding_that_a_mask_tells_does_not_count() {
    let (samples, labels) = series();
    let device = Device::default();
    let config = RocketConfig::new([25, 2], 2, RocketFeatures::Mini { features: 500, max_dilations: 8 });
    let plain = Rocket::fit(&config, &samples, RocketTargets::Classes(&labels), 4, &device).unwrap();
    // The same series, with four steps of anything behind, and the mask.
    let padded: Vec<f32> = samples
        .chunks(50)
        .flat_map(|row| {
            let own = row.chunks(2).flat_map(|step| [step[0], step[1], 1.0]);
            own.chain((0..4).flat_map(|at| [at as f32, 9.0, 0.0])).collect::<Vec<_>>()
        })
        .collect();
    let masked = RocketConfig { masked: true, ..RocketConfig::new([29, 3], 2, config.features) };
    let masked = Rocket::fit(&masked, &padded, RocketTargets::Classes(&labels), 4, &device).unwrap();
    let of = |rocket: &Rocket, samples: &[f32]| {
        let width = samples.len() / 12;
        let input = Tensor::<2>::from_data(TensorData::new(samples.to_vec(), [12, width]), &device);
        rocket.forward(&input.into()).into_data().try_into_vec::<f32>().unwrap()
    };
    assert_eq!(of(&masked, &padded), of(&plain, &samples));
}

#[test]
fn what_was_fitted_to_nothing_says_nothing() {
    let config = NetworkConfig::Rocket(RocketConfig::new([25, 2], 2, kinds()[0]));
    let network = config.init(0, &Device::default()).unwrap();
    assert!(outputs(&network, &series().0).iter().all(|output| output.is_nan()));
}
