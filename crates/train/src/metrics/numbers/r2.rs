use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Coefficient of determination: the share of the target's variance that is predicted, 0 for the mean of the targets alone and
/// below 0 for what is worse; the mean over several outputs.
///
/// Of a constant target 1 where it is predicted exactly, else 0. Undefined on fewer than two rows.
///
/// # Reference
/// `sklearn.metrics.r2_score`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct R2;

impl Metric for R2 {
    fn name(&self) -> &str {
        "r2"
    }

    fn label(&self) -> &str {
        "R2"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Regression
    }

    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> Range {
        Range { low: f64::NEG_INFINITY, high: 1.0 }
    }

    fn requirement(&self) -> &str {
        "two rows at least"
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        judged.numbers().filter(|numbers| numbers.rows() >= 2)?.uniform_average(|rows| {
            let rows: Vec<(f64, f64)> = rows.collect();
            let centre = rows.iter().map(|(_, target)| target).sum::<f64>() / rows.len() as f64;
            let residual: f64 = rows.iter().map(|(predicted, target)| (target - predicted).powi(2)).sum();
            let total: f64 = rows.iter().map(|(_, target)| (target - centre).powi(2)).sum();
            Some(match (residual, total) {
                (0.0, _) => 1.0,
                (_, 0.0) => 0.0,
                (residual, total) => 1.0 - residual / total,
            })
        })
    }
}
