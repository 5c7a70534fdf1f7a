use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// The mean of the training's objective over the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objective;

impl Metric for Objective {
    fn name(&self) -> &str {
        "loss"
    }

    fn label(&self) -> &str {
        "Loss"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Regression
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> Range {
        Range::POSITIVE
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let numbers = judged.numbers()?;
        (numbers.rows() > 0).then(|| numbers.loss())
    }
}
