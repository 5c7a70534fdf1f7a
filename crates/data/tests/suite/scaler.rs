//! Scalers against scikit-learn 1.9.1 and NumPy.

use brasa_data::{Crop, ImageInput, InputSpec, Resize, Samples, Scaler, Values};

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-7 * expected.abs().max(1.0), "{found} is not {expected}");
}

#[test]
fn standard_agrees_with_scikit_learn_also_on_constant_and_offset_columns() {
    // StandardScaler().fit of these rows, as float32.
    let rows = vec![0.1, 1e6, 5.0, 0.1, 1e6 + 1.0, 6.0, 0.1, 1e6 + 2.0, 9.0];
    let samples = Samples::new(vec![3], Values::F32(rows)).unwrap();
    let scaler = Scaler::standard(&samples, &[0, 1, 2]).unwrap();
    let Scaler::Standard { mean, std } = &scaler else { panic!("{scaler:?}") };
    for (found, expected) in mean.iter().zip([0.100000001, 1_000_001.0, 6.666_666_667]) {
        near(*found, expected);
    }
    for (found, expected) in std.iter().zip([1.0, 0.816_496_58, 1.699_673_17]) {
        near(*found, expected);
    }
    let mut row = [0.0; 3];
    scaler.transform_into(&samples, 2, &mut row).unwrap();
    for (found, expected) in row.into_iter().zip([0.0, 1.224_744_8, 1.372_813]) {
        near(f64::from(found), expected);
    }
}

#[test]
fn pixel_moments_are_those_of_each_channel() {
    let pixels = vec![0, 255, 10, 20, 255, 255, 30, 40];
    let samples = Samples::new(vec![2, 1, 2], Values::U8(pixels.into())).unwrap();
    // numpy.mean and numpy.std of [0, 1, 1, 1] and of [10, 20, 30, 40] / 255.
    let expected = Scaler::Pixels { mean: vec![0.75, 0.098_039_22], std: vec![0.433_012_7, 0.043_844_47] };
    let Scaler::Pixels { mean, std } = Scaler::pixels(&samples, &[0, 1]).unwrap() else { panic!() };
    let Scaler::Pixels { mean: expected_mean, std: expected_std } = expected else { panic!() };
    for (found, expected) in mean.iter().zip(&expected_mean).chain(std.iter().zip(&expected_std)) {
        near(f64::from(*found), f64::from(*expected));
    }
}

#[test]
fn pixels_are_the_formula_to_the_last_bits_for_every_byte_and_for_floats() {
    let scaler = Scaler::Pixels { mean: vec![0.286], std: vec![0.353] };
    let bytes = Samples::new(vec![1, 16, 16], Values::U8((0..=255).collect::<Vec<_>>().into())).unwrap();
    let floats = Samples::new(vec![1, 16, 16], Values::F32((0..=255_u8).map(f32::from).collect())).unwrap();
    let (mut a, mut b) = ([0.0; 256], [0.0; 256]);
    scaler.transform_into(&bytes, 0, &mut a).unwrap();
    scaler.transform_into(&floats, 0, &mut b).unwrap();
    assert_eq!(a, b);
    for (value, byte) in a.into_iter().zip(0..=255_u8) {
        // The exact value in f64; one product and one sum in f32 may round differently from it by two units.
        let exact = (f64::from(byte) / 255.0 - f64::from(0.286_f32)) / f64::from(0.353_f32);
        assert!((f64::from(value) - exact).abs() < 2.0 * f64::from(f32::EPSILON), "{value} for {exact}");
    }
}

#[test]
fn scalers_survive_json_and_refuse_other_shapes() {
    let scalers = [
        (Scaler::Identity, r#"{"kind":"identity"}"#),
        (
            Scaler::Standard { mean: vec![0.1], std: vec![2.0] },
            r#"{"kind":"standard","mean":[0.1],"std":[2.0]}"#,
        ),
        (
            Scaler::Pixels { mean: vec![0.5], std: vec![0.25] },
            r#"{"kind":"pixels","mean":[0.5],"std":[0.25]}"#,
        ),
    ];
    for (scaler, json) in scalers {
        assert_eq!(serde_json::to_string(&scaler).unwrap(), json);
        assert_eq!(serde_json::from_str::<Scaler>(json).unwrap(), scaler);
        assert_eq!(scaler.prepare(&[3, 2, 2]).is_err(), scaler != Scaler::Identity);
    }
    let samples = Samples::new(vec![1], Values::F32(vec![1.0])).unwrap();
    assert!(Scaler::standard(&samples, &[]).unwrap_err().to_string().contains("no rows to fit on"));
    assert!(Scaler::standard(&samples, &[1]).unwrap_err().to_string().contains("no row 1"));
    assert!(Scaler::pixels(&samples, &[0]).is_err());
}

#[test]
fn the_input_of_a_model_survives_json() {
    let spec = InputSpec::Image(ImageInput {
        channels: 1,
        height: 28,
        width: 28,
        resize: Resize::Nearest,
        crop: Crop::None,
    });
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(json, r#"{"kind":"image","channels":1,"height":28,"width":28,"resize":"nearest"}"#);
    assert_eq!(serde_json::from_str::<InputSpec>(&json).unwrap(), spec);
}

#[test]
fn channels_agree_with_scikit_learn_over_all_steps() {
    // StandardScaler().fit(x.reshape(-1, 2)) of the first and last of three series of three steps, as float32.
    let values = vec![
        0.5, 100.0, 1.5, 100.0, -2.0, 100.0, // fitted on
        9e9, -9e9, 9e9, 9e9, 9e9, 0.0, // not fitted on
        3.25, 100.0, 0.0, 100.0, 4.0, 100.0, // fitted on
    ];
    let samples = Samples::new(vec![3, 2], Values::F32(values)).unwrap();
    let scaler = Scaler::channels(&samples, &[0, 2]).unwrap();
    let Scaler::Channels { mean, std } = &scaler else { panic!("{scaler:?}") };
    for (found, expected) in mean.iter().zip([1.208_333_333_333_333_3, 100.0]) {
        near(*found, expected);
    }
    for (found, expected) in std.iter().zip([2.012_547_445_955_554, 1.0]) {
        near(*found, expected);
    }
    let mut row = [0.0; 6];
    scaler.transform_into(&samples, 2, &mut row).unwrap();
    for (found, expected) in row.into_iter().zip([1.014_468_84, 0.0, -0.600_399_92, 0.0, 1.387_130_9, 0.0]) {
        near(f64::from(found), expected);
    }
    let json = serde_json::to_string(&scaler).unwrap();
    assert!(json.starts_with(r#"{"kind":"channels","mean":[1.2083333"#), "{json}");
    assert_eq!(serde_json::from_str::<Scaler>(&json).unwrap(), scaler);
    for shape in [vec![6], vec![2, 3], vec![1, 3, 2]] {
        assert!(scaler.prepare(&shape).is_err(), "{shape:?}");
    }
    let flat = Samples::new(vec![2], Values::F32(vec![1.0, 2.0])).unwrap();
    let message = Scaler::channels(&flat, &[0]).unwrap_err().to_string();
    assert!(message.ends_with("\"channels\" needs [steps, channels]"), "{message}");
}
