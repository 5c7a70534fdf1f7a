use std::fmt::Debug;

use brasa_data::TaskKind;

use super::Judged;

/// Which of two figures is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The higher one, as for accuracy.
    HigherIsBetter,
    /// The lower one, as for a loss.
    LowerIsBetter,
}

impl Direction {
    /// Whether `new` is better than `best` by more than `margin`. NaN is never better.
    pub fn improves(self, new: f64, best: f64, margin: f64) -> bool {
        match self {
            Self::HigherIsBetter => new > best + margin,
            Self::LowerIsBetter => new < best - margin,
        }
    }
}

/// The values that a metric can take, for the axes of charts and for intervals that stay inside; infinite where there is
/// no bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lowest value.
    pub low: f64,
    /// The highest value.
    pub high: f64,
}

impl Range {
    /// From 0 to 1, as a share of rows.
    pub const SHARE: Self = Self { low: 0.0, high: 1.0 };
    /// From -1 to 1, as a correlation.
    pub const CORRELATION: Self = Self { low: -1.0, high: 1.0 };
    /// From 0 up, as an error.
    pub const POSITIVE: Self = Self { low: 0.0, high: f64::INFINITY };
    /// Any number.
    pub const UNBOUNDED: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
}

/// What has to be kept of the rows of a split until a metric can be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Sums that are added to batch by batch: the confusion matrix, the loss, the top-k hits. They cost no memory, so
    /// every epoch's training figures have these metrics.
    Counts,
    /// Each row's prediction and target, see [`ClassRows`](super::ClassRows).
    Rows,
}

/// A figure by which predictions are judged, computed once from all rows of a split, never averaged over batches.
///
/// Implement it for a metric of your own and hand that to [`Metrics::with`](super::Metrics::with); it can then be
/// `training.monitor`, and is printed, tracked and compared as every other.
///
/// ```
/// use brasa_train::metrics::{Direction, Evaluator, Judged, Metric, Metrics, Range, TaskKind};
///
/// /// The share of the rows of class 0 that were found.
/// #[derive(Debug)]
/// struct FirstClassRecall;
///
/// impl Metric for FirstClassRecall {
///     fn name(&self) -> &str {
///         "first_class_recall"
///     }
///     fn label(&self) -> &str {
///         "Recall of the first class"
///     }
///     fn task(&self) -> TaskKind {
///         TaskKind::Classification
///     }
///     fn direction(&self) -> Direction {
///         Direction::HigherIsBetter
///     }
///     fn range(&self) -> Range {
///         Range::SHARE
///     }
///     fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
///         Some(judged.classes()?.confusion.of_class(0).recall)
///     }
/// }
///
/// let metrics = Metrics::standard().with(FirstClassRecall);
/// let mut evaluator = Evaluator::new(vec!["cat".into(), "dog".into()], None)?;
/// evaluator.push(&[2.0, 1.0, 0.0, 1.0], &[0, 0])?;
/// assert_eq!(evaluator.scores_by(&metrics)?.figure("first_class_recall"), Some(0.5));
/// # Ok::<(), brasa_train::metrics::MetricsError>(())
/// ```
pub trait Metric: Debug + Send + Sync {
    /// Its key in recipes and in JSON, for example `f1_macro`.
    fn name(&self) -> &str;

    /// What people read, for example `Macro F1`.
    fn label(&self) -> &str;

    /// The task whose predictions it judges.
    fn task(&self) -> TaskKind;

    /// Which direction is better.
    fn direction(&self) -> Direction;

    /// The values that it can take.
    fn range(&self) -> Range;

    /// What it is computed from.
    fn needs(&self) -> Needs {
        Needs::Counts
    }

    /// What rows have to have so that it is defined, as the end of "it needs ...", for example `rows of two classes at
    /// least`.
    fn requirement(&self) -> &str {
        "rows on which it is defined"
    }

    /// Its value over all rows of a split; `None` where it is undefined on these rows, where they were not kept, and for
    /// another task.
    fn compute(&self, judged: &Judged<'_>) -> Option<f64>;
}

impl<M: Metric + ?Sized> Metric for &M {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn label(&self) -> &str {
        (**self).label()
    }

    fn task(&self) -> TaskKind {
        (**self).task()
    }

    fn direction(&self) -> Direction {
        (**self).direction()
    }

    fn range(&self) -> Range {
        (**self).range()
    }

    fn needs(&self) -> Needs {
        (**self).needs()
    }

    fn requirement(&self) -> &str {
        (**self).requirement()
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        (**self).compute(judged)
    }
}
