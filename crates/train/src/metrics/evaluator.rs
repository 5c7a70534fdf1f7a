use super::cross_entropy::{check_rows, row_loss};
use super::{Confusion, MetricsError, Scores, argmax, target_rank};

/// Gathers the rows of one split, batch by batch, and scores them as a whole.
#[derive(Debug, Clone)]
pub struct Evaluator {
    class_names: Vec<String>,
    confusion: Confusion,
    top_k: Option<usize>,
    top_k_hits: u64,
    loss_sum: f64,
}

impl Evaluator {
    /// An evaluator of as many classes as there are names, with top-k accuracy where `top_k` is given.
    /// Fails without classes and where `top_k` is not from 1 to the number of classes.
    pub fn new(class_names: Vec<String>, top_k: Option<usize>) -> Result<Self, MetricsError> {
        let classes = class_names.len();
        let confusion = Confusion::new(classes)?;
        if let Some(k) = top_k.filter(|k| !(1..=classes).contains(k)) {
            return Err(MetricsError::TopK { k, classes });
        }
        Ok(Self { class_names, confusion, top_k, top_k_hits: 0, loss_sum: 0.0 })
    }

    /// Adds a batch and answers the sum of its rows' losses: plain cross-entropy (no class weights, no label smoothing)
    /// in `f64`.
    ///
    /// # Shapes
    /// - `logits`: `[rows, classes]`, row-major
    /// - `targets`: `[rows]`, class indices
    ///
    /// NaN logits make the loss NaN and count as the largest value, so that a broken model shows in the loss.
    /// Fails on a wrong length or target; nothing of the batch is counted then.
    pub fn push(&mut self, logits: &[f32], targets: &[u32]) -> Result<f64, MetricsError> {
        self.count(logits, targets)?;
        let rows = logits.chunks(self.confusion.classes()).zip(targets);
        let loss_sum = rows.map(|(logits, &target)| row_loss(logits, target)).sum::<f64>();
        self.loss_sum += loss_sum;
        Ok(loss_sum)
    }

    fn count(&mut self, logits: &[f32], targets: &[u32]) -> Result<(), MetricsError> {
        let classes = self.confusion.classes();
        check_rows(logits, targets, classes)?;
        for (row, (logits, &target)) in logits.chunks(classes).zip(targets).enumerate() {
            if let Some(predicted) = argmax(logits) {
                self.confusion.record_row(row, target, predicted)?;
            }
            if let (Some(k), Some(rank)) = (self.top_k, target_rank(logits, target)) {
                self.top_k_hits += u64::from(rank < k);
            }
        }
        Ok(())
    }

    /// Rows gathered so far.
    pub fn rows(&self) -> u64 {
        self.confusion.total()
    }

    /// The counts gathered so far.
    pub fn confusion(&self) -> &Confusion {
        &self.confusion
    }

    /// The scores of all rows gathered so far. Fails where there are none.
    pub fn scores(&self) -> Result<Scores, MetricsError> {
        let hits = self.top_k.map(|k| (k, self.top_k_hits));
        Scores::of_counts(&self.confusion, &self.class_names, self.loss_sum, hits)
    }

    /// Forgets all rows; classes and k stay.
    pub fn reset(&mut self) -> &mut Self {
        self.confusion.clear();
        self.top_k_hits = 0;
        self.loss_sum = 0.0;
        self
    }
}
