use super::super::{Direction, Judged, Metric, Range, TaskKind};

/// Share of rows whose target is among the k most likely classes. `training.top_k` adds it to a recipe's metrics.
///
/// # Reference
/// `sklearn.metrics.top_k_accuracy_score`, but for ties, see [`target_rank`](super::super::target_rank).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopKAccuracy {
    k: usize,
    label: String,
}

impl TopKAccuracy {
    /// Its name, whatever k is.
    pub const NAME: &str = "top_k_accuracy";

    /// Of so many classes.
    pub fn new(k: usize) -> Self {
        Self { k, label: format!("Top-{k} accuracy") }
    }
}

impl Metric for TopKAccuracy {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn label(&self) -> &str {
        &self.label
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
        let classes = judged.classes()?;
        let hits = classes.top_k.filter(|hits| hits.k == self.k)?;
        let rows = classes.confusion.total();
        (rows > 0).then(|| hits.hits as f64 / rows as f64)
    }
}
