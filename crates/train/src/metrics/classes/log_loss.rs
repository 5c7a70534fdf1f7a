use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Mean cross-entropy of the rows, in nats, without class weights and label smoothing.
///
/// # Reference
/// `sklearn.metrics.log_loss`, over the softmax of logits; `torch.nn.CrossEntropyLoss`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLoss;

impl Metric for LogLoss {
    fn name(&self) -> &str {
        "loss"
    }

    fn label(&self) -> &str {
        "Loss"
    }

    fn task(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn range(&self) -> Range {
        Range::POSITIVE
    }

    fn compute(&self, judged: &Judged<'_>) -> Option<f64> {
        let classes = judged.classes()?;
        let rows = classes.confusion.total();
        (rows > 0).then(|| classes.loss_sum / rows as f64)
    }
}
