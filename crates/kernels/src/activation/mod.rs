//! Activation functions.

#[cfg(feature = "flex")]
mod flex;
mod parametric;
#[cfg(feature = "flex")]
mod scalar;

pub use parametric::parametric_activation;

use std::f64::consts::FRAC_1_SQRT_2;

use burn::tensor::Tensor;
use burn::tensor::activation as burn_activation;

use crate::Mode;

/// An elementwise activation function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum ActivationKind {
    /// `max(x, 0)`.
    #[default]
    Relu,
    /// `x` where positive, `0.01 x` elsewhere.
    LeakyRelu,
    /// `x tanh(ln(1 + e^x))` ([Misra 2019](https://arxiv.org/abs/1908.08681)).
    Mish,
    /// `x P(Z <= x)` for a standard normal `Z`, by the error function
    /// ([Hendrycks and Gimpel 2016](https://arxiv.org/abs/1606.08415)).
    Gelu,
    /// `x / (1 + e^-x)`, also called swish.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// `1.0507 x` where positive, `1.7581 (e^x - 1)` elsewhere
    /// ([Klambauer et al. 2017](https://arxiv.org/abs/1706.02515)).
    Selu,
    /// `min(max(x, 0), 6)` ([Howard et al. 2017](https://arxiv.org/abs/1704.04861)).
    Relu6,
    /// `min(max(x + 3, 0), 6) / 6`, a sigmoid of straight lines.
    HardSigmoid,
    /// `x` times its hard sigmoid ([Howard et al. 2019](https://arxiv.org/abs/1905.02244)).
    HardSwish,
}

/// The scale and, times the scale, the negative limit of SELU.
const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.758_099_340_847_376_6];

impl ActivationKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Relu,
        Self::LeakyRelu,
        Self::Mish,
        Self::Gelu,
        Self::Silu,
        Self::Tanh,
        Self::Sigmoid,
        Self::Selu,
        Self::Relu6,
        Self::HardSigmoid,
        Self::HardSwish,
    ];

    /// Name of PyTorch's module.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "ReLU",
            Self::LeakyRelu => "LeakyReLU",
            Self::Mish => "Mish",
            Self::Gelu => "GELU",
            Self::Silu => "SiLU",
            Self::Tanh => "Tanh",
            Self::Sigmoid => "Sigmoid",
            Self::Selu => "SELU",
            Self::Relu6 => "ReLU6",
            Self::HardSigmoid => "Hardsigmoid",
            Self::HardSwish => "Hardswish",
        }
    }
}

/// Applies `kind` to every element.
///
/// On flex with `f32`: one pass forward, one pass backward, in vector code on all threads; values within 4 ulp
/// and gradients within 1e-6 of the exact ones (relative to the larger of the gradient and 1), the same bits for
/// any number of threads and on every processor. Where `x` is below -87 or the result below 2e-37 the error is at
/// most 1e-41 absolute. NaN stays NaN; at infinity the functions take their limits. Elsewhere: Burn's
/// primitives.
///
/// # Shapes
///
/// Any shape; the output has the same.
///
/// ```
/// use brasa_kernels::{ActivationKind, activation};
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<1>::from_floats([-1.0, 0.0, 2.0], &Device::flex());
/// let y = activation(x, ActivationKind::Mish).into_data();
/// let expected = [-0.303_401_46, 0.0, 1.943_959];
/// for (y, expected) in y.iter::<f32>().zip(expected) {
///     assert!((y - expected).abs() < 1e-6);
/// }
/// ```
pub fn activation<const D: usize>(x: Tensor<D>, kind: ActivationKind) -> Tensor<D> {
    match crate::mode() {
        Mode::Reference => reference(x, kind),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::activation(x, kind),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(x, kind),
    }
}

fn hard_sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.add_scalar(3.0).clamp(0.0, 6.0).div_scalar(6.0)
}

fn reference<const D: usize>(x: Tensor<D>, kind: ActivationKind) -> Tensor<D> {
    match kind {
        ActivationKind::Relu => burn_activation::relu(x),
        ActivationKind::LeakyRelu => burn_activation::leaky_relu(x, 0.01),
        ActivationKind::Mish => burn_activation::mish(x),
        // Burn's own has the gradient of the approximation by tanh, which is off by 1e-4.
        ActivationKind::Gelu => {
            (x.clone() * x.mul_scalar(FRAC_1_SQRT_2).erf().add_scalar(1.0)).mul_scalar(0.5)
        }
        ActivationKind::Silu => burn_activation::silu(x),
        ActivationKind::Tanh => burn_activation::tanh(x),
        ActivationKind::Sigmoid => burn_activation::sigmoid(x),
        ActivationKind::Selu => {
            let [scale, limit] = SELU;
            let negative = x.clone().clamp_max(0.0).exp().sub_scalar(1.0).mul_scalar(limit);
            negative + x.clamp_min(0.0).mul_scalar(scale)
        }
        ActivationKind::Relu6 => x.clamp(0.0, 6.0),
        ActivationKind::HardSigmoid => hard_sigmoid(x),
        ActivationKind::HardSwish => x.clone() * hard_sigmoid(x),
    }
}
