//! Mean, deviation and interval of a figure over folds.

use serde::Serialize;

use super::student::two_sided_quantile;
use brasa_train::metrics::Range;

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
    /// 95 % interval of the mean, low and high; inside the metric's range.
    pub interval: [f64; 2],
}

impl MetricSummary {
    /// Of at least two values. `held_out_to_rest` is the number of held-out rows by that of all others; only the
    /// corrected interval takes it.
    pub(crate) fn new(values: &[f64], kind: IntervalKind, held_out_to_rest: f64, range: Range) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let factor = match kind {
            IntervalKind::StudentT => 1.0 / count,
            IntervalKind::CorrectedResampledT => 1.0 / count + held_out_to_rest,
        };
        let half = two_sided_quantile(0.95, values.len().saturating_sub(1)) * (variance * factor).sqrt();
        Self { mean, deviation: variance.sqrt(), interval: inside(range, mean, half) }
    }
}

/// The interval of half width `half` around `mean`, reckoned on a scale without bounds and taken back, so that it cannot leave
/// the metric's range: the logit of where the mean lies between two bounds, the logarithm of its distance from one. The
/// half width there is that of the delta method, `half` times the slope of the scale at the mean; where that is small beside
/// the distance from the bounds, nothing changes. Fold by fold one could not change the scale, since single folds may well
/// lie on a bound.
///
/// # Reference
/// Agresti, Categorical Data Analysis (2013), 1.4 and 16.1: intervals on the logit scale, delta method.
fn inside(range: Range, mean: f64, half: f64) -> [f64; 2] {
    let (below, above) = (mean - range.low, range.high - mean);
    if !(half > 0.0 && below > 0.0 && above > 0.0) {
        // No spread, or values that are not of the range: nothing to reckon with.
        return [mean - half, mean + half];
    }
    match (range.low.is_finite(), range.high.is_finite()) {
        (false, false) => [mean - half, mean + half],
        (true, false) => [-half, half].map(|step| range.low + below * (step / below).exp()),
        (false, true) => [half, -half].map(|step| range.high - above * (step / above).exp()),
        (true, true) => {
            let width = range.high - range.low;
            let logit = (below / above).ln();
            let step = half * width / (below * above);
            [logit - step, logit + step].map(|logit| range.low + width / (1.0 + (-logit).exp()))
        }
    }
}
