//! Every metric against scikit-learn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tests::{assert_close, names, read};
use super::*;

#[derive(Deserialize)]
struct Fixture {
    classes: Vec<ClassCase>,
    logits: Vec<ClassCase>,
    numbers: Vec<NumberCase>,
}

#[derive(Deserialize)]
struct ClassCase {
    case: String,
    #[serde(default)]
    probabilities: Vec<Vec<f64>>,
    #[serde(default)]
    logits: Vec<Vec<f32>>,
    targets: Vec<u32>,
    expected: BTreeMap<String, Option<f64>>,
    reliability: Vec<ReliabilityBin>,
}

#[derive(Deserialize)]
struct NumberCase {
    case: String,
    predicted: Vec<Vec<f64>>,
    targets: Vec<Vec<f64>>,
    expected: BTreeMap<String, Option<f64>>,
}

fn assert_figures(found: &Figures, expected: &BTreeMap<String, Option<f64>>, case: &str) {
    for (name, expected) in expected {
        match (found.get(name), expected) {
            (Some(found), Some(expected)) => {
                let tolerance = 1e-9 * expected.abs().max(1.0);
                assert!((found - expected).abs() <= tolerance, "{case}, {name}: {found} for {expected}");
            }
            (found, expected) => assert_eq!(found, *expected, "{case}, {name}"),
        }
    }
}

fn assert_bins(found: &[ReliabilityBin], expected: &[ReliabilityBin], case: &str) {
    assert_eq!(found.len(), expected.len(), "{case}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(
            (found.low, found.high, found.rows),
            (expected.low, expected.high, expected.rows),
            "{case}"
        );
        assert_close(found.confidence, expected.confidence, case);
        assert_close(found.accuracy, expected.accuracy, case);
    }
}

/// The first of the largest, as NumPy's `argmax`.
fn predicted(probabilities: &[f64]) -> u32 {
    let largest = probabilities.iter().copied().fold(f64::MIN, f64::max);
    probabilities.iter().position(|probability| *probability == largest).unwrap() as u32
}

#[test]
fn metrics_of_classes_are_those_of_scikit_learn_with_ties_and_absent_classes() {
    let metrics = Metrics::standard();
    for case in read::<Fixture>("scores.json").classes {
        let classes = case.probabilities[0].len();
        let flat = case.probabilities.concat();
        let predictions: Vec<u32> = case.probabilities.iter().map(|row| predicted(row)).collect();
        let confusion = Confusion::from_pairs(classes, &case.targets, &predictions).unwrap();
        let rows = ClassRows::new(classes, &flat, &case.targets).unwrap();
        let loss_sum = rows.iter().map(|(row, target)| -row[target as usize].ln()).sum();
        let judged = JudgedClasses { confusion: &confusion, loss_sum, top_k: None, rows: Some(rows) };
        let scores = Scores::of_classes(&metrics, &judged, &names(classes), None).unwrap();
        assert_figures(&scores.figures, &case.expected, &case.case);
        assert_bins(scores.classes().unwrap().reliability.as_ref().unwrap(), &case.reliability, &case.case);
        let absent = case.expected.values().filter(|value| value.is_none()).count();
        assert_eq!(scores.notes.len(), absent, "{}: {:?}", case.case, scores.notes);
        for (name, value) in scores.figures.iter() {
            let range = metrics.find(TaskKind::Classification, name).unwrap().range();
            assert!(range.low <= value && value <= range.high, "{}: {name} {value}", case.case);
        }
    }
}

#[test]
fn metrics_of_logits_are_those_of_their_softmax_however_the_rows_are_batched() {
    for case in read::<Fixture>("scores.json").logits {
        for batch in [1, 7, case.targets.len()] {
            let mut evaluator = Evaluator::new(names(case.logits[0].len()), None).unwrap().with_rows();
            for (logits, targets) in case.logits.chunks(batch).zip(case.targets.chunks(batch)) {
                evaluator.push(&logits.concat(), targets).unwrap();
            }
            let scores = evaluator.scores().unwrap();
            assert_figures(&scores.figures, &case.expected, &case.case);
            assert_bins(
                scores.classes().unwrap().reliability.as_ref().unwrap(),
                &case.reliability,
                &case.case,
            );
            assert!(scores.notes.is_empty(), "{:?}", scores.notes);
        }
    }
}

#[test]
fn metrics_of_numbers_are_those_of_scikit_learn_over_several_outputs() {
    let metrics = Metrics::standard();
    for case in read::<Fixture>("scores.json").numbers {
        let outputs = case.targets[0].len();
        let (predicted, targets) = (case.predicted.concat(), case.targets.concat());
        let judged = JudgedNumbers::new(outputs, &predicted, &targets, 0.5).unwrap();
        let scores = Scores::of_numbers(&metrics, &judged, &names(outputs)).unwrap();
        assert_figures(&scores.figures, &case.expected, &case.case);
        assert_eq!((scores.loss(), scores.rows as usize), (0.5, case.targets.len()));
        let per_target = &scores.numbers().unwrap().per_target;
        let mean = per_target.iter().map(|target| target.figures.value("rmse")).sum::<f64>() / outputs as f64;
        assert_close(mean, scores.value("rmse"), &case.case);
        let json = serde_json::to_string(&scores).unwrap();
        assert_eq!(serde_json::from_str::<Scores>(&json).unwrap(), scores, "{}", case.case);
    }
}

#[test]
fn every_metric_of_the_registry_but_averages_is_in_the_fixture() {
    let fixture = read::<Fixture>("scores.json");
    for (task, expected) in [
        (TaskKind::Classification, &fixture.classes[0].expected),
        (TaskKind::Regression, &fixture.numbers[0].expected),
    ] {
        for metric in Metrics::standard().of(task) {
            let name = metric.name();
            // Those are in metrics.json; a regression's loss is handed in.
            let elsewhere = ["precision_", "recall_", "f1_"].iter().any(|start| name.starts_with(start));
            let handed_in = task == TaskKind::Regression && name == LOSS;
            assert!(elsewhere || handed_in || expected.contains_key(name), "{name}");
        }
    }
}
