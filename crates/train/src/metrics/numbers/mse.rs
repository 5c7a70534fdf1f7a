use super::super::{Direction, Judged, Metric, Range, TaskKind};
use super::mean;

/// Mean squared error, the mean over several outputs.
///
/// # Reference
/// `sklearn.metrics.mean_squared_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mse;

impl Metric for Mse {
    fn name(&self) -> &str {
        "mse"
    }

    fn label(&self) -> &str {
        "Mean squared error"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Regression
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> Range {
        Range::POSITIVE
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        judged.numbers()?.uniform_average(|rows| mean(rows, |predicted, target| (predicted - target).powi(2)))
    }
}
