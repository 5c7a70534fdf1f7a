use super::Confusion;

/// How per-class scores become one number, as scikit-learn's `average` argument.
///
/// # Reference
/// `sklearn.metrics.precision_recall_fscore_support` with `labels=None` and `zero_division=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// The plain mean over the classes that occur in targets or predictions (scikit-learn's default labels).
    /// A class that occurs in neither is left out instead of counting as 0.
    Macro,
    /// From the counts summed over classes. With one label per row all three scores equal accuracy.
    Micro,
    /// The mean over classes weighted by the number of rows whose target is that class.
    Weighted,
}

/// Precision, recall and F1, each from 0 to 1; a score whose denominator is 0 is 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PrecisionRecallF1 {
    /// Of the rows predicted as the class, the share that is of that class.
    pub precision: f64,
    /// Of the rows of the class, the share predicted as such.
    pub recall: f64,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
}

impl PrecisionRecallF1 {
    /// Of so many rows that are predicted as a class and are of it, all that are predicted as it, and all that are of it.
    #[must_use]
    pub fn from_counts(hits: u64, predicted: u64, support: u64) -> Self {
        Self {
            precision: ratio(hits as f64, predicted as f64),
            recall: ratio(hits as f64, support as f64),
            f1: ratio(2.0 * hits as f64, (predicted + support) as f64),
        }
    }
}

/// `numerator / denominator`, or 0 where that is undefined.
pub(super) fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator == 0.0 { 0.0 } else { numerator / denominator }
}

impl Confusion {
    /// The scores of one class against all others; all 0 for a class that never occurs or does not exist.
    pub fn of_class(&self, class: usize) -> PrecisionRecallF1 {
        PrecisionRecallF1::from_counts(self.count(class, class), self.predicted(class), self.support(class))
    }

    /// The scores of all classes as one number each.
    pub fn averaged(&self, average: Average) -> PrecisionRecallF1 {
        match average {
            Average::Macro => self.weighted_mean(|class| f64::from(u8::from(self.occurs(class)))),
            Average::Micro => PrecisionRecallF1::from_counts(self.hits(), self.total(), self.total()),
            Average::Weighted => self.weighted_mean(|class| self.support(class) as f64),
        }
    }

    fn weighted_mean(&self, weight_of: impl Fn(usize) -> f64) -> PrecisionRecallF1 {
        let mut sum = PrecisionRecallF1::default();
        let mut weights = 0.0;
        for class in 0..self.classes() {
            let (scores, weight) = (self.of_class(class), weight_of(class));
            sum.precision += weight * scores.precision;
            sum.recall += weight * scores.recall;
            sum.f1 += weight * scores.f1;
            weights += weight;
        }
        PrecisionRecallF1 {
            precision: ratio(sum.precision, weights),
            recall: ratio(sum.recall, weights),
            f1: ratio(sum.f1, weights),
        }
    }
}
