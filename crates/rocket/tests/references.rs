//! aeon's transforms and scikit-learn's ridge regression: `tests/fixtures/fixture_rocket.py`.
#![allow(clippy::unwrap_used)]

use brasa_rocket::{
    Features, Hydra, HydraParts, KernelParts, MiniRocket, MultiParts, MultiRocket, Result, RidgeConfig,
    Series, SparseScaler, StandardScaler,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

fn read<T: DeserializeOwned>(file: &str) -> T {
    // Asked when it runs: a cached test binary may come from a clone that is gone.
    let path = format!("{}/../../tests/fixtures/{file}", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct Fixture {
    mini: Vec<Mini>,
    multi: Vec<Multi>,
    hydra: Vec<HydraCase>,
}

#[derive(Deserialize)]
struct Mini {
    case: String,
    parts: KernelParts,
    series: Vec<Vec<f32>>,
    features: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Multi {
    case: String,
    series_parts: KernelParts,
    difference_parts: KernelParts,
    series: Vec<Vec<f32>>,
    features: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct HydraCase {
    case: String,
    parts: HydraParts,
    series: Vec<Vec<f32>>,
    features: Vec<Vec<f32>>,
    scaled: Vec<Vec<f32>>,
}

fn series(values: &[Vec<f32>], channels: u32) -> Vec<Series<'_>> {
    values.iter().map(|one| Series::new(one, channels as usize).unwrap()).collect::<Vec<_>>()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, case: &str) {
    assert_eq!(found.len(), expected.len(), "{case}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let close = (found - expected).abs() <= tolerance * expected.abs().max(1.0);
        assert!(close, "{case}: {at}: {found} for {expected}");
    }
}

#[test]
fn mini_rocket_is_aeons() {
    for Mini { case, parts, series: values, features } in read::<Fixture>("rocket.json").mini {
        let rocket = MiniRocket::from_parts(parts.clone()).unwrap();
        let found = rocket.transform(&series(&values, parts.channels)).unwrap();
        assert_close(&found, &features.concat(), 1e-6, &case);
    }
}

#[test]
fn multi_rocket_is_aeons() {
    for Multi { case, series_parts, difference_parts, series: values, features } in
        read::<Fixture>("rocket.json").multi
    {
        let channels = series_parts.channels;
        let rocket =
            MultiRocket::from_parts(MultiParts { series: series_parts, difference: difference_parts })
                .unwrap();
        let found = rocket.transform(&series(&values, channels)).unwrap();
        assert_close(&found, &features.concat(), 1e-6, &case);
    }
}

#[test]
fn hydra_and_its_scaler_are_aeons() {
    for HydraCase { case, parts, series: values, features, scaled } in read::<Fixture>("rocket.json").hydra {
        let channels = parts.channels;
        let hydra = Hydra::from_parts(parts).unwrap();
        let mut found = hydra.transform(&series(&values, channels)).unwrap();
        assert_close(&found, &features.concat(), 1e-5, &case);
        let scaler = SparseScaler::fit(&Features::new(&found, hydra.features()).unwrap());
        scaler.apply(&mut found).unwrap();
        assert_close(&found, &scaled.concat(), 1e-4, &case);
    }
}

#[derive(Deserialize)]
struct RidgeCases {
    cases: Vec<RidgeCase>,
}

#[derive(Deserialize)]
struct RidgeCase {
    case: String,
    columns: usize,
    outputs: usize,
    features: Vec<f32>,
    classes: Option<Vec<u32>>,
    targets: Option<Vec<f32>>,
    alpha: f64,
    error: f64,
    coefficients: Vec<f64>,
    intercepts: Vec<f64>,
    means: Vec<f64>,
    scales: Vec<f64>,
}

#[track_caller]
fn assert_relative(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-6 * expected.abs() + 1e-12, "{what}: {found} for {expected}");
    }
}

#[test]
fn ridge_regression_is_scikit_learns() -> Result<()> {
    for case in read::<RidgeCases>("ridge.json").cases {
        let features = Features::new(&case.features, case.columns)?;
        let config = RidgeConfig::default();
        let ridge = match (&case.classes, &case.targets) {
            (Some(classes), _) => config.fit_classes(&features, classes, case.outputs)?,
            (_, targets) => config.fit(&features, targets.as_deref().unwrap_or_default(), case.outputs)?,
        };
        let name = &case.case;
        assert_relative(&[ridge.alpha(), ridge.left_out_error()], &[case.alpha, case.error], name);
        assert_relative(ridge.coefficients(), &case.coefficients, name);
        assert_relative(ridge.intercepts(), &case.intercepts, name);

        let scaler = StandardScaler::fit(&features);
        let round = |numbers: &[f64]| numbers.iter().map(|&one| one as f32).collect::<Vec<_>>();
        assert_close(scaler.means(), &round(&case.means), 1e-6, name);
        assert_close(scaler.scales(), &round(&case.scales), 1e-6, name);
    }
    Ok(())
}
