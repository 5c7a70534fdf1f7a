//! What the samples are called.

use serde::{Deserialize, Serialize};

/// A name per sample, such as the path of its image below the folder. All lie in one text, so that a million names cost
/// little more than their letters.
///
/// ```
/// use brasa_data::SampleNames;
/// let names: SampleNames = ["cat/1.png", "dog/1.png"].into_iter().collect();
/// assert_eq!((names.len(), names.get(1), names.get(2)), (2, Some("dog/1.png"), None));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleNames {
    text: String,
    /// Where each name ends in the text.
    ends: Vec<usize>,
}

impl SampleNames {
    /// Number of names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The name of a sample, if there is such a sample.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)?;
        let start = match row.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// All names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|row| self.get(row).unwrap_or_default())
    }
}

impl<S: AsRef<str>> FromIterator<S> for SampleNames {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut all = Self::default();
        for name in names {
            all.text.push_str(name.as_ref());
            all.ends.push(all.text.len());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_in_order_whatever_is_in_them() {
        let given = ["", "cat/caf\u{e9}.png", "a\nb", "", "dog/1.png"];
        let names = given.iter().collect::<SampleNames>();
        assert_eq!(names.iter().collect::<Vec<_>>(), given);
        assert_eq!((names.len(), names.is_empty(), names.get(5)), (5, false, None));
        assert!(SampleNames::default().is_empty());
    }
}
