use serde::{Deserialize, Serialize};

use super::super::{ClassRows, Direction, Judged, Metric, Needs, Range, TaskKind};

/// Expected calibration error: how far, on average, the probability of the predicted class is from the share of such
/// predictions that are right, over [`reliability`] bins.
///
/// # Reference
/// Guo et al., On calibration of modern neural networks, ICML 2017 (equal-width bins, the predicted class alone).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalibrationError;

impl Metric for CalibrationError {
    fn name(&self) -> &str {
        "ece"
    }

    fn label(&self) -> &str {
        "Expected calibration error"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> Range {
        Range::SHARE
    }

    fn needs(&self) -> Needs {
        Needs::Rows
    }

    fn requirement(&self) -> &str {
        "probabilities that are numbers"
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let rows = judged.classes()?.rows.filter(|rows| !rows.is_empty())?;
        let gap = |bin: &ReliabilityBin| bin.rows as f64 * (bin.accuracy - bin.confidence).abs();
        let bins = reliability(&rows);
        let counted: u64 = bins.iter().map(|bin| bin.rows).sum();
        (counted == rows.len() as u64).then(|| bins.iter().map(gap).sum::<f64>() / counted as f64)
    }
}

/// Bins of a reliability diagram.
const BINS: usize = 15;

/// One bin of a reliability diagram: the rows whose predicted class has a probability in `(low, high]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Lower bound of the probability, not in the bin.
    pub low: f64,
    /// Upper bound of the probability, in the bin.
    pub high: f64,
    /// Rows in the bin; the other figures of a bin without rows are 0.
    pub rows: u64,
    /// Mean probability of the predicted class.
    pub confidence: f64,
    /// Share of the predictions that are right.
    pub accuracy: f64,
}

/// The 15 bins of equal width of a reliability diagram, in order. Rows with NaN among their probabilities are in none.
pub fn reliability(rows: &ClassRows<'_>) -> Vec<ReliabilityBin> {
    let bound = |index: usize| index as f64 / BINS as f64;
    let mut bins: Vec<ReliabilityBin> = (0..BINS)
        .map(|index| ReliabilityBin {
            low: bound(index),
            high: bound(index + 1),
            rows: 0,
            confidence: 0.0,
            accuracy: 0.0,
        })
        .collect();
    for (probabilities, target) in rows.iter() {
        let Some((predicted, confidence)) = most_likely(probabilities) else { continue };
        // A sum of 1 may be off by a rounding.
        let confidence = confidence.min(1.0);
        if let Some(bin) = bins.iter_mut().find(|bin| bin.low < confidence && confidence <= bin.high) {
            bin.rows += 1;
            bin.confidence += confidence;
            bin.accuracy += f64::from(u8::from(predicted == target as usize));
        }
    }
    for bin in bins.iter_mut().filter(|bin| bin.rows > 0) {
        bin.confidence /= bin.rows as f64;
        bin.accuracy /= bin.rows as f64;
    }
    bins
}

/// The first of the most likely classes and its probability; `None` where a probability is NaN.
fn most_likely(probabilities: &[f64]) -> Option<(usize, f64)> {
    let mut best: Option<(usize, f64)> = None;
    for (class, &probability) in probabilities.iter().enumerate() {
        if probability.is_nan() {
            return None;
        }
        if best.is_none_or(|(_, most)| probability > most) {
            best = Some((class, probability));
        }
    }
    best
}
