//! What reading the titles came to, in figures.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TextFacts;

/// [`TextFacts`] without the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextStats {
    /// Different words that have a number.
    pub words: usize,
    /// How often they occur in all titles.
    pub tokens: u64,
    /// Words of a sample.
    pub length: usize,
    /// Titles that were cut to it.
    pub cut: usize,
    /// Bad lines that were passed over.
    pub skipped: usize,
    /// What was wrong with the first of them, with its place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_skipped: Option<String>,
}

impl TextFacts {
    /// The figures without the words.
    #[must_use]
    pub fn stats(&self) -> TextStats {
        TextStats {
            words: self.vocabulary.len(),
            tokens: self.counts.iter().sum(),
            length: self.length,
            cut: self.cut,
            skipped: self.skipped,
            first_skipped: self.first_skipped.clone(),
        }
    }
}

impl fmt::Display for TextStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { words, tokens, length, cut, skipped, first_skipped } = self;
        write!(f, "{words} different words, {tokens} in all; {cut} titles cut to {length} words")?;
        match first_skipped {
            Some(first) => write!(f, "\n{skipped} bad lines passed over, the first: {first}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_lines_are_told_where_there_are_any() {
        let facts = TextFacts {
            vocabulary: vec!["red".into(), "cup".into()],
            counts: vec![3, 1],
            length: 20,
            cut: 1,
            ..TextFacts::default()
        };
        assert_eq!(facts.stats().to_string(), "2 different words, 4 in all; 1 titles cut to 20 words");
        let facts = TextFacts { skipped: 2, first_skipped: Some("x.csv: line 3: bad".into()), ..facts };
        let said = facts.stats().to_string();
        assert!(said.ends_with("\n2 bad lines passed over, the first: x.csv: line 3: bad"), "{said}");
    }
}
