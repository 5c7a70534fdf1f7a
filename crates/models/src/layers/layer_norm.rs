//! Layer normalisation over channels.

use brasa_onnx::{Attribute, Value};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::Result;
use crate::checks::{fits_layer, layer_at_least_one};
use crate::onnx::Emitter;

/// What makes a [`LayerNorm`], as `torch.nn.LayerNorm` over channels is made.
///
/// ```
/// use brasa_models::layers::LayerNormConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let norm = LayerNormConfig::new(2).init(&Device::default())?;
/// let rows = norm.forward(Tensor::<2>::from_floats([[1.0, 3.0]], &Device::default()));
/// assert!((rows.into_data().as_slice::<f32>().unwrap()[1] - 1.0).abs() < 1e-5);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LayerNormConfig {
    features: usize,
    epsilon: f64,
}

impl LayerNormConfig {
    /// Over `features` features or channels, with epsilon 1e-6.
    pub fn new(features: usize) -> Self {
        Self { features, epsilon: 1e-6 }
    }

    /// What is added to a variance before its root is taken.
    pub fn with_epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Checks the numbers and makes the layer: scale 1, shift 0.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for no features, or an epsilon that is not above 0.
    pub fn init(&self, device: &Device) -> Result<LayerNorm> {
        let Self { features, epsilon } = *self;
        layer_at_least_one("LayerNormConfig", "features", features)?;
        let positive = epsilon > 0.0 && epsilon.is_finite();
        fits_layer("LayerNormConfig", "epsilon", positive, || "a number above 0".into(), epsilon)?;
        Ok(LayerNorm {
            gamma: Param::from_tensor(Tensor::ones([features], device)),
            beta: Param::from_tensor(Tensor::zeros([features], device)),
            epsilon,
        })
    }
}

/// Normalises the channels of each place, or the features of each row ([Ba et al. 2016](https://arxiv.org/abs/1607.06450)).
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// Scale, `[features]`.
    pub gamma: Param<Tensor<1>>,
    /// Shift, `[features]`.
    pub beta: Param<Tensor<1>>,
    epsilon: f64,
}

impl LayerNorm {
    /// # Shapes
    /// `[batch, features, ...]` in, the same out; the mean is taken over the features alone.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let mut shape = [1; D];
        if let Some(features) = shape.get_mut(1) {
            *features = self.gamma.dims()[0];
        }
        let centred = input.clone() - input.mean_dim(1);
        let deviation = centred.clone().powi_scalar(2).mean_dim(1).add_scalar(self.epsilon).sqrt();
        centred / deviation * self.gamma.val().reshape(shape) + self.beta.val().reshape(shape)
    }
}

impl LayerNorm {
    /// Its node in a graph, over the last axis.
    pub(crate) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let gamma = emitter.parameter("weight", self.gamma.val())?;
        let beta = emitter.parameter("bias", self.beta.val())?;
        let epsilon = ("epsilon", Attribute::Float(self.epsilon as f32));
        Ok(emitter.node("LayerNormalization", &[input, &gamma, &beta], [("axis", (-1).into()), epsilon]))
    }
}
