use super::super::{ClassRows, Direction, Judged, Metric, Needs, Range, TaskKind};
use super::ThresholdCurve;

/// Area under the ROC curve: of two classes that of the second; of more, each class against the others.
///
/// # Reference
/// `sklearn.metrics.roc_auc_score` with `multi_class="ovr"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RocAuc {
    /// The plain mean over the classes; undefined where a class has no rows.
    Macro,
    /// The mean weighted by the rows of each class, so that a class without rows has no say.
    Weighted,
}

impl Metric for RocAuc {
    fn name(&self) -> &str {
        match self {
            Self::Macro => "roc_auc",
            Self::Weighted => "roc_auc_weighted",
        }
    }

    fn label(&self) -> &str {
        match self {
            Self::Macro => "ROC AUC",
            Self::Weighted => "Weighted ROC AUC",
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

    fn needs(&self) -> Needs {
        Needs::Rows
    }

    fn requirement(&self) -> &str {
        match self {
            Self::Macro => "rows of every class, of two at least",
            Self::Weighted => "rows of two classes at least",
        }
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let rows = judged.classes()?.rows?;
        if rows.classes() == 2 {
            return ThresholdCurve::of(rows.of_class(1))?.roc_auc();
        }
        self.one_against_rest(&rows)
    }
}

impl RocAuc {
    fn one_against_rest(self, rows: &ClassRows<'_>) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for class in 0..rows.classes() {
            let curve = ThresholdCurve::of(rows.of_class(class))?;
            let weight = match self {
                Self::Macro => 1.0,
                Self::Weighted => curve.totals().0 as f64,
            };
            if weight > 0.0 {
                sum += weight * curve.roc_auc()?;
                weights += weight;
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }
}
