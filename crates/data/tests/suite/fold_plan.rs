//! Cross-validation planned under the split of a recipe.

use std::collections::BTreeSet;

use crate::common::{counting, repeated};
use brasa_data::{
    DataConfig, FoldPlan, FoldRows, Labelled, Role, Split, SplitConfig, SplitKind, ValidFrom, make_split,
};
use serde::Deserialize;

fn plan(data: &Labelled, config: &SplitConfig, folds: usize) -> Result<FoldPlan, String> {
    FoldPlan::new(data, &config.check().unwrap(), FoldRows::All, folds).map_err(|error| error.to_string())
}

fn config(kind: SplitKind, valid: f64, test: f64) -> SplitConfig {
    SplitConfig { kind, valid, test, ..SplitConfig::default() }
}

fn splits(plan: &FoldPlan, data: &Labelled, repeat: usize) -> Vec<Split> {
    (0..plan.folds()).map(|fold| plan.split(data, repeat, fold).unwrap()).collect()
}

#[derive(Deserialize)]
struct Dealt {
    case: String,
    counts: Vec<usize>,
    k: usize,
    sizes: Vec<Vec<usize>>,
    class_counts: Vec<Vec<Vec<usize>>>,
}

#[test]
fn classes_are_as_even_over_the_folds_as_in_scikit_learn() {
    #[derive(Deserialize)]
    struct Fixture {
        cases: Vec<Dealt>,
    }
    let text = include_str!("../../../../tests/fixtures/folds.json");
    for case in serde_json::from_str::<Fixture>(text).unwrap().cases {
        let data = counting(&repeated(&case.counts), None);
        let plan = plan(&data, &config(SplitKind::Stratified, 0.2, 0.0), case.k).unwrap();
        for (repeat, (sizes, class_counts)) in case.sizes.iter().zip(&case.class_counts).enumerate() {
            let splits = splits(&plan, &data, repeat);
            let sorted = |mut values: Vec<usize>| {
                values.sort_unstable();
                values
            };
            assert_eq!(
                &sorted(splits.iter().map(|split| split.test.len()).collect()),
                sizes,
                "{}",
                case.case
            );
            for (class, counts) in class_counts.iter().enumerate() {
                let found = splits.iter().map(|split| data.class_counts(&split.test)[class]).collect();
                assert_eq!(&sorted(found), counts, "{}, class {class}", case.case);
            }
        }
    }
}

#[test]
fn every_row_is_held_out_once_per_repeat_and_the_splits_of_a_fold_are_disjoint() {
    let groups: Vec<u32> = (0..60).map(|row| row % 12).collect();
    let data = counting(&repeated(&[30, 30]), Some(groups.clone()));
    for kind in [SplitKind::Random, SplitKind::Stratified, SplitKind::Grouped] {
        let plan = plan(&data, &config(kind, 0.2, 0.2), 4).unwrap();
        for repeat in 0..3 {
            let splits = splits(&plan, &data, repeat);
            let mut held_out = splits.iter().flat_map(|split| split.test.clone()).collect::<Vec<_>>();
            held_out.sort_unstable();
            assert_eq!(held_out, (0..60).collect::<Vec<_>>());
            for split in splits {
                let mut all = Role::ALL.map(|role| split.rows(role)).concat();
                all.sort_unstable();
                assert_eq!(all, (0..60).collect::<Vec<_>>());
                // A quarter of what is not held out, as 0.2 of 0.8 in the recipe.
                assert!((10..=12).contains(&split.valid.len()), "{kind:?}: {}", split.valid.len());
                if kind == SplitKind::Grouped {
                    let of = |rows: &[usize]| rows.iter().map(|&row| groups[row]).collect::<BTreeSet<_>>();
                    let [train, valid, test] = Role::ALL.map(|role| of(split.rows(role)));
                    assert!(
                        train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test)
                    );
                }
            }
        }
    }
}

#[test]
fn a_fold_is_a_function_of_seed_repeat_and_fold_alone() {
    let data = counting(&repeated(&[20, 20]), None);
    let of = |seed| plan(&data, &SplitConfig { seed, ..config(SplitKind::Stratified, 0.2, 0.0) }, 4).unwrap();
    let (a, b) = (of(1), of(1));
    assert_eq!(a.split(&data, 2, 3).unwrap(), splits(&b, &data, 2)[3]);
    assert_ne!(a.split(&data, 0, 0).unwrap().test, a.split(&data, 1, 0).unwrap().test);
    assert_ne!(a.split(&data, 0, 0).unwrap().test, of(2).split(&data, 0, 0).unwrap().test);
    assert!(a.split(&data, 0, 4).unwrap_err().to_string().contains("no fold 4 of 4"));
}

#[test]
fn a_given_test_split_is_untouched_wherever_validation_comes_from() {
    let mut data = counting(&repeated(&[30, 30]), None);
    let role = |row: usize| if row.is_multiple_of(3) { Role::Test } else { Role::Train };
    data.roles = Some((0..60).map(role).collect());
    for valid_from in [ValidFrom::Train, ValidFrom::Test] {
        let config = SplitConfig { valid_from, ..config(SplitKind::Stratified, 0.25, 0.0) };
        let plan = plan(&data, &config, 5).unwrap();
        assert_eq!((plan.rows().len(), plan.untouched_test_rows()), (40, 20));
        for split in splits(&plan, &data, 0) {
            let mut all = Role::ALL.map(|role| split.rows(role)).concat();
            all.sort_unstable();
            assert_eq!(all, plan.rows());
            assert!(all.iter().all(|row| row % 3 != 0));
        }
    }
}

#[test]
fn a_given_validation_split_is_dealt_to_the_folds_with_the_training_split() {
    let mut data = counting(&repeated(&[30, 30]), None);
    let role = |row: usize| [Role::Train, Role::Train, Role::Valid, Role::Test][row % 4];
    data.roles = Some((0..60).map(role).collect());
    let plan = plan(&data, &config(SplitKind::Given, 0.2, 0.0), 3).unwrap();
    assert_eq!((plan.kind(), plan.rows().len(), plan.untouched_test_rows()), (SplitKind::Stratified, 45, 15));
    // A third of train and valid is valid, as in the data.
    assert!(splits(&plan, &data, 0).iter().all(|split| split.valid.len() == 10));

    data.groups = Some((0..60).map(|row| row / 4).collect());
    assert_eq!(
        FoldPlan::new(&data, &config(SplitKind::Given, 0.2, 0.0).check().unwrap(), FoldRows::All, 3)
            .unwrap()
            .kind(),
        SplitKind::Grouped
    );
}

#[test]
fn folds_of_a_search_leave_the_test_rows_of_the_recipe_alone() {
    let data = counting(&repeated(&[30, 30]), None);
    for limit in ["", "limit = 40\n"] {
        let text = format!(
            "{limit}csv = {{ file = \"x.csv\", target = \"y\" }}\nsplit = {{ valid = 0.2, test = 0.2 }}"
        );
        let checked = toml::from_str::<DataConfig>(&text).unwrap().check().unwrap();
        let config = checked.split().clone();
        let own = make_split(&data, &config).unwrap();
        let plan = FoldPlan::new(&data, &config, FoldRows::WithoutTest, 4).unwrap();
        assert_eq!(plan.untouched_test_rows(), own.test.len());
        let expected: BTreeSet<usize> = own.train.iter().chain(&own.valid).copied().collect();
        let held_out: Vec<usize> = splits(&plan, &data, 0).into_iter().flat_map(|split| split.test).collect();
        assert_eq!(held_out.len(), expected.len(), "each row is held out once");
        assert_eq!(held_out.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}

#[test]
fn folds_that_cannot_be_say_why() {
    let data = counting(&repeated(&[9, 3]), Some(repeated(&[4, 4, 4])));
    for (kind, valid, folds, expected) in [
        (SplitKind::Stratified, 0.2, 0, "0 folds are too few; use at least 2"),
        (SplitKind::Stratified, 0.2, 1, "1 folds are too few; use at least 2"),
        (SplitKind::Stratified, 0.2, 4, "the class `class 1` has 3 of the rows, too few for 4 folds"),
        (
            SplitKind::Random,
            0.2,
            2,
            "`class 1` has 3 of the rows: 2 folds leave 1 for training and validation",
        ),
        (SplitKind::Grouped, 0.2, 4, "3 groups are too few for 4 folds"),
    ] {
        let message = plan(&data, &config(kind, valid, 0.0), folds).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}
