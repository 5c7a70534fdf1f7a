//! What every split and every set of folds keeps to.

use std::collections::BTreeSet;

use crate::common::{counting, repeated};
use brasa_data::{Labelled, Role, Split, SplitConfig, SplitKind, ValidFrom, k_fold, make_split};
use proptest::prelude::*;

fn config(kind: SplitKind, valid: f64, test: f64) -> SplitConfig {
    SplitConfig { kind, valid, test, ..SplitConfig::default() }
}

fn split(data: &Labelled, config: &SplitConfig) -> Result<Split, String> {
    make_split(data, &config.check().unwrap()).map_err(|error| error.to_string())
}

fn sizes(split: &Split) -> [usize; 3] {
    Role::ALL.map(|role| split.rows(role).len())
}

#[test]
fn fractions_become_the_nearest_counts() {
    let data = counting(&repeated(&[50, 50, 50]), None);
    for kind in [SplitKind::Random, SplitKind::Stratified] {
        assert_eq!(sizes(&split(&data, &config(kind, 0.2, 0.2)).unwrap()), [90, 30, 30]);
        assert_eq!(sizes(&split(&data, &config(kind, 0.2, 0.0)).unwrap()), [120, 30, 0]);
    }
    let stratified = split(&data, &config(SplitKind::Stratified, 0.2, 0.2)).unwrap();
    assert_eq!(data.class_counts(&stratified.train), [30, 30, 30]);
    assert_eq!(data.class_counts(&stratified.valid), [10, 10, 10]);
}

#[test]
fn the_seed_decides() {
    let data = counting(&repeated(&[40, 40]), Some((0..80).map(|i| i / 4).collect()));
    for kind in [SplitKind::Random, SplitKind::Stratified, SplitKind::Grouped] {
        let with = |seed| split(&data, &SplitConfig { seed, ..config(kind, 0.25, 0.25) }).unwrap();
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2), "{kind:?}");
    }
}

#[test]
fn given_splits_stay_and_validation_is_cut_from_one() {
    let mut data = counting(&repeated(&[20, 20]), None);
    data.roles = Some((0..40).map(|i| if i % 2 == 0 { Role::Train } else { Role::Test }).collect());
    let from_train = split(&data, &config(SplitKind::Stratified, 0.2, 0.0)).unwrap();
    assert_eq!(sizes(&from_train), [16, 4, 20]);
    assert!(from_train.valid.iter().all(|row| row % 2 == 0));
    assert_eq!(data.class_counts(&from_train.valid), [2, 2]);
    // Kind "given" cuts what the data do not give: by class, or whole groups.
    assert_eq!(split(&data, &config(SplitKind::Given, 0.2, 0.0)).unwrap(), from_train);
    let mut grouped = data.clone();
    grouped.groups = Some((0..40).map(|row| row / 4).collect());
    let found = split(&grouped, &config(SplitKind::Given, 0.2, 0.0)).unwrap();
    assert_eq!(sizes(&found), [16, 4, 20]);
    assert!(found.valid.chunks(2).all(|pair| pair[0] / 4 == pair[1] / 4), "{:?}", found.valid);

    let from_test = SplitConfig { valid_from: ValidFrom::Test, ..config(SplitKind::Random, 0.5, 0.0) };
    let from_test = split(&data, &from_test).unwrap();
    assert_eq!(sizes(&from_test), [20, 10, 10]);
    assert!(from_test.valid.iter().all(|row| row % 2 == 1));

    let message = split(&data, &config(SplitKind::Random, 0.2, 0.1)).unwrap_err();
    assert!(message.ends_with("the data give test rows; set the test fraction to 0"), "{message}");
    let message = split(&data, &config(SplitKind::Given, 0.0, 0.0)).unwrap_err();
    assert!(
        message.ends_with("the data give no validation rows, and split.valid is 0; give a fraction to cut"),
        "{message}"
    );

    data.roles = Some(Role::ALL.into_iter().cycle().take(40).collect());
    assert_eq!(sizes(&split(&data, &config(SplitKind::Given, 0.0, 0.0)).unwrap()), [14, 13, 13]);
    let message = split(&data, &config(SplitKind::Random, 0.2, 0.0)).unwrap_err();
    assert!(message.contains("use kind \"given\""), "{message}");
}

#[test]
fn impossible_splits_say_why() {
    let message = |data: &Labelled, config: &SplitConfig| split(data, config).unwrap_err();
    let data = counting(&repeated(&[9, 2]), None);
    assert_eq!(
        message(&data, &config(SplitKind::Stratified, 0.2, 0.2)),
        "cannot split `counting`: the class `class 1` has 2 of the rows, too few for 3 splits; use kind \
         \"random\" or remove the class"
    );
    assert!(message(&data, &config(SplitKind::Grouped, 0.2, 0.2)).contains("needs data with groups"));
    assert!(message(&data, &config(SplitKind::Given, 0.0, 0.0)).contains("needs data that come split"));
    let from_test = SplitConfig { valid_from: ValidFrom::Test, ..config(SplitKind::Random, 0.5, 0.0) };
    assert!(message(&data, &from_test).contains("needs data that give test rows"));
    let two = counting(&[0, 1], None);
    assert!(message(&two, &config(SplitKind::Random, 0.2, 0.2)).contains("2 rows are too few for 3 splits"));
    let groups = counting(&[0, 1, 0, 1], Some(vec![0, 0, 1, 1]));
    assert!(message(&groups, &config(SplitKind::Grouped, 0.2, 0.2)).contains("2 groups are too few"));
}

#[test]
fn a_limit_keeps_the_proportions() {
    let data = counting(&repeated(&[600, 300, 100]), None);
    let table = |kind: &str| {
        format!("limit = 50\n[csv]\nfile = \"x\"\ntarget = \"y\"\n[split]\nkind = \"{kind}\"\ntest = 0.02")
    };
    for kind in ["random", "stratified"] {
        let config: brasa_data::DataConfig = toml::from_str(&table(kind)).unwrap();
        let split = make_split(&data, config.check().unwrap().split()).unwrap();
        assert_eq!(sizes(&split), [50, 50, 20]);
        if kind == "stratified" {
            assert_eq!(data.class_counts(&split.train), [30, 15, 5]);
            assert_eq!(data.class_counts(&split.test), [12, 6, 2]);
        }
    }
}

#[test]
fn groups_are_dealt_by_class_and_a_class_of_one_group_trains() {
    // Classes of 10, 10 and 1 groups of four rows each.
    let groups = (0..84).map(|row| row / 4).collect::<Vec<_>>();
    let data = counting(&repeated(&[40, 40, 4]), Some(groups));
    for seed in 0..20 {
        let split = split(&data, &SplitConfig { seed, ..config(SplitKind::Grouped, 0.2, 0.2) }).unwrap();
        assert_eq!(data.class_counts(&split.train), [24, 24, 4], "{seed}");
        assert_eq!(data.class_counts(&split.valid), [8, 8, 0], "{seed}");
        assert_eq!(data.class_counts(&split.test), [8, 8, 0], "{seed}");
    }
}

#[test]
fn folds_are_as_even_as_those_of_scikit_learn() {
    // StratifiedKFold(4) and GroupKFold(3) of scikit-learn 1.9.1 give folds of these sizes.
    let data = counting(&repeated(&[10, 7, 5]), None);
    let folds = k_fold(&data, SplitKind::Stratified, 4, 0).unwrap();
    let mut sizes = folds.iter().map(|fold| fold.held_out.len()).collect::<Vec<_>>();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 5, 6, 6]);

    let groups = repeated(&[9, 7, 5, 4, 3, 2]);
    let data = counting(&[0; 30], Some(groups.clone()));
    let folds = k_fold(&data, SplitKind::Grouped, 3, 0).unwrap();
    let groups_of = |rows: &[usize]| rows.iter().map(|&row| groups[row]).collect::<BTreeSet<_>>();
    let held = folds.iter().map(|fold| groups_of(&fold.held_out)).collect::<BTreeSet<_>>();
    assert_eq!(held, BTreeSet::from([[0, 5], [1, 4], [2, 3]].map(BTreeSet::from)));
}

#[test]
fn impossible_folds_say_why() {
    let data = counting(&repeated(&[9, 3]), Some(repeated(&[6, 6])));
    for (kind, k, expected) in [
        (SplitKind::Random, 1, "1 folds are too few"),
        (SplitKind::Random, 13, "12 rows are too few for 13 folds"),
        (SplitKind::Stratified, 4, "the class `class 1` has 3 of the rows, too few for 4 folds"),
        (SplitKind::Grouped, 3, "2 groups are too few for 3 folds"),
        (SplitKind::Given, 3, "has no folds"),
    ] {
        let message = k_fold(&data, kind, k, 0).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_given_test_split_is_in_no_fold() {
    let mut data = counting(&repeated(&[6, 6]), None);
    data.roles = Some((0..12).map(|i| if i % 3 == 0 { Role::Test } else { Role::Train }).collect());
    let folds = k_fold(&data, SplitKind::Random, 2, 0).unwrap();
    assert!(folds.iter().flat_map(|f| f.train.iter().chain(&f.held_out)).all(|row| row % 3 != 0));
}

fn kinds() -> impl Strategy<Value = SplitKind> {
    prop::sample::select(vec![SplitKind::Random, SplitKind::Stratified, SplitKind::Grouped])
}

proptest! {
    #[test]
    fn splits_hold_every_row_once_and_are_not_empty(
        kind in kinds(),
        counts in prop::collection::vec(3_usize..40, 2..5),
        groups in 3_u32..12,
        valid in 0.05_f64..0.45,
        test in 0.05_f64..0.45,
        seed in any::<u64>(),
    ) {
        let labels = repeated(&counts);
        let group_of = (0..labels.len() as u32).map(|i| i * 7 % groups).collect::<Vec<_>>();
        let data = counting(&labels, Some(group_of.clone()));
        prop_assume!(group_of.iter().collect::<BTreeSet<_>>().len() >= 3);
        let split = split(&data, &SplitConfig { seed, ..config(kind, valid, test) }).unwrap();
        let mut all = Role::ALL.map(|role| split.rows(role)).concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
        prop_assert!(sizes(&split).iter().all(|&size| size > 0));
        let fractions = [1.0 - valid - test, valid, test];
        if kind == SplitKind::Stratified {
            for (role, fraction) in Role::ALL.into_iter().zip(fractions) {
                for (found, &count) in data.class_counts(split.rows(role)).into_iter().zip(&counts) {
                    prop_assert!(found > 0);
                    if fractions.iter().all(|f| f * count as f64 >= 1.0) {
                        prop_assert!((found as f64 - fraction * count as f64).abs() < 1.0 + 1e-6);
                    }
                }
            }
        }
        if kind == SplitKind::Grouped {
            let of = |role| split.rows(role).iter().map(|&row| group_of[row]).collect::<BTreeSet<_>>();
            prop_assert!(of(Role::Train).is_disjoint(&of(Role::Valid)));
            prop_assert!(of(Role::Train).is_disjoint(&of(Role::Test)));
            prop_assert!(of(Role::Valid).is_disjoint(&of(Role::Test)));
        }
        if kind == SplitKind::Random {
            for (size, fraction) in sizes(&split).into_iter().zip(fractions) {
                let quota = fraction * labels.len() as f64;
                prop_assert!(quota < 1.0 || (size as f64 - quota).abs() <= 1.0 + 1e-6 || sizes(&split).contains(&1));
            }
        }
    }

    #[test]
    fn every_row_is_held_out_once(
        kind in kinds(), k in 2_usize..6, counts in prop::collection::vec(6_usize..20, 2..5), seed in any::<u64>(),
    ) {
        let labels = repeated(&counts);
        let group_of = (0..labels.len() as u32).map(|i| i % 6).collect::<Vec<_>>();
        let data = counting(&labels, Some(group_of.clone()));
        let folds = k_fold(&data, kind, k, seed).unwrap();
        prop_assert_eq!(folds.len(), k);
        let mut held = folds.iter().flat_map(|fold| fold.held_out.clone()).collect::<Vec<_>>();
        held.sort_unstable();
        prop_assert_eq!(held, (0..labels.len()).collect::<Vec<_>>());
        for fold in &folds {
            prop_assert!(!fold.held_out.is_empty());
            prop_assert_eq!(fold.train.len() + fold.held_out.len(), labels.len());
            prop_assert!(fold.train.iter().all(|row| !fold.held_out.contains(row)));
            if kind == SplitKind::Stratified {
                for (found, &count) in data.class_counts(&fold.held_out).into_iter().zip(&counts) {
                    prop_assert!(found == count / k || found == count.div_ceil(k));
                }
            }
            if kind == SplitKind::Grouped {
                let of = |rows: &[usize]| rows.iter().map(|&row| group_of[row]).collect::<BTreeSet<_>>();
                prop_assert!(of(&fold.train).is_disjoint(&of(&fold.held_out)));
            }
        }
    }
}
