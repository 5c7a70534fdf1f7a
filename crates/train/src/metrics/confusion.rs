use serde::{Deserialize, Serialize};

use super::MetricsError;
use super::average::ratio;

/// How often each true class was predicted as each class. Rows are true classes, columns predicted ones.
///
/// Serialised as `counts[true][predicted]`.
///
/// # Reference
/// `sklearn.metrics.confusion_matrix`.
///
/// ```
/// use brasa_train::metrics::{Average, Confusion};
///
/// let confusion = Confusion::from_pairs(3, &[0, 0, 1, 2], &[0, 1, 1, 2])?;
/// assert_eq!(confusion.count(0, 1), 1);
/// assert_eq!(confusion.accuracy(), 0.75);
/// assert!((confusion.averaged(Average::Macro).recall - 2.5 / 3.0).abs() < 1e-12);
/// # Ok::<(), brasa_train::metrics::MetricsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<u64>>", into = "Vec<Vec<u64>>")]
pub struct Confusion {
    counts: Vec<u64>,
    classes: usize,
}

impl Confusion {
    /// An empty table. Fails without classes.
    pub fn new(classes: usize) -> Result<Self, MetricsError> {
        if classes == 0 {
            return Err(MetricsError::NoClasses);
        }
        Ok(Self { counts: vec![0; classes * classes], classes })
    }

    /// The table of whole lists of targets and predictions, one entry per row of the data.
    /// Fails where the lists differ in length or hold an index that is not a class.
    pub fn from_pairs(classes: usize, targets: &[u32], predicted: &[u32]) -> Result<Self, MetricsError> {
        if targets.len() != predicted.len() {
            return Err(MetricsError::Length {
                what: "one prediction for each target",
                expected: targets.len(),
                found: predicted.len(),
            });
        }
        let mut confusion = Self::new(classes)?;
        for (row, (&target, &prediction)) in targets.iter().zip(predicted).enumerate() {
            confusion.record_row(row, target, prediction)?;
        }
        Ok(confusion)
    }

    /// Counts one row. Fails where an index is not a class; nothing is counted then.
    pub fn record(&mut self, target: u32, predicted: u32) -> Result<(), MetricsError> {
        self.record_row(0, target, predicted)
    }

    pub(super) fn record_row(&mut self, row: usize, target: u32, predicted: u32) -> Result<(), MetricsError> {
        check_class("target", row, target, self.classes)?;
        check_class("prediction", row, predicted, self.classes)?;
        if let Some(count) = self.counts.get_mut(target as usize * self.classes + predicted as usize) {
            *count += 1;
        }
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// Number of classes, which is the number of rows and of columns.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Rows of class `target` predicted as class `predicted`; 0 for classes that do not exist.
    pub fn count(&self, target: usize, predicted: usize) -> u64 {
        if predicted >= self.classes {
            return 0;
        }
        self.counts.get(target * self.classes + predicted).copied().unwrap_or(0)
    }

    /// Rows counted in all.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Rows predicted right.
    pub fn hits(&self) -> u64 {
        (0..self.classes).map(|class| self.count(class, class)).sum()
    }

    /// Rows whose target is `class`.
    pub fn support(&self, class: usize) -> u64 {
        (0..self.classes).map(|predicted| self.count(class, predicted)).sum()
    }

    /// Rows predicted as `class`.
    pub fn predicted(&self, class: usize) -> u64 {
        (0..self.classes).map(|target| self.count(target, class)).sum()
    }

    /// Whether `class` is the target or the prediction of any row.
    pub fn occurs(&self, class: usize) -> bool {
        self.support(class) + self.predicted(class) > 0
    }

    /// The share of rows predicted right, from 0 to 1; 0 for an empty table.
    pub fn accuracy(&self) -> f64 {
        ratio(self.hits() as f64, self.total() as f64)
    }

    /// `counts[true][predicted]`, one list per true class.
    pub fn to_rows(&self) -> Vec<Vec<u64>> {
        self.counts.chunks(self.classes).map(<[u64]>::to_vec).collect()
    }

    /// The `limit` most frequent mistakes as (true class, predicted class, rows), the most frequent first.
    pub fn most_confused(&self, limit: usize) -> Vec<(usize, usize, u64)> {
        let cells = self.counts.iter().enumerate();
        let mut mistakes: Vec<_> = cells
            .map(|(cell, &count)| (cell / self.classes, cell % self.classes, count))
            .filter(|&(target, predicted, count)| target != predicted && count > 0)
            .collect();
        mistakes.sort_by_key(|&(target, predicted, count)| (std::cmp::Reverse(count), target, predicted));
        mistakes.truncate(limit);
        mistakes
    }
}

pub(super) fn check_class(
    what: &'static str,
    row: usize,
    class: u32,
    classes: usize,
) -> Result<(), MetricsError> {
    if class as usize >= classes {
        return Err(MetricsError::ClassOutOfRange { what, row, class, classes });
    }
    Ok(())
}

impl TryFrom<Vec<Vec<u64>>> for Confusion {
    type Error = MetricsError;

    /// Reads `counts[true][predicted]`. Fails where the table is empty or not square.
    fn try_from(rows: Vec<Vec<u64>>) -> Result<Self, MetricsError> {
        let mut confusion = Self::new(rows.len())?;
        if let Some(row) = rows.iter().find(|row| row.len() != rows.len()) {
            return Err(MetricsError::Length {
                what: "a row of a confusion matrix, which is square",
                expected: rows.len(),
                found: row.len(),
            });
        }
        confusion.counts = rows.concat();
        Ok(confusion)
    }
}

impl From<Confusion> for Vec<Vec<u64>> {
    fn from(confusion: Confusion) -> Self {
        confusion.to_rows()
    }
}
