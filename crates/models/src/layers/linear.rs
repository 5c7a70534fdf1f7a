//! A linear layer with the weights that this crate draws.

use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::checks::layer_at_least_one;
use crate::init::Initializer;
use crate::{Init, Result};

/// What makes a [`Linear`] of Burn, its weights drawn on the host as those of this crate's networks are: every backend
/// starts from the same numbers.
///
/// ```
/// use brasa_models::{Init, layers::LinearConfig};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let linear = LinearConfig::new(4, 3).with_init(Init::XavierUniform).with_seed(7).init(&device)?;
/// assert_eq!(linear.forward(Tensor::<2>::ones([8, 4], &device)).dims(), [8, 3]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearConfig {
    inputs: usize,
    outputs: usize,
    bias: bool,
    init: Init,
    seed: u64,
}

impl LinearConfig {
    /// From `inputs` to `outputs` features.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Self { inputs, outputs, bias: true, init: Init::default(), seed: 0 }
    }

    /// Adds nothing to the outputs.
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    with_weights!();

    /// Checks the sizes and draws the weights.
    ///
    /// # Shapes
    /// The layer goes from `[..., inputs]` to `[..., outputs]`.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for a size of zero.
    pub fn init(&self, device: &Device) -> Result<Linear> {
        self.init_with(&mut Initializer::new(self.init, self.seed, device))
    }

    /// As [`init`](Self::init), drawn by `initializer` as the next layer of a model.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<Linear> {
        layer_at_least_one("LinearConfig", "inputs", self.inputs)?;
        layer_at_least_one("LinearConfig", "outputs", self.outputs)?;
        let weight = initializer.weight([self.inputs, self.outputs], self.inputs, self.outputs);
        let bias = self.bias.then(|| initializer.bias(self.outputs, self.inputs, self.outputs));
        Ok(Linear { weight, bias })
    }
}

/// Rows through a linear layer of Burn, by the kernels: what its `forward` gives but for rounding, faster on flex
/// ([`brasa_kernels::linear`]). The networks of this crate do so.
///
/// # Shapes
/// `[rows, inputs]` to `[rows, outputs]`.
pub fn linear(layer: &Linear, rows: Tensor<2>) -> Tensor<2> {
    brasa_kernels::linear(rows, layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()))
}
