use thiserror::Error;

/// What can be wrong with the numbers handed to a metric.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MetricsError {
    /// A classifier needs one class at least.
    #[error("a metric needs at least one class, but the list of classes is empty")]
    NoClasses,
    /// A regression predicts one number at least.
    #[error("a metric of numbers needs at least one output for each row, but there is none")]
    NoOutputs,
    /// Scores of nothing are not zero, they do not exist.
    #[error("there are no scores: not a single row was evaluated")]
    NoRows,
    /// A target or prediction that is not the index of a class.
    #[error("row {row} has the {what} {class}, but classes are numbered from 0 to {}", .classes.saturating_sub(1))]
    ClassOutOfRange {
        /// "target" or "prediction".
        what: &'static str,
        /// Row within what was handed over, from 0.
        row: usize,
        /// The index found.
        class: u32,
        /// Number of classes.
        classes: usize,
    },
    /// Two lists that describe the same rows differ in length.
    #[error("{what}: {expected} values are needed, but {found} came")]
    Length {
        /// Which list, and why that length.
        what: &'static str,
        /// Values needed.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// A `k` for which top-k accuracy is undefined.
    #[error("top-k accuracy with {classes} classes needs k from 1 to {classes}, but k is {k}")]
    TopK {
        /// The `k` asked for.
        k: usize,
        /// Number of classes.
        classes: usize,
    },
}
