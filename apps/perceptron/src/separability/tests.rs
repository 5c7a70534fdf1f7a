//! Hulls that touch, beside a linear programme, scikit-learn and a perceptron in whole numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_data::{DataConfig, Files, Labelled, PointShape, PointsConfig, Samples, Values, load};
use proptest::prelude::*;

use super::*;

fn labelled(points: &[[f32; 2]], labels: &[u32]) -> Labelled {
    Labelled {
        feature_names: vec!["X1".into(), "X2".into()],
        ..Labelled::new(
            "points",
            Samples::new(vec![2], Values::F32(points.as_flattened().to_vec())).unwrap(),
            labels.to_vec(),
            vec!["0".into(), "1".into()],
        )
    }
}

fn decided(points: &[[f32; 2]], labels: &[u32]) -> Separability {
    separability(&labelled(points, labels), &(0..points.len()).collect::<Vec<_>>())
}

fn verdict(separable: bool) -> Separability {
    if separable { Separability::Separable } else { Separability::NotSeparable }
}

#[derive(serde::Deserialize)]
struct Case {
    case: String,
    points: Vec<[f32; 2]>,
    labels: Vec<u32>,
    separable: bool,
}

#[derive(serde::Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[test]
fn agrees_with_a_linear_programme_and_with_scikit_learn() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/perceptron.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(
        fixture.cases.iter().any(|case| case.separable) && fixture.cases.iter().any(|case| !case.separable)
    );
    for case in fixture.cases {
        assert_eq!(decided(&case.points, &case.labels), verdict(case.separable), "{}", case.case);
    }
}

/// Exact in whole numbers. On points of a small grid, separable classes are parted long before the last round
/// (Novikoff 1962: at most (R / margin)^2 corrections).
fn a_perceptron_parts(points: &[[i64; 2]], labels: &[u32]) -> bool {
    let (mut w, mut b) = ([0_i64; 2], 0_i64);
    (0..20_000).any(|_| {
        let mut errors = 0;
        for (point, &label) in points.iter().zip(labels) {
            let sign = 2 * i64::from(label) - 1;
            if sign * (w[0] * point[0] + w[1] * point[1] + b) <= 0 {
                w = [w[0] + sign * point[0], w[1] + sign * point[1]];
                b += sign;
                errors += 1;
            }
        }
        errors == 0
    })
}

fn grid() -> impl Strategy<Value = Vec<([i64; 2], u32)>> {
    prop::collection::vec(([-3_i64..=3, -3_i64..=3], 0_u32..2), 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn separable_is_what_a_perceptron_learns(rows in grid()) {
        let (points, labels): (Vec<[i64; 2]>, Vec<u32>) = rows.into_iter().unzip();
        let exact: Vec<[f32; 2]> = points.iter().map(|point| point.map(|at| at as f32)).collect();
        prop_assert_eq!(decided(&exact, &labels), verdict(a_perceptron_parts(&points, &labels)));
    }

    #[test]
    fn neither_order_nor_names_matter(rows in grid()) {
        let (points, labels): (Vec<[i64; 2]>, Vec<u32>) = rows.into_iter().unzip();
        let place = |[x, y]: [i64; 2]| [x as f32 * 0.1, y as f32 * 1e-30];
        let points: Vec<[f32; 2]> = points.into_iter().map(place).collect();
        let found = decided(&points, &labels);
        let swapped: Vec<u32> = labels.iter().map(|label| 1 - label).collect();
        prop_assert_eq!(decided(&points, &swapped), found);
        let mirrored: Vec<[f32; 2]> = points.iter().rev().map(|&[x, y]| [y, -x]).collect();
        let reversed: Vec<u32> = labels.iter().rev().copied().collect();
        prop_assert_eq!(decided(&mirrored, &reversed), found);
    }
}

#[test]
fn the_last_bit_decides() {
    // The middle of the stretch, and the next number above it.
    let (low, high) = ([0.1_f32, 0.1], [0.3_f32, 0.3]);
    let above = f32::from_bits(0.2_f32.to_bits() + 1);
    assert_eq!(decided(&[low, high, [0.2, 0.2]], &[0, 0, 1]), Separability::NotSeparable);
    assert_eq!(decided(&[low, high, [0.2, above]], &[0, 0, 1]), Separability::Separable);
    assert_eq!(decided(&[low, [0.2, 0.2], [0.2, 0.2], high], &[0, 0, 1, 1]), Separability::NotSeparable);
    assert_eq!(decided(&[low, [0.2, 0.2], [above, above], high], &[0, 0, 1, 1]), Separability::Separable);
    assert_eq!(decided(&[[0.0, 5.0], [-0.0, 1.0], [0.0, 3.0]], &[0, 0, 1]), Separability::NotSeparable);
}

#[test]
fn one_number_is_a_place_on_a_line_and_three_are_too_many() {
    let with = |width: usize, values: &[f32]| Labelled {
        samples: Samples::new(vec![width], Values::F32(values.to_vec())).unwrap(),
        ..labelled(&[], &[0, 0, 1])
    };
    let all = |data: Labelled| separability(&data, &[0, 1, 2]);
    assert_eq!(all(with(1, &[1.0, 2.0, 3.0])), Separability::Separable);
    assert_eq!(all(with(1, &[1.0, 3.0, 2.0])), Separability::NotSeparable);
    assert_eq!(all(with(3, &[0.0; 9])), Separability::Unknown);
    let names = vec!["a".into(), "b".into(), "c".into()];
    let three = Labelled::new("three", with(1, &[1.0, 2.0, 3.0]).samples, vec![0, 0, 1], names);
    assert_eq!(all(three), Separability::Unknown);
    assert_eq!(decided(&[[0.0, 0.0]], &[1]), Separability::Separable, "one class alone");
}

/// What the source of made-up points promises of each shape.
fn made(config: &PointsConfig) -> Separability {
    let config = DataConfig { points: Some(config.clone()), ..DataConfig::default() };
    let data = load(&config.check().unwrap(), &Files::default()).unwrap();
    separability(&data, &(0..data.len()).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn points_of_a_line_are_separable_and_xor_and_moons_are_not(seed: u64, rows in 2_usize..200, margin in 0.0..0.2) {
        let line = PointsConfig { rows, seed, margin: Some(margin), ..PointsConfig::default() };
        prop_assert_eq!(made(&line), Separability::Separable);
        let xor = PointsConfig { shape: PointShape::Xor, rows: rows + 2, seed, noise: Some(0.02), margin: None };
        prop_assert_eq!(made(&xor), Separability::NotSeparable);
        let moons = PointsConfig { shape: PointShape::Moons, rows: rows + 38, seed, noise: Some(0.02), margin: None };
        prop_assert_eq!(made(&moons), Separability::NotSeparable);
    }
}
