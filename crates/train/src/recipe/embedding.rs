//! The `[embedding]` table: where the vectors of words come from.

use brasa_embed::EmbeddingConfig;
use serde::{Deserialize, Serialize};

use super::RecipeError;

/// Origins of the vectors by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmbeddingKind {
    /// Drawn from `N(0, 1)`, to be trained with the network.
    #[default]
    Random,
    /// Skip-gram with subwords ([Bojanowski et al. 2017](https://arxiv.org/abs/1607.04606)), trained on the titles of
    /// the training side before the network is.
    Fasttext,
    /// Read from a text file in word2vec's format; words that it lacks begin at zero.
    Vec,
}

/// The vectors of words. A key that its kind does not have is refused; one left out takes the kind's default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbeddingRecipe {
    /// Origin.
    pub kind: EmbeddingKind,
    /// Numbers in a word's vector; 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dims: Option<usize>,
    /// `vec`: the file, beside the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `fasttext`: words to either side that a word is to predict; 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// `fasttext`: words that occur less often get the vectors of their parts; 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u64>,
    /// `fasttext`: passes over the titles; 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,
    /// `fasttext`: characters of the shortest n-grams; 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_n: Option<usize>,
    /// `fasttext`: characters of the longest n-grams; 6, 0 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_n: Option<usize>,
    /// `fasttext`: rows that the n-grams are hashed to; 200,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buckets: Option<usize>,
    /// `fasttext`: random words that each prediction is told apart from; 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negatives: Option<usize>,
    /// `fasttext`: learning rate at the start; 0.05.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// `fasttext`: words with a larger share of all words are passed over at random; 1e-4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<f64>,
}

impl EmbeddingKind {
    fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Fasttext => "fasttext",
            Self::Vec => "vec",
        }
    }
}

impl EmbeddingRecipe {
    /// Numbers in a word's vector.
    pub fn dims(&self) -> usize {
        self.dims.unwrap_or(EmbeddingConfig::default().dims)
    }

    /// Whether words that training has not met get vectors, too.
    pub fn has_subwords(&self) -> bool {
        self.kind == EmbeddingKind::Fasttext && self.config().max_n != 0
    }

    /// What fastText is trained with.
    pub(crate) fn config(&self) -> EmbeddingConfig {
        let default = EmbeddingConfig::default();
        EmbeddingConfig {
            dims: self.dims(),
            window: self.window.unwrap_or(default.window),
            min_count: self.min_count.unwrap_or(default.min_count),
            epochs: self.epochs.unwrap_or(default.epochs),
            min_n: self.min_n.unwrap_or(default.min_n),
            max_n: self.max_n.unwrap_or(default.max_n),
            buckets: self.buckets.unwrap_or(default.buckets),
            negatives: self.negatives.unwrap_or(default.negatives),
            learning_rate: self.learning_rate.unwrap_or(default.learning_rate),
            sample: self.sample.unwrap_or(default.sample),
        }
    }

    /// Fills in the defaults of its kind and checks every value.
    ///
    /// # Errors
    /// [`RecipeError::Value`] for a key that the kind does not have, or lacks; [`RecipeError::Refused`] for a value
    /// out of its range.
    pub(super) fn resolve(mut self) -> Result<Self, RecipeError> {
        let of_fasttext = [
            ("window", self.window.is_some()),
            ("min_count", self.min_count.is_some()),
            ("epochs", self.epochs.is_some()),
            ("min_n", self.min_n.is_some()),
            ("max_n", self.max_n.is_some()),
            ("buckets", self.buckets.is_some()),
            ("negatives", self.negatives.is_some()),
            ("learning_rate", self.learning_rate.is_some()),
            ("sample", self.sample.is_some()),
        ];
        let refused = |key: &str| {
            let expected = format!("no such key for kind `{}`", self.kind.name());
            Err(RecipeError::value(&format!("embedding.{key}"), expected, "a value"))
        };
        if let Some((key, _)) = of_fasttext.into_iter().find(|(_, given)| *given)
            && self.kind != EmbeddingKind::Fasttext
        {
            return refused(key);
        }
        match (self.kind, &self.file) {
            (EmbeddingKind::Vec, None) => {
                return Err(RecipeError::value("embedding.file", "the name of a .vec file", "none"));
            }
            (EmbeddingKind::Vec, Some(_)) | (_, None) => {}
            _ => return refused("file"),
        }
        let config = self.config();
        config.check().map_err(|error| RecipeError::Refused(error.to_string()))?;
        self.dims = Some(config.dims);
        if self.kind == EmbeddingKind::Fasttext {
            self.window = Some(config.window);
            self.min_count = Some(config.min_count);
            self.epochs = Some(config.epochs);
            self.min_n = Some(config.min_n);
            self.max_n = Some(config.max_n);
            self.buckets = Some(config.buckets);
            self.negatives = Some(config.negatives);
            self.learning_rate = Some(config.learning_rate);
            self.sample = Some(config.sample);
        }
        Ok(self)
    }
}
