//! Changes of pictures, against OpenCV and by hand.

use brasa_data::Values;
use serde::Deserialize;

use super::{changed, data, numbers};

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
        let found = numbers(&data(&case.shape, Values::U8(case.pixels.into())), &case.step, 1, 1);
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

#[test]
fn solarized_pixels_are_those_of_pillow() {
    #[derive(Deserialize)]
    struct Fixture {
        cases: Vec<Case>,
    }
    #[derive(Deserialize)]
    struct Case {
        case: String,
        shape: Vec<usize>,
        pixels: Vec<u8>,
        threshold: f64,
        expected: Vec<f32>,
    }
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let text = std::fs::read_to_string(format!("{root}/../../tests/fixtures/solarize.json")).unwrap();
    for Case { case, shape, pixels, threshold, expected } in
        serde_json::from_str::<Fixture>(&text).unwrap().cases
    {
        let step = format!(r#"{{ kind = "solarize", threshold = {threshold} }}"#);
        assert_eq!(numbers(&data(&shape, Values::U8(pixels.into())), &step, 1, 1), expected, "{case}");
    }
}

#[test]
fn light_and_contrast_stay_within_the_range_of_pixels() {
    let data = data(&[1, 1, 4], Values::U8(vec![0, 50, 150, 200].into()));
    let light = |amount: f64| {
        numbers(&data, &format!(r#"{{ kind = "brightness", amount = [{amount}, {amount}] }}"#), 1, 0)
    };
    assert_eq!(light(0.4), [102.0, 152.0, 252.0, 255.0]);
    assert_eq!(light(-0.2), [0.0, 0.0, 99.0, 149.0]);
    let contrast = |factor: f64| {
        numbers(&data, &format!(r#"{{ kind = "contrast", factor = [{factor}, {factor}] }}"#), 1, 0)
    };
    // About the mean, 100.
    assert_eq!(contrast(0.5), [50.0, 75.0, 125.0, 150.0]);
    assert_eq!(contrast(2.0), [0.0, 0.0, 200.0, 255.0]);
}

#[test]
fn noise_has_its_deviation() {
    let grey = data(&[1, 100, 100], Values::U8(vec![128; 10_000].into()));
    let noisy = numbers(&grey, r#"{ kind = "noise", std = 10 }"#, 9, 0);
    let mean = noisy.iter().sum::<f32>() / 1e4;
    let deviation = (noisy.iter().map(|value| (value - 128.0).powi(2)).sum::<f32>() / 1e4).sqrt();
    // Five standard errors of 10,000 draws.
    assert!((mean - 128.0).abs() < 0.5 && (deviation - 10.0).abs() < 0.36, "{mean} {deviation}");
}

#[test]
fn a_crop_is_a_shift_by_whole_pixels_up_to_the_padding() {
    let pixels = (1..=20).collect::<Vec<u8>>();
    let rows = 400;
    let data = data(&[1, 4, 5], Values::U8(pixels.repeat(rows).into()));
    let batch = changed(&data, r#"{ kind = "crop", padding = 2, border = { constant = 0 } }"#, 1, 0);
    let mut offsets = std::collections::BTreeSet::new();
    for image in batch.inputs.numbers().chunks(20) {
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
    let data = data(&[2, 8, 8], Values::U8(vec![200; 300 * 128].into()));
    let batch = changed(&data, r#"{ kind = "cutout", size = 0.5, value = 7 }"#, 1, 0);
    let mut areas = std::collections::BTreeSet::new();
    for image in batch.inputs.numbers().chunks(128) {
        let covered =
            |plane: &[f32]| plane.iter().map(|&value| (value == 7.0) as usize).collect::<Vec<usize>>();
        assert_eq!(covered(&image[..64]), covered(&image[64..]));
        areas.insert(covered(&image[..64]).iter().sum::<usize>());
    }
    // Centres are anywhere: a corner leaves 2 x 2 of 4 x 4.
    assert_eq!((areas.first(), areas.last()), (Some(&4), Some(&16)));
}
