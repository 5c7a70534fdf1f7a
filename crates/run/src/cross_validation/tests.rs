#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use brasa_data::Files;
use brasa_models::select_device;
use serde::Deserialize;

use super::statistics::{IntervalKind, MetricSummary};
use super::student::two_sided_quantile;
use super::{CrossValidation, CrossValidationConfig, CrossValidationFolder, FoldId, FoldResult, Said};
use crate::RunError;
use crate::fixtures::cases;
use brasa_train::Prepared;
use brasa_train::metrics::{ACCURACY, LOSS, Range};
use brasa_train::recipe::Recipe;

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

#[test]
fn quantiles_are_those_of_scipy() {
    #[derive(Deserialize)]
    struct Case {
        degrees: usize,
        t: f64,
    }
    for Case { degrees, t } in cases("student_t.json") {
        let found = two_sided_quantile(0.95, degrees);
        assert!((found - t).abs() <= 1e-9 * t, "{degrees}: {found} for {t}");
    }
}

#[test]
fn intervals_are_those_of_scipy() {
    #[derive(Deserialize)]
    struct Case {
        case: String,
        values: Vec<f64>,
        held_out_to_rest: Option<f64>,
        mean: f64,
        deviation: f64,
        interval: [f64; 2],
    }
    for case in cases::<Case>("fold_intervals.json") {
        let (kind, ratio) = match case.held_out_to_rest {
            // The plain interval takes no correction, whatever the splits.
            None => (IntervalKind::StudentT, 0.25),
            Some(ratio) => (IntervalKind::CorrectedResampledT, ratio),
        };
        let found = MetricSummary::new(&case.values, kind, ratio, Range::UNBOUNDED);
        let pairs = [
            (found.mean, case.mean),
            (found.deviation, case.deviation),
            (found.interval[0], case.interval[0]),
            (found.interval[1], case.interval[1]),
        ];
        assert!(pairs.into_iter().all(|(a, b)| close(a, b)), "{}: {found:?}", case.case);
    }
}

#[test]
fn folds_that_agree_have_an_interval_of_no_width() {
    let found = MetricSummary::new(&[0.5; 4], IntervalKind::CorrectedResampledT, 0.25, Range::SHARE);
    assert_eq!((found.mean, found.deviation, found.interval), (0.5, 0.0, [0.5, 0.5]));
}

/// Two classes on a line, 40 rows, the second column constant but for row 0.
const RECIPE: &str = r#"
    [data]
    scaling = "standard"
    csv = { file = "line.csv", target = "kind" }
    [data.split]
    valid = 0.25
    test = 0.2
    [model]
    hidden = [4]
    [training]
    epochs = 3
    batch_size = 8
    top_k = 2
"#;

fn line() -> Vec<u8> {
    let row = |i: usize| {
        format!("{},{},{}\n", i, if i == 0 { 1000 } else { 0 }, ["a", "b, or so"][i / 20])
            .replace("b, or so", "\"b, or so\"")
    };
    format!("x,y,kind\n{}", (0..40).map(row).collect::<String>()).into_bytes()
}

fn planned(overrides: &[&str], config: CrossValidationConfig) -> CrossValidation {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("line.csv"), line()).unwrap();
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let recipe = Recipe::parse("test", RECIPE, &overrides).unwrap().check().unwrap();
    CrossValidation::new(&recipe, &Files::directory(folder.path()), config).unwrap()
}

fn run(plan: &CrossValidation, ids: &[FoldId]) -> Vec<FoldResult> {
    let device = select_device("flex").unwrap();
    let run = |&id: &FoldId| {
        let mut result = plan.run_fold(id, None, &device, &mut []).unwrap();
        result.summary.seconds = 0.0;
        result
    };
    ids.iter().map(run).collect()
}

#[test]
fn an_interval_stays_inside_the_range_of_its_metric() {
    #[derive(Deserialize)]
    struct Case {
        case: String,
        values: Vec<f64>,
        low: Option<f64>,
        high: Option<f64>,
        interval: [f64; 2],
    }
    for case in cases::<Case>("bounded_intervals.json") {
        let range =
            Range { low: case.low.unwrap_or(f64::NEG_INFINITY), high: case.high.unwrap_or(f64::INFINITY) };
        let found = MetricSummary::new(&case.values, IntervalKind::StudentT, 0.25, range);
        let [low, high] = found.interval;
        assert!(close(low, case.interval[0]) && close(high, case.interval[1]), "{}: {low} {high}", case.case);
        assert!(
            range.low <= low && low < found.mean && found.mean < high && high <= range.high,
            "{}",
            case.case
        );
    }
    let perfect = MetricSummary::new(&[1.0; 5], IntervalKind::StudentT, 0.25, Range::SHARE);
    assert_eq!((perfect.mean, perfect.interval), (1.0, [1.0, 1.0]));
    let far = MetricSummary::new(&[0.5, 0.52, 0.51], IntervalKind::StudentT, 0.25, Range::SHARE);
    let plain = MetricSummary::new(&[0.5, 0.52, 0.51], IntervalKind::StudentT, 0.25, Range::UNBOUNDED);
    assert!((far.interval[0] - plain.interval[0]).abs() < 1e-4, "far from the bounds nothing changes");
}

#[test]
fn a_fold_does_not_depend_on_those_run_before_it_nor_on_their_number() {
    let config = CrossValidationConfig { folds: 4, repeats: 2, ..Default::default() };
    let plan = planned(&[], config);
    let ids = plan.folds();
    assert_eq!(ids.len(), 8);
    let mut backwards = ids.clone();
    backwards.reverse();
    let forwards = run(&plan, &ids);
    let mut other = run(&planned(&[], CrossValidationConfig { repeats: 3, ..config }), &backwards);
    assert_eq!(plan.summarise(other.clone()).unwrap(), plan.summarise(forwards.clone()).unwrap());
    other.reverse();
    assert_eq!(other, forwards);
    assert_ne!(run(&planned(&["training.seed=7"], config), &ids[..1]), forwards[..1], "a seed of its own");
    let of_first = |plan: &CrossValidation| plan.split(ids[0]).unwrap();
    assert_eq!(of_first(&planned(&["training.seed=7"], config)), of_first(&plan), "on the same folds");
}

#[test]
fn held_out_rows_are_in_no_statistic_of_the_training() {
    let plan = planned(&[], CrossValidationConfig::default());
    let id = plan.folds().into_iter().find(|&id| plan.split(id).unwrap().test.contains(&0)).unwrap();
    let split = plan.split(id).unwrap();
    let prepared = Prepared::from_split(
        plan.recipe(),
        std::sync::Arc::new(plan.data().clone()),
        split,
        &Files::default(),
    )
    .unwrap();
    let brasa_data::Scaler::Standard { mean, std } = &*prepared.scaler else { panic!("standard scaling") };
    // Row 0 alone has another value in this column.
    assert_eq!((mean[1], std[1]), (0.0, 1.0));
}

#[test]
fn the_whole_is_the_sum_of_its_folds() {
    let config = CrossValidationConfig { folds: 4, repeats: 2, ..Default::default() };
    let plan = planned(&[], config);
    let results = run(&plan, &plan.folds());
    let whole = plan.summarise(results.clone()).unwrap();
    assert_eq!(whole.interval, IntervalKind::CorrectedResampledT);
    assert_eq!((whole.rows, whole.out_of_fold.rows, whole.predictions.len()), (40, 80, 80));
    let hits = whole
        .predictions
        .iter()
        .filter(|(_, row)| matches!(row.said, Said::Class { target, predicted, .. } if target == predicted))
        .count();
    assert!(close(whole.out_of_fold.value(ACCURACY), hits as f64 / 80.0));
    let accuracies: Vec<f64> = results.iter().map(|result| result.summary.scores.value(ACCURACY)).collect();
    assert!(close(whole.metrics.get(ACCURACY).unwrap().mean, accuracies.iter().sum::<f64>() / 8.0));
    assert!(close(whole.out_of_fold.loss(), whole.metrics.get(LOSS).unwrap().mean), "folds of one size");
    assert_eq!(whole.out_of_fold.figure("top_k_accuracy"), Some(1.0), "two of two classes");
    for repeat in 1..=2 {
        let of_repeat = whole.predictions.iter().filter(|(id, _)| id.repeat == repeat);
        let rows: BTreeSet<usize> = of_repeat.map(|(_, row)| row.row).collect();
        assert_eq!(rows, (0..40).collect());
    }

    let mut doubled = results.clone();
    doubled[7] = doubled[6].clone();
    let error = plan.summarise(doubled).unwrap_err();
    assert!(matches!(error, RunError::FoldResults { repeat: 2, fold: 3, found: 2 }), "{error}");
    assert!(plan.summarise(results[..7].to_vec()).is_err());
}

#[test]
fn the_folder_holds_predictions_by_name_and_a_report() {
    let plan = planned(&[], CrossValidationConfig { folds: 2, ..Default::default() });
    let whole = plan.summarise(run(&plan, &plan.folds())).unwrap();
    let runs = tempfile::tempdir().unwrap();
    let folder = CrossValidationFolder::create(runs.path(), "lines", "test", &plan, "flex").unwrap();
    let record = serde_json::to_value(folder.finish(&plan, &whole, 1, 0.5).unwrap()).unwrap();
    assert_eq!(record["status"], "finished");
    assert_eq!(record["metrics"]["top_k_accuracy"]["mean"], 1.0);
    let predictions = std::fs::read(folder.path().join("predictions.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(&predictions[..]);
    assert_eq!(rows.headers().unwrap().len(), 6);
    assert_eq!(rows.records().filter(|row| &row.as_ref().unwrap()[3] == "b, or so").count(), 20);
    let page = std::fs::read_to_string(folder.report()).unwrap();
    assert!(page.contains("Over the folds") && page.contains("out-of-fold"));
    assert!(folder.path().join("pictures/folds.svg").is_file());
    assert!(crate::list_runs(runs.path(), "lines").unwrap().is_empty(), "no run that can predict");
}

#[test]
fn repeats_have_bounds() {
    let recipe = Recipe::parse("test", RECIPE, &[]).unwrap().check().unwrap();
    for repeats in [0, 1001] {
        let config = CrossValidationConfig { repeats, ..Default::default() };
        let error = CrossValidation::new(&recipe, &Files::directory("/"), config).unwrap_err();
        assert!(error.to_string().contains(&format!("1 to 1000 repeats, found {repeats}")));
        assert!(error.is_input());
    }
}
