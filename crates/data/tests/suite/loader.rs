//! The order of batches, and that threads change nothing about it.

use std::sync::Arc;

use crate::common::{counting, repeated};
use brasa_data::{
    AugmentConfig, Batch, BatchInputs, BatchTargets, Loader, LoaderConfig, Samples, Sampling, Scaler, Values,
};
use proptest::prelude::*;

fn loader(rows: usize, config: LoaderConfig) -> Loader {
    let data = Arc::new(counting(&repeated(&[rows / 2, rows - rows / 2]), None));
    Loader::new(data, Arc::new(Scaler::Identity), (0..rows).collect(), config).unwrap()
}

fn rows(batches: &[Batch]) -> Vec<usize> {
    batches.iter().flat_map(|batch| batch.indices.clone()).collect()
}

#[test]
fn without_shuffling_the_given_order_stays() {
    let config = LoaderConfig { batch_size: 2, ..LoaderConfig::default() };
    let data = Arc::new(counting(&[0, 1, 1, 0, 1], None));
    let loader = Loader::new(data, Arc::new(Scaler::Identity), vec![4, 0, 2], config).unwrap();
    let batches = loader.epoch(0).collect::<Vec<_>>();
    let batch = |inputs: &[f32], labels: &[u32], indices: &[usize]| Batch {
        inputs: BatchInputs::Numbers(inputs.to_vec()),
        targets: BatchTargets::Classes { labels: labels.to_vec(), soft: None },
        indices: indices.to_vec(),
    };
    assert_eq!(batches[0], batch(&[4.0, 0.0], &[1, 0], &[4, 0]));
    assert_eq!(batches[1], batch(&[2.0], &[1], &[2]));
    assert_eq!((loader.batches(), loader.samples()), (2, 3));
    assert_eq!(loader.epoch(0).len(), 2);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let data = Arc::new(counting(&[0, 1], None));
    let new = |scaler, rows, batch_size| {
        let config = LoaderConfig { batch_size, ..LoaderConfig::default() };
        Loader::new(Arc::clone(&data), Arc::new(scaler), rows, config).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(
        new(Scaler::Identity, vec![0], 0).unwrap_err(),
        "cannot load batches: a batch needs at least 1 sample"
    );
    assert_eq!(
        new(Scaler::Identity, vec![2], 1).unwrap_err(),
        "cannot load batches: there is no row 2; `counting` has 2"
    );
    let scaler = Scaler::Standard { mean: vec![0.0; 2], std: vec![1.0; 2] };
    assert!(new(scaler, vec![0], 1).unwrap_err().ends_with("the scaler was fitted on 2 columns"));
    assert_eq!(new(Scaler::Identity, vec![], 1), Ok(()));
}

#[test]
fn dropping_an_epoch_early_ends_its_threads() {
    let loader =
        loader(500, LoaderConfig { batch_size: 1, workers: 3, shuffle: Some(1), ..LoaderConfig::default() });
    let before = Arc::strong_count(loader.data());
    for taken in [0, 1, 5, 499] {
        let mut batches = loader.epoch(0);
        assert_eq!(batches.by_ref().take(taken).count(), taken);
        drop(batches);
        // Each thread held the data; none is left.
        assert_eq!(Arc::strong_count(loader.data()), before);
    }
}

#[test]
fn pixels_are_scaled_on_the_way() {
    let mut data = counting(&[0, 1], None);
    data.samples = Samples::new(vec![1, 1, 2], Values::U8(vec![0, 51, 255, 102].into())).unwrap();
    let scaler = Arc::new(Scaler::Pixels { mean: vec![0.2], std: vec![0.5] });
    let loader = Loader::new(Arc::new(data), scaler, vec![1, 0], LoaderConfig::default()).unwrap();
    let batch = loader.epoch(0).next().unwrap();
    for (found, expected) in batch.inputs.numbers().iter().zip([1.6, 0.4, -0.4, 0.0]) {
        assert!((found - expected).abs() < 1e-6, "{:?}", batch.inputs.numbers());
    }
}

#[test]
fn the_order_of_an_epoch_is_pinned() {
    let loader = loader(10, LoaderConfig { batch_size: 4, shuffle: Some(42), ..LoaderConfig::default() });
    // From a second implementation, of SplitMix64, ChaCha8 and Fisher-Yates in Python.
    assert_eq!(loader.order(0), [1, 8, 6, 9, 3, 7, 4, 2, 5, 0]);
}

fn balanced(counts: &[usize], workers: usize, seed: u64) -> Loader {
    let data = Arc::new(counting(&repeated(counts), None));
    let rows = (0..data.len()).collect();
    let config = LoaderConfig { batch_size: 7, workers, shuffle: Some(seed), sampling: Sampling::Balanced };
    Loader::new(data, Arc::new(Scaler::Identity), rows, config).unwrap()
}

#[test]
fn balanced_epochs_have_all_classes_equally_often() {
    let loader = balanced(&[900, 0, 60, 40], 0, 5);
    let mut counts = [0_usize; 4];
    let mut seen = std::collections::BTreeSet::new();
    for batch in (0..6).flat_map(|epoch| loader.epoch(epoch)) {
        batch.targets.labels().iter().for_each(|&target| counts[target as usize] += 1);
        seen.extend(batch.indices);
    }
    // 6,000 draws: 2,000 of each class that occurs, within five standard deviations.
    assert_eq!(counts.iter().sum::<usize>(), 6000);
    let bound = 5.0 * (6000.0_f64 * 2.0 / 9.0).sqrt();
    for class in [0, 2, 3] {
        assert!((counts[class] as f64 - 2000.0).abs() < bound, "{counts:?}");
    }
    assert_eq!(counts[1], 0);
    assert!((900..1000).all(|row| seen.contains(&row)), "every row of a small class has its turn");
    assert_ne!(loader.order(0), loader.order(1));
}

#[test]
fn balanced_classes_need_a_seed() {
    let data = Arc::new(counting(&[0, 1], None));
    let config = LoaderConfig { sampling: Sampling::Balanced, ..LoaderConfig::default() };
    let error = Loader::new(data, Arc::new(Scaler::Identity), vec![0, 1], config).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot load batches: balanced classes are drawn at random and need the seed of `shuffle`"
    );
}

#[test]
fn a_row_that_comes_twice_is_changed_differently() {
    let mut data = counting(&[0, 1, 1, 1, 1, 1, 1, 1], None);
    data.samples = Samples::new(vec![1, 2, 2], Values::U8(vec![128; 32].into())).unwrap();
    let config = LoaderConfig {
        batch_size: 8,
        shuffle: Some(3),
        sampling: Sampling::Balanced,
        ..LoaderConfig::default()
    };
    let loader = Loader::new(Arc::new(data), Arc::new(Scaler::Identity), (0..8).collect(), config).unwrap();
    let batch = loader.with_augment(noise(&[1, 2, 2]), 1).unwrap().epoch(0).next().unwrap();
    let of_row_0 = batch.indices.iter().zip(batch.inputs.numbers().chunks(4)).filter(|(row, _)| **row == 0);
    let variants = of_row_0.map(|(_, sample)| sample).collect::<Vec<_>>();
    assert!(variants.len() >= 2, "the only row of its class comes often");
    for (place, variant) in variants.iter().enumerate() {
        assert!(!variants[..place].contains(variant));
    }
}

fn noise(shape: &[usize]) -> Arc<brasa_data::Augment> {
    let config: AugmentConfig = toml::from_str(r#"steps = [{ kind = "noise", std = 9 }]"#).unwrap();
    Arc::new(config.check(shape).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn workers_change_nothing_and_every_row_comes_once(
        count in 2_usize..120, batch_size in 1_usize..140, seed in any::<u64>(), epoch in any::<u64>(),
    ) {
        let with = |workers| {
            let loader = loader(count, LoaderConfig { batch_size, workers, shuffle: Some(seed), ..LoaderConfig::default() });
            loader.epoch(epoch).collect::<Vec<_>>()
        };
        let batches = with(0);
        for workers in [1, 2, 4] {
            prop_assert_eq!(&with(workers), &batches);
        }
        let (last, full) = batches.split_last().unwrap();
        prop_assert!(full.iter().all(|batch| batch.len() == batch_size));
        prop_assert!(!last.is_empty() && last.len() <= batch_size);
        let mut seen = rows(&batches);
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..count).collect::<Vec<_>>());
        for batch in &batches {
            let inputs = batch.inputs.numbers();
            prop_assert_eq!(inputs.len(), batch.len());
            prop_assert_eq!(batch.targets.labels().len(), batch.len());
            for ((&row, &input), &target) in batch.indices.iter().zip(inputs).zip(batch.targets.labels()) {
                prop_assert_eq!(input, row as f32);
                prop_assert_eq!(target, u32::from(row >= count / 2));
            }
        }
    }

    #[test]
    fn epochs_and_seeds_differ(seed in any::<u64>(), epoch in any::<u64>()) {
        let order = |seed, epoch| loader(40, LoaderConfig { shuffle: Some(seed), ..LoaderConfig::default() }).order(epoch);
        prop_assert_eq!(order(seed, epoch), order(seed, epoch));
        prop_assert_ne!(order(seed, epoch), order(seed, epoch.wrapping_add(1)));
        prop_assert_ne!(order(seed, epoch), order(seed.wrapping_add(1), epoch));
    }

    #[test]
    fn workers_change_nothing_about_mixed_samples_and_balanced_classes(
        seed in any::<u64>(), epoch in any::<u64>(), batch_size in 1_usize..12,
    ) {
        let steps = r#"steps = [{ kind = "noise", std = 20 }, { kind = "mixup", alpha = 0.4, p = 0.5 },
            { kind = "cutmix", alpha = 1.0 }, { kind = "rotate", degrees = 30 }]"#;
        let augment = Arc::new(toml::from_str::<AugmentConfig>(steps).unwrap().check(&[1, 3, 4]).unwrap());
        let mut data = counting(&repeated(&[20, 3, 6]), None);
        let pixels: Vec<_> = (0..29 * 12).map(|i| (i * 7 % 256) as u8).collect();
        data.samples = Samples::new(vec![1, 3, 4], Values::U8(pixels.into())).unwrap();
        let data = Arc::new(data);
        for sampling in [Sampling::Uniform, Sampling::Balanced] {
            let with = |workers| {
                let config = LoaderConfig { batch_size, workers, shuffle: Some(seed), sampling };
                let scaler = Arc::new(Scaler::Pixels { mean: vec![0.4], std: vec![0.3] });
                let loader = Loader::new(Arc::clone(&data), scaler, (0..29).collect(), config).unwrap();
                loader.with_augment(Arc::clone(&augment), seed).unwrap().epoch(epoch).collect::<Vec<_>>()
            };
            let batches = with(0);
            prop_assert_eq!(batches.iter().map(Batch::len).sum::<usize>(), 29);
            for workers in [1, 2, 4] {
                prop_assert_eq!(&with(workers), &batches);
            }
            for batch in &batches {
                let soft = batch.targets.soft().unwrap();
                prop_assert_eq!(soft.len(), batch.len() * 3);
                prop_assert!(soft.chunks(3).all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-5));
            }
        }
    }
}
