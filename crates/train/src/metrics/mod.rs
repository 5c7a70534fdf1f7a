//! Classification metrics of a whole epoch, in `f64`, as scikit-learn and PyTorch define them.
//!
//! An [`Evaluator`] is fed logits and targets batch by batch and answers [`Scores`] once, from the counts of
//! all rows: never from averages of batches. [`Confusion`] is the table of counts behind them.
//!
//! ```
//! use brasa_train::metrics::Evaluator;
//!
//! let mut evaluator = Evaluator::new(vec!["cat".into(), "dog".into()], None)?;
//! evaluator.push(&[2.0, -1.0, 0.5, 1.5], &[0, 1])?;
//! evaluator.push(&[3.0, 0.0], &[1])?;
//! let scores = evaluator.scores()?;
//! assert_eq!(scores.rows, 3);
//! assert_eq!(scores.confusion, [[1, 0], [1, 1]]);
//! assert!((scores.accuracy - 2.0 / 3.0).abs() < 1e-12);
//! # Ok::<(), brasa_train::metrics::MetricsError>(())
//! ```

mod average;
mod confusion;
mod cross_entropy;
mod error;
mod evaluator;
mod interval;
mod ranking;
mod scores;
mod table;

pub use average::{Average, PrecisionRecallF1};
pub use confusion::Confusion;
pub use cross_entropy::cross_entropy;
pub use error::MetricsError;
pub use evaluator::Evaluator;
pub use interval::wilson_interval;
pub use ranking::{argmax, target_rank};
#[doc(hidden)]
pub use scores::nan_as_null;
pub use scores::{ClassScores, Scores, TopK};

#[cfg(test)]
mod tests;
