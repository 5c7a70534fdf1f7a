//! What one fold answers.

use serde::{Deserialize, Deserializer, Serialize};

use brasa_data::Targets;
use brasa_train::Prepared;
use brasa_train::StopReason;
use brasa_train::metrics::{Scores, argmax, nan_as_null};

use crate::look::probability;

/// Names a fold; both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FoldId {
    /// The repeat.
    pub repeat: usize,
    /// The fold within the repeat.
    pub fold: usize,
}

/// What the held-out rows of a fold share with the rows that it learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoldLeaks {
    /// Held-out rows with exactly the features of a row that trained or chose.
    pub duplicates: usize,
    /// Groups with rows both held out and trained on.
    pub shared_groups: usize,
}

/// How one fold was trained and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldSummary {
    /// Which fold.
    #[serde(flatten)]
    pub id: FoldId,
    /// Rows that the weights and the scaler were fitted on.
    pub train_rows: usize,
    /// Rows that chose the weights.
    pub valid_rows: usize,
    /// Epochs run.
    pub epochs: usize,
    /// The epoch whose weights were scored, from 1.
    pub best_epoch: usize,
    /// Why training ended.
    pub stop: StopReason,
    /// Wall-clock seconds, reading data not included.
    pub seconds: f64,
    /// What the held-out rows share with the others.
    pub leaks: FoldLeaks,
    /// Classes that the fold trains, chooses or judges without, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent_classes: Vec<String>,
    /// Scores of the held-out rows.
    pub scores: Scores,
}

/// What a fold said of a row that it had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// Number of the row in the data, from 0.
    pub row: usize,
    /// What was to be said, and what was.
    #[serde(flatten)]
    pub said: Said,
}

/// A target beside its prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// A class.
    Class {
        /// Its class.
        #[serde(rename = "true")]
        target: u32,
        /// The most likely class.
        predicted: u32,
        /// Probability that the network gave to that class.
        #[serde(with = "nan_as_null")]
        probability: f64,
    },
    /// Numbers.
    Numbers {
        /// Its numbers.
        #[serde(rename = "true")]
        targets: Vec<f64>,
        /// The predicted ones, in the same units.
        #[serde(deserialize_with = "null_as_nan")]
        predicted: Vec<f64>,
    },
}

/// JSON has no word for a number that is none.
fn null_as_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let values = Vec::<Option<f64>>::deserialize(deserializer)?;
    Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

impl HeldOut {
    /// Reads the network's `outputs` for `row`; `None` where it gave none.
    pub(super) fn of(prepared: &Prepared, row: usize, outputs: &[f32]) -> Option<Self> {
        let said = match &prepared.data.targets {
            Targets::Classes(classes) => {
                let (target, predicted) = (*classes.labels.get(row)?, argmax(outputs)?);
                Said::Class { target, predicted, probability: probability(outputs, predicted) }
            }
            Targets::Numbers(numbers) => Said::Numbers {
                targets: numbers.row(row).to_vec(),
                predicted: prepared.target_scale.restore(outputs),
            },
        };
        Some(Self { row, said })
    }
}

/// One fold: what it scored, and every prediction behind that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldResult {
    /// How it went.
    pub summary: FoldSummary,
    /// The held-out rows, ascending.
    pub predictions: Vec<HeldOut>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_prediction_that_is_no_number_comes_back() {
        let said = Said::Numbers { targets: vec![1.0, 2.0], predicted: vec![0.5, f64::NAN] };
        let text = serde_json::to_string(&HeldOut { row: 3, said }).unwrap();
        let HeldOut { row: 3, said: Said::Numbers { targets, predicted } } =
            serde_json::from_str(&text).unwrap()
        else {
            unreachable!("{text}")
        };
        assert_eq!((targets.as_slice(), predicted[0]), ([1.0, 2.0].as_slice(), 0.5));
        assert!(predicted[1].is_nan());
    }
}
