//! Pooling over images and over time.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod max;
#[cfg(feature = "flex")]
mod mean;
#[cfg(feature = "flex")]
mod over_time;
mod windows;

use burn::tensor::{Tensor, module, ops};

use windows::Windows;

/// The window of [`max_pool2d`] and [`avg_pool2d`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOptions<const N: usize> {
    /// Size of the window along each axis; at least 1.
    pub kernel: [usize; N],
    /// Steps of the window along each axis; at least 1.
    pub stride: [usize; N],
    /// Padding on both sides of each axis; at most half of the window.
    pub padding: [usize; N],
}

/// The largest value in each window, as PyTorch's `max_pool2d`: windows that would reach over the end are left out
/// (floor mode), padding never wins, NaN does. The gradient goes to the first of equal values.
///
/// On flex with `f32` one pass each way; the backward pass keeps a byte per output (four for windows beyond 255
/// elements). Elsewhere, also for the poolings below: Burn's primitives.
///
/// # Shapes
///
/// - `x`: `[batch, channels, height, width]`
/// - output: `[batch, channels, oh, ow]`, `oh = (height + 2 padding - kernel) / stride + 1`, `ow` likewise
///
/// # Panics
///
/// If the window is empty or larger than the padded input, a stride is 0, or the padding more than half of the
/// window.
///
/// ```
/// use brasa_kernels::{PoolOptions, max_pool2d};
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<4>::from_floats([[[[1.0, 2.0, 7.0], [4.0, 3.0, 8.0]]]], &Device::flex());
/// let y = max_pool2d(x, PoolOptions { kernel: [2, 2], stride: [2, 2], padding: [0, 0] });
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [4.0]);
/// ```
pub fn max_pool2d(x: Tensor<4>, options: PoolOptions<2>) -> Tensor<4> {
    let windows = Windows::new(x.dims(), options);
    #[cfg(feature = "flex")]
    if flex::can(&x) {
        return flex::max_pool2d(x, windows);
    }
    let _ = windows;
    let PoolOptions { kernel, stride, padding } = options;
    module::max_pool2d(x, ops::MaxPoolOptions::new(kernel).with_stride(stride).with_padding(padding))
}

/// The mean of each window, padding counted as zeros, as PyTorch's `avg_pool2d` (`count_include_pad`, floor mode).
///
/// # Shapes
///
/// As [`max_pool2d`].
///
/// # Panics
///
/// As [`max_pool2d`].
///
/// ```
/// use brasa_kernels::{PoolOptions, avg_pool2d};
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<4>::from_floats([[[[1.0, 2.0, 7.0], [4.0, 3.0, 8.0]]]], &Device::flex());
/// let y = avg_pool2d(x, PoolOptions { kernel: [2, 2], stride: [1, 1], padding: [0, 0] });
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [2.5, 5.0]);
/// ```
pub fn avg_pool2d(x: Tensor<4>, options: PoolOptions<2>) -> Tensor<4> {
    let windows = Windows::new(x.dims(), options);
    #[cfg(feature = "flex")]
    if flex::can(&x) {
        return flex::avg_pool2d(x, windows);
    }
    let _ = windows;
    let PoolOptions { kernel, stride, padding } = options;
    module::avg_pool2d(x, ops::AvgPoolOptions::new(kernel).with_stride(stride).with_padding(padding))
}

/// The mean of each channel of each image.
///
/// # Shapes
///
/// `[batch, channels, height, width]` to `[batch, channels]`.
///
/// # Panics
///
/// If the images have no pixels.
///
/// ```
/// use brasa_kernels::global_avg_pool;
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<4>::from_floats([[[[1.0, 3.0]], [[4.0, 8.0]]]], &Device::flex());
/// assert_eq!(global_avg_pool(x).into_data().iter::<f32>().collect::<Vec<_>>(), [2.0, 6.0]);
/// ```
pub fn global_avg_pool(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    assert!(height * width > 0, "the mean of images without pixels, {height} x {width}");
    if batch * channels == 0 {
        return x.reshape([batch, channels]);
    }
    #[cfg(feature = "flex")]
    if flex::can(&x) {
        return flex::global_avg_pool(x);
    }
    x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels])
}

/// The largest value of each channel over time. The gradient goes to the first of equal values.
///
/// # Shapes
///
/// `[batch, channels, time]` to `[batch, channels]`.
///
/// # Panics
///
/// If there are no time steps.
///
/// ```
/// use brasa_kernels::max_over_time;
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<3>::from_floats([[[1.0, 3.0, 2.0], [-4.0, -8.0, -5.0]]], &Device::flex());
/// assert_eq!(max_over_time(x).into_data().iter::<f32>().collect::<Vec<_>>(), [3.0, -4.0]);
/// ```
pub fn max_over_time(x: Tensor<3>) -> Tensor<2> {
    let [batch, channels, time] = x.dims();
    assert!(time > 0, "the maximum over no time steps");
    if batch * channels == 0 {
        return x.reshape([batch, channels]);
    }
    #[cfg(feature = "flex")]
    if flex::can(&x) {
        return flex::max_over_time(x);
    }
    x.max_dim(2).reshape([batch, channels])
}
