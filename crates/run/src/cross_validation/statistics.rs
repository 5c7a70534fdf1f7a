//! Mean, deviation and interval of a figure over folds.

use serde::Serialize;

use super::student::two_sided_quantile;

/// How the 95 % interval of a mean over folds is reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// One repeat: Student's t over the folds, of variance `s^2 / n`.
    StudentT,
    /// Several repeats: the corrected resampled t, of variance `s^2 (1/n + held out / rest)`, as folds that share
    /// most of their training rows are far from independent.
    ///
    /// # Reference
    /// Nadeau and Bengio, Inference for the generalization error, Machine Learning 52 (2003), 239-281.
    CorrectedResampledT,
}

/// A figure over all folds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MetricSummary {
    /// Mean over the folds of all repeats.
    pub mean: f64,
    /// Sample standard deviation over them.
    pub deviation: f64,
    /// 95 % interval of the mean, low and high; not cut off at 0 and 1.
    pub interval: [f64; 2],
}

impl MetricSummary {
    /// Of at least two values. `held_out_to_rest` is the number of held-out rows by that of all others; only the
    /// corrected interval takes it.
    pub(super) fn new(values: &[f64], kind: IntervalKind, held_out_to_rest: f64) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let factor = match kind {
            IntervalKind::StudentT => 1.0 / count,
            IntervalKind::CorrectedResampledT => 1.0 / count + held_out_to_rest,
        };
        let half = two_sided_quantile(0.95, values.len().saturating_sub(1)) * (variance * factor).sqrt();
        Self { mean, deviation: variance.sqrt(), interval: [mean - half, mean + half] }
    }
}
