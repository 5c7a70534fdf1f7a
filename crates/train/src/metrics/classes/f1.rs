use super::super::{Average, Direction, Judged, Metric, Range, TaskKind};

/// Harmonic mean of precision and recall, averaged over the classes.
///
/// # Reference
/// `sklearn.metrics.f1_score` with `zero_division=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct F1(pub Average);

impl Metric for F1 {
    fn name(&self) -> &str {
        match self.0 {
            Average::Macro => "f1_macro",
            Average::Micro => "f1_micro",
            Average::Weighted => "f1_weighted",
        }
    }

    fn label(&self) -> &str {
        match self.0 {
            Average::Macro => "Macro F1",
            Average::Micro => "Micro F1",
            Average::Weighted => "Weighted F1",
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
        Some(judged.classes()?.confusion.averaged(self.0).f1)
    }
}
