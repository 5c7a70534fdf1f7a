use super::super::{Average, Direction, Judged, Metric, Range, TaskKind};

/// Share of the rows of a class that were predicted as it, averaged over the classes.
///
/// # Reference
/// `sklearn.metrics.recall_score` with `zero_division=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recall(pub Average);

impl Metric for Recall {
    fn name(&self) -> &str {
        match self.0 {
            Average::Macro => "recall_macro",
            Average::Micro => "recall_micro",
            Average::Weighted => "recall_weighted",
        }
    }

    fn label(&self) -> &str {
        match self.0 {
            Average::Macro => "Macro recall",
            Average::Micro => "Micro recall",
            Average::Weighted => "Weighted recall",
        }
    }

    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> Range {
        Range::SHARE
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        Some(judged.classes()?.confusion.averaged(self.0).recall)
    }
}
