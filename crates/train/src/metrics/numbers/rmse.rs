use super::super::{Direction, Judged, Metric, Range, TaskKind};
use super::mean;

/// Root of the mean squared error, in the units of the target; the mean of the roots over several outputs.
///
/// # Reference
/// `sklearn.metrics.root_mean_squared_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rmse;

impl Metric for Rmse {
    fn name(&self) -> &str {
        "rmse"
    }

    fn label(&self) -> &str {
        "RMSE"
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
        let of_output = |rows: &mut dyn Iterator<Item = (f64, f64)>| {
            mean(rows, |predicted, target| (predicted - target).powi(2)).map(f64::sqrt)
        };
        judged.numbers()?.uniform_average(of_output)
    }
}
