//! The `[embedding]` table: where the vectors of words come from.

use brasa_data::keys::{Bounds, Fault};
use brasa_embed::{EmbedError, EmbeddingConfig};

brasa_data::table! {
    /// Drawn from a normal distribution, to be trained with the network.
    pub struct Random = "random" {
        /// Numbers in a word's vector.
        dims: usize = EmbeddingConfig::default().dims;
        /// Its deviation.
        deviation: f64 = 1.0, Bounds::above(0.0);
    }
}

brasa_data::table! {
    /// Skip-gram with subwords ([Bojanowski et al. 2017](https://arxiv.org/abs/1607.04606)), trained on the titles of the
    /// training split before the network is.
    pub struct Fasttext = "fasttext" {
        /// Numbers in a word's vector.
        dims: usize = EmbeddingConfig::default().dims;
        /// Words to either side that a word is to predict.
        window: usize = EmbeddingConfig::default().window;
        /// Words that occur less often get the vectors of their parts.
        min_count: u64 = EmbeddingConfig::default().min_count;
        /// Passes over the titles.
        epochs: usize = EmbeddingConfig::default().epochs;
        /// Characters of the shortest n-grams.
        min_n: usize = EmbeddingConfig::default().min_n;
        /// Characters of the longest n-grams; 0 for none.
        max_n: usize = EmbeddingConfig::default().max_n;
        /// Rows that the n-grams are hashed to.
        buckets: usize = EmbeddingConfig::default().buckets;
        /// Random words that each prediction is told apart from.
        negatives: usize = EmbeddingConfig::default().negatives;
        /// Learning rate at the start.
        learning_rate: f64 = EmbeddingConfig::default().learning_rate, Bounds::above(0.0);
        /// Words with a larger share of all words are passed over at random.
        sample: f64 = EmbeddingConfig::default().sample, Bounds::above(0.0);
    }
}

brasa_data::table! {
    /// Read from a text file in word2vec's format; words that it lacks begin at zero.
    pub struct VecFile = "vec" {
        /// The file with the vectors, beside the data.
        file: String;
        /// Numbers in a word's vector, as many as in the file.
        dims: usize = EmbeddingConfig::default().dims;
    }
}

/// What every origin of the vectors tells.
pub trait EmbeddingKind {
    /// What fastText would be trained with; of the other kinds, the length of their vectors.
    fn config(&self) -> EmbeddingConfig;
}

brasa_data::kinds! {
    /// The vectors of words: where they come from, with the keys of that kind, every one with a value.
    pub enum EmbeddingRecipe: pub EmbeddingKind, default Random {
        Random(Random),
        Fasttext(Fasttext),
        Vec(VecFile),
    }
}

impl EmbeddingKind for Random {
    fn config(&self) -> EmbeddingConfig {
        EmbeddingConfig { dims: self.dims, ..EmbeddingConfig::default() }
    }
}

impl EmbeddingKind for VecFile {
    fn config(&self) -> EmbeddingConfig {
        EmbeddingConfig { dims: self.dims, ..EmbeddingConfig::default() }
    }
}

impl EmbeddingKind for Fasttext {
    fn config(&self) -> EmbeddingConfig {
        EmbeddingConfig {
            dims: self.dims,
            window: self.window,
            min_count: self.min_count,
            epochs: self.epochs,
            min_n: self.min_n,
            max_n: self.max_n,
            buckets: self.buckets,
            negatives: self.negatives,
            learning_rate: self.learning_rate,
            sample: self.sample,
        }
    }
}

impl EmbeddingRecipe {
    /// Numbers in a word's vector.
    pub fn dims(&self) -> usize {
        self.kind().config().dims
    }

    /// The file that the vectors are read from, if they are.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Vec(vectors) => Some(&vectors.file),
            _ => None,
        }
    }

    /// Whether words that training has not met get vectors, too.
    pub fn has_subwords(&self) -> bool {
        matches!(self, Self::Fasttext(fasttext) if fasttext.max_n != 0)
    }

    /// Checks every value.
    ///
    /// # Errors
    /// The first key with a value that cannot be.
    pub(super) fn check(&self) -> Result<(), Fault> {
        self.check_ranges()?;
        match self.kind().config().check() {
            Ok(_) => Ok(()),
            Err(EmbedError::Config { key, expected, found }) => Err(Fault::value(key, expected, found)),
            Err(other) => Err(Fault::refused("", other.to_string())),
        }
    }
}
