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

/// The mean cross-entropy with class weights and label smoothing, as a reference for training losses.
///
/// With weights w, smoothing e and C classes a row with target y costs
/// `-(1 - e) * w[y] * log p[y] - e / C * sum_c w[c] * log p[c]`; the mean divides the sum over rows by the sum
/// of their `w[y]`.
///
/// # Reference
/// `torch.nn.CrossEntropyLoss(weight, label_smoothing, reduction="mean")`.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossEntropy {
    classes: usize,
    weights: Vec<f64>,
    label_smoothing: f64,
}

impl CrossEntropy {
    /// `weights` holds one weight per class, or is `None` for weights of 1.
    /// Fails where a weight is negative or not finite, the number of weights is not `classes`, or
    /// `label_smoothing` lies outside [0, 1].
    pub fn new(
        classes: usize,
        weights: Option<Vec<f64>>,
        label_smoothing: f64,
    ) -> Result<Self, MetricsError> {
        if classes == 0 {
            return Err(MetricsError::NoClasses);
        }
        if !(0.0..=1.0).contains(&label_smoothing) {
            return Err(MetricsError::LabelSmoothing { value: label_smoothing });
        }
        let weights = weights.unwrap_or_else(|| vec![1.0; classes]);
        if weights.len() != classes {
            return Err(MetricsError::Length {
                what: "one class weight for each class",
                expected: classes,
                found: weights.len(),
            });
        }
        if let Some((class, &value)) = weights.iter().enumerate().find(|(_, w)| !w.is_finite() || **w < 0.0) {
            return Err(MetricsError::ClassWeight { class, value });
        }
        Ok(Self { classes, weights, label_smoothing })
    }

    /// The mean over rows.
    ///
    /// # Shapes
    /// - `logits`: `[rows, classes]`, row-major
    /// - `targets`: `[rows]`
    ///
    /// NaN without rows or where the weights of all targets are 0, as in PyTorch.
    pub fn mean(&self, logits: &[f32], targets: &[u32]) -> Result<f64, MetricsError> {
        check_rows(logits, targets, self.classes)?;
        let (mut sum, mut weight_sum) = (0.0, 0.0);
        for (logits, &target) in logits.chunks(self.classes).zip(targets) {
            let weight = self.weights.get(target as usize).copied().unwrap_or(f64::NAN);
            let log_sum = log_sum_exp(logits);
            let smooth: f64 =
                logits.iter().zip(&self.weights).map(|(&l, w)| w * (log_sum - f64::from(l))).sum();
            sum += (1.0 - self.label_smoothing) * weight * row_loss(logits, target);
            if self.label_smoothing > 0.0 {
                sum += self.label_smoothing / self.classes as f64 * smooth;
            }
            weight_sum += weight;
        }
        Ok(sum / weight_sum)
    }
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
