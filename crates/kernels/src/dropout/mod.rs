//! Dropout without a generator's state.

#[cfg(feature = "flex")]
mod flex;
mod mask;

use burn::tensor::{Tensor, TensorData};

use crate::Mode;
use mask::Mask;

/// Sets each element to zero with probability `p` and multiplies the others by `1/(1-p)`
/// ([Srivastava et al. 2014](https://jmlr.org/papers/v15/srivastava14a.html)).
///
/// The draw is a function of `seed` and the element's position alone: the same for any number of threads, on every
/// processor and backend, in either [`Mode`]. Give every layer and every step its own seed. On flex with `f32` the backward
/// pass draws again instead of storing a mask; elsewhere the mask is drawn on the host and handed to the device.
///
/// It is always active: leave the call out when evaluating. NaN stays NaN also where it is dropped, as with a
/// mask.
///
/// # Shapes
///
/// Any shape; the output has the same.
///
/// # Panics
///
/// If `p` is not in `[0, 1]`.
///
/// ```
/// use brasa_kernels::dropout;
/// use burn::tensor::{Device, Tensor};
///
/// let ones = Tensor::<2>::ones([100, 100], &Device::flex());
/// let dropped = dropout(ones.clone(), 0.25, 42);
/// let kept = dropped.clone().sum().into_scalar::<f32>() * 0.75;
/// assert!((kept - 7500.0).abs() < 200.0);
/// assert_eq!(dropped.into_data(), dropout(ones, 0.25, 42).into_data());
/// ```
pub fn dropout<const D: usize>(x: Tensor<D>, p: f64, seed: u64) -> Tensor<D> {
    assert!((0.0..=1.0).contains(&p), "the dropout probability must be in [0, 1], got {p}");
    if p == 0.0 {
        return x;
    }
    if p == 1.0 {
        return x.mul_scalar(0.0);
    }
    let mask = Mask::new(p, seed);
    match crate::mode() {
        Mode::Reference => reference(x, mask),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::dropout(x, mask),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(x, mask),
    }
}

fn reference<const D: usize>(x: Tensor<D>, mask: Mask) -> Tensor<D> {
    let shape = x.shape();
    let factors: Vec<f32> = mask.all_factors().take(shape.num_elements()).collect();
    let factors = Tensor::from_data(TensorData::new(factors, shape), (&x.device(), x.dtype()));
    x * factors
}
