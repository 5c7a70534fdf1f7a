use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// The name of [`Accuracy`], for what is about accuracy alone.
pub const ACCURACY: &str = "accuracy";

/// Share of rows whose most likely class is the target.
///
/// # Reference
/// `sklearn.metrics.accuracy_score`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accuracy;

impl Metric for Accuracy {
    fn name(&self) -> &str {
        ACCURACY
    }

    fn label(&self) -> &str {
        "Accuracy"
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
        Some(judged.classes()?.confusion.accuracy())
    }
}
