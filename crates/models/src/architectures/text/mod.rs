//! Networks over short texts: numbers of words in, logits out.

mod config;
mod encoder;
mod recipe;

use brasa_kernels::{
    ConvOptions, Epilogue, activation, conv1d, dropout, embedding, embedding_sum, max_over_time, side_by_side,
};
use brasa_onnx::Value;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::layers::linear;
use crate::seeds::layer_seed;
use crate::{
    Activation, Architecture, Diagram, Emitter, Input, Model, Network, Rate, Result, Summary, read_back,
};

pub use config::{TextConfig, TextReader};
pub use recipe::{TextCnnRecipe, TextMlpRecipe, TextTransformerRecipe};

use encoder::Encoder;

/// Texts whose convolutions are not divided.
const FEW: usize = 4;

/// The place of the words among the layers whose draws differ: behind all others.
const WORDS: usize = 1 << 16;

/// The network made by [`TextConfig::init`].
#[derive(Module, Debug)]
pub struct Text {
    /// A vector for each word, `[words + 1, dims]`; row 0 is the padding.
    embedding: Param<Tensor<2>>,
    reader: Reader,
    output: Linear,
    /// Words of a title that are read, of those that have a vector; all where absent.
    #[module(skip)]
    first: Option<usize>,
    #[module(skip)]
    dropout: f64,
    #[module(skip)]
    word_dropout: f64,
}

/// From vectors of words to features of a title.
// There is one of it per network.
#[allow(clippy::large_enum_variant)]
#[derive(Module, Debug)]
enum Reader {
    Cnn(Filters),
    Mlp(Mean),
    Transformer(Encoder),
}

/// Filters over neighbouring words, each one's largest answer
/// ([Kim 2014](https://arxiv.org/abs/1408.5882)).
#[derive(Module, Debug)]
struct Filters {
    convs: Vec<Conv1d>,
}

#[derive(Module, Debug)]
struct Conv1d {
    /// `[filters, dims, words]`.
    weight: Param<Tensor<3>>,
    bias: Param<Tensor<1>>,
}

/// Layers over the mean of a title's vectors.
#[derive(Module, Debug)]
struct Mean {
    hidden: Vec<Linear>,
}

impl Text {
    /// The same network with the vectors of `table`, `[words + 1, dims]` row-major; `None` where that does not fit.
    pub fn with_embedding(mut self, table: Vec<f32>) -> Option<Self> {
        let shape = self.embedding.dims();
        if table.len() != shape[0] * shape[1] {
            return None;
        }
        self.embedding = self.embedding.map(|old| {
            let frozen = !old.is_require_grad();
            let new = Tensor::from_data(TensorData::new(table, shape), &old.device());
            if frozen { new } else { new.require_grad() }
        });
        Some(self)
    }

    /// The same network with vectors that were drawn with this deviation: they are drawn with 1.
    #[must_use]
    pub fn with_deviation(mut self, deviation: f64) -> Self {
        if deviation != 1.0 {
            self.embedding = self.embedding.map(|old| {
                let frozen = !old.is_require_grad();
                // A leaf anew.
                let values = old.clone().mul_scalar(deviation).into_data();
                let new = Tensor::from_data(values, &old.device());
                if frozen { new } else { new.require_grad() }
            });
        }
        self
    }

    /// The same network with more words: rows of `dims` numbers after those it has. For words that it was not
    /// trained with; `None` where the rows do not fit.
    pub fn with_more_words(mut self, rows: Vec<f32>) -> Option<Self> {
        let [_, dims] = self.embedding.dims();
        // One that reads some of the words alone knows none that are numbered after the others.
        if !rows.len().is_multiple_of(dims) || self.first.is_some() {
            return None;
        }
        if !rows.is_empty() {
            let count = rows.len() / dims;
            self.embedding = self.embedding.map(|old| {
                let rows = Tensor::from_data(TensorData::new(rows, [count, dims]), &old.device());
                Tensor::cat(vec![old, rows], 0)
            });
        }
        Some(self)
    }

    /// Words that have a vector, the padding among them.
    pub fn words(&self) -> usize {
        self.embedding.dims()[0]
    }

    /// Logits of each class, without dropout.
    ///
    /// # Shapes
    /// `[batch, length]`, numbers of words, 0 for none, to `[batch, outputs]`.
    ///
    /// # Panics
    /// If a number is that of no word.
    pub fn forward(&self, input: Tensor<2, Int>) -> Tensor<2> {
        self.run(input, None)
    }

    /// Logits of each class, with dropout drawn from `seed`.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    pub fn forward_train(&self, input: Tensor<2, Int>, seed: u64) -> Tensor<2> {
        self.run(input, Some(seed))
    }

    fn run(&self, ids: Tensor<2, Int>, seed: Option<u64>) -> Tensor<2> {
        let ids = self.some_words(self.first_words(ids), seed);
        let table = self.embedding.val();
        let features = match &self.reader {
            Reader::Cnn(filters) => filters.forward(embedding(table, ids, Some(0))),
            Reader::Mlp(mean) => mean.forward(table, ids, |x, layer| self.drop(x, seed, layer + 1)),
            Reader::Transformer(encoder) => {
                let is_word = ids.clone().greater_elem(0).float();
                let drop = |x, layer| self.drop(x, seed, layer + 1);
                encoder.forward(embedding(table, ids, Some(0)), is_word, drop)
            }
        };
        linear(&self.output, self.drop(features, seed, 0))
    }

    /// The words of a title that are read.
    fn first_words(&self, ids: Tensor<2, Int>) -> Tensor<2, Int> {
        let Some(first) = self.first else { return ids };
        let [_, length] = ids.dims();
        let ids = ids.narrow(1, 0, first.min(length));
        let unknown = ids.clone().greater_equal_elem(self.words() as i64);
        ids.mask_fill(unknown, 0)
    }

    /// The words of a title that training lets it have.
    fn some_words(&self, ids: Tensor<2, Int>, seed: Option<u64>) -> Tensor<2, Int> {
        let Some(seed) = seed.filter(|_| self.word_dropout > 0.0) else { return ids };
        let all = Tensor::<2>::ones(ids.dims(), &ids.device());
        let left_out = dropout(all, self.word_dropout, layer_seed(seed, WORDS)).equal_elem(0.0);
        ids.mask_fill(left_out, 0)
    }

    fn drop<const D: usize>(&self, x: Tensor<D>, seed: Option<u64>, layer: usize) -> Tensor<D> {
        match seed {
            Some(seed) => dropout(x, self.dropout, layer_seed(seed, layer)),
            None => x,
        }
    }
}

impl Network {
    /// The same network with more words: rows after the vectors of those that it has, see [`Text::with_more_words`]. Networks that read
    /// no titles stay as they are.
    pub fn with_more_words(self, rows: &[f32]) -> Option<Self> {
        match self {
            Self::Text(text) => text.with_more_words(rows.to_vec()).map(Self::Text),
            Self::Bag(bag) => bag.with_more_words(rows).map(Self::Bag),
            other => Some(other),
        }
    }
}

impl Filters {
    fn forward(&self, vectors: Tensor<3>) -> Tensor<2> {
        let [batch, length, dims] = vectors.dims();
        // Laid out anew once, and not for each of the convolutions.
        let vectors = vectors.swap_dims(1, 2).reshape([batch, dims * length]).reshape([batch, dims, length]);
        let largest = |(vectors, weight, bias): (Tensor<3>, Tensor<3>, Tensor<1>)| {
            let options = ConvOptions { epilogue: Epilogue::Relu, ..ConvOptions::default() };
            max_over_time(conv1d(vectors, weight, Some(bias), options))
        };
        let convs = self.convs.iter().rev();
        let convs: Vec<_> = convs.map(|conv| (vectors.clone(), conv.weight.val(), conv.bias.val())).collect();
        // Those of a few texts are too small to be divided among threads; the last are mostly the longest.
        let mut answers = match batch < FEW {
            true => side_by_side(&vectors.device(), convs, largest),
            false => convs.into_iter().map(largest).collect(),
        };
        answers.reverse();
        Tensor::cat(answers, 1)
    }
}

impl Mean {
    fn forward(
        &self,
        table: Tensor<2>,
        ids: Tensor<2, Int>,
        drop: impl Fn(Tensor<2>, usize) -> Tensor<2>,
    ) -> Tensor<2> {
        // Padding has no vector and does not count; a title of padding alone has the mean zero.
        let words = ids.clone().greater_elem(0).float().sum_dim(1).clamp_min(1.0);
        let mean = embedding_sum(table, ids, Some(0)) / words;
        self.hidden.iter().enumerate().fold(mean, |features, (index, hidden)| {
            drop(activation(linear(hidden, features), Activation::Relu), index)
        })
    }
}

impl Filters {
    fn emit(&self, emitter: &mut Emitter<'_>, vectors: &Value) -> Result<Value> {
        let vectors = emitter.transpose(vectors, &[0, 2, 1]);
        let mut largest = Vec::new();
        for (index, conv) in self.convs.iter().enumerate() {
            let answers = emitter.within(format!("convs.{index}"), |emitter| {
                let weight = emitter.parameter("weight", conv.weight.val())?;
                let bias = emitter.parameter("bias", conv.bias.val())?;
                Ok::<_, crate::ModelError>(emitter.node("Conv", &[&vectors, &weight, &bias], []))
            })?;
            let answers = emitter.activation(Activation::Relu, &answers);
            let over = [("axes", [2].into()), ("keepdims", 0.into())];
            largest.push(emitter.node("ReduceMax", &[&answers], over));
        }
        Ok(emitter.node("Concat", &largest.iter().collect::<Vec<_>>(), [("axis", 1.into())]))
    }
}

impl Mean {
    fn emit(&self, emitter: &mut Emitter<'_>, vectors: &Value, ids: &Value) -> Result<Value> {
        let (zero, over) = (emitter.whole(&[0]), emitter.whole(&[1]));
        let is_word = emitter.node("Greater", &[ids, &zero], []);
        let is_word = emitter.node("Cast", &[&is_word], [("to", 1.into())]);
        let words = emitter.node("ReduceSum", &[&is_word, &over], [("keepdims", 1.into())]);
        let one = emitter.number(1.0);
        let words = emitter.node("Max", &[&words, &one], []);
        let sum = emitter.node("ReduceSum", &[vectors, &over], [("keepdims", 0.into())]);
        let mean = emitter.node("Div", &[&sum, &words], []);
        self.hidden.iter().enumerate().try_fold(mean, |features, (index, linear)| {
            let name = format!("hidden.{index}");
            let features = emitter.within(name, |emitter| emitter.linear(linear, &features))?;
            Ok(emitter.activation(Activation::Relu, &features))
        })
    }
}

impl Architecture for TextConfig {
    type Network = Text;

    fn build(&self, seed: u64, device: &Device) -> Result<Text> {
        self.init(seed, device)
    }

    fn layers(&self) -> Result<Summary> {
        self.summary()
    }

    /// Filters of all sizes read the same words.
    fn diagram(&self) -> Result<Diagram> {
        let filters = match &self.reader {
            TextReader::Cnn { filter_sizes, .. } => filter_sizes.len(),
            TextReader::Mlp { .. } | TextReader::Transformer { .. } => 0,
        };
        Ok(Diagram::of_rows(&self.summary()?, 1..1 + filters))
    }

    fn input_len(&self) -> usize {
        self.length
    }

    fn output_len(&self) -> usize {
        self.outputs
    }

    fn word_count(&self) -> Option<usize> {
        // One that reads some of the words takes all numbers.
        self.first.is_none().then_some(self.words)
    }

    fn emit(&self, network: &Text, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let [words, dims] = network.embedding.dims();
        let ids = match self.first {
            None => input.clone(),
            Some(first) => {
                let (from, to, axes) =
                    (emitter.whole(&[0]), emitter.whole(&[first as i64]), emitter.whole(&[1]));
                let ids = emitter.node("Slice", &[input, &from, &to, &axes], []);
                let (end, none) = (emitter.whole(&[words as i64]), emitter.whole(&[0]));
                let known = emitter.node("Less", &[&ids, &end], []);
                emitter.node("Where", &[&known, &ids, &none], [])
            }
        };
        let mut vectors = read_back(network.embedding.val(), "the vectors of words")?;
        // Padding has no vector.
        vectors.iter_mut().take(dims).for_each(|number| *number = 0.0);
        let table = emitter.weights("embedding", &[words, dims], vectors);
        let vectors = emitter.node("Gather", &[&table, &ids], [("axis", 0.into())]);
        let features = emitter.within("reader", |emitter| match &network.reader {
            Reader::Cnn(filters) => filters.emit(emitter, &vectors),
            Reader::Mlp(mean) => mean.emit(emitter, &vectors, &ids),
            Reader::Transformer(encoder) => encoder.emit(emitter, &vectors, &ids),
        })?;
        emitter.within("output", |emitter| emitter.linear(&network.output, &features))
    }
}

impl Model for Text {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.words())
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.forward_train(input.words(), draws)
    }

    fn rate(&self, path: &str) -> Rate {
        Rate { rows: path.ends_with("embedding"), ..Rate::default() }
    }
}
