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

impl Attention {
    /// # Shapes
    /// `[batch, channels, height, width]` in and out; each place of a map is a token.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
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
        let mean = values.matmul(softmax(fits, 3).swap_dims(2, 3)).reshape([batch, channels, tokens]);
        let output = project(mean, self.out_proj.weight.val(), self.out_proj.bias.val());
        output.reshape([batch, channels, height, width])
    }
}

impl Attention {
    /// Its nodes in a graph, over maps of these sides.
    pub(crate) fn emit(
        &self,
        emitter: &mut Emitter<'_>,
        input: &Value,
        [channels, height, width]: [usize; 3],
    ) -> Result<Value> {
        let (heads, width_of_head) = (self.heads as i64, (channels / self.heads) as i64);
        let tokens = emitter.reshape(input, &[0, channels as i64, -1]);
        let weight = emitter.parameter("in_proj_weight", self.in_proj_weight.val())?;
        let bias = emitter.parameter("in_proj_bias", self.in_proj_bias.val().reshape([3 * channels, 1]))?;
        let all = emitter.node("MatMul", &[&weight, &tokens], []);
        let all = emitter.node("Add", &[&all, &bias], []);
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
        let shares = emitter.node("Softmax", &[&fits], [("axis", 3.into())]);
        let shares = emitter.transpose(&shares, &[0, 1, 3, 2]);
        let mean = emitter.node("MatMul", &[&values, &shares], []);
        // The first axis of the gathered parts is gone with them.
        let mean = emitter.reshape(&mean, &[0, channels as i64, -1]);
        let output = emitter.within("out_proj", |emitter| {
            let weight = emitter.parameter("weight", self.out_proj.weight.val())?;
            let bias = emitter.parameter("bias", self.out_proj.bias.val().reshape([channels, 1]))?;
            let output = emitter.node("MatMul", &[&weight, &mean], []);
            Ok::<_, crate::ModelError>(emitter.node("Add", &[&output, &bias], []))
        })?;
        Ok(emitter.reshape(&output, &[0, channels as i64, height as i64, width as i64]))
    }
}
