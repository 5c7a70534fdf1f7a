use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Median absolute error, in the units of the target; the mean of the medians over several outputs.
///
/// # Reference
/// `sklearn.metrics.median_absolute_error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MedianAbsoluteError;

impl Metric for MedianAbsoluteError {
    fn name(&self) -> &str {
        "median_absolute_error"
    }

    fn label(&self) -> &str {
        "Median absolute error"
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
        judged.numbers()?.uniform_average(|rows| {
            median(rows.map(|(predicted, target)| (predicted - target).abs()).collect())
        })
    }
}

/// The middle value, or the mean of the two in the middle; NaN where one is, `None` of nothing.
fn median(mut values: Vec<f64>) -> Option<f64> {
    if values.iter().any(|value| value.is_nan()) {
        return Some(f64::NAN);
    }
    values.sort_unstable_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(values.len() / 2 - 1).map(|lower| lower + (upper - lower) / 2.0)
}
