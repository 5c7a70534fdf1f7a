use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Matthews correlation coefficient, of any number of classes: 1 for perfect predictions, 0 for those that know nothing of
/// the target, also where all targets or all predictions are one class.
///
/// # Reference
/// `sklearn.metrics.matthews_corrcoef`; Gorodkin, Comparing two K-category assignments by a K-category correlation
/// coefficient, Computational Biology and Chemistry 28 (2004), 367-374.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mcc;

impl Metric for Mcc {
    fn name(&self) -> &str {
        "mcc"
    }

    fn label(&self) -> &str {
        "MCC"
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

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let confusion = judged.classes()?.confusion;
        let classes = 0..confusion.classes();
        let (rows, hits) = (confusion.total() as f64, confusion.hits() as f64);
        let sum = |of: &dyn Fn(usize) -> f64| classes.clone().map(of).sum::<f64>();
        let expected = sum(&|class| confusion.support(class) as f64 * confusion.predicted(class) as f64);
        let targets = rows * rows - sum(&|class| (confusion.support(class) as f64).powi(2));
        let predictions = rows * rows - sum(&|class| (confusion.predicted(class) as f64).powi(2));
        let spread = (targets * predictions).sqrt();
        Some(if spread == 0.0 { 0.0 } else { (hits * rows - expected) / spread })
    }
}
