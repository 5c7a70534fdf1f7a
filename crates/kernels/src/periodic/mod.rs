//! Numbers as sums of waves.

#[cfg(feature = "flex")]
mod flex;

use std::f64::consts::TAU;

use burn::tensor::Tensor;

use crate::Mode;

/// The weights of [`periodic`]: each feature has its own.
///
/// # Shapes
///
/// - `frequency`, `phase`: `[features, waves]`
/// - `weight`: `[features, dims, waves]`
/// - `bias`: `[features, dims]`
#[derive(Debug, Clone)]
pub struct PeriodicWeights {
    /// Turns of each wave per unit.
    pub frequency: Tensor<2>,
    /// Where each wave begins, in radians.
    pub phase: Tensor<2>,
    /// The part of each wave in each number.
    pub weight: Tensor<3>,
    /// Added to each number.
    pub bias: Tensor<2>,
}

/// Each feature of `x` as `dims` numbers, linear in `cos(2 pi frequency x + phase)`
/// ([Gorishniy et al. 2022](https://arxiv.org/abs/2203.05556); with phases and without ReLU as in
/// [Holzmüller et al. 2024](https://arxiv.org/abs/2407.04491)).
///
/// On flex with `f32`: waves are computed where they are needed and never stored, the same bits for any number of threads;
/// right for angles up to 8,192. Elsewhere: Burn's primitives.
///
/// # Shapes
///
/// - `x`: `[batch, features]`
/// - output: `[batch, features * dims]`, the numbers of a feature side by side
///
/// # Panics
///
/// If the shapes do not fit.
///
/// ```
/// use brasa_kernels::{PeriodicWeights, periodic};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let weights = PeriodicWeights {
///     frequency: Tensor::from_floats([[0.5]], &device),
///     phase: Tensor::zeros([1, 1], &device),
///     weight: Tensor::from_floats([[[2.0]]], &device),
///     bias: Tensor::from_floats([[1.0]], &device),
/// };
/// let y = periodic(Tensor::from_floats([[0.0], [1.0]], &device), weights).into_data();
/// let expected = [3.0, -1.0];
/// assert!(y.iter::<f32>().zip(expected).all(|(y, expected)| (y - expected).abs() < 1e-6));
/// ```
pub fn periodic(x: Tensor<2>, weights: PeriodicWeights) -> Tensor<2> {
    let [features, dims, waves] = weights.weight.dims();
    let fits = x.dims()[1] == features
        && weights.frequency.dims() == [features, waves]
        && weights.phase.dims() == [features, waves]
        && weights.bias.dims() == [features, dims];
    assert!(
        fits,
        "inputs of {} features do not fit weights {:?}, frequencies {:?}, phases {:?} and biases {:?}",
        x.dims()[1],
        weights.weight.dims(),
        weights.frequency.dims(),
        weights.phase.dims(),
        weights.bias.dims()
    );
    match crate::mode() {
        Mode::Reference => reference(x, weights),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::periodic(x, weights),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(x, weights),
    }
}

fn reference(x: Tensor<2>, weights: PeriodicWeights) -> Tensor<2> {
    let PeriodicWeights { frequency, phase, weight, bias } = weights;
    let [features, dims, _] = weight.dims();
    let [batch, _] = x.dims();
    let angle = x.unsqueeze_dim::<3>(2) * frequency.mul_scalar(TAU).unsqueeze::<3>() + phase.unsqueeze::<3>();
    let numbers = angle.cos().swap_dims(0, 1).matmul(weight.swap_dims(1, 2)).swap_dims(0, 1);
    (numbers + bias.unsqueeze::<3>()).reshape([batch, features * dims])
}
