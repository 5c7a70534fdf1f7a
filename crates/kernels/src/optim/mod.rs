//! Optimizers with PyTorch's formulas, defaults and options.
//!
//! On flex with `f32` a step is one pass over parameter, gradient and state, written in place where nobody else
//! holds them; elsewhere it is the same formula in Burn's primitives. Coefficients are computed in `f64`, as
//! PyTorch does. Wrap one in a [`ModuleOptimizer`](burn::optim::ModuleOptimizer) to train a module:
//!
//! ```
//! use brasa_kernels::optim::AdamW;
//! use burn::nn::LinearConfig;
//! use burn::optim::{GradientsParams, ModuleOptimizer};
//! use burn::tensor::{Device, Tensor};
//!
//! let device = Device::flex().autodiff();
//! let mut model = LinearConfig::new(4, 2).init(&device);
//! let mut optimizer = ModuleOptimizer::from(AdamW { weight_decay: 0.05, ..AdamW::default() });
//!
//! let loss = model.forward(Tensor::<2>::ones([8, 4], &device)).powf_scalar(2.0).mean();
//! let gradients = GradientsParams::from_grads(loss.backward(), &model);
//! model = optimizer.step(1e-3, model, gradients);
//! # let _ = model;
//! ```

mod adam;
mod rmsprop;
mod sgd;
mod state;

pub use adam::{Adam, AdamW};
pub use rmsprop::{RmsProp, RmsPropState};
pub use sgd::{Sgd, SgdState};

use burn::tensor::Tensor;

/// Whether the fused step can run on these tensors.
fn fused<const D: usize>(tensors: &[&Tensor<D>]) -> bool {
    #[cfg(feature = "flex")]
    return crate::mode() == crate::Mode::Fast
        && tensors.iter().all(|tensor| !tensor.device().is_autodiff() && crate::flex::on_flex(tensor));
    #[cfg(not(feature = "flex"))]
    {
        let _ = tensors;
        false
    }
}

/// Runs `work` on the elements of `tensors` and the gradient, in place where nobody else holds them. For tensors that are
/// [`fused`].
#[cfg(feature = "flex")]
fn in_place<const D: usize, const N: usize>(
    tensors: [Tensor<D>; N],
    gradient: Tensor<D>,
    work: impl FnOnce([&mut [f32]; N], &[f32]),
) -> [Tensor<D>; N] {
    let gradient = crate::flex::into_plain(gradient);
    let mut tensors = tensors.map(crate::flex::into_plain);
    work(tensors.each_mut().map(|tensor| tensor.storage_mut()), gradient.storage());
    tensors.map(crate::flex::plain)
}
