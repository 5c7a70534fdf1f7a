//! The names of a run's figures on the server.

use std::time::SystemTime;

use brasa_run::RunScores;
use brasa_train::metrics::Figures;
use brasa_train::{EpochRecord, StepLoss};

use crate::entry::{Metric, millis};

/// The losses of steps under `step/loss`, at the steps' numbers over all epochs, from 1.
pub(crate) fn of_steps(steps: &[StepLoss], steps_per_epoch: usize) -> Vec<Metric> {
    let timestamp = millis(SystemTime::now());
    let metric = |loss: &StepLoss| Metric {
        key: "step/loss".into(),
        value: loss.loss,
        timestamp,
        step: ((loss.epoch - 1) * steps_per_epoch + loss.step) as u64,
    };
    steps.iter().map(metric).collect()
}

/// A line of `metrics.jsonl`, at the number of its epoch.
pub(crate) fn of_epoch(record: &EpochRecord) -> Vec<Metric> {
    let EpochRecord { epoch, lr, train_seconds, valid_seconds, train, valid, improved: _ } = record;
    let of_split = |split: &'static str, figures: &Figures, seconds: &f64| -> Vec<(String, f64)> {
        let figures = figures.iter().chain([("seconds", *seconds)]);
        figures.map(|(name, value)| (format!("{split}/{name}"), value)).collect()
    };
    let mut values = of_split("train", train, train_seconds);
    values.extend(of_split("valid", valid, valid_seconds));
    values.push(("lr".into(), *lr));
    at(values, *epoch, millis(SystemTime::now()))
}

/// The scores of the best weights under `test/...`, which no epoch has, and under `train_best/...` and `valid_best/...`,
/// which MLflow shows after the curves of these splits; at step 0, which makes bars of them, not curves of one point.
pub(crate) fn of_best(scores: &RunScores, timestamp: u64) -> Vec<Metric> {
    let split = |(split, scores): (&'static str, &brasa_train::metrics::Scores)| {
        let section = match split {
            "train" => "train_best".to_string(),
            "valid" => "valid_best".into(),
            split => split.replace(' ', "_"),
        };
        let values = scores.figures.iter();
        values.map(move |(name, value)| (format!("{section}/{name}"), value)).collect::<Vec<_>>()
    };
    at(scores.splits().into_iter().flat_map(split), 0, timestamp)
}

/// JSON has no number for what is not finite.
fn at(values: impl IntoIterator<Item = (String, f64)>, step: usize, timestamp: u64) -> Vec<Metric> {
    let finite = values.into_iter().filter(|(_, value)| value.is_finite());
    finite.map(|(key, value)| Metric { key, value, timestamp, step: step as u64 }).collect()
}
