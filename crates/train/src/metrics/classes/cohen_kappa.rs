use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Cohen's kappa: how much more often targets and predictions agree than they would by chance, given how often each class
/// is predicted. Undefined where all targets and all predictions are one class.
///
/// # Reference
/// `sklearn.metrics.cohen_kappa_score`; Cohen, A coefficient of agreement for nominal scales, Educational and Psychological
/// Measurement 20 (1960), 37-46.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CohenKappa;

impl Metric for CohenKappa {
    fn name(&self) -> &str {
        "cohen_kappa"
    }

    fn label(&self) -> &str {
        "Cohen's kappa"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn direction(&self) -> Direction {
        Direction::HigherIsBetter
    }

    fn range(&self) -> Range {
        Range::CORRELATION
    }

    fn requirement(&self) -> &str {
        "two classes at least in targets or predictions"
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let confusion = judged.classes()?.confusion;
        let (rows, hits) = (confusion.total() as f64, confusion.hits() as f64);
        let by_chance = |class| confusion.support(class) as f64 * confusion.predicted(class) as f64;
        let by_chance = (0..confusion.classes()).map(by_chance).sum::<f64>() / rows;
        (by_chance < rows).then(|| (hits - by_chance) / (rows - by_chance))
    }
}
