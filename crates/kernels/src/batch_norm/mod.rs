//! Batch normalisation with the statistics of the batch.

#[cfg(feature = "flex")]
mod apply;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod sums;

use burn::tensor::Tensor;

use crate::Mode;

#[cfg(feature = "flex")]
pub(crate) use apply::Denormalize;
#[cfg(feature = "flex")]
pub(crate) use flex::{Dims, Saved, vector};

/// Normalises each channel by its mean and variance over everything else, then scales and shifts it:
/// `gamma (x - mean) / sqrt(variance + eps) + beta` ([Ioffe and Szegedy 2015](https://arxiv.org/abs/1502.03167)).
///
/// Gradients flow to `x`, `gamma` and `beta`, also through the statistics; the statistics that are returned are
/// constants, for running averages. Their variance is the biased one (divided by the number of elements `m`, not
/// `m - 1`), which also normalises; PyTorch's running variance takes it times `m / (m - 1)`.
///
/// On flex with `f32`: two passes forward and two backward, sums in `f64` over blocks whose borders depend on the
/// shape alone, so that the number of threads changes no bit. Elsewhere: Burn's primitives.
///
/// # Shapes
///
/// - `x`: `[batch, channels, ...]`, at least two dimensions; the output has the same shape
/// - `gamma`, `beta`, mean and variance: `[channels]`
///
/// # Panics
///
/// If `x` has less than two dimensions or `gamma` or `beta` not one element per channel.
///
/// ```
/// use brasa_kernels::batch_norm_train;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<2>::from_floats([[1.0, 10.0], [3.0, 10.0]], &device);
/// let (y, mean, variance) =
///     batch_norm_train(x, Tensor::ones([2], &device), Tensor::zeros([2], &device), 0.0001);
/// assert_eq!(mean.into_data().iter::<f32>().collect::<Vec<_>>(), [2.0, 10.0]);
/// assert_eq!(variance.into_data().iter::<f32>().collect::<Vec<_>>(), [1.0, 0.0]);
/// assert!((y.into_data().iter::<f32>().next().unwrap_or(0.0) + 1.0).abs() < 1e-3);
/// ```
pub fn batch_norm_train<const D: usize>(
    x: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    check_channels(x.dims(), &[("gamma", &gamma), ("beta", &beta)]);
    match crate::mode() {
        Mode::Reference => reference(x, gamma, beta, eps),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::batch_norm_train(x, gamma, beta, eps),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(x, gamma, beta, eps),
    }
}

/// Normalises each channel by statistics that are given: `gamma (x - mean) / sqrt(variance + eps) + beta`.
///
/// On flex with `f32`, where no gradient is wanted: one pass. Elsewhere: Burn's primitives.
///
/// # Shapes
///
/// - `x`: `[batch, channels, ...]`, at least two dimensions; the output has the same shape
/// - `gamma`, `beta`, `mean`, `variance`: `[channels]`
///
/// # Panics
///
/// If `x` has less than two dimensions or one of the others not one element per channel.
///
/// ```
/// use brasa_kernels::batch_norm_infer;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<2>::from_floats([[1.0, 10.0], [3.0, 10.0]], &device);
/// let [gamma, beta] = [1.0, 0.5].map(|value| Tensor::<1>::full([2], value, &device));
/// let mean = Tensor::<1>::from_floats([1.0, 8.0], &device);
/// let variance = Tensor::<1>::from_floats([4.0, 1.0], &device);
/// let y = batch_norm_infer(x, gamma, beta, mean, variance, 0.0);
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [0.5, 2.5, 1.5, 2.5]);
/// ```
pub fn batch_norm_infer<const D: usize>(
    x: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    mean: Tensor<1>,
    variance: Tensor<1>,
    eps: f64,
) -> Tensor<D> {
    let vectors = [("gamma", &gamma), ("beta", &beta), ("mean", &mean), ("variance", &variance)];
    check_channels(x.dims(), &vectors);
    #[cfg(feature = "flex")]
    if crate::mode() == Mode::Fast
        && let Some(y) = flex::batch_norm_infer(&x, [&gamma, &beta, &mean, &variance], eps)
    {
        return y;
    }
    burn::tensor::module::batch_norm(x, gamma, beta, mean, variance, eps)
}

pub(crate) fn check_channels<const D: usize>(shape: [usize; D], vectors: &[(&str, &Tensor<1>)]) {
    assert!(D >= 2, "batch normalisation takes [batch, channels, ...], got the shape {shape:?}");
    for (name, vector) in vectors {
        let [channels] = vector.dims();
        assert!(
            channels == shape[1],
            "{name} needs one element per channel: {} for the shape {shape:?}, got {channels}",
            shape[1]
        );
    }
}

fn reference<const D: usize>(
    x: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    let channels_first = x.swap_dims(0, 1);
    let shape = channels_first.dims();
    let channels = shape[0];
    let rows = channels_first.reshape([channels, shape[1..].iter().product()]);
    let mean = rows.clone().mean_dim(1);
    let centered = rows - mean.clone();
    let variance = (centered.clone() * centered.clone()).mean_dim(1);
    let normalized = centered / variance.clone().add_scalar(eps).sqrt();
    let output = normalized * gamma.reshape([channels, 1]) + beta.reshape([channels, 1]);
    let output = output.reshape(shape).swap_dims(0, 1);
    (output, mean.reshape([channels]).detach(), variance.reshape([channels]).detach())
}
