//! Squeeze-and-excitation.

use brasa_kernels::{ActivationKind, activation, global_avg_pool};
use brasa_onnx::Value;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use super::{LinearConfig, linear};
use crate::checks::{fits_layer, layer_at_least_one};
use crate::init::Initializer;
use crate::onnx::Emitter;
use crate::{Init, Result};

/// What makes a [`SqueezeExcite`].
///
/// ```
/// use brasa_models::layers::SqueezeExciteConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let squeeze = SqueezeExciteConfig::new(64, 16).init(&device)?;
/// assert_eq!(squeeze.forward(Tensor::ones([2, 64, 8, 8], &device)).dims(), [2, 64, 8, 8]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SqueezeExciteConfig {
    channels: usize,
    reduction: usize,
    init: Init,
    seed: u64,
}

impl SqueezeExciteConfig {
    /// For maps of `channels`, by a hidden layer that is `reduction` times narrower.
    pub fn new(channels: usize, reduction: usize) -> Self {
        Self { channels, reduction, init: Init::default(), seed: 0 }
    }

    with_weights!();

    /// Checks the sizes and draws the weights.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for no channels, or a reduction that leaves no hidden feature.
    pub fn init(&self, device: &Device) -> Result<SqueezeExcite> {
        self.init_with(&mut Initializer::new(self.init, self.seed, device))
    }

    /// As [`init`](Self::init), drawn by `initializer` as the next layer of a model.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<SqueezeExcite> {
        let (layer, channels) = ("SqueezeExciteConfig", self.channels);
        layer_at_least_one(layer, "channels", channels)?;
        let fits = (1..=channels).contains(&self.reduction);
        fits_layer(layer, "reduction", fits, || format!("1 to {channels}, the channels"), self.reduction)?;
        let narrow = channels / self.reduction;
        Ok(SqueezeExcite {
            reduce: LinearConfig::new(channels, narrow).init_with(initializer)?,
            expand: LinearConfig::new(narrow, channels).init_with(initializer)?,
        })
    }
}

/// Weighs each channel by a small network of all channels' means
/// ([Hu et al. 2018](https://arxiv.org/abs/1709.01507)).
#[derive(Module, Debug)]
pub struct SqueezeExcite {
    /// `[channels, narrow]`.
    pub reduce: Linear,
    /// `[narrow, channels]`.
    pub expand: Linear,
}

impl SqueezeExcite {
    /// The maps, each channel multiplied with its weight.
    ///
    /// # Shapes
    /// `[batch, channels, height, width]` in and out.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let [batch, channels, _, _] = maps.dims();
        let weights = self.weights(maps.clone()).reshape([batch, channels, 1, 1]);
        maps * weights
    }

    /// What each channel is multiplied with.
    ///
    /// # Shapes
    /// `[batch, channels, height, width]` to `[batch, channels]`.
    pub fn weights(&self, maps: Tensor<4>) -> Tensor<2> {
        let narrow = activation(linear(&self.reduce, global_avg_pool(maps)), ActivationKind::Relu);
        activation(linear(&self.expand, narrow), ActivationKind::Sigmoid)
    }
}

impl SqueezeExcite {
    /// Its nodes in a graph, over so many maps.
    pub(crate) fn emit(&self, emitter: &mut Emitter<'_>, maps: &Value, channels: usize) -> Result<Value> {
        let means = emitter.node("GlobalAveragePool", &[maps], []);
        let means = emitter.node("Flatten", &[&means], [("axis", 1.into())]);
        let narrow = emitter.within("reduce", |emitter| emitter.linear(&self.reduce, &means))?;
        let narrow = emitter.activation(ActivationKind::Relu, &narrow);
        let weights = emitter.within("expand", |emitter| emitter.linear(&self.expand, &narrow))?;
        let weights = emitter.activation(ActivationKind::Sigmoid, &weights);
        let weights = emitter.reshape(&weights, &[0, channels as i64, 1, 1]);
        Ok(emitter.node("Mul", &[maps, &weights], []))
    }
}
