//! How embeddings are trained.

use serde::{Deserialize, Serialize};

use crate::{EmbedError, Result};

/// How embeddings are trained, unchecked: [`check`](Self::check) makes it usable. The defaults are fastText's, but for
/// `dims`, `min_count` and `buckets`, which suit titles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingConfig {
    /// Length of a vector.
    pub dims: usize,
    /// Words to either side that a word is to predict; for each word a number from 1 to this is drawn.
    pub window: usize,
    /// Words that occur less often are left out; they get the vectors of their subwords.
    pub min_count: u64,
    /// Passes over the titles.
    pub epochs: usize,
    /// Characters of the shortest n-grams, counted with `<` before the word and `>` after it.
    pub min_n: usize,
    /// Characters of the longest n-grams; 0 for none.
    pub max_n: usize,
    /// Rows that the n-grams are hashed to.
    pub buckets: usize,
    /// Random words that each prediction is told apart from.
    pub negatives: usize,
    /// Learning rate at the start; it falls to 0 in a straight line.
    pub learning_rate: f64,
    /// Words with a larger share of all tokens are passed over at random, the more often the larger it is.
    pub sample: f64,
}

impl Default for EmbeddingConfig {
    fn default() -> Self {
        Self {
            dims: 50,
            window: 5,
            min_count: 2,
            epochs: 5,
            min_n: 3,
            max_n: 6,
            buckets: 200_000,
            negatives: 5,
            learning_rate: 0.05,
            sample: 1e-4,
        }
    }
}

/// An [`EmbeddingConfig`] whose values are all in range.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedEmbedding(pub(crate) EmbeddingConfig);

impl EmbeddingConfig {
    /// Checks every value.
    ///
    /// # Errors
    /// [`EmbedError::Config`], which names the first key that is out of range.
    pub fn check(&self) -> Result<CheckedEmbedding> {
        let counts = [
            ("dims", self.dims, 1, 4096),
            ("window", self.window, 1, 100),
            ("min_count", usize::try_from(self.min_count).unwrap_or(usize::MAX), 1, 1_000_000_000),
            ("epochs", self.epochs, 1, 10_000),
            ("min_n", self.min_n, 1, 100),
            ("max_n", self.max_n, 0, 100),
            ("buckets", self.buckets, 1, 100_000_000),
            ("negatives", self.negatives, 1, 1_000),
        ];
        for (key, found, least, most) in counts {
            if !(least..=most).contains(&found) {
                let expected = format!("a number from {least} to {most}");
                return Err(EmbedError::Config { key, expected, found: found.to_string() });
            }
        }
        if self.max_n != 0 && self.max_n < self.min_n {
            let expected = format!("0, or at least min_n, which is {}", self.min_n);
            return Err(EmbedError::Config { key: "max_n", expected, found: self.max_n.to_string() });
        }
        for (key, found) in [("learning_rate", self.learning_rate), ("sample", self.sample)] {
            if !(found > 0.0 && found <= 1.0) {
                let expected = "a number above 0, up to 1".to_owned();
                return Err(EmbedError::Config { key, expected, found: found.to_string() });
            }
        }
        Ok(CheckedEmbedding(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn each_value_out_of_range_is_named() {
        let default = EmbeddingConfig::default();
        default.check().unwrap();
        EmbeddingConfig { max_n: 0, ..default.clone() }.check().unwrap();
        for (config, message) in [
            (
                EmbeddingConfig { dims: 0, ..default.clone() },
                "`dims`: expected a number from 1 to 4096, found 0",
            ),
            (
                EmbeddingConfig { max_n: 2, ..default.clone() },
                "`max_n`: expected 0, or at least min_n, which is 3, found 2",
            ),
            (
                EmbeddingConfig { learning_rate: f64::NAN, ..default.clone() },
                "`learning_rate`: expected a number above 0, up to 1, found NaN",
            ),
            (
                EmbeddingConfig { min_count: 0, ..default.clone() },
                "`min_count`: expected a number from 1 to 1000000000, found 0",
            ),
        ] {
            assert_eq!(config.check().unwrap_err().to_string(), format!("embedding {message}"));
        }
    }
}
