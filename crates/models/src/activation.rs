//! Activation functions by name.

use brasa_kernels::ActivationKind;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// The nonlinearity after a hidden layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `max(x, 0)`.
    #[default]
    Relu,
    /// `x` where positive, else `0.01 x`, PyTorch's default slope.
    LeakyRelu,
    /// `x tanh(softplus(x))` ([Misra 2019](https://arxiv.org/abs/1908.08681)).
    Mish,
    /// `x Phi(x)`, the exact form with erf ([Hendrycks and Gimpel 2016](https://arxiv.org/abs/1606.08415)).
    Gelu,
    /// `x sigmoid(x)`, also called swish.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
    /// Logistic function.
    Sigmoid,
}

/// Slope of [`Activation::LeakyRelu`] below zero.
pub(crate) const LEAKY_SLOPE: f64 = 0.01;

impl Activation {
    /// Applies the function to every element.
    ///
    /// # Shapes
    /// Any shape in, the same out.
    pub fn forward<const D: usize>(self, input: Tensor<D>) -> Tensor<D> {
        brasa_kernels::activation(input, self.kind())
    }

    fn kind(self) -> ActivationKind {
        match self {
            Self::Relu => ActivationKind::Relu,
            Self::LeakyRelu => ActivationKind::LeakyRelu,
            Self::Mish => ActivationKind::Mish,
            Self::Gelu => ActivationKind::Gelu,
            Self::Silu => ActivationKind::Silu,
            Self::Tanh => ActivationKind::Tanh,
            Self::Sigmoid => ActivationKind::Sigmoid,
        }
    }

    /// Name as PyTorch's module is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "ReLU",
            Self::LeakyRelu => "LeakyReLU",
            Self::Mish => "Mish",
            Self::Gelu => "GELU",
            Self::Silu => "SiLU",
            Self::Tanh => "Tanh",
            Self::Sigmoid => "Sigmoid",
        }
    }
}
