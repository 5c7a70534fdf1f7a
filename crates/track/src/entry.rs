//! Metrics, parameters and tags as MLflow's REST API takes them, within its limits.
//!
//! The limits are those of MLflow 2 and 3: <https://mlflow.org/docs/latest/api_reference/rest-api.html#log-batch>.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Metrics in one call.
pub(crate) const METRICS_PER_CALL: usize = 1000;
/// Metrics, parameters and tags in one call.
pub(crate) const ENTRIES_PER_CALL: usize = 1000;
/// Parameters in one call.
pub(crate) const PARAMS_PER_CALL: usize = 100;
/// Tags in one call.
pub(crate) const TAGS_PER_CALL: usize = 100;
/// Data sets in one call.
pub(crate) const DATASETS_PER_CALL: usize = 1000;
const KEY_CHARS: usize = 250;
const PARAM_CHARS: usize = 6000;
const TAG_CHARS: usize = 5000;
const DATASET_CHARS: usize = 500;
const DIGEST_CHARS: usize = 36;

/// One value of one figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metric {
    pub(crate) key: String,
    pub(crate) value: f64,
    /// Milliseconds since 1970.
    pub(crate) timestamp: u64,
    pub(crate) step: u64,
}

/// A parameter or a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Pair {
    /// A parameter, cut to what MLflow takes.
    pub(crate) fn param(key: &str, value: &str) -> Self {
        Self { key: valid_key(key), value: cut(value, PARAM_CHARS) }
    }

    /// A parameter of a value of a recipe: text as it stands, the rest as JSON.
    pub(crate) fn value(key: &str, value: &Value) -> Self {
        match value {
            Value::String(text) => Self::param(key, text),
            value => Self::param(key, &value.to_string()),
        }
    }

    /// A tag, cut to what MLflow takes.
    pub(crate) fn tag(key: &str, value: &str) -> Self {
        Self { key: valid_key(key), value: cut(value, TAG_CHARS) }
    }
}

/// A file that a run was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Dataset {
    name: String,
    digest: String,
    source_type: &'static str,
    /// JSON.
    source: String,
    /// JSON.
    profile: String,
}

impl Dataset {
    /// A file with its SHA-256, cut to what MLflow takes.
    pub(crate) fn file(name: &str, sha256: &str, profile: &Value) -> Self {
        Self {
            name: cut(name, DATASET_CHARS),
            digest: sha256.chars().take(DIGEST_CHARS).collect(),
            source_type: "local",
            source: json!({ "uri": name }).to_string(),
            profile: profile.to_string(),
        }
    }
}

/// MLflow's names have letters, digits and `_-. :/`.
fn valid_key(key: &str) -> String {
    let valid = |c: char| if c.is_alphanumeric() || "_-. :/".contains(c) { c } else { '_' };
    key.chars().take(KEY_CHARS).map(valid).collect()
}

/// The text, or its start and an ellipsis.
fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.into(),
        Some(_) => text.chars().take(chars - 1).chain(['\u{2026}']).collect(),
    }
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_keep_to_the_limits() {
        let long = "\u{e9}".repeat(7000);
        let param = Pair::param(&long, &long);
        assert_eq!((param.key.chars().count(), param.value.chars().count()), (250, 6000));
        assert!(param.value.ends_with("\u{e9}\u{2026}"));
        assert_eq!(Pair::tag("a=b c", &long).value.chars().count(), 5000);
        assert_eq!(Pair::tag("a=b c", "").key, "a_b c");
        let fits = "x".repeat(6000);
        assert_eq!(Pair::param("optimizer.lr", &fits), Pair { key: "optimizer.lr".into(), value: fits });
    }
}
