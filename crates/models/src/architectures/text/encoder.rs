//! A transformer over the words of a text.

use brasa_kernels::activation;
use brasa_onnx::Value;
use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::init::{Initializer, Spread};
use crate::layers::{Attention, AttentionConfig, LayerNorm, LayerNormConfig, Projection};
use crate::summary::LayerSummary;
use crate::{Activation, Emitter, Result};

/// Deviation of the first vectors of places.
const DEVIATION: f64 = 0.02;

/// What is added to how well a word goes together with padding: nothing of it is left then.
const NEVER: f64 = -1e9;

/// Of norms, as `torch.nn.LayerNorm` has it.
const EPSILON: f64 = 1e-5;

/// The sizes of an [`Encoder`].
#[derive(Debug, Clone, Copy)]
pub(super) struct EncoderSizes {
    pub length: usize,
    pub dims: usize,
    pub depth: usize,
    pub heads: usize,
    pub hidden: usize,
}

/// A vector for each place is added to that of its word; blocks of attention and two linear layers follow, norms before each
/// ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762), [Xiong et al. 2020](https://arxiv.org/abs/2002.04745)); the features
/// are the mean over the words.
#[derive(Module, Debug)]
pub(super) struct Encoder {
    /// `[length, dims]`.
    positions: Param<Tensor<2>>,
    layers: Vec<Block>,
    norm: LayerNorm,
}

/// One block, its parts called as those of `torch.nn.TransformerEncoderLayer`.
#[derive(Module, Debug)]
struct Block {
    norm1: LayerNorm,
    self_attn: Attention,
    norm2: LayerNorm,
    linear1: Projection,
    linear2: Projection,
}

impl EncoderSizes {
    /// Draws the first weights.
    pub fn init(self, initializer: &mut Initializer<'_>) -> Result<Encoder> {
        let Self { length, dims, depth, heads, hidden } = self;
        let positions = initializer.draw(Spread::Normal(DEVIATION), length * dims);
        let positions = initializer.param(positions, [length, dims]);
        let norm = |initializer: &Initializer<'_>| {
            LayerNormConfig::new(dims).with_epsilon(EPSILON).init(initializer.device())
        };
        let mut layers = Vec::with_capacity(depth);
        for _ in 0..depth {
            layers.push(Block {
                norm1: norm(initializer)?,
                self_attn: AttentionConfig::new(dims, heads).init_with(initializer)?,
                norm2: norm(initializer)?,
                linear1: Projection::drawn(dims, hidden, initializer),
                linear2: Projection::drawn(hidden, dims, initializer),
            });
        }
        Ok(Encoder { positions, layers, norm: norm(initializer)? })
    }

    /// Weights that are not a norm's or a bias.
    pub fn weights(self) -> f64 {
        let [length, dims, depth, hidden] =
            [self.length, self.dims, self.depth, self.hidden].map(|size| size as f64);
        length * dims + depth * (4.0 * dims * dims + 2.0 * dims * hidden)
    }

    /// Rows of a summary.
    pub fn rows(self) -> Vec<LayerSummary> {
        let Self { length, dims, depth, heads, hidden } = self;
        let words = || vec![dims, length];
        let numbers = length.saturating_mul(dims);
        let norm = || LayerSummary::new("layer-norm", words(), 2 * dims, numbers.saturating_mul(7));
        let mut rows = vec![LayerSummary::new("positions", words(), numbers, numbers)];
        for _ in 0..depth {
            let attention = LayerSummary::new(
                &format!("attention {heads}"),
                words(),
                (dims + 1).saturating_mul(4 * dims),
                Attention::flops(dims, heads, length),
            );
            let linear = |name: &str, inputs, outputs| {
                LayerSummary::conv(name.into(), inputs, outputs, 1, vec![outputs, length])
            };
            rows.extend([
                norm(),
                attention,
                norm(),
                linear("hidden, GELU", dims, hidden),
                linear("linear", hidden, dims),
            ]);
        }
        rows.push(norm());
        rows.push(LayerSummary::elementwise("mean of words".into(), &[dims], length));
        rows
    }
}

impl Encoder {
    /// Features of texts; `drop` is the dropout of a layer by its number, behind attention and behind both linear layers.
    ///
    /// # Shapes
    /// Vectors `[batch, length, dims]`, and 1 for each word and 0 for padding, `[batch, length]`, to `[batch, dims]`.
    pub fn forward(
        &self,
        vectors: Tensor<3>,
        is_word: Tensor<2>,
        drop: impl Fn(Tensor<3>, usize) -> Tensor<3>,
    ) -> Tensor<2> {
        let [batch, length, dims] = vectors.dims();
        let places = (vectors + self.positions.val().unsqueeze()).swap_dims(1, 2);
        let padding = is_word.clone().sub_scalar(1.0).mul_scalar(-NEVER).reshape([batch, 1, 1, length]);
        let maps = |x: Tensor<3>| x.reshape([batch, dims, 1, length]);
        let encoded = self.layers.iter().enumerate().fold(places, |x, (index, block)| {
            let found = block.self_attn.forward_biased(maps(block.norm1.forward(x.clone())), padding.clone());
            let x = x + drop(found.reshape([batch, dims, length]), 3 * index);
            let hidden = block.linear1.forward(block.norm2.forward(x.clone()));
            let hidden = drop(activation(hidden, Activation::Gelu), 3 * index + 1);
            x + drop(block.linear2.forward(hidden), 3 * index + 2)
        });
        let words = is_word.clone().sum_dim(1).clamp_min(1.0);
        let sum = (self.norm.forward(encoded) * is_word.reshape([batch, 1, length])).sum_dim(2);
        sum.reshape([batch, dims]) / words
    }

    /// Its nodes in a graph, over the vectors of the words `ids`.
    pub fn emit(&self, emitter: &mut Emitter<'_>, vectors: &Value, ids: &Value) -> Result<Value> {
        let [length, dims] = self.positions.dims();
        let zero = emitter.whole(&[0]);
        let is_word = emitter.node("Greater", &[ids, &zero], []);
        let is_word = emitter.node("Cast", &[&is_word], [("to", 1.into())]);
        let (one, never) = (emitter.number(1.0), emitter.number(-NEVER as f32));
        let padding = emitter.node("Sub", &[&is_word, &one], []);
        let padding = emitter.node("Mul", &[&padding, &never], []);
        let padding = emitter.reshape(&padding, &[0, 1, 1, -1]);
        let positions = emitter.parameter("positions", self.positions.val())?;
        let mut x = emitter.node("Add", &[vectors, &positions], []);
        for (index, block) in self.layers.iter().enumerate() {
            x = emitter.within(format!("layers.{index}"), |emitter| {
                block.emit(emitter, &x, &padding, [dims, 1, length])
            })?;
        }
        let x = emitter.within("norm", |emitter| self.norm.emit(emitter, &x))?;
        let (over, last) = (emitter.whole(&[1]), emitter.whole(&[2]));
        let words = emitter.node("ReduceSum", &[&is_word, &over], [("keepdims", 1.into())]);
        let words = emitter.node("Max", &[&words, &one], []);
        let is_word = emitter.node("Unsqueeze", &[&is_word, &last], []);
        let kept = emitter.node("Mul", &[&x, &is_word], []);
        let sum = emitter.node("ReduceSum", &[&kept, &over], [("keepdims", 0.into())]);
        Ok(emitter.node("Div", &[&sum, &words], []))
    }
}

impl Block {
    /// From `[batch, length, dims]` to the same.
    fn emit(
        &self,
        emitter: &mut Emitter<'_>,
        x: &Value,
        padding: &Value,
        sides: [usize; 3],
    ) -> Result<Value> {
        let [dims, _, length] = sides;
        let found = emitter.within("norm1", |emitter| self.norm1.emit(emitter, x))?;
        let found = emitter.transpose(&found, &[0, 2, 1]);
        let found = emitter.within("self_attn", |emitter| {
            self.self_attn.emit_biased(emitter, &found, sides, Some(padding))
        })?;
        let found = emitter.reshape(&found, &[0, dims as i64, length as i64]);
        let found = emitter.transpose(&found, &[0, 2, 1]);
        let x = emitter.node("Add", &[x, &found], []);
        let hidden = emitter.within("norm2", |emitter| self.norm2.emit(emitter, &x))?;
        let hidden = emitter.transpose(&hidden, &[0, 2, 1]);
        let hidden = emitter.within("linear1", |emitter| self.linear1.emit(emitter, &hidden))?;
        let hidden = emitter.activation(Activation::Gelu, &hidden);
        let output = emitter.within("linear2", |emitter| self.linear2.emit(emitter, &hidden))?;
        let output = emitter.transpose(&output, &[0, 2, 1]);
        Ok(emitter.node("Add", &[&x, &output], []))
    }
}
