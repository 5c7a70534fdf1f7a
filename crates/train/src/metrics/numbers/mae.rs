use super::super::{Direction, Judged, Metric, Range, TaskKind};
use super::mean;

/// Mean absolute error, in the units of the target; the mean over several outputs.
///
/// # Reference
/// `sklearn.metrics.mean_absolute_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mae;

impl Metric for Mae {
    fn name(&self) -> &str {
        "mae"
    }

    fn label(&self) -> &str {
        "MAE"
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
        judged.numbers()?.uniform_average(|rows| mean(rows, |predicted, target| (predicted - target).abs()))
    }
}
