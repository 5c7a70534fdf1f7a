//! Random changes of samples: against OpenCV, by hand, and by what must hold whatever is drawn.

mod mixing;
mod pictures;
mod recipe;
mod time_series;

use std::sync::Arc;

use brasa_data::{AugmentConfig, Batch, Labelled, Loader, LoaderConfig, Samples, Scaler, Values};
use proptest::prelude::*;

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
    Labelled::new("pictures", samples, labels, class_names)
}

/// The inputs of [`changed`].
fn numbers(data: &Labelled, steps: &str, seed: u64, epoch: u64) -> Vec<f32> {
    changed(data, steps, seed, epoch).inputs.numbers().to_vec()
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
    let pixels: Vec<_> = (0..count * len).map(|i| (i % len * 37 % 251) as u8).collect();
    data(&shape, Values::U8(pixels.into()))
}

fn series(count: usize, steps: usize, channels: usize) -> Labelled {
    let values = (0..count * steps * channels).map(|i| ((i * 31 % 97) as f32 - 40.0) / 8.0).collect();
    data(&[steps, channels], Values::F32(values))
}

/// Steps of every kind that images may have.
const ALL: &str = r#"
    { kind = "horizontal-flip", p = 0.5 }, { kind = "affine", degrees = 30, shift = 0.2, scale = 0.3, shear = 10 },
    { kind = "crop", padding = 1 }, { kind = "brightness", amount = 0.3 }, { kind = "contrast", factor = 0.5 },
    { kind = "blur", sigma = [0, 1.5] }, { kind = "noise", std = [0, 20] }, { kind = "cutout", size = 0.4, p = 0.5 },
    { kind = "trivial-augment" }, { kind = "rand-augment", count = 3, magnitude = 20 }"#;

const IMAGE_STEPS: [&str; 13] = [
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
    r#"{ kind = "solarize", threshold = 256 }"#,
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
        let untouched = numbers(&data, "", 5, 2);
        for steps in steps.iter().copied().chain([&*steps.join(", ")]) {
            assert_eq!(numbers(&data, steps, 5, 2), untouched, "{steps}");
        }
    }
}

#[test]
fn steps_come_in_their_order() {
    // One pixel of 100 is first made lighter and then covered, or the other way round.
    let pixel = data(&[1, 1, 1], Values::U8(vec![100].into()));
    let lighter = r#"{ kind = "brightness", amount = [0.2, 0.2] }"#;
    let covered = r#"{ kind = "cutout", size = 1.0, value = 7 }"#;
    assert_eq!(numbers(&pixel, &format!("{lighter}, {covered}"), 1, 0), [7.0]);
    assert_eq!(numbers(&pixel, &format!("{covered}, {lighter}"), 1, 0), [58.0]);
}

#[test]
fn a_step_comes_as_often_as_its_probability_says() {
    let rows = 4000;
    let data = data(&[1, 1, 2], Values::U8([0, 1].repeat(rows).into()));
    for p in [0.05, 0.3, 0.9] {
        let batch = changed(&data, &format!(r#"{{ kind = "horizontal-flip", p = {p} }}"#), 3, 0);
        let flipped = batch.inputs.numbers().chunks(2).filter(|pair| pair[0] == 1.0).count() as f64;
        // Five standard deviations of a binomial count.
        let bound = 5.0 * (rows as f64 * p * (1.0 - p)).sqrt();
        assert!((flipped - p * rows as f64).abs() < bound, "{flipped} of {rows} with p = {p}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_variant_depends_on_seed_epoch_and_row_alone(
        seed in any::<u64>(), epoch in any::<u64>(), batch_size in 1_usize..9, workers in 0_usize..3,
    ) {
        let data = images(7, [1, 6, 5]);
        let whole = numbers(&data, ALL, seed, epoch);
        prop_assert!(whole.iter().all(|value| (0.0..=255.0).contains(value)));
        let augment = Arc::new(config(ALL).check(&[1, 6, 5]).unwrap());
        let config = LoaderConfig { batch_size, workers, shuffle: Some(!seed), ..LoaderConfig::default() };
        let data = Arc::new(data);
        let loader = Loader::new(data, Arc::new(Scaler::Identity), vec![6, 2, 4, 1], config).unwrap();
        let loader = loader.with_augment(augment, seed).unwrap();
        for batch in loader.epoch(epoch) {
            for (sample, row) in batch.inputs.numbers().chunks(30).zip(&batch.indices) {
                prop_assert_eq!(sample, &whole[row * 30..(row + 1) * 30]);
            }
        }
    }

    #[test]
    fn epochs_rows_and_steps_draw_anew(seed in any::<u64>(), epoch in any::<u64>()) {
        let data = images(2, [1, 6, 5]);
        let noise = r#"{ kind = "noise", std = 5 }"#;
        let once = numbers(&data, noise, seed, epoch);
        prop_assert_ne!(&once, &numbers(&data, noise, seed, epoch.wrapping_add(1)));
        prop_assert_ne!(&once, &numbers(&data, noise, seed.wrapping_add(1), epoch));
        prop_assert_ne!(&once[..30], &once[30..]);
        // The same noise twice would be twice the noise.
        let plain = numbers(&data, "", seed, epoch);
        let twice = numbers(&data, &format!("{noise}, {noise}"), seed, epoch);
        let doubled = plain.iter().zip(&once).map(|(a, b)| (a + 2.0 * (b - a)).clamp(0.0, 255.0)).collect::<Vec<_>>();
        prop_assert_ne!(twice, doubled);
    }
}
