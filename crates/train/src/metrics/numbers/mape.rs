use super::super::{Direction, Judged, Metric, Range, TaskKind};
use super::mean;

/// Mean absolute error as a share of the target, the mean over several outputs. Huge where a target is 0.
///
/// # Reference
/// `sklearn.metrics.mean_absolute_percentage_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mape;

impl Metric for Mape {
    fn name(&self) -> &str {
        "mape"
    }

    fn label(&self) -> &str {
        "MAPE"
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
        let share = |predicted: f64, target: f64| (predicted - target).abs() / target.abs().max(f64::EPSILON);
        judged.numbers()?.uniform_average(|rows| mean(rows, share))
    }
}
