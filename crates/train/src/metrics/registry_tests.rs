#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use super::tests::names;
use super::*;

/// Rows of the split, whatever was predicted.
#[derive(Debug)]
struct Always(f64);

impl Metric for Always {
    fn name(&self) -> &str {
        "always"
    }

    fn label(&self) -> &str {
        "Always the same"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> Range {
        Range::UNBOUNDED
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        judged.classes().map(|_| self.0)
    }
}

fn two_rows() -> Evaluator {
    let mut evaluator = Evaluator::new(names(3), Some(2)).unwrap().with_rows();
    evaluator.push(&[0.1, 0.2, 0.7, 3.0, 0.0, 0.0], &[2, 1]).unwrap();
    evaluator
}

#[test]
fn names_are_unique_within_a_task_and_every_column_is_a_metric() {
    let metrics = Metrics::standard();
    for task in [TaskKind::Classification, TaskKind::Regression] {
        let names: Vec<&str> = metrics.of(task).map(|metric| metric.name()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        let columns = Metrics::epoch_columns(task).iter().chain(Metrics::table_columns(task));
        for name in columns.filter(|name| **name != TopKAccuracy::NAME) {
            assert!(names.contains(name), "{name}");
        }
        assert!(names.contains(&LOSS));
    }
}

#[test]
fn an_unknown_metric_is_told_with_the_nearest_and_with_all_names() {
    let error = Metrics::standard().find(TaskKind::Regression, "RMSE2").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`RMSE2` is not a metric of regression; did you mean `rmse`? The metrics are loss, rmse, mae, r2, mse, \
         median_absolute_error, mape"
    );
    assert_eq!(Metrics::standard().find(TaskKind::Classification, "zzz").unwrap_err().nearest, None);
    assert!(Metrics::standard().find(TaskKind::Classification, "rmse").is_err(), "of another task");
}

#[test]
fn a_metric_of_ones_own_is_one_of_the_metrics() {
    let metrics = Metrics::standard().with(Always(7.0));
    assert_eq!(two_rows().scores_by(&metrics).unwrap().figure("always"), Some(7.0));
    let again = metrics.with(Always(8.0));
    assert_eq!(
        two_rows().scores_by(&again).unwrap().figure("always"),
        Some(8.0),
        "in the place of the first"
    );
    let json = serde_json::to_string(&two_rows().scores_by(&again).unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<Scores>(&json).unwrap().figure("always"), Some(8.0));
}

#[test]
fn a_selection_keeps_its_order_and_has_each_metric_once() {
    let selected = Metrics::standard()
        .select(TaskKind::Classification, ["mcc", "loss", "mcc", "no such metric", "roc_auc"]);
    let names: Vec<&str> = selected.iter().map(|metric| metric.name()).collect();
    assert_eq!(names, ["mcc", "loss", "roc_auc"]);
    assert_eq!(selected.needs(TaskKind::Classification), Needs::Rows);
    assert_eq!(
        selected.select(TaskKind::Classification, ["mcc"]).needs(TaskKind::Classification),
        Needs::Counts
    );
}

#[test]
fn rows_beyond_the_limit_leave_the_counts_and_a_sentence() {
    let mut evaluator = Evaluator::new(names(2), None).unwrap().with_rows_up_to(4);
    evaluator.push(&[1.0, 0.0, 0.0, 1.0], &[0, 1]).unwrap();
    assert_eq!(evaluator.scores().unwrap().figure("roc_auc"), Some(1.0));
    evaluator.push(&[1.0, 0.0], &[0]).unwrap();
    let scores = evaluator.scores().unwrap();
    assert_eq!((scores.figure("accuracy"), scores.figure("roc_auc")), (Some(1.0), None));
    assert!(scores.classes().unwrap().reliability.is_none());
    assert_eq!(
        scores.notes,
        [
            "Without a value here: ROC AUC, Weighted ROC AUC, Average precision, Brier score, Expected calibration error; \
          probabilities are kept up to 4 in all, and 3 rows of 2 classes have more."
        ]
    );
    evaluator.reset().push(&[1.0, 0.0, 0.0, 1.0], &[0, 1]).unwrap();
    assert_eq!(evaluator.scores().unwrap().figure("roc_auc"), Some(1.0), "the next epoch starts anew");
}

#[test]
fn an_undefined_metric_is_absent_and_the_reason_is_said() {
    let mut evaluator = Evaluator::new(names(2), None).unwrap().with_rows();
    evaluator.push(&[1.0, 0.0, 0.0, 1.0], &[0, 0]).unwrap();
    let scores = evaluator.scores().unwrap();
    assert_eq!(scores.figure("roc_auc"), None);
    assert!(
        scores
            .notes
            .contains(&"ROC AUC is undefined here: it needs rows of every class, of two at least.".into()),
        "{:?}",
        scores.notes
    );
    // Counts alone were asked for: nothing to say of metrics of rows.
    let mut counts = Evaluator::new(names(2), None).unwrap();
    counts.push(&[1.0, 0.0, 0.0, 1.0], &[0, 1]).unwrap();
    assert!(counts.scores().unwrap().notes.is_empty());
}

#[test]
fn nan_logits_leave_metrics_of_rows_without_a_value_or_nan() {
    let mut evaluator = Evaluator::new(names(3), None).unwrap().with_rows();
    evaluator.push(&[f32::NAN, 0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 0.0, 1.0], &[0, 1, 2]).unwrap();
    let scores = evaluator.scores().unwrap();
    for name in ["roc_auc", "average_precision", "ece", "brier"] {
        assert!(scores.figure(name).is_none_or(f64::is_nan), "{name}");
    }
}

#[test]
fn scores_of_older_runs_are_read() {
    let old = r#"{"loss":null,"accuracy":0.5,"top_k":{"k":2,"accuracy":1.0},"precision_macro":0.5,"f1_macro":0.4,"rows":2,
        "per_class":[{"name":"a","precision":1.0,"recall":0.5,"f1":0.6,"support":2}],"confusion":[[1,1],[0,0]]}"#;
    let scores: Scores = serde_json::from_str(old).unwrap();
    assert!(scores.loss().is_nan());
    assert_eq!((scores.figure("f1_macro"), scores.rows), (Some(0.4), 2));
    let classes = scores.classes().unwrap();
    assert_eq!((classes.top_k, &classes.confusion[0]), (Some(TopK { k: 2, accuracy: 1.0 }), &vec![1, 1]));
    assert!(serde_json::from_str::<Scores>(r#"{"loss":1.0}"#).is_err(), "no rows");
}

#[test]
fn figures_keep_their_order_and_replace_by_name() {
    let mut figures: Figures = [("b", 1.0), ("a", f64::NAN)].into_iter().collect();
    figures.set("b", 2.0);
    assert_eq!(serde_json::to_string(&figures).unwrap(), r#"{"b":2.0,"a":null}"#);
    let read: Figures = serde_json::from_str(r#"{"b":2.0,"a":null}"#).unwrap();
    assert_eq!(read.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "a"]);
    assert!(read.value("a").is_nan() && read.value("c").is_nan() && read.get("c").is_none());
}

#[test]
fn better_is_by_direction_and_by_more_than_the_margin() {
    let (up, down) = (Direction::HigherIsBetter, Direction::LowerIsBetter);
    assert!(up.improves(0.6, 0.5, 0.05) && !up.improves(0.52, 0.5, 0.05));
    assert!(down.improves(0.4, 0.5, 0.05) && !down.improves(0.48, 0.5, 0.05));
    for direction in [up, down] {
        assert!(!direction.improves(0.5, 0.5, 0.0) && !direction.improves(f64::NAN, 0.5, 0.0));
    }
}

#[test]
fn numbers_that_do_not_fit_together_are_refused() {
    assert_eq!(JudgedNumbers::new(0, &[], &[], 0.0), Err(MetricsError::NoOutputs));
    assert!(matches!(JudgedNumbers::new(2, &[1.0; 3], &[1.0; 3], 0.0), Err(MetricsError::Length { .. })));
    assert!(matches!(JudgedNumbers::new(1, &[1.0; 2], &[1.0; 3], 0.0), Err(MetricsError::Length { .. })));
    let empty = JudgedNumbers::new(1, &[], &[], 0.0).unwrap();
    assert_eq!(Scores::of_numbers(&Metrics::standard(), &empty, &names(1)), Err(MetricsError::NoRows));
    let one = JudgedNumbers::new(1, &[1.0], &[2.0], 0.0).unwrap();
    assert!(Scores::of_numbers(&Metrics::standard(), &one, &names(2)).is_err());
    assert!(ClassRows::new(2, &[0.5; 3], &[0]).is_err() && ClassRows::new(2, &[0.5; 2], &[2]).is_err());
    assert!(Metrics::standard().figures(&Judged::Numbers(one)).get("accuracy").is_none());
}
