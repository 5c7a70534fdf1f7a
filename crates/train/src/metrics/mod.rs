//! Metrics of whole epochs, in `f64`, as scikit-learn and PyTorch define them.
//!
//! A [`Metric`] is a name, a direction, a range, and a value computed from all rows of a split: never from averages of
//! batches. [`Metrics`] lists all of them, those of [`classes`] and of [`numbers`]; one's own are added with
//! [`Metrics::with`]. An [`Evaluator`] is fed logits and targets batch by batch and makes [`Scores`] of them.
//!
//! ```
//! use brasa_train::metrics::Evaluator;
//!
//! let mut evaluator = Evaluator::new(vec!["cat".into(), "dog".into()], None)?;
//! evaluator.push(&[2.0, -1.0, 0.5, 1.5], &[0, 1])?;
//! evaluator.push(&[3.0, 0.0], &[1])?;
//! let scores = evaluator.scores()?;
//! assert_eq!(scores.rows, 3);
//! let accuracy = scores.value("accuracy");
//! assert!((accuracy - 2.0 / 3.0).abs() < 1e-12);
//! assert_eq!(scores.classes().map(|classes| &classes.confusion), Some(&vec![vec![1, 0], vec![1, 1]]));
//! # Ok::<(), brasa_train::metrics::MetricsError>(())
//! ```

mod average;
pub mod classes;
mod confusion;
mod cross_entropy;
mod details;
mod error;
mod evaluator;
mod figures;
mod interval;
mod judged;
mod metric;
pub mod numbers;
mod ranking;
mod registry;
mod scores;
mod table;

pub use average::{Average, PrecisionRecallF1};
pub use brasa_data::TaskKind;
pub use classes::{ACCURACY, ReliabilityBin, ThresholdCurve, ThresholdStep, TopKAccuracy};
pub use confusion::Confusion;
pub use cross_entropy::cross_entropy;
#[doc(hidden)]
pub use details::nan_as_null;
pub use details::{ClassDetails, ClassScores, Details, NumberDetails, TargetScores, TopK};
pub use error::MetricsError;
pub use evaluator::{ClassCounts, Evaluator, MOST_ROW_VALUES};
pub use figures::Figures;
pub use interval::wilson_interval;
pub use judged::{ClassRows, Judged, JudgedClasses, JudgedNumbers, TopKHits};
pub use metric::{Direction, Metric, Needs, Range};
pub use ranking::{argmax, target_rank};
pub use registry::{LOSS, Metrics, UnknownMetric};
pub use scores::Scores;

#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod registry_tests;
#[cfg(test)]
mod tests;
