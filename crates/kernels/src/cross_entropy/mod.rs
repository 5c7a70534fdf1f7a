//! Softmax and cross-entropy in one.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod rows;

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use crate::Mode;

/// Cross-entropy of the softmax of `logits` against target probabilities: `-sum(targets * log_softmax(logits))`.
///
/// Nothing is divided: scale each row of `targets` first, by `1 / rows` for the mean over the rows, by
/// `weight / sum of weights` for a weighted one. One-hot rows give PyTorch's `cross_entropy` of class indices, other
/// rows label smoothing, mixtures and soft labels. A target of 0 contributes nothing, whatever its logit.
///
/// The gradient of the logits is `softmax(logits) * sum(targets of the row) - targets`; `targets` are constants and
/// get none.
///
/// On flex with `f32` the loss and this gradient come from one visit to each row; the backward pass only scales it. The
/// same bits for any number of threads. Elsewhere: Burn's primitives.
///
/// # Shapes
///
/// - `logits`, `targets`: `[rows, classes]`
/// - output: `[1]`, 0 without rows
///
/// # Panics
///
/// If the shapes differ.
///
/// ```
/// use brasa_kernels::softmax_cross_entropy;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let logits = Tensor::<2>::from_floats([[1.0, 3.0], [0.0, 0.0]], &device);
/// let targets = Tensor::<2>::from_floats([[0.0, 0.5], [0.5, 0.0]], &device);
/// let loss = softmax_cross_entropy(logits, targets).into_scalar::<f32>();
/// assert!((loss - 0.5 * (0.126_928_01 + 0.693_147_2)).abs() < 1e-6);
/// ```
pub fn softmax_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let (shape, target_shape) = (logits.dims(), targets.dims());
    assert!(
        shape == target_shape,
        "cross-entropy needs one target for each logit: {shape:?}, got targets of the shape {target_shape:?}"
    );
    match crate::mode() {
        Mode::Reference => reference(logits, targets.detach()),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::softmax_cross_entropy(logits, targets.detach()),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(logits, targets.detach()),
    }
}

fn reference(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let unused = targets.clone().equal_elem(0.0);
    let log_probabilities = log_softmax(logits, 1).mask_fill(unused, 0.0);
    (targets * log_probabilities).sum().neg()
}
