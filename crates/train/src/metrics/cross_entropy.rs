use super::MetricsError;
use super::confusion::check_class;

/// The cross-entropy of one row: minus the log of the softmax probability of the target class, in nats.
///
/// `logits` holds one value per class. It is computed in `f64` through log-sum-exp, so that large logits do not
/// overflow. A NaN logit gives NaN. Fails where `target` is not a class.
///
/// ```
/// use brasa_train::metrics::cross_entropy;
///
/// assert!((cross_entropy(&[0.0, 0.0], 1)? - 2f64.ln()).abs() < 1e-12);
/// assert_eq!(cross_entropy(&[1e30, 0.0], 0)?, 0.0);
/// # Ok::<(), brasa_train::metrics::MetricsError>(())
/// ```
pub fn cross_entropy(logits: &[f32], target: u32) -> Result<f64, MetricsError> {
    check_class("target", 0, target, logits.len())?;
    Ok(row_loss(logits, target))
}

/// [`cross_entropy`] of a row whose target was checked: NaN where it is not a class.
pub(super) fn row_loss(logits: &[f32], target: u32) -> f64 {
    let logit = logits.get(target as usize).map_or(f64::NAN, |&logit| f64::from(logit));
    log_sum_exp(logits) - logit
}

fn log_sum_exp(logits: &[f32]) -> f64 {
    let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let sum: f64 = logits.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum();
    largest + sum.ln()
}

/// The probabilities that logits stand for, in `f64`; NaN where a logit is.
pub(super) fn softmax(logits: &[f32]) -> impl Iterator<Item = f64> + '_ {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let power = move |&logit: &f32| (f64::from(logit) - f64::from(largest)).exp();
    let sum: f64 = logits.iter().map(power).sum();
    logits.iter().map(move |logit| power(logit) / sum)
}

/// Checks that `logits` is `[rows, classes]` for the rows of `targets` and that every target is a class.
pub(super) fn check_rows(logits: &[f32], targets: &[u32], classes: usize) -> Result<(), MetricsError> {
    let expected = targets.len().saturating_mul(classes);
    if logits.len() != expected {
        return Err(MetricsError::Length {
            what: "one logit for each class of each target",
            expected,
            found: logits.len(),
        });
    }
    targets.iter().enumerate().try_for_each(|(row, &target)| check_class("target", row, target, classes))
}
