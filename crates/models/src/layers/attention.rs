//! Self-attention of several heads.

use brasa_onnx::Value;
use burn::module::{Module, Param};
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};

use crate::checks::{fits_layer, layer_at_least_one};
use crate::init::{Initializer, Spread};
use crate::onnx::Emitter;
use crate::{Init, Result};

/// What makes an [`Attention`], as `torch.nn.MultiheadAttention` is made.
///
/// ```
/// use brasa_models::layers::AttentionConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let attention = AttentionConfig::new(12, 3).init(&device)?;
/// assert_eq!(attention.forward(Tensor::ones([2, 12, 1, 5], &device)).dims(), [2, 12, 1, 5]);
/// assert!(AttentionConfig::new(12, 5).init(&device).is_err());
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionConfig {
    channels: usize,
    heads: usize,
    init: Init,
    seed: u64,
}

impl AttentionConfig {
    /// Over `channels` channels, in `heads` parts of them.
    pub fn new(channels: usize, heads: usize) -> Self {
        Self { channels, heads, init: Init::default(), seed: 0 }
    }

    with_weights!();

    /// Checks the sizes and draws the weights.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for no channels, or heads that do not divide them.
    pub fn init(&self, device: &Device) -> Result<Attention> {
        self.init_with(&mut Initializer::new(self.init, self.seed, device))
    }

    /// As [`init`](Self::init), drawn by `initializer` as the next layer of a model.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<Attention> {
        let Self { channels, heads, .. } = *self;
        layer_at_least_one("AttentionConfig", "channels", channels)?;
        let divides = heads > 0 && channels.is_multiple_of(heads);
        fits_layer("AttentionConfig", "heads", divides, || format!("a divisor of {channels}"), heads)?;
        // PyTorch's: Xavier over the three projections at once, no bias.
        let bound = (6.0 / (4.0 * channels as f64)).sqrt();
        let values = initializer.draw(Spread::Uniform(bound), 3 * channels * channels);
        Ok(Attention {
            in_proj_weight: initializer.param(values, [3 * channels, channels]),
            in_proj_bias: initializer.param(vec![0.0; 3 * channels], [3 * channels]),
            out_proj: Projection {
                weight: initializer.weight([channels, channels], channels, channels),
                bias: initializer.param(vec![0.0; channels], [channels]),
            },
            heads,
        })
    }
}

/// Scaled dot-product attention of each place to all ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)); parameters are laid
/// out and named as those of `torch.nn.MultiheadAttention`.
#[derive(Module, Debug)]
pub struct Attention {
    /// Of queries, keys and values, `[3 channels, channels]`.
    pub in_proj_weight: Param<Tensor<2>>,
    /// `[3 channels]`.
    pub in_proj_bias: Param<Tensor<1>>,
    /// Of what the heads found.
    pub out_proj: Projection,
    #[module(skip)]
    heads: usize,
}

/// A linear layer over channels, laid out as PyTorch's.
#[derive(Module, Debug)]
pub struct Projection {
    /// `[out, in]`.
    pub weight: Param<Tensor<2>>,
    /// `[out]`.
    pub bias: Param<Tensor<1>>,
}

fn project(input: Tensor<3>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<3> {
    let [outputs] = bias.dims();
    weight.unsqueeze().matmul(input) + bias.reshape([1, outputs, 1])
}

impl Projection {
    /// Its first weights, as those of a linear layer.
    pub(crate) fn drawn(inputs: usize, outputs: usize, initializer: &mut Initializer<'_>) -> Self {
        Self {
            weight: initializer.weight([outputs, inputs], inputs, outputs),
            bias: initializer.bias(outputs, inputs, outputs),
        }
    }

    /// # Shapes
    /// `[batch, in, places]` to `[batch, out, places]`.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        project(input, self.weight.val(), self.bias.val())
    }

    /// Its nodes in a graph.
    pub(crate) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let [outputs] = self.bias.dims();
        let weight = emitter.parameter("weight", self.weight.val())?;
        let bias = emitter.parameter("bias", self.bias.val().reshape([outputs, 1]))?;
        let output = emitter.node("MatMul", &[&weight, input], []);
        Ok(emitter.node("Add", &[&output, &bias], []))
    }
}

impl Attention {
    /// What it takes over so many tokens.
    pub(crate) fn flops(channels: usize, heads: usize, tokens: usize) -> usize {
        let projections = (2 * channels + 1).saturating_mul(4 * channels).saturating_mul(tokens);
        let weighing = tokens.saturating_mul(tokens).saturating_mul(4 * channels + 3 * heads);
        projections.saturating_add(weighing)
    }

    /// # Shapes
    /// `[batch, channels, height, width]` in and out; each place of a map is a token.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        self.run(maps, None)
    }

    /// As [`forward`](Self::forward), with a number added to how well a token goes together with another: -1e9 for one that is not to
    /// be looked at.
    ///
    /// # Shapes
    /// `bias` is `[batch, 1, 1, tokens]` or `[batch, heads, tokens, tokens]`, the last axis that of the tokens that are looked at.
    pub fn forward_biased(&self, maps: Tensor<4>, bias: Tensor<4>) -> Tensor<4> {
        self.run(maps, Some(bias))
    }

    fn run(&self, maps: Tensor<4>, bias: Option<Tensor<4>>) -> Tensor<4> {
        let [batch, channels, height, width] = maps.dims();
        let (tokens, width_of_head) = (height * width, channels / self.heads);
        let input = maps.reshape([batch, channels, tokens]);
        let all = project(input, self.in_proj_weight.val(), self.in_proj_bias.val());
        let part = |at: usize| {
            all.clone().narrow(1, at * channels, channels).reshape([batch, self.heads, width_of_head, tokens])
        };
        let (queries, keys, values) = (part(0), part(1), part(2));
        let scale = (width_of_head as f64).sqrt().recip();
        let fits = queries.mul_scalar(scale).swap_dims(2, 3).matmul(keys);
        let fits = match bias {
            Some(bias) => fits + bias,
            None => fits,
        };
        let mean = values.matmul(softmax(fits, 3).swap_dims(2, 3)).reshape([batch, channels, tokens]);
        self.out_proj.forward(mean).reshape([batch, channels, height, width])
    }
}

impl Attention {
    /// Its nodes in a graph, over maps of these sides.
    pub(crate) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value, sides: [usize; 3]) -> Result<Value> {
        self.emit_biased(emitter, input, sides, None)
    }

    /// The same, of [`forward_biased`](Self::forward_biased).
    pub(crate) fn emit_biased(
        &self,
        emitter: &mut Emitter<'_>,
        input: &Value,
        [channels, height, width]: [usize; 3],
        bias: Option<&Value>,
    ) -> Result<Value> {
        let (heads, width_of_head) = (self.heads as i64, (channels / self.heads) as i64);
        let tokens = emitter.reshape(input, &[0, channels as i64, -1]);
        let weight = emitter.parameter("in_proj_weight", self.in_proj_weight.val())?;
        let shift = emitter.parameter("in_proj_bias", self.in_proj_bias.val().reshape([3 * channels, 1]))?;
        let all = emitter.node("MatMul", &[&weight, &tokens], []);
        let all = emitter.node("Add", &[&all, &shift], []);
        let all = emitter.reshape(&all, &[0, 3, heads, width_of_head, -1]);
        let mut part = |at: i64| {
            let part = emitter.gather(&all, 1, &[at]);
            emitter.reshape(&part, &[0, heads, width_of_head, -1])
        };
        let (queries, keys, values) = (part(0), part(1), part(2));
        let scale = emitter.number((width_of_head as f32).sqrt().recip());
        let queries = emitter.node("Mul", &[&queries, &scale], []);
        let queries = emitter.transpose(&queries, &[0, 1, 3, 2]);
        let fits = emitter.node("MatMul", &[&queries, &keys], []);
        let fits = match bias {
            Some(bias) => emitter.node("Add", &[&fits, bias], []),
            None => fits,
        };
        let shares = emitter.node("Softmax", &[&fits], [("axis", 3.into())]);
        let shares = emitter.transpose(&shares, &[0, 1, 3, 2]);
        let mean = emitter.node("MatMul", &[&values, &shares], []);
        // The first axis of the gathered parts is gone with them.
        let mean = emitter.reshape(&mean, &[0, channels as i64, -1]);
        let output = emitter.within("out_proj", |emitter| self.out_proj.emit(emitter, &mean))?;
        Ok(emitter.reshape(&output, &[0, channels as i64, height as i64, width as i64]))
    }
}
