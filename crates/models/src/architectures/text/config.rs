//! What a network over titles is made of, checked before it is made.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::encoder::EncoderSizes;
use super::{Conv1d, Filters, Mean, Reader, Text};
use crate::checks::{at_least_one, most_weights, spread_dropout};
use crate::init::Initializer;
use crate::summary::{LayerSummary, Summary};
use crate::{Init, ModelError, Result};

/// How a title is read from the vectors of its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reader", rename_all = "kebab-case")]
pub enum TextReader {
    /// Filters over neighbouring words, each one's largest answer.
    Cnn {
        /// How many words a filter sees; there are `filters` of each size.
        filter_sizes: Vec<usize>,
        /// Filters of each size.
        filters: usize,
    },
    /// Layers over the mean of the vectors.
    Mlp {
        /// Width of each hidden layer.
        hidden: Vec<usize>,
    },
    /// A transformer over the words, and the mean of what it makes of them.
    Transformer {
        /// Blocks of attention and two linear layers.
        depth: usize,
        /// Heads of attention, which divide the numbers of a word's vector.
        heads: usize,
        /// Width between a block's two linear layers.
        width: usize,
    },
}

/// A classifier of titles, which come as numbers of words.
///
/// ```
/// use brasa_models::{TextConfig, TextReader};
/// use burn::tensor::{Device, Tensor};
///
/// let reader = TextReader::Cnn { filter_sizes: vec![2, 3, 4], filters: 100 };
/// let config = TextConfig { dims: 50, length: 20, ..TextConfig::new(5_000, reader, 10) };
/// let device = Device::default();
/// let network = config.init(42, &device)?;
/// assert_eq!(network.forward(Tensor::ones([8, 20], &device)).dims(), [8, 10]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextConfig {
    /// Words that have a vector, the padding not among them.
    pub words: usize,
    /// Numbers in a word's vector.
    pub dims: usize,
    /// Words of a title.
    pub length: usize,
    /// So many of them are read, the first ones, and of these those that have a vector; all where absent, which must have one. For a
    /// network that reads words beside one that reads parts of words as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
    /// Whether the vectors stay as they were given.
    pub frozen: bool,
    /// How a title is read.
    #[serde(flatten)]
    pub reader: TextReader,
    /// Dropout probability before the output, and after each hidden layer.
    pub dropout: f64,
    /// Probability that a word is left out of a title in training, each on its own
    /// ([Iyyer et al. 2015](https://doi.org/10.3115/v1/P15-1162)).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub word_dropout: f64,
    /// Classes.
    pub outputs: usize,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl TextConfig {
    /// A network over vectors of 50 numbers that are trained with it, and titles of 20 words.
    pub fn new(words: usize, reader: TextReader, outputs: usize) -> Self {
        Self {
            words,
            dims: 50,
            length: 20,
            first: None,
            frozen: false,
            reader,
            dropout: 0.0,
            word_dropout: 0.0,
            outputs,
        }
    }

    /// Words of a title that are read.
    pub(super) fn read_length(&self) -> usize {
        self.first.unwrap_or(self.length)
    }

    /// Checks the configuration and draws the initial weights from `seed`, the vectors from `N(0, 1)` as PyTorch.
    ///
    /// # Errors
    /// [`ModelError::Config`] for a size of zero, a filter wider than a title, or a dropout that is no probability.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Text> {
        self.check()?;
        let mut initializer = Initializer::new(Init::Pytorch, seed, device);
        let table = initializer.vectors(self.words + 1, self.dims);
        let embedding = Tensor::from_data(TensorData::new(table, [self.words + 1, self.dims]), device);
        let embedding = match self.frozen {
            true => Param::from_tensor(embedding).no_grad(),
            false => Param::from_tensor(embedding),
        };
        let (reader, features) = match &self.reader {
            TextReader::Cnn { filter_sizes, filters } => {
                let conv = |&words: &usize| {
                    let (weight, bias) = initializer.conv1d(self.dims, *filters, words);
                    Conv1d { weight, bias }
                };
                let convs: Vec<Conv1d> = filter_sizes.iter().map(conv).collect();
                let features = convs.len() * filters;
                (Reader::Cnn(Filters { convs }), features)
            }
            TextReader::Mlp { hidden } => {
                let mut inputs = self.dims;
                let layer = |&width: &usize| {
                    let linear = initializer.linear(inputs, width);
                    inputs = width;
                    linear
                };
                let hidden: Vec<_> = hidden.iter().map(layer).collect();
                (Reader::Mlp(Mean { hidden }), inputs)
            }
            &TextReader::Transformer { depth, heads, width } => {
                let sizes = self.encoder(depth, heads, width);
                (Reader::Transformer(sizes.init(&mut initializer)?), self.dims)
            }
        };
        Ok(Text {
            embedding,
            reader,
            output: initializer.linear(features, self.outputs),
            first: self.first,
            dropout: self.dropout,
            word_dropout: self.word_dropout,
        })
    }

    /// Layer by layer output shapes, parameters and FLOPs; frozen vectors are no parameters.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn summary(&self) -> Result<Summary> {
        self.check()?;
        let vectors = if self.frozen { 0 } else { (self.words + 1) * self.dims };
        let mut layers = vec![LayerSummary {
            name: if self.frozen { "embedding (frozen)".into() } else { "embedding".into() },
            output: vec![self.read_length(), self.dims],
            size: None,
            parameters: vectors,
            flops: 0,
        }];
        let features = match &self.reader {
            TextReader::Cnn { filter_sizes, filters } => {
                for &words in filter_sizes {
                    let places = self.read_length() - words + 1;
                    let name = format!("conv {filters} {words}, ReLU, max over time");
                    layers.push(LayerSummary {
                        size: Some(format!("({}-{words}+2*0)/1+1 = {places}", self.read_length())),
                        output: vec![*filters],
                        ..LayerSummary::conv(name, self.dims, *filters, words, vec![*filters, places])
                    });
                }
                filter_sizes.len() * filters
            }
            TextReader::Mlp { hidden } => {
                layers.push(LayerSummary::elementwise(
                    "mean of vectors".into(),
                    &[self.dims],
                    self.read_length(),
                ));
                hidden.iter().fold(self.dims, |inputs, &width| {
                    layers.push(LayerSummary::linear("hidden, ReLU".into(), inputs, width));
                    width
                })
            }
            &TextReader::Transformer { depth, heads, width } => {
                layers.extend(self.encoder(depth, heads, width).rows());
                self.dims
            }
        };
        layers.push(LayerSummary::linear("output".into(), features, self.outputs));
        Ok(Summary { input: vec![self.length], layers })
    }

    fn encoder(&self, depth: usize, heads: usize, hidden: usize) -> EncoderSizes {
        EncoderSizes { length: self.read_length(), dims: self.dims, depth, heads, hidden }
    }

    fn check(&self) -> Result<()> {
        for (key, value) in
            [("words", self.words), ("dims", self.dims), ("length", self.length), ("outputs", self.outputs)]
        {
            at_least_one(key, value)?;
        }
        if let Some(first) = self.first.filter(|first| !(1..=self.length).contains(first)) {
            let expected = format!("from 1 to {}, the words of a title", self.length);
            return Err(ModelError::Config { key: "first", expected, found: first.to_string() });
        }
        spread_dropout(&[self.dropout], 1, "")?;
        spread_dropout(&[self.word_dropout], 1, "")?;
        most_weights("dims", (self.words as f64 + 1.0) * self.dims as f64)?;
        match &self.reader {
            TextReader::Cnn { filter_sizes, filters } => {
                at_least_one("filters", *filters)?;
                at_least_one("filter_sizes", filter_sizes.len())?;
                match filter_sizes.iter().find(|size| !(1..=self.read_length()).contains(size)) {
                    Some(size) => Err(ModelError::Config {
                        key: "filter_sizes",
                        expected: format!("sizes from 1 to {}, the words of a title", self.read_length()),
                        found: size.to_string(),
                    }),
                    None => Ok(()),
                }
            }
            TextReader::Mlp { hidden } => hidden.iter().try_for_each(|&width| at_least_one("hidden", width)),
            &TextReader::Transformer { depth, heads, width } => {
                for (key, value) in [("depth", depth), ("heads", heads), ("width", width)] {
                    at_least_one(key, value)?;
                }
                match self.dims.is_multiple_of(heads) {
                    true => Ok(()),
                    false => Err(ModelError::Config {
                        key: "heads",
                        expected: format!("a divisor of {}, the numbers of a word's vector", self.dims),
                        found: heads.to_string(),
                    }),
                }
            }
        }?;
        let (key, weights) = self.reader_weights();
        most_weights(key, weights)
    }

    /// The weights behind the vectors, and the key that they follow from.
    fn reader_weights(&self) -> (&'static str, f64) {
        let outputs = self.outputs as f64;
        match &self.reader {
            TextReader::Cnn { filter_sizes, filters } => {
                let words = filter_sizes.iter().map(|size| *size as f64).sum::<f64>();
                let features = filter_sizes.len() as f64 * *filters as f64;
                ("filters", words * self.dims as f64 * *filters as f64 + features * outputs)
            }
            TextReader::Mlp { hidden } => {
                let widths = [self.dims].into_iter().chain(hidden.iter().copied()).chain([self.outputs]);
                let widths: Vec<f64> = widths.map(|width| width as f64).collect();
                ("hidden", widths.windows(2).map(|pair| pair.iter().product::<f64>()).sum())
            }
            &TextReader::Transformer { depth, heads, width } => {
                let encoder = self.encoder(depth, heads, width).weights();
                ("width", encoder + self.dims as f64 * outputs)
            }
        }
    }
}
