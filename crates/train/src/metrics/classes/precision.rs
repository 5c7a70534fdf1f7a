use super::super::{Average, Direction, Judged, Metric, Range, TaskKind};

/// Share of the rows predicted as a class that are of it, averaged over the classes.
///
/// # Reference
/// `sklearn.metrics.precision_score` with `zero_division=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precision(pub Average);

impl Metric for Precision {
    fn name(&self) -> &str {
        match self.0 {
            Average::Macro => "precision_macro",
            Average::Micro => "precision_micro",
            Average::Weighted => "precision_weighted",
        }
    }

    fn label(&self) -> &str {
        match self.0 {
            Average::Macro => "Macro precision",
            Average::Micro => "Micro precision",
            Average::Weighted => "Weighted precision",
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
        Some(judged.classes()?.confusion.averaged(self.0).precision)
    }
}
