//! Class names to numbers and back.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::labels::normalised;
use crate::{DataError, Result};

/// Numbers classes `0, 1, ...` in a fixed order, as scikit-learn's `LabelEncoder` does: sorted.
///
/// Labels that are all integers are sorted as numbers, so that `10` comes after `9`. What cannot be seen does not part
/// two labels: blanks and zero-width characters around them, zero-width characters within, and the two ways to write an
/// accented letter.
///
/// ```
/// use brasa_data::LabelEncoder;
/// let encoder = LabelEncoder::fit(["paris", "paris", "tokyo", "amsterdam"]);
/// assert_eq!(encoder.classes(), ["amsterdam", "paris", "tokyo"]);
/// assert_eq!(encoder.encode("tokyo")?, 2);
/// assert_eq!(encoder.decode(1), Some("paris"));
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Classes", into = "Classes")]
pub struct LabelEncoder {
    classes: Vec<String>,
    // (normalised name, number) sorted by name, for look-up.
    by_name: Vec<(String, u32)>,
}

#[derive(Serialize, Deserialize)]
struct Classes {
    classes: Vec<String>,
}

impl From<Classes> for LabelEncoder {
    fn from(saved: Classes) -> Self {
        Self::with_classes(saved.classes)
    }
}

impl From<LabelEncoder> for Classes {
    fn from(encoder: LabelEncoder) -> Self {
        Self { classes: encoder.classes }
    }
}

impl LabelEncoder {
    /// The distinct labels, sorted.
    #[must_use]
    pub fn fit<'a>(labels: impl IntoIterator<Item = &'a str>) -> Self {
        let distinct = labels.into_iter().map(normalised).collect::<BTreeSet<_>>();
        let numbers = distinct.iter().map(|label| label.parse::<i64>()).collect::<Vec<_>>();
        let mut classes = distinct.into_iter().map(Cow::into_owned).collect::<Vec<_>>();
        if numbers.iter().all(std::result::Result::is_ok) {
            classes.sort_by_cached_key(|label| label.parse::<i64>().unwrap_or_default());
        }
        Self::with_classes(classes)
    }

    /// Classes in the given order. Of two with one name, the first is the one encoded to.
    #[must_use]
    pub fn with_classes(classes: Vec<String>) -> Self {
        let names = classes.iter().map(|class| normalised(class).into_owned());
        let mut by_name = names.zip(0..).collect::<Vec<_>>();
        by_name.sort();
        Self { classes, by_name }
    }

    /// The names by number.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The number of a label.
    ///
    /// # Errors
    /// [`DataError::Content`] for a label that is not a class.
    pub fn encode(&self, label: &str) -> Result<u32> {
        let name = normalised(label);
        let label = &*name;
        let place = self.by_name.partition_point(|(name, _)| name.as_str() < label);
        match self.by_name.get(place) {
            Some((name, number)) if name == label => Ok(*number),
            _ => Err(DataError::unknown_class(label, &self.classes)),
        }
    }

    /// The name of a number, if it is one of a class.
    #[must_use]
    pub fn decode(&self, number: u32) -> Option<&str> {
        self.classes.get(number as usize).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn integers_sort_as_numbers_and_mixed_labels_as_text() {
        assert_eq!(LabelEncoder::fit(["10", "9", "-1", "9"]).classes(), ["-1", "9", "10"]);
        assert_eq!(LabelEncoder::fit(["10", "9", "b"]).classes(), ["10", "9", "b"]);
    }

    #[test]
    fn labels_that_look_the_same_are_one() {
        let spellings = ["caf\u{e9}", " cafe\u{301}", "caf\u{e9}\u{200b}", "tea", "tea\u{a0}", "\u{feff}tea"];
        let encoder = LabelEncoder::fit(spellings);
        assert_eq!(encoder.classes(), ["caf\u{e9}", "tea"]);
        assert_eq!(spellings.map(|label| encoder.encode(label).unwrap()), [0, 0, 0, 1, 1, 1]);
        // The names of a recipe stay as they are written there.
        let named = LabelEncoder::with_classes(vec!["tea".into(), "cafe\u{301}".into()]);
        assert_eq!(named.encode("caf\u{e9} ").unwrap(), 1);
        assert_eq!(named.decode(1), Some("cafe\u{301}"));
    }

    #[test]
    fn labels_survive_the_round_trip_also_through_json() {
        let encoder = LabelEncoder::with_classes(vec!["z".into(), "a".into(), "m".into()]);
        let json = serde_json::to_string(&encoder).unwrap();
        assert_eq!(json, r#"{"classes":["z","a","m"]}"#);
        let encoder: LabelEncoder = serde_json::from_str(&json).unwrap();
        for (number, name) in ["z", "a", "m"].into_iter().enumerate() {
            assert_eq!(encoder.encode(name).unwrap() as usize, number);
            assert_eq!(encoder.decode(number as u32), Some(name));
        }
        let message = encoder.encode("q").unwrap_err().to_string();
        assert_eq!(message, "the label `q` is not one of the classes `z`, `a`, `m`");
    }
}
