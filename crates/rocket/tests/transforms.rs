//! What holds for every transform, whatever the series.
#![allow(clippy::unwrap_used)]

use brasa_rocket::{
    Hydra, HydraConfig, HydraMultiRocket, MiniRocket, MiniRocketConfig, MultiRocket, MultiRocketConfig,
    Result, Series, SparseScaler, StandardScaler,
};
use proptest::prelude::*;

/// Features of the first half of the series, learnt from the second, by each transform.
fn all(series: &[Series<'_>], seed: u64) -> Result<Vec<(Vec<f32>, usize)>> {
    let (seen, learnt) = series.split_at(series.len() / 2);
    let mini = MiniRocket::fit(learnt, &MiniRocketConfig { features: 840, max_dilations: 8 }, seed)?;
    let multi = MultiRocket::fit(learnt, &MultiRocketConfig { features: 168, max_dilations: 2 }, seed)?;
    let hydra = Hydra::fit(learnt, &HydraConfig { kernels: 4, groups: 10, max_channels: 3 }, seed)?;
    Ok(vec![
        (mini.transform(seen)?, mini.features()),
        (multi.transform(seen)?, multi.features()),
        (hydra.transform(seen)?, hydra.features()),
    ])
}

/// Waves of uneven lengths, `[channels][length]`.
fn waves(count: usize, channels: usize, shortest: usize) -> Vec<Vec<f32>> {
    let wave = |one: usize| {
        let values =
            (0..channels * (shortest + one * 7 % 40)).map(move |at| ((at * (one + 3)) as f32 * 0.37).sin());
        values.collect::<Vec<_>>()
    };
    (0..count).map(wave).collect()
}

fn borrowed(values: &[Vec<f32>], channels: usize) -> Vec<Series<'_>> {
    values.iter().map(|one| Series::new(one, channels).unwrap()).collect()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let values = waves(12, 3, 20);
    let series = borrowed(&values, 3);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| (all(&series, 5).unwrap(), HydraMultiRocket::fit(&series, 5).unwrap()))
    };
    assert!(with(1) == with(3));
}

#[test]
fn the_same_seed_gives_the_same_numbers_and_another_does_not() {
    let values = waves(8, 2, 30);
    let series = borrowed(&values, 2);
    let first = all(&series, 1).unwrap();
    assert!(first == all(&series, 1).unwrap());
    for ((one, _), (other, _)) in first.iter().zip(all(&series, 2).unwrap()) {
        assert!(*one != other);
    }
}

#[test]
fn a_series_has_its_features_whatever_is_beside_it() {
    let values = waves(10, 2, 12);
    let series = borrowed(&values, 2);
    let mini = MiniRocket::fit(&series, &MiniRocketConfig::default(), 3).unwrap();
    assert_eq!(mini.features(), 9_996);
    let together = mini.transform(&series).unwrap();
    for (row, one) in together.chunks_exact(mini.features()).zip(&series) {
        assert!(mini.transform(&[*one]).unwrap() == row);
    }
}

#[test]
fn saved_numbers_give_the_same_features() {
    let values = waves(6, 1, 40);
    let series = borrowed(&values, 1);
    let mini = MiniRocket::fit(&series, &MiniRocketConfig::default(), 3).unwrap();
    let multi =
        MultiRocket::fit(&series, &MultiRocketConfig { features: 84, ..Default::default() }, 3).unwrap();
    let read: MiniRocket = serde_json::from_str(&serde_json::to_string(&mini).unwrap()).unwrap();
    assert!(read == mini && MiniRocket::from_parts(mini.parts().clone()).unwrap() == mini);
    let read: MultiRocket = serde_json::from_str(&serde_json::to_string(&multi).unwrap()).unwrap();
    assert!(read.transform(&series).unwrap() == multi.transform(&series).unwrap());

    let (both, features) = HydraMultiRocket::fit(&series, 3).unwrap();
    let ((hydra, hydra_scaler), (multi, multi_scaler)) = (both.hydra(), both.multi());
    let part = |multi: &MultiRocket| {
        let multi = MultiRocket::from_parts(multi.parts())?;
        let scaler =
            StandardScaler::from_parts(multi_scaler.means().to_vec(), multi_scaler.scales().to_vec())?;
        let sparse = SparseScaler::from_parts(hydra_scaler.means().to_vec(), hydra_scaler.scales().to_vec())?;
        HydraMultiRocket::from_parts((Hydra::from_parts(hydra.parts().clone())?, sparse), (multi, scaler))
    };
    let read = part(multi).unwrap();
    assert!(read == both && read.transform(&series).unwrap() == features);
    assert!(read.transform(&[]).unwrap().is_empty());
    let fewer =
        MultiRocket::fit(&series, &MultiRocketConfig { features: 84, ..Default::default() }, 3).unwrap();
    let message = part(&fewer).unwrap_err().to_string();
    assert_eq!(message, "columns of MultiRocket's scaler: expected 672, found 49728");
}

#[test]
fn other_channels_and_settings_are_refused() {
    let values = waves(4, 2, 20);
    let (pairs, ones) = (borrowed(&values, 2), borrowed(&values, 1));
    let mini = MiniRocket::fit(&pairs, &MiniRocketConfig::default(), 1).unwrap();
    let mixed = [pairs[0], ones[0]];
    for (message, expected) in [
        (mini.transform(&mixed).unwrap_err().to_string(), "series 1: expected 2 channels, found 1"),
        (
            all(&[pairs[0], pairs[1], mixed[0], mixed[1]], 1).unwrap_err().to_string(),
            "series 1: expected 2 channels, found 1",
        ),
        (all(&[], 1).unwrap_err().to_string(), "expected at least one series, found none"),
        (
            MiniRocket::fit(&pairs, &MiniRocketConfig { features: 83, max_dilations: 1 }, 1)
                .unwrap_err()
                .to_string(),
            "rocket `features`: expected a number from 84 to 10000000, found 83",
        ),
        (
            MultiRocket::fit(&pairs, &MultiRocketConfig { features: 84, max_dilations: 0 }, 1)
                .unwrap_err()
                .to_string(),
            "rocket `max_dilations`: expected a number from 1 to 1000, found 0",
        ),
        (
            Hydra::fit(&pairs, &HydraConfig { groups: 3, ..HydraConfig::default() }, 1)
                .unwrap_err()
                .to_string(),
            "rocket `groups`: expected an even number from 2 to 10000, found 3",
        ),
    ] {
        assert_eq!(message, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn features_are_finite_for_any_series(
        values in prop::collection::vec(prop::collection::vec(-1e30_f32..1e30, 2..60), 2..6),
        channels in 1..3_usize,
        seed in any::<u64>(),
    ) {
        let values = values.into_iter().map(|mut one| {
            one.truncate(one.len() / channels * channels);
            one
        });
        let values = values.collect::<Vec<_>>();
        let series = borrowed(&values, channels);
        for (features, columns) in all(&series, seed).unwrap() {
            prop_assert_eq!(features.len(), series.len() / 2 * columns);
            prop_assert!(features.iter().all(|feature| feature.is_finite()));
        }
        let (mini, columns) = all(&series, seed).unwrap().swap_remove(0);
        prop_assert!(columns == 840 && mini.iter().all(|share| (0.0..=1.0).contains(share)));
    }
}
