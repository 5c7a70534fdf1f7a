use super::super::{Direction, Judged, Metric, Needs, Range, TaskKind};

/// Brier score: the mean squared difference of the probabilities and the target.
///
/// Of two classes that of the second alone, from 0 to 1; of more classes summed over all of them, from 0 to 2.
///
/// # Reference
/// `sklearn.metrics.brier_score_loss`; Brier, Verification of forecasts expressed in terms of probability, Monthly
/// Weather Review 78 (1950), 1-3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brier;

impl Metric for Brier {
    fn name(&self) -> &str {
        "brier"
    }

    fn label(&self) -> &str {
        "Brier score"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> Range {
        Range { low: 0.0, high: 2.0 }
    }

    fn needs(&self) -> Needs {
        Needs::Rows
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let rows = judged.classes()?.rows.filter(|rows| !rows.is_empty())?;
        let first = if rows.classes() == 2 { 1 } else { 0 };
        let of_class = |class| -> f64 {
            rows.of_class(class)
                .map(|(probability, own)| (probability - f64::from(u8::from(own))).powi(2))
                .sum()
        };
        let sum: f64 = (first..rows.classes()).map(of_class).sum();
        Some(sum / rows.len() as f64)
    }
}
