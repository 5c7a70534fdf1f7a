//! Whole groups dealt to folds and splits, beside scikit-learn, and what is dealt where numbers are to be predicted.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{counting, repeated};
use brasa_data::{Labelled, NumberTargets, Role, SplitConfig, SplitKind, absent_classes, k_fold, make_split};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    case: String,
    seed: u64,
    groups: Vec<Vec<usize>>,
    single: usize,
    absent: usize,
    unevenness: f64,
}

#[derive(Deserialize)]
struct Fixture {
    folds: usize,
    cases: Vec<Case>,
}

/// Rows of the groups, class by class.
fn data_of(groups: &[Vec<usize>]) -> Labelled {
    let labels = groups.iter().flat_map(|counts| repeated(counts)).collect::<Vec<_>>();
    let sizes = groups.iter().map(|counts| counts.iter().sum()).collect::<Vec<_>>();
    counting(&labels, Some(repeated(&sizes)))
}

#[test]
fn folds_of_groups_have_all_classes_as_often_as_those_of_scikit_learn() {
    let text = include_str!("../../../../tests/fixtures/grouped_folds.json");
    let fixture: Fixture = serde_json::from_str(text).unwrap();
    let mut sums = BTreeMap::<String, ([usize; 2], [usize; 2], f64, f64, usize)>::new();
    for Case { case, seed, groups, single, absent, unevenness } in fixture.cases {
        let data = data_of(&groups);
        let totals = data.class_counts(&(0..data.len()).collect::<Vec<_>>());
        let sums = sums.entry(case).or_default();
        for fold in k_fold(&data, SplitKind::Grouped, fixture.folds, seed).unwrap() {
            let counts = data.class_counts(&fold.held_out);
            let without = counts.iter().filter(|&&count| count == 0).count();
            sums.0[0] += usize::from(without + 1 == counts.len());
            sums.0[1] += without;
            let share =
                |(&count, &total): (&usize, &usize)| count as f64 / total as f64 - 1.0 / fixture.folds as f64;
            sums.2 +=
                counts.iter().zip(&totals).map(share).map(|difference| difference * difference).sum::<f64>();
        }
        sums.1[0] += single;
        sums.1[1] += absent;
        sums.3 += unevenness;
        sums.4 += 1;
    }
    assert_eq!(sums.len(), 4);
    for (case, (ours, theirs, uneven, their_uneven, seeds)) in sums {
        assert_eq!(seeds, 12);
        assert!(
            ours[0] <= theirs[0],
            "{case}: {} folds of a single class, scikit-learn {}",
            ours[0],
            theirs[0]
        );
        assert!(ours[1] <= theirs[1], "{case}: {} classes absent, scikit-learn {}", ours[1], theirs[1]);
        assert!(uneven <= 1.05 * their_uneven, "{case}: {uneven}, scikit-learn {their_uneven}");
    }
}

#[test]
fn a_rare_class_in_mixed_groups_is_in_every_split() {
    // Ten groups of 30 rows; three have two rows of the rare class.
    let groups = (0..10).map(|group| if group < 3 { vec![28, 2] } else { vec![30, 0] }).collect::<Vec<_>>();
    let data = data_of(&groups);
    for seed in 0..20 {
        let config =
            SplitConfig { kind: SplitKind::Grouped, valid: 0.3, test: 0.3, seed, ..SplitConfig::default() };
        let split = make_split(&data, &config.check().unwrap()).unwrap();
        assert_eq!(absent_classes(&data, &split), [], "{seed}");
    }
}

/// Numbers to predict that grow with the row.
fn numbers(rows: usize, groups: Option<Vec<u32>>) -> Labelled {
    let values = (0..rows).map(|row| row as f64 * 1.5).collect();
    counting(&vec![0; rows], groups).with_numbers(NumberTargets { values, names: vec!["y".into()] })
}

fn mean(data: &Labelled, rows: &[usize]) -> f64 {
    let numbers = data.numbers().unwrap();
    rows.iter().map(|&row| numbers.row(row)[0]).sum::<f64>() / rows.len() as f64
}

#[test]
fn numbers_to_predict_are_dealt_by_their_quantiles() {
    let data = numbers(200, None);
    let middle = mean(&data, &(0..200).collect::<Vec<_>>());
    for seed in 0..20 {
        for fold in k_fold(&data, SplitKind::Stratified, 5, seed).unwrap() {
            assert_eq!(fold.held_out.len(), 40);
            for decile in 0..10 {
                let of = |row: &&usize| **row / 20 == decile;
                assert_eq!(fold.held_out.iter().filter(of).count(), 4, "decile {decile}");
            }
            // A tenth is 30 wide: a mean over 40 rows of the right tenths is near.
            assert!((mean(&data, &fold.held_out) - middle).abs() < 8.0);
        }
    }
}

#[test]
fn groups_with_numbers_to_predict_are_dealt_evenly() {
    // Forty groups of five rows with near numbers.
    let data = numbers(200, Some((0..200).map(|row| row / 5).collect()));
    for seed in 0..20 {
        for fold in k_fold(&data, SplitKind::Grouped, 5, seed).unwrap() {
            // A group more or less than the eight of its share.
            assert!((35..=45).contains(&fold.held_out.len()), "{}", fold.held_out.len());
            let tenths = fold.held_out.iter().map(|row| row / 20).collect::<BTreeSet<_>>();
            assert!(tenths.len() >= 6, "eight groups in {} tenths", tenths.len());
        }
    }
}

#[test]
fn few_and_equal_numbers_are_dealt_without_naming_a_class_that_is_none() {
    let data = |values: Vec<f64>| {
        let rows = values.len();
        counting(&vec![0; rows], None).with_numbers(NumberTargets { values, names: vec!["y".into()] })
    };
    let mostly_zero = (0..100).map(|row| if row < 95 { 0.0 } else { f64::from(row) }).collect();
    for data in [data(mostly_zero), data(vec![1.0; 30]), numbers(12, None)] {
        let folds = k_fold(&data, SplitKind::Stratified, 10, 3).unwrap();
        assert_eq!(folds.iter().map(|fold| fold.held_out.len()).sum::<usize>(), data.len());
        let split =
            make_split(&data, &SplitConfig { test: 0.2, ..SplitConfig::default() }.check().unwrap()).unwrap();
        assert!(Role::ALL.iter().all(|&role| !split.rows(role).is_empty()));
    }
}

proptest! {
    #[test]
    fn groups_stay_whole_every_row_is_dealt_once_and_the_seed_decides_all(
        groups in prop::collection::vec(prop::collection::vec(0_usize..6, 3), 5..40),
        k in 2_usize..6,
        seed in any::<u64>(),
        regression in any::<bool>(),
    ) {
        let groups = groups.into_iter().filter(|counts| counts.iter().sum::<usize>() > 0).collect::<Vec<_>>();
        prop_assume!(groups.len() >= k);
        let mut data = data_of(&groups);
        if regression {
            let values = (0..data.len()).map(|row| (row * 7 % 13) as f64).collect();
            data = data.with_numbers(NumberTargets { values, names: vec!["y".into()] });
        }
        let group_of = data.groups.clone().unwrap();
        let folds = k_fold(&data, SplitKind::Grouped, k, seed).unwrap();
        prop_assert_eq!(&folds, &k_fold(&data, SplitKind::Grouped, k, seed).unwrap());
        let mut held = folds.iter().flat_map(|fold| fold.held_out.clone()).collect::<Vec<_>>();
        held.sort_unstable();
        prop_assert_eq!(held, (0..data.len()).collect::<Vec<_>>());
        let mut seen = BTreeSet::new();
        for fold in &folds {
            let of = fold.held_out.iter().map(|&row| group_of[row]).collect::<BTreeSet<_>>();
            prop_assert!(!of.is_empty() && of.is_disjoint(&seen));
            seen.extend(of);
        }
        // No fold is further above its share than the largest group.
        let largest = groups.iter().map(|counts| counts.iter().sum::<usize>()).max().unwrap();
        if !regression && groups.iter().all(|counts| counts.iter().filter(|&&count| count > 0).count() == 1) {
            for fold in &folds {
                prop_assert!(fold.held_out.len() <= data.len() / k + 3 * largest);
            }
        }
    }

    #[test]
    fn folds_and_splits_hold_each_class_within_one_row_of_its_share(
        counts in prop::collection::vec(10_usize..60, 2..6), k in 2_usize..8, seed in any::<u64>(),
    ) {
        let data = counting(&repeated(&counts), None);
        let folds = k_fold(&data, SplitKind::Stratified, k, seed).unwrap();
        let sizes = folds.iter().map(|fold| fold.held_out.len()).collect::<Vec<_>>();
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{:?}", sizes);
        for fold in folds {
            for (found, count) in data.class_counts(&fold.held_out).into_iter().zip(&counts) {
                prop_assert!(found == count / k || found == count.div_ceil(k));
            }
        }
    }
}
