//! The tables of networks over words.

use brasa_keys::{Bounds, Fault};

use super::{TextConfig, TextReader};
use crate::{ArchitectureKind, DataSizes, NetworkConfig};

brasa_keys::table! {
    /// Filters over neighbouring words of a title ([Kim 2014](https://arxiv.org/abs/1408.5882)).
    pub struct TextCnnRecipe = "text-cnn" {
        /// How many words a filter sees; there are `filters` of each size.
        filter_sizes: Vec<usize> = vec![2, 3, 4];
        /// Filters of each size.
        filters: usize = 100, Bounds::at_least(1.0);
        /// Whether the vectors of words stay as `[embedding]` gives them.
        frozen: bool = false;
        /// Dropout probability before the output: none or one.
        dropout: Vec<f64> = vec![];
        /// Probability that a word is left out of a title in training.
        word_dropout: f64 = 0.0, Bounds::below(0.0, 1.0);
    }
}

impl ArchitectureKind for TextCnnRecipe {
    fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
        let reader = TextReader::Cnn { filter_sizes: self.filter_sizes.clone(), filters: self.filters };
        network(sizes, dims, self.frozen, [self.word_dropout, first(&self.dropout)], reader)
    }

    fn check(&self) -> std::result::Result<(), Fault> {
        one_dropout(&self.dropout)
    }

    fn reads_titles(&self) -> bool {
        true
    }
}

brasa_keys::table! {
    /// Layers over the mean of the vectors of a title's words.
    pub struct TextMlpRecipe = "text-mlp" {
        /// Width of each hidden layer.
        hidden: Vec<usize> = vec![];
        /// Whether the vectors of words stay as `[embedding]` gives them.
        frozen: bool = false;
        /// Dropout probability before the output and after each hidden layer: none or one.
        dropout: Vec<f64> = vec![];
        /// Probability that a word is left out of a title in training.
        word_dropout: f64 = 0.0, Bounds::below(0.0, 1.0);
    }
}

impl ArchitectureKind for TextMlpRecipe {
    fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
        let reader = TextReader::Mlp { hidden: self.hidden.clone() };
        network(sizes, dims, self.frozen, [self.word_dropout, first(&self.dropout)], reader)
    }

    fn check(&self) -> std::result::Result<(), Fault> {
        one_dropout(&self.dropout)
    }

    fn reads_titles(&self) -> bool {
        true
    }
}

brasa_keys::table! {
    /// A transformer over the words of a title ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)): places are learnt, norms stand
    /// before attention and before the linear layers, the mean over the words is classified.
    pub struct TextTransformerRecipe = "text-transformer" {
        /// Blocks of attention and two linear layers.
        depth: usize = 2, Bounds::within(1.0, 1_000.0);
        /// Heads of attention, which divide the numbers of a word's vector (`dims` of `[embedding]`).
        heads: usize = 2, Bounds::within(1.0, 1_000.0);
        /// Width between a block's two linear layers.
        width: usize = 128, Bounds::within(1.0, 1_000_000.0);
        /// Whether the vectors of words stay as `[embedding]` gives them.
        frozen: bool = false;
        /// Dropout probability behind attention, behind both linear layers and before the output: none or one.
        dropout: Vec<f64> = vec![];
        /// Probability that a word is left out of a title in training.
        word_dropout: f64 = 0.0, Bounds::below(0.0, 1.0);
    }
}

impl ArchitectureKind for TextTransformerRecipe {
    fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
        let Self { depth, heads, width, .. } = *self;
        let reader = TextReader::Transformer { depth, heads, width };
        network(sizes, dims, self.frozen, [self.word_dropout, first(&self.dropout)], reader)
    }

    fn check(&self) -> std::result::Result<(), Fault> {
        one_dropout(&self.dropout)
    }

    fn reads_titles(&self) -> bool {
        true
    }
}

/// The network that reads so, over the data's words.
fn network(
    sizes: &DataSizes,
    dims: usize,
    frozen: bool,
    [word_dropout, dropout]: [f64; 2],
    reader: TextReader,
) -> NetworkConfig {
    // Only a mean does not ask in which order tokens come.
    let plain = sizes.plain.filter(|_| !matches!(reader, TextReader::Mlp { .. }));
    NetworkConfig::Text(TextConfig {
        words: plain.map_or(sizes.words, |[words, _]| words),
        first: plain.map(|[_, length]| length),
        dims,
        length: sizes.shape.iter().product(),
        frozen,
        reader,
        dropout,
        word_dropout,
        outputs: sizes.outputs,
    })
}

/// The one probability of dropout, where there is one.
fn first(dropout: &[f64]) -> f64 {
    dropout.first().copied().unwrap_or(0.0)
}

/// Refuses several probabilities where a kind has one place for dropout.
fn one_dropout(dropout: &[f64]) -> std::result::Result<(), Fault> {
    match dropout.len() {
        0 | 1 => Ok(()),
        several => Err(Fault::value("dropout", "one number", format!("{several} of them"))),
    }
}
