use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Mean Jaccard index of the classes that occur in targets or predictions: of the rows that are of a class or were
/// predicted as it, the share that is both.
///
/// # Reference
/// `sklearn.metrics.jaccard_score` with `average="macro"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jaccard;

impl Metric for Jaccard {
    fn name(&self) -> &str {
        "jaccard_macro"
    }

    fn label(&self) -> &str {
        "Macro Jaccard index"
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
        let occurring: Vec<usize> =
            (0..confusion.classes()).filter(|class| confusion.occurs(*class)).collect();
        let of_class = |&class: &usize| {
            let both = confusion.count(class, class);
            both as f64 / (confusion.support(class) + confusion.predicted(class) - both) as f64
        };
        let sum: f64 = occurring.iter().map(of_class).sum();
        (!occurring.is_empty()).then(|| sum / occurring.len() as f64)
    }
}
