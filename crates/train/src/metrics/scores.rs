use serde::{Deserialize, Serialize};

use super::{Average, Confusion, MetricsError, wilson_interval};

/// The scores of a model on one split: every figure from the whole split at once.
///
/// Field names and order are the JSON keys that other tools read. A loss that is NaN or infinite is written as
/// `null`, which is read back as NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Mean cross-entropy per row, in nats, without class weights and label smoothing.
    #[serde(with = "nan_as_null")]
    pub loss: f64,
    /// Share of rows whose most likely class is the target, from 0 to 1.
    pub accuracy: f64,
    /// Share of rows whose target is among the k most likely classes, where asked for.
    pub top_k: Option<TopK>,
    /// Macro average of precision, over the classes that occur in targets or predictions.
    pub precision_macro: f64,
    /// Macro average of recall.
    pub recall_macro: f64,
    /// Macro average of F1.
    pub f1_macro: f64,
    /// Micro average of precision; equals accuracy.
    pub precision_micro: f64,
    /// Micro average of recall; equals accuracy.
    pub recall_micro: f64,
    /// Micro average of F1; equals accuracy.
    pub f1_micro: f64,
    /// Average of precision weighted by support.
    pub precision_weighted: f64,
    /// Average of recall weighted by support; equals accuracy.
    pub recall_weighted: f64,
    /// Average of F1 weighted by support.
    pub f1_weighted: f64,
    /// Rows evaluated.
    pub rows: u64,
    /// One entry per known class, also for classes that never occur.
    pub per_class: Vec<ClassScores>,
    /// `confusion[true][predicted]`: rows.
    pub confusion: Vec<Vec<u64>>,
}

impl Scores {
    /// The scores behind counts: the confusion matrix, the sum of the rows' losses, and k with the rows whose target
    /// is among the k most likely classes. Fails without rows.
    pub fn of_counts(
        confusion: &Confusion,
        class_names: &[String],
        loss_sum: f64,
        top_k: Option<(usize, u64)>,
    ) -> Result<Self, MetricsError> {
        let rows = confusion.total();
        if rows == 0 {
            return Err(MetricsError::NoRows);
        }
        let macro_average = confusion.averaged(Average::Macro);
        let micro = confusion.averaged(Average::Micro);
        let weighted = confusion.averaged(Average::Weighted);
        let class_scores = |(class, name): (usize, &String)| {
            let scores = confusion.of_class(class);
            ClassScores {
                name: name.clone(),
                precision: scores.precision,
                recall: scores.recall,
                f1: scores.f1,
                support: confusion.support(class),
            }
        };
        Ok(Self {
            loss: loss_sum / rows as f64,
            accuracy: confusion.accuracy(),
            top_k: top_k.map(|(k, hits)| TopK { k, accuracy: hits as f64 / rows as f64 }),
            precision_macro: macro_average.precision,
            recall_macro: macro_average.recall,
            f1_macro: macro_average.f1,
            precision_micro: micro.precision,
            recall_micro: micro.recall,
            f1_micro: micro.f1,
            precision_weighted: weighted.precision,
            recall_weighted: weighted.recall,
            f1_weighted: weighted.f1,
            rows,
            per_class: class_names.iter().enumerate().map(class_scores).collect(),
            confusion: confusion.to_rows(),
        })
    }

    /// 95 % interval of the accuracy, after Wilson.
    pub fn accuracy_interval(&self) -> (f64, f64) {
        let hits = self.confusion.iter().enumerate().filter_map(|(class, row)| row.get(class)).sum();
        wilson_interval(hits, self.rows)
    }
}

/// Top-k accuracy and its k.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TopK {
    /// How many of the most likely classes count.
    pub k: usize,
    /// Share of rows whose target is among them, from 0 to 1.
    pub accuracy: f64,
}

/// The scores of one class against all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Class name.
    pub name: String,
    /// Of the rows predicted as this class, the share that is; 0 where it was never predicted.
    pub precision: f64,
    /// Of the rows of this class, the share predicted as such; 0 where there are none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Rows whose target is this class.
    pub support: u64,
}

/// JSON has no NaN: serde_json writes `null` for it and then refuses to read that as a number.
#[allow(missing_docs)]
pub mod nan_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        value.is_finite().then_some(*value).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
