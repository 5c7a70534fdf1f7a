//! Convolution over images and sequences.

#[cfg(feature = "flex")]
mod backward;
#[cfg(feature = "flex")]
mod columns;
#[cfg(feature = "flex")]
mod direct;
#[cfg(feature = "flex")]
mod epilogue;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod forward;
mod geometry;
#[cfg(feature = "flex")]
mod method;
#[cfg(feature = "flex")]
mod norm;
mod options;
#[cfg(feature = "flex")]
mod packed;
#[cfg(feature = "flex")]
mod pass;
#[cfg(feature = "flex")]
mod taps;
#[cfg(feature = "flex")]
mod weight_gradient;
#[cfg(feature = "flex")]
mod winograd;

use burn::tensor::{Tensor, activation::relu, module, ops};

use crate::Mode;
use geometry::Geometry;

pub use options::{ConvOptions, Epilogue};

/// Cross-correlates each image with every kernel and adds the bias, as PyTorch's `conv2d`; ReLU on request.
///
/// On flex with `f32` a kernel is chosen by the shape: Winograd's `F(4x4, 3x3)` for 3 x 3 kernels at stride 1 between 16
/// or more channels, in batches of 4 and more; otherwise the definition, with channels or columns in the vectors. Without
/// gradients, what was prepared of a weight that the caller still holds is kept for the next call with few images (128 MiB
/// for each thread that calls), and then Winograd's way is taken for single images, too. All read and write `[batch, channels, height, width]` in order, and none keeps a copy of its input or output for the
/// backward pass. Gradients are computed only for what requires one: a first layer costs no input gradient. The
/// number of threads changes no bit. Winograd's errors are those of `f32` sums of the definition times a small factor,
/// and a NaN or an infinity may spread to outputs up to five pixels away. Elsewhere: Burn's primitives.
///
/// # Shapes
///
/// - `x`: `[batch, in, height, width]`
/// - `weight`: `[out, in / groups, kernel height, kernel width]`
/// - `bias`: `[out]`
/// - output: `[batch, out, oh, ow]`, `oh = (height + 2 padding - kernel height) / stride + 1`, `ow` likewise
///
/// # Panics
///
/// If `groups` or a stride is 0, the channels do not fit `weight`, `bias` and `groups`, or the kernel is empty or
/// larger than the padded input.
///
/// ```
/// use brasa_kernels::{ConvOptions, Epilogue, conv2d};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<4>::from_floats([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]], &device);
/// let difference = Tensor::<4>::from_floats([[[[-1.0, 1.0]]], [[[1.0, -1.0]]]], &device);
/// let bias = Tensor::<1>::from_floats([0.5, 0.5], &device);
/// let y = conv2d(x, difference, Some(bias), ConvOptions { epilogue: Epilogue::Relu, ..Default::default() });
/// assert_eq!(y.dims(), [1, 2, 2, 2]);
/// let values: Vec<f32> = y.into_data().iter().collect();
/// assert_eq!(values, [1.5, 1.5, 1.5, 1.5, 0.0, 0.0, 0.0, 0.0]);
/// ```
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<2>,
) -> Tensor<4> {
    let geometry = Geometry::new(x.dims(), weight.dims(), bias.as_ref().map(|bias| bias.dims()), options);
    match crate::mode() {
        Mode::Reference => reference2d(x, weight, bias, options),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::conv2d(x, weight, bias, options, geometry),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => {
            let _ = geometry;
            reference2d(x, weight, bias, options)
        }
    }
}

/// `conv2d` of the same arguments, times a scale plus a shift of each channel, and then through `last`:
/// on flex in the same pass, so that batch norm by running statistics costs nothing, and the weights stay those that the
/// caller holds. Where gradients are wanted: [`conv2d`], then Burn's primitives.
///
/// # Shapes
///
/// As [`conv2d`]; scale and shift are `[out]`.
///
/// # Panics
///
/// As [`conv2d`], and if scale or shift has not one element per output channel.
///
/// ```
/// use brasa_kernels::{ConvOptions, Epilogue, conv2d_scaled};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<4>::from_floats([[[[1.0, -2.0, 3.0]]]], &device);
/// let one = Tensor::<4>::ones([1, 1, 1, 1], &device);
/// let linear = [10.0, 0.5].map(|value| Tensor::<1>::from_floats([value], &device));
/// let y = conv2d_scaled(x, one, None, ConvOptions::default(), linear, Epilogue::Relu);
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [10.5, 0.0, 30.5]);
/// ```
pub fn conv2d_scaled(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<2>,
    linear: [Tensor<1>; 2],
    last: Epilogue,
) -> Tensor<4> {
    let outputs = weight.dims()[0];
    for (name, vector) in ["scale", "shift"].into_iter().zip(&linear) {
        let [len] = vector.dims();
        assert!(len == outputs, "{name} needs one element per output channel: {outputs}, got {len}");
    }
    #[cfg(feature = "flex")]
    if crate::mode() == Mode::Fast {
        let geometry = Geometry::new(x.dims(), weight.dims(), bias.as_ref().map(|bias| bias.dims()), options);
        let epilogues = [options.epilogue, last];
        if let Some(y) = flex::conv2d_scaled(&x, &weight, bias.as_ref(), epilogues, &linear, geometry) {
            return y;
        }
    }
    let [scale, shift] = linear.map(|values| values.reshape([1, outputs, 1, 1]));
    last.apply(conv2d(x, weight, bias, options) * scale + shift)
}

/// [`conv2d`], and [`batch_norm_train`](crate::batch_norm_train) of the maps, with its results: one operation, whose backward
/// pass undoes the norm and the ReLU before it for a few images at a time, while they are in the cache. Elsewhere than on flex with
/// `f32`, and where no gradient is wanted: one after the other.
///
/// # Shapes
///
/// As [`conv2d`]; `gamma`, `beta`, mean and variance are `[out]`.
///
/// # Panics
///
/// As [`conv2d`], and if `gamma` or `beta` has not one element per output channel.
///
/// ```
/// use brasa_kernels::{ConvOptions, conv2d_batch_norm};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex().autodiff();
/// let x = Tensor::<4>::from_floats([[[[1.0, 2.0, 3.0]]]], &device);
/// let double = Tensor::<4>::full([1, 1, 1, 1], 2.0, &device).require_grad();
/// let (gamma, beta) = (Tensor::ones([1], &device), Tensor::zeros([1], &device));
/// let (y, mean, _) = conv2d_batch_norm(x, double, None, ConvOptions::default(), gamma, beta, 1e-5);
/// assert_eq!((y.dims(), mean.into_data().iter::<f32>().collect()), ([1, 1, 1, 3], vec![4.0]));
/// ```
pub fn conv2d_batch_norm(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<2>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    eps: f64,
) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    #[cfg(feature = "flex")]
    if crate::mode() == Mode::Fast {
        let geometry = Geometry::new(x.dims(), weight.dims(), bias.as_ref().map(|bias| bias.dims()), options);
        crate::batch_norm::check_channels(
            [geometry.batch, geometry.outputs, geometry.output[0], geometry.output[1]],
            &[("gamma", &gamma), ("beta", &beta)],
        );
        let (vectors, epilogue) = ([&gamma, &beta], options.epilogue);
        let bias = bias.as_ref();
        if let Some(all) = norm::conv2d_batch_norm(&x, &weight, bias, epilogue, vectors, eps, geometry) {
            return all;
        }
    }
    crate::batch_norm_train(conv2d(x, weight, bias, options), gamma, beta, eps)
}

/// Cross-correlates each sequence with every kernel and adds the bias, as PyTorch's `conv1d`; ReLU on request. The
/// kernels are those of [`conv2d`] for images of one row.
///
/// # Shapes
///
/// - `x`: `[batch, in, length]`
/// - `weight`: `[out, in / groups, kernel]`
/// - `bias`: `[out]`
/// - output: `[batch, out, steps]`, `steps = (length + 2 padding - kernel) / stride + 1`
///
/// # Panics
///
/// As [`conv2d`].
///
/// ```
/// use brasa_kernels::{ConvOptions, conv1d};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<3>::from_floats([[[1.0, 2.0, 4.0]]], &device);
/// let sum = Tensor::<3>::ones([1, 1, 2], &device);
/// let y = conv1d(x, sum, None, ConvOptions { padding: [1], ..Default::default() });
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [1.0, 3.0, 6.0, 4.0]);
/// ```
pub fn conv1d(
    x: Tensor<3>,
    weight: Tensor<3>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<1>,
) -> Tensor<3> {
    let ([batch, channels, length], [out, inputs, kernel]) = (x.dims(), weight.dims());
    let wide = ConvOptions {
        stride: [1, options.stride[0]],
        padding: [0, options.padding[0]],
        groups: options.groups,
        epilogue: options.epilogue,
    };
    let (x_row, weight_row) = ([batch, channels, 1, length], [out, inputs, 1, kernel]);
    let geometry = Geometry::new(x_row, weight_row, bias.as_ref().map(|bias| bias.dims()), wide);
    #[cfg(feature = "flex")]
    if crate::mode() == Mode::Fast && crate::flex::on_flex(&x) {
        let y = flex::conv2d(x.reshape(x_row), weight.reshape(weight_row), bias, wide, geometry);
        return y.reshape([batch, out, geometry.output[1]]);
    }
    let _ = geometry;
    reference1d(x, weight, bias, options)
}

fn reference2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<2>,
) -> Tensor<4> {
    options.epilogue.apply(module::conv2d(
        x,
        weight,
        bias,
        ops::ConvOptions::new(options.stride, options.padding, [1, 1], options.groups),
    ))
}

fn reference1d(
    x: Tensor<3>,
    weight: Tensor<3>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<1>,
) -> Tensor<3> {
    options.epilogue.apply(module::conv1d(
        x,
        weight,
        bias,
        ops::ConvOptions::new(options.stride, options.padding, [1], options.groups),
    ))
}

impl Epilogue {
    fn apply<const D: usize>(self, y: Tensor<D>) -> Tensor<D> {
        match self {
            Self::None => y,
            Self::Relu => relu(y),
        }
    }
}
