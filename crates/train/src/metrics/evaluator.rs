use serde::{Deserialize, Serialize};

use super::cross_entropy::{check_rows, row_loss, softmax};
use super::{
    ClassRows, Confusion, Figures, Judged, JudgedClasses, Metrics, MetricsError, Scores, TopKAccuracy,
    TopKHits, argmax, target_rank,
};

/// Most probabilities (rows times classes) that are kept for metrics that need each row: 128 MiB.
pub const MOST_ROW_VALUES: usize = 1 << 24;

/// Gathers the rows of one split of a classifier, batch by batch, and scores them as a whole.
#[derive(Debug, Clone)]
pub struct Evaluator {
    class_names: Vec<String>,
    confusion: Confusion,
    top_k: Option<TopKHits>,
    loss_sum: f64,
    kept: Kept,
}

/// What an [`Evaluator`] has counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassCounts {
    confusion: Confusion,
    top_k_hits: Option<u64>,
    loss_sum: f64,
}

/// What is kept of the rows beside the counts.
#[derive(Debug, Clone)]
enum Kept {
    /// Nothing: nobody asked.
    Counts,
    /// Each row.
    Rows { probabilities: Vec<f64>, targets: Vec<u32>, most: usize },
    /// Nothing any more: there were more than so many probabilities.
    TooMany { most: usize },
}

impl Evaluator {
    /// An evaluator of as many classes as there are names, with top-k accuracy where `top_k` is given. It keeps counts
    /// alone.
    /// Fails without classes and where `top_k` is not from 1 to the number of classes.
    pub fn new(class_names: Vec<String>, top_k: Option<usize>) -> Result<Self, MetricsError> {
        let classes = class_names.len();
        let confusion = Confusion::new(classes)?;
        if let Some(k) = top_k.filter(|k| !(1..=classes).contains(k)) {
            return Err(MetricsError::TopK { k, classes });
        }
        let top_k = top_k.map(|k| TopKHits { k, hits: 0 });
        Ok(Self { class_names, confusion, top_k, loss_sum: 0.0, kept: Kept::Counts })
    }

    /// Keeps each row's probabilities, too, for the metrics that [need](super::Needs) them, as long as there are at most
    /// [`MOST_ROW_VALUES`]. What was gathered before is forgotten.
    #[must_use]
    pub fn with_rows(self) -> Self {
        self.with_rows_up_to(MOST_ROW_VALUES)
    }

    pub(super) fn with_rows_up_to(mut self, most: usize) -> Self {
        self.kept = Kept::TooMany { most };
        self.reset();
        self
    }

    /// Adds a batch and returns the sum of its rows' losses: plain cross-entropy (no class weights, no label smoothing)
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
        self.keep(logits, targets);
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
            if let (Some(top_k), Some(rank)) = (&mut self.top_k, target_rank(logits, target)) {
                top_k.hits += u64::from(rank < top_k.k);
            }
        }
        Ok(())
    }

    fn keep(&mut self, logits: &[f32], batch: &[u32]) {
        let Kept::Rows { probabilities, targets, most } = &mut self.kept else { return };
        let most = *most;
        if probabilities.len().saturating_add(logits.len()) > most {
            self.kept = Kept::TooMany { most };
            return;
        }
        logits.chunks(self.confusion.classes()).for_each(|row| probabilities.extend(softmax(row)));
        targets.extend(batch);
    }

    /// What was counted so far, to go on with another time.
    pub fn counts(&self) -> ClassCounts {
        ClassCounts {
            confusion: self.confusion.clone(),
            top_k_hits: self.top_k.map(|top_k| top_k.hits),
            loss_sum: self.loss_sum,
        }
    }

    /// Goes on from what another evaluator had counted; rows that are to be kept are those from here on. Fails for counts of
    /// other classes.
    pub fn restore_counts(&mut self, counts: ClassCounts) -> Result<(), MetricsError> {
        let (expected, found) = (self.confusion.classes(), counts.confusion.classes());
        if expected != found {
            return Err(MetricsError::Length { what: "counts of as many classes", expected, found });
        }
        self.confusion = counts.confusion;
        self.loss_sum = counts.loss_sum;
        self.top_k = self.top_k.map(|top_k| TopKHits { hits: counts.top_k_hits.unwrap_or(0), ..top_k });
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

    /// What was gathered so far, as metrics see it.
    pub fn judged(&self) -> Judged<'_> {
        Judged::Classes(self.judged_classes())
    }

    fn judged_classes(&self) -> JudgedClasses<'_> {
        let rows = match &self.kept {
            Kept::Rows { probabilities, targets, .. } => {
                ClassRows::new(self.confusion.classes(), probabilities, targets).ok()
            }
            Kept::Counts | Kept::TooMany { .. } => None,
        };
        JudgedClasses { confusion: &self.confusion, loss_sum: self.loss_sum, top_k: self.top_k, rows }
    }

    /// The values of `metrics` over all rows gathered so far. Fails where there are none.
    pub fn figures(&self, metrics: &Metrics) -> Result<Figures, MetricsError> {
        if self.rows() == 0 {
            return Err(MetricsError::NoRows);
        }
        Ok(metrics.figures(&self.judged()))
    }

    /// The scores of all rows gathered so far by the standard metrics. Fails where there are none.
    pub fn scores(&self) -> Result<Scores, MetricsError> {
        let metrics = Metrics::standard();
        self.scores_by(&match self.top_k {
            Some(top_k) => metrics.with(TopKAccuracy::new(top_k.k)),
            None => metrics,
        })
    }

    /// As [`scores`](Self::scores), by these metrics.
    pub fn scores_by(&self, metrics: &Metrics) -> Result<Scores, MetricsError> {
        Scores::of_classes(metrics, &self.judged_classes(), &self.class_names, self.row_limit_words())
    }

    /// Why the rows that were wanted are not there; `None` where they are, and where they were not wanted.
    pub(crate) fn row_limit_words(&self) -> Option<String> {
        let Kept::TooMany { most } = self.kept else { return None };
        let (rows, classes) = (self.rows(), self.confusion.classes());
        Some(format!(
            "probabilities are kept up to {most} in all, and {rows} rows of {classes} classes have more"
        ))
    }

    /// Forgets all rows; classes, k and whether rows are kept stay.
    pub fn reset(&mut self) -> &mut Self {
        self.confusion.clear();
        self.top_k = self.top_k.map(|top_k| TopKHits { hits: 0, ..top_k });
        self.loss_sum = 0.0;
        match &mut self.kept {
            Kept::Counts => {}
            Kept::Rows { probabilities, targets, .. } => {
                probabilities.clear();
                targets.clear();
            }
            Kept::TooMany { most } => {
                let most = *most;
                self.kept = Kept::Rows { probabilities: Vec::new(), targets: Vec::new(), most };
            }
        }
        self
    }
}
