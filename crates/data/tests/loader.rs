//! The order of batches, and that threads change nothing about it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use brasa_data::{Batch, Loader, LoaderConfig, Samples, Scaler, Values};
use common::{counting, repeated};
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
    assert_eq!(
        batches[0],
        Batch { inputs: vec![4.0, 0.0], targets: vec![1, 0], soft: None, indices: vec![4, 0] }
    );
    assert_eq!(batches[1], Batch { inputs: vec![2.0], targets: vec![1], soft: None, indices: vec![2] });
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
    data.samples = Samples::new(vec![1, 1, 2], Values::U8(vec![0, 51, 255, 102])).unwrap();
    let scaler = Arc::new(Scaler::Pixels { mean: vec![0.2], std: vec![0.5] });
    let loader = Loader::new(Arc::new(data), scaler, vec![1, 0], LoaderConfig::default()).unwrap();
    let batch = loader.epoch(0).next().unwrap();
    for (found, expected) in batch.inputs.iter().zip([1.6, 0.4, -0.4, 0.0]) {
        assert!((found - expected).abs() < 1e-6, "{:?}", batch.inputs);
    }
}

#[test]
fn the_order_of_an_epoch_is_pinned() {
    let loader = loader(10, LoaderConfig { batch_size: 4, shuffle: Some(42), ..LoaderConfig::default() });
    // From a second implementation, of SplitMix64, ChaCha8 and Fisher-Yates in Python.
    assert_eq!(loader.order(0), [1, 8, 6, 9, 3, 7, 4, 2, 5, 0]);
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
            for ((&row, &input), &target) in batch.indices.iter().zip(&batch.inputs).zip(&batch.targets) {
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
}
