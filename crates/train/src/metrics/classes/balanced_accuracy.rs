use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Mean recall of the classes that have rows: accuracy as it would be with equally many rows of each class.
///
/// # Reference
/// `sklearn.metrics.balanced_accuracy_score`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalancedAccuracy;

impl Metric for BalancedAccuracy {
    fn name(&self) -> &str {
        "balanced_accuracy"
    }

    fn label(&self) -> &str {
        "Balanced accuracy"
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
        let confusion = judged.classes()?.confusion;
        let present: Vec<usize> =
            (0..confusion.classes()).filter(|class| confusion.support(*class) > 0).collect();
        let recalls: f64 = present.iter().map(|class| confusion.of_class(*class).recall).sum();
        (!present.is_empty()).then(|| recalls / present.len() as f64)
    }
}
