//! What the scores of each task tell beside their figures, and how scores are read from JSON.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Figures, ReliabilityBin, Scores};

/// What a task tells beside its figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Details {
    /// Of a classifier.
    Classes(ClassDetails),
    /// Of a regression.
    Numbers(NumberDetails),
}

/// The scores of a classifier class by class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassDetails {
    /// Share of rows whose target is among the k most likely classes, where asked for.
    pub top_k: Option<TopK>,
    /// One entry per known class, also for classes that never occur.
    pub per_class: Vec<ClassScores>,
    /// `confusion[true][predicted]`: rows.
    pub confusion: Vec<Vec<u64>>,
    /// The bins of a reliability diagram, where each row's probabilities were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Vec<ReliabilityBin>>,
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

/// The scores of a regression output by output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NumberDetails {
    /// One entry per output.
    pub per_target: Vec<TargetScores>,
}

/// The figures of one output of a regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetScores {
    /// The output's name.
    pub name: String,
    /// The value of each metric that has one.
    pub figures: Figures,
}

/// Reads scores: numbers are figures whatever their name, so that a metric of a user's own is read, too, and a metric
/// that was added since is simply not there.
pub(super) fn read_scores<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scores, D::Error> {
    struct Read;

    impl<'de> Visitor<'de> for Read {
        type Value = Scores;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("scores of a split")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scores, A::Error> {
            let mut figures = Figures::default();
            let (mut rows, mut notes) = (None, Vec::new());
            let (mut per_class, mut confusion, mut per_target) = (None, None, None);
            let (mut top_k, mut reliability) = (None, None);
            while let Some(name) = map.next_key::<String>()? {
                match name.as_str() {
                    "rows" => rows = Some(map.next_value()?),
                    "notes" => notes = map.next_value()?,
                    "top_k" => top_k = map.next_value()?,
                    "per_class" => per_class = Some(map.next_value()?),
                    "confusion" => confusion = Some(map.next_value()?),
                    "reliability" => reliability = map.next_value()?,
                    "per_target" => per_target = Some(map.next_value()?),
                    _ => match map.next_value()? {
                        Value::Number(figure) => figures.set(name, figure.as_f64().unwrap_or(f64::NAN)),
                        Value::Null => figures.set(name, f64::NAN),
                        // What a later version tells.
                        _ => {}
                    },
                }
            }
            let missing = A::Error::missing_field;
            let details = match per_target {
                Some(per_target) => Details::Numbers(NumberDetails { per_target }),
                None => Details::Classes(ClassDetails {
                    top_k,
                    per_class: per_class.ok_or_else(|| missing("per_class"))?,
                    confusion: confusion.ok_or_else(|| missing("confusion"))?,
                    reliability,
                }),
            };
            Ok(Scores { figures, rows: rows.ok_or_else(|| missing("rows"))?, details, notes })
        }
    }

    deserializer.deserialize_map(Read)
}

/// JSON has no NaN: serde_json writes `null` for it and then refuses to read that as a number.
#[allow(missing_docs)]
pub mod nan_as_null {
    use super::*;

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        value.is_finite().then_some(*value).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
