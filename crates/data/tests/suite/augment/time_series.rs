//! Changes of time series.

use std::sync::Arc;

use brasa_data::{Loader, LoaderConfig, Scaler, Values};

use super::{changed, config, data, numbers, series};

#[test]
fn jitter_is_in_units_of_the_scaling() {
    let data = series(200, 10, 2);
    let (mean, std) = (vec![0.0; 20], [2.0, 50.0].repeat(10));
    let scaler = Arc::new(Scaler::Standard { mean, std });
    let rows = (0..200).collect::<Vec<_>>();
    let config = LoaderConfig { batch_size: 200, ..LoaderConfig::default() };
    let loader = Loader::new(Arc::new(data), scaler, rows, config).unwrap();
    let augment = self::config(r#"{ kind = "jitter", std = 0.5 }"#).check(&[10, 2]).unwrap();
    let plain = loader.epoch(0).next().unwrap().inputs;
    let noisy = loader.with_augment(Arc::new(augment), 1).unwrap().epoch(0).next().unwrap().inputs;
    for channel in 0..2 {
        let squares = plain
            .numbers()
            .iter()
            .zip(noisy.numbers())
            .skip(channel)
            .step_by(2)
            .map(|(a, b)| (a - b).powi(2));
        let deviation = (squares.sum::<f32>() / 2000.0).sqrt();
        // Five standard errors of 2,000 draws.
        assert!((deviation - 0.5).abs() < 0.04, "channel {channel}: {deviation}");
    }
}

#[test]
fn each_channel_has_one_factor() {
    let data = series(20, 8, 3);
    let batch = changed(&data, r#"{ kind = "channel-scaling", factor = 0.2 }"#, 2, 0);
    for (row, series) in batch.inputs.numbers().chunks(24).enumerate() {
        let before = data.samples.row_f32(row);
        let factors = |step: usize| (0..3).map(move |c| (step * 3 + c, c)).collect::<Vec<_>>();
        let largest =
            |channel: usize| (0..8).map(|s| s * 3 + channel).max_by_key(|&i| before[i].abs() as i32);
        let factor = |channel| series[largest(channel).unwrap()] / before[largest(channel).unwrap()];
        for (place, channel) in (0..8).flat_map(factors) {
            let expected = before[place] * factor(channel);
            assert!((series[place] - expected).abs() < 1e-5, "row {row}");
        }
        assert!((0..3).all(|channel| (0.8..=1.2).contains(&factor(channel))));
        assert_ne!(factor(0), factor(1));
    }
}

#[test]
fn time_shifts_move_all_channels_together() {
    let data = data(&[4, 2], Values::F32((1..=8).map(|value| value as f32).collect()));
    let shifted = |steps: &str| numbers(&data, steps, 1, 0);
    let later = shifted(r#"{ kind = "time-shift", shift = [0.25, 0.25], border = "replicate" }"#);
    assert_eq!(later, [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let earlier = shifted(r#"{ kind = "time-shift", shift = [-0.5, -0.5], border = { constant = 0 } }"#);
    assert_eq!(earlier, [5.0, 6.0, 7.0, 8.0, 0.0, 0.0, 0.0, 0.0]);
    let mirrored = shifted(r#"{ kind = "time-shift", shift = [0.5, 0.5] }"#);
    assert_eq!(mirrored, [5.0, 6.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn rotated_axes_keep_lengths_and_angles() {
    let data = series(50, 4, 8);
    let triples = [[0, 1, 2], [6, 4, 5]];
    let batch = changed(&data, r#"{ kind = "axis-rotation", axes = [[0, 1, 2], [6, 4, 5]] }"#, 3, 0);
    let mut moved = 0.0;
    for (row, series) in batch.inputs.numbers().chunks(32).enumerate() {
        let before = data.samples.row_f32(row);
        let vectors = |values: &[f32]| -> Vec<[f32; 3]> {
            let of = |step: &[f32]| triples.map(|axes| axes.map(|channel| step[channel]));
            values.chunks(8).flat_map(of).collect()
        };
        let dot = |a: &[f32; 3], b: &[f32; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (old, new) = (vectors(&before), vectors(series));
        for (a, b) in (0..8).flat_map(|a| (0..8).map(move |b| (a, b))) {
            // One rotation for all steps and triples keeps every inner product.
            assert!((dot(&old[a], &old[b]) - dot(&new[a], &new[b])).abs() < 1e-3, "row {row}");
        }
        for channel in [3, 7] {
            assert_eq!(series[channel], before[channel], "the other channels stay");
        }
        moved += dot(&old[0], &new[0]) / dot(&old[0], &old[0]);
    }
    // Over all orientations a vector comes to lie anywhere: the cosine has mean 0 and variance 1/3.
    assert!((moved / 50.0).abs() < 5.0 * (1.0 / 150.0_f32).sqrt(), "{moved}");
}

#[test]
fn rotation_of_axes_keeps_to_its_angle() {
    let data = data(&[1, 3], Values::F32([1.0, 0.0, 0.0].repeat(200)));
    let batch = changed(&data, r#"{ kind = "axis-rotation", axes = [[0, 1, 2]], degrees = 20 }"#, 3, 0);
    let cosines = batch.inputs.numbers().chunks(3).map(|vector| vector[0]).collect::<Vec<_>>();
    let least = 20.0_f32.to_radians().cos() - 1e-6;
    assert!(cosines.iter().all(|&cosine| cosine >= least));
    assert!(cosines.iter().any(|&cosine| cosine < 0.96), "some turn by more than 16 degrees");
}
