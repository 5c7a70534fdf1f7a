//! Random changes of samples: against OpenCV, by hand, and by what must hold whatever is drawn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use brasa_data::{AugmentConfig, Batch, Labelled, Loader, LoaderConfig, Samples, Scaler, Values};
use proptest::prelude::*;
use serde::Deserialize;

fn config(steps: &str) -> AugmentConfig {
    toml::from_str(&format!("steps = [{steps}]")).unwrap()
}

fn problem(steps: &str, shape: &[usize]) -> String {
    config(steps).check(shape).unwrap_err().to_string()
}

fn data(shape: &[usize], values: Values) -> Labelled {
    let samples = Samples::new(shape.to_vec(), values).unwrap();
    let labels = (0..samples.len() as u32).map(|row| row % 3).collect::<Vec<_>>();
    let class_names = vec!["a".into(), "b".into(), "c".into()];
    Labelled { samples, class_names, ..common::counting(&labels, None) }
}

/// All rows in their order, changed by `steps`, in one batch.
fn changed(data: &Labelled, steps: &str, seed: u64, epoch: u64) -> Batch {
    let rows = (0..data.len()).collect::<Vec<_>>();
    let augment = Arc::new(config(steps).check(data.samples.shape()).unwrap());
    let config = LoaderConfig { batch_size: rows.len(), ..LoaderConfig::default() };
    let loader = Loader::new(Arc::new(data.clone()), Arc::new(Scaler::Identity), rows, config).unwrap();
    loader.with_augment(augment, seed).unwrap().epoch(epoch).next().unwrap()
}

/// `count` images of one pixel pattern.
fn images(count: usize, shape: [usize; 3]) -> Labelled {
    let len = shape.iter().product::<usize>();
    let pixels = (0..count * len).map(|i| (i % len * 37 % 251) as u8).collect();
    data(&shape, Values::U8(pixels))
}

fn series(count: usize, steps: usize, channels: usize) -> Labelled {
    let values = (0..count * steps * channels).map(|i| ((i * 31 % 97) as f32 - 40.0) / 8.0).collect();
    data(&[steps, channels], Values::F32(values))
}

#[test]
fn flips_warps_and_blur_are_those_of_opencv() {
    #[derive(Deserialize)]
    struct Fixture {
        cases: Vec<Case>,
    }
    #[derive(Deserialize)]
    struct Case {
        case: String,
        shape: Vec<usize>,
        pixels: Vec<u8>,
        step: String,
        expected: Vec<f32>,
    }
    // Asked for when it runs: a cached test binary may come from a clone that is gone.
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let text = std::fs::read_to_string(format!("{root}/../../tests/fixtures/augment.json")).unwrap();
    let cases = serde_json::from_str::<Fixture>(&text).unwrap().cases;
    assert_eq!(cases.len(), 64);
    for case in cases {
        let found = changed(&data(&case.shape, Values::U8(case.pixels)), &case.step, 1, 1).inputs;
        // OpenCV 5 keeps places in 32 bits, a hundred-thousandth of a pixel here, which next to each other may differ by
        // 255. Earlier versions round the weights to 1/32 and would differ by up to 8.
        let tolerance = match case.step.contains("flip") || case.step.contains("90") {
            true => 0.0,
            false => 2e-3,
        };
        for (place, (found, expected)) in found.iter().zip(&case.expected).enumerate() {
            let difference = (found - expected).abs();
            assert!(difference <= tolerance, "{}: value {place}: {found} for {expected}", case.case);
        }
        assert_eq!(found.len(), case.expected.len(), "{}", case.case);
    }
}

const IMAGE_STEPS: [&str; 12] = [
    r#"{ kind = "horizontal-flip", p = 0.0 }"#,
    r#"{ kind = "rotate", degrees = 0 }"#,
    r#"{ kind = "shift", shift = 0, border = "replicate" }"#,
    r#"{ kind = "scale", scale = 0, border = { constant = 3 } }"#,
    r#"{ kind = "affine" }"#,
    r#"{ kind = "crop", padding = 0 }"#,
    r#"{ kind = "brightness", amount = 0 }"#,
    r#"{ kind = "contrast", factor = 0 }"#,
    r#"{ kind = "blur", sigma = 0 }"#,
    r#"{ kind = "noise", std = 0 }"#,
    r#"{ kind = "cutout", size = 0 }"#,
    r#"{ kind = "mixup", alpha = 0.5, p = 0 }, { kind = "cutmix", alpha = 0.5, p = 0 }"#,
];

const SERIES_STEPS: [&str; 4] = [
    r#"{ kind = "jitter", std = 0 }"#,
    r#"{ kind = "channel-scaling", factor = 0 }"#,
    r#"{ kind = "time-shift", shift = 0 }"#,
    r#"{ kind = "axis-rotation", axes = [[0, 1, 2]], degrees = 0 }"#,
];

#[test]
fn steps_that_do_nothing_change_no_bit() {
    for (data, steps) in [(images(3, [2, 5, 4]), &IMAGE_STEPS[..]), (series(3, 6, 4), &SERIES_STEPS[..])] {
        let untouched = changed(&data, "", 5, 2).inputs;
        for steps in steps.iter().copied().chain([&*steps.join(", ")]) {
            assert_eq!(changed(&data, steps, 5, 2).inputs, untouched, "{steps}");
        }
    }
}

#[test]
fn steps_come_in_their_order() {
    // One pixel of 100 is first made lighter and then covered, or the other way round.
    let pixel = data(&[1, 1, 1], Values::U8(vec![100]));
    let lighter = r#"{ kind = "brightness", amount = [0.2, 0.2] }"#;
    let covered = r#"{ kind = "cutout", size = 1.0, value = 7 }"#;
    assert_eq!(changed(&pixel, &format!("{lighter}, {covered}"), 1, 0).inputs, [7.0]);
    assert_eq!(changed(&pixel, &format!("{covered}, {lighter}"), 1, 0).inputs, [58.0]);
}

#[test]
fn a_step_comes_as_often_as_its_probability_says() {
    let rows = 4000;
    let data = data(&[1, 1, 2], Values::U8([0, 1].repeat(rows)));
    for p in [0.05, 0.3, 0.9] {
        let batch = changed(&data, &format!(r#"{{ kind = "horizontal-flip", p = {p} }}"#), 3, 0);
        let flipped = batch.inputs.chunks(2).filter(|pair| pair[0] == 1.0).count() as f64;
        // Five standard deviations of a binomial count.
        let bound = 5.0 * (rows as f64 * p * (1.0 - p)).sqrt();
        assert!((flipped - p * rows as f64).abs() < bound, "{flipped} of {rows} with p = {p}");
    }
}

#[test]
fn light_and_contrast_stay_within_the_range_of_pixels() {
    let data = data(&[1, 1, 4], Values::U8(vec![0, 50, 150, 200]));
    let light = |amount: f64| {
        changed(&data, &format!(r#"{{ kind = "brightness", amount = [{amount}, {amount}] }}"#), 1, 0).inputs
    };
    assert_eq!(light(0.4), [102.0, 152.0, 252.0, 255.0]);
    assert_eq!(light(-0.2), [0.0, 0.0, 99.0, 149.0]);
    let contrast = |factor: f64| {
        changed(&data, &format!(r#"{{ kind = "contrast", factor = [{factor}, {factor}] }}"#), 1, 0).inputs
    };
    // About the mean, 100.
    assert_eq!(contrast(0.5), [50.0, 75.0, 125.0, 150.0]);
    assert_eq!(contrast(2.0), [0.0, 0.0, 200.0, 255.0]);
}

#[test]
fn noise_has_its_deviation() {
    let grey = data(&[1, 100, 100], Values::U8(vec![128; 10_000]));
    let noisy = changed(&grey, r#"{ kind = "noise", std = 10 }"#, 9, 0).inputs;
    let mean = noisy.iter().sum::<f32>() / 1e4;
    let deviation = (noisy.iter().map(|value| (value - 128.0).powi(2)).sum::<f32>() / 1e4).sqrt();
    // Five standard errors of 10,000 draws.
    assert!((mean - 128.0).abs() < 0.5 && (deviation - 10.0).abs() < 0.36, "{mean} {deviation}");
}

#[test]
fn a_crop_is_a_shift_by_whole_pixels_up_to_the_padding() {
    let pixels = (1..=20).collect::<Vec<u8>>();
    let rows = 400;
    let data = data(&[1, 4, 5], Values::U8(pixels.repeat(rows)));
    let batch = changed(&data, r#"{ kind = "crop", padding = 2, border = { constant = 0 } }"#, 1, 0);
    let mut offsets = std::collections::BTreeSet::new();
    for image in batch.inputs.chunks(20) {
        let shifted = |down: i64, right: i64| {
            let inside = |row: i64, column: i64| (0..4).contains(&row) && (0..5).contains(&column);
            (0..20).all(|place| {
                let (row, column) = (place / 5 + down, place % 5 + right);
                let expected = if inside(row, column) { (row * 5 + column + 1) as f32 } else { 0.0 };
                image[place as usize] == expected
            })
        };
        let offset = (-2..=2).flat_map(|down| (-2..=2).map(move |right| (down, right)));
        let offset = offset.into_iter().find(|&(down, right)| shifted(down, right));
        offsets.insert(offset.unwrap_or_else(|| panic!("no shift: {image:?}")));
    }
    assert_eq!(offsets.len(), 25);
}

#[test]
fn holes_are_of_their_size_or_cut_off_at_the_border() {
    let data = data(&[2, 8, 8], Values::U8(vec![200; 300 * 128]));
    let batch = changed(&data, r#"{ kind = "cutout", size = 0.5, value = 7 }"#, 1, 0);
    let mut areas = std::collections::BTreeSet::new();
    for image in batch.inputs.chunks(128) {
        let covered =
            |plane: &[f32]| plane.iter().map(|&value| (value == 7.0) as usize).collect::<Vec<usize>>();
        assert_eq!(covered(&image[..64]), covered(&image[64..]));
        areas.insert(covered(&image[..64]).iter().sum::<usize>());
    }
    // Centres are anywhere: a corner leaves 2 x 2 of 4 x 4.
    assert_eq!((areas.first(), areas.last()), (Some(&4), Some(&16)));
}

#[test]
fn mixed_targets_are_the_shares_of_what_was_mixed() {
    // Every image is of one value, 60 times its class: the mean value tells the shares.
    let classes = [0, 1, 2].repeat(40);
    let pixels = classes.iter().flat_map(|class| [class * 60; 2 * 6 * 7]).collect();
    let data = data(&[2, 6, 7], Values::U8(pixels));
    for kind in ["mixup", "cutmix"] {
        let batch = changed(&data, &format!(r#"{{ kind = "{kind}", alpha = 1.0 }}"#), 4, 0);
        let soft = batch.soft.unwrap();
        let mut mixed = 0;
        for (image, soft) in batch.inputs.chunks(84).zip(soft.chunks(3)) {
            let mean = image.iter().sum::<f32>() / 84.0;
            let expected = 60.0 * soft[1] + 120.0 * soft[2];
            assert!((mean - expected).abs() < 1e-3, "{kind}: {mean} {soft:?}");
            assert!((soft.iter().sum::<f32>() - 1.0).abs() < 1e-6 && soft.iter().all(|&p| p >= 0.0));
            mixed += usize::from(soft.iter().all(|&p| p < 1.0));
        }
        // A third of the partners is of the same class.
        assert!((60..110).contains(&mixed), "{kind}: {mixed} of 120");
        assert_eq!(batch.targets, data.labels, "the hard label stays");
    }
}

#[test]
fn without_mixing_there_are_no_soft_targets_unless_the_data_have_them() {
    let mut data = images(2, [1, 2, 2]);
    assert_eq!(changed(&data, r#"{ kind = "vertical-flip" }"#, 1, 0).soft, None);
    let soft = vec![0.5, 0.25, 0.25, 0.0, 0.5, 0.5];
    data.soft_labels = Some(soft.clone());
    assert_eq!(changed(&data, "", 1, 0).soft, Some(soft));
}

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
        let squares = plain.iter().zip(&noisy).skip(channel).step_by(2).map(|(a, b)| (a - b).powi(2));
        let deviation = (squares.sum::<f32>() / 2000.0).sqrt();
        // Five standard errors of 2,000 draws.
        assert!((deviation - 0.5).abs() < 0.04, "channel {channel}: {deviation}");
    }
}

#[test]
fn each_channel_has_one_factor() {
    let data = series(20, 8, 3);
    let batch = changed(&data, r#"{ kind = "channel-scaling", factor = 0.2 }"#, 2, 0);
    for (row, series) in batch.inputs.chunks(24).enumerate() {
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
    let shifted = |steps: &str| changed(&data, steps, 1, 0).inputs;
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
    for (row, series) in batch.inputs.chunks(32).enumerate() {
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
    let cosines = batch.inputs.chunks(3).map(|vector| vector[0]).collect::<Vec<_>>();
    let least = 20.0_f32.to_radians().cos() - 1e-6;
    assert!(cosines.iter().all(|&cosine| cosine >= least));
    assert!(cosines.iter().any(|&cosine| cosine < 0.96), "some turn by more than 16 degrees");
}

#[test]
fn what_does_not_fit_names_the_step() {
    let flip = r#"{ kind = "horizontal-flip" }"#;
    assert_eq!(
        problem(&format!(r#"{flip}, {{ kind = "jitter", std = 1 }}"#), &[1, 4, 4]),
        "[augment] step 2 (\"jitter\"): it needs series [time, channels]; the samples have the shape [1, 4, 4]"
    );
    assert_eq!(
        problem(flip, &[4]),
        "[augment] step 1 (\"horizontal-flip\"): it needs images [channels, height, width]; the samples have the shape [4]"
    );
    assert!(problem(r#"{ kind = "cutmix", alpha = 1 }"#, &[9, 3]).contains("(\"cutmix\"): it needs images"));
    assert!(problem(r#"{ kind = "mixup", alpha = 1 }"#, &[9]).contains("(\"mixup\"): it needs images"));
    config(r#"{ kind = "mixup", alpha = 1 }"#).check(&[9, 3]).unwrap();
    let axes = |axes: &str| problem(&format!(r#"{{ kind = "axis-rotation", axes = {axes} }}"#), &[9, 6]);
    assert!(axes("[[0, 1, 6]]").ends_with("`axes`: there is no channel 6; a sample has 6"));
    assert!(axes("[[0, 1, 2], [3, 4, 1]]").ends_with("`axes`: channel 1 occurs twice"));
    assert!(axes("[]").ends_with("`axes`: expected triples of channels, found none"));
}

#[test]
fn values_that_cannot_be_are_refused_without_a_shape() {
    for (step, expected) in [
        (r#"{ kind = "vertical-flip", p = 1.5 }"#, "`p`: expected a probability from 0 to 1, found 1.5"),
        (
            r#"{ kind = "rotate", degrees = 400 }"#,
            "`degrees`: expected a range within -360 to 360, found -400 to 400",
        ),
        (
            r#"{ kind = "rotate", degrees = [5, 1] }"#,
            "`degrees`: expected a range within -360 to 360, found 5 to 1",
        ),
        (r#"{ kind = "scale", scale = 1 }"#, "`scale`: expected a range within 0.05 to 20, found 0 to 2"),
        (r#"{ kind = "blur", sigma = nan }"#, "`sigma`: expected a range within 0 to 100, found NaN to NaN"),
        (r#"{ kind = "mixup", alpha = 0 }"#, "`alpha`: expected a number above 0, at most 1000, found 0"),
        (r#"{ kind = "cutout", size = 2 }"#, "`size`: expected a fraction of the sides, found 2"),
        (
            r#"{ kind = "shift", shift = 0, border = { constant = inf } }"#,
            "`border`: expected a finite number, found inf",
        ),
    ] {
        let problem = config(step).check_values().unwrap_err().to_string();
        assert!(problem.ends_with(expected), "{problem}");
    }
    for (step, expected) in [
        (r#"{ kind = "rotate", degree = 4 }"#, "unknown field `degree`"),
        (r#"{ kind = "rotate" }"#, "missing field `degrees`"),
        (r#"{ kind = "twirl" }"#, "unknown variant `twirl`"),
        (r#"{ kind = "rotate", degrees = "far" }"#, "expected a number or a range [low, high]"),
    ] {
        let read = toml::from_str::<AugmentConfig>(&format!("steps = [{step}]"));
        let problem = read.unwrap_err().to_string();
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn steps_for_other_samples_are_refused() {
    let augment = Arc::new(config(r#"{ kind = "vertical-flip" }"#).check(&[1, 2, 2]).unwrap());
    let data = Arc::new(images(2, [1, 3, 2]));
    let loader = Loader::new(data, Arc::new(Scaler::Identity), vec![0], LoaderConfig::default()).unwrap();
    assert_eq!(
        loader.with_augment(augment, 1).unwrap_err().to_string(),
        "cannot load batches: the augmentation is for samples of the shape [1, 2, 2]; those of `counting` have [1, 3, 2]"
    );
}

const ALL: &str = r#"
    { kind = "horizontal-flip", p = 0.5 }, { kind = "affine", degrees = 30, shift = 0.2, scale = 0.3, shear = 10 },
    { kind = "crop", padding = 1 }, { kind = "brightness", amount = 0.3 }, { kind = "contrast", factor = 0.5 },
    { kind = "blur", sigma = [0, 1.5] }, { kind = "noise", std = [0, 20] }, { kind = "cutout", size = 0.4, p = 0.5 }"#;

#[test]
fn a_recipe_reads_back_what_was_written() {
    let config = config(ALL);
    assert_eq!(toml::from_str::<AugmentConfig>(&toml::to_string(&config).unwrap()).unwrap(), config);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_variant_depends_on_seed_epoch_and_row_alone(
        seed in any::<u64>(), epoch in any::<u64>(), batch_size in 1_usize..9, workers in 0_usize..3,
    ) {
        let data = images(7, [1, 6, 5]);
        let whole = changed(&data, ALL, seed, epoch).inputs;
        prop_assert!(whole.iter().all(|value| (0.0..=255.0).contains(value)));
        let augment = Arc::new(config(ALL).check(&[1, 6, 5]).unwrap());
        let config = LoaderConfig { batch_size, workers, shuffle: Some(!seed), ..LoaderConfig::default() };
        let data = Arc::new(data);
        let loader = Loader::new(data, Arc::new(Scaler::Identity), vec![6, 2, 4, 1], config).unwrap();
        let loader = loader.with_augment(augment, seed).unwrap();
        for batch in loader.epoch(epoch) {
            for (sample, row) in batch.inputs.chunks(30).zip(&batch.indices) {
                prop_assert_eq!(sample, &whole[row * 30..(row + 1) * 30]);
            }
        }
    }

    #[test]
    fn epochs_rows_and_steps_draw_anew(seed in any::<u64>(), epoch in any::<u64>()) {
        let data = images(2, [1, 6, 5]);
        let noise = r#"{ kind = "noise", std = 5 }"#;
        let once = changed(&data, noise, seed, epoch).inputs;
        prop_assert_ne!(&once, &changed(&data, noise, seed, epoch.wrapping_add(1)).inputs);
        prop_assert_ne!(&once, &changed(&data, noise, seed.wrapping_add(1), epoch).inputs);
        prop_assert_ne!(&once[..30], &once[30..]);
        // The same noise twice would be twice the noise.
        let plain = changed(&data, "", seed, epoch).inputs;
        let twice = changed(&data, &format!("{noise}, {noise}"), seed, epoch).inputs;
        let doubled = plain.iter().zip(&once).map(|(a, b)| (a + 2.0 * (b - a)).clamp(0.0, 255.0)).collect::<Vec<_>>();
        prop_assert_ne!(twice, doubled);
    }
}
