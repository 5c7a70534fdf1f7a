use super::super::{Direction, Judged, Metric, Needs, Range, TaskKind};
use super::ThresholdCurve;

/// Average precision, the area under the curve of precision over recall in steps: of two classes that of the second, of
/// more the mean over all classes, each against the others.
///
/// A class without rows counts as 0, as in scikit-learn.
///
/// # Reference
/// `sklearn.metrics.average_precision_score`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AveragePrecision;

impl Metric for AveragePrecision {
    fn name(&self) -> &str {
        "average_precision"
    }

    fn label(&self) -> &str {
        "Average precision"
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

    fn needs(&self) -> Needs {
        Needs::Rows
    }

    fn requirement(&self) -> &str {
        "probabilities that are numbers"
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let rows = judged.classes()?.rows?;
        let first = if rows.classes() == 2 { 1 } else { 0 };
        let of_class = |class| Some(ThresholdCurve::of(rows.of_class(class))?.average_precision());
        let values: Option<Vec<f64>> = (first..rows.classes()).map(of_class).collect();
        let values = values?;
        Some(values.iter().sum::<f64>() / values.len() as f64)
    }
}
