//! Where a residual branch meets its short cut.

#[cfg(feature = "flex")]
mod flex;

use burn::tensor::Tensor;
use burn::tensor::activation::relu;

use crate::Mode;

/// `relu(maps * weights + short)`: the end of a residual block ([He et al. 2016](https://arxiv.org/abs/1512.03385)), its
/// channels weighted by a squeeze-and-excitation ([Hu et al. 2018](https://arxiv.org/abs/1709.01507)) where there are
/// `weights`.
///
/// On flex with `f32`: one pass forward and one backward, the same bits for any number of threads. Elsewhere: Burn's
/// primitives.
///
/// # Shapes
///
/// - `maps`, `short`: `[batch, channels, height, width]`; the output has the same shape
/// - `weights`: `[batch, channels]`
///
/// # Panics
///
/// If the shapes do not fit.
///
/// ```
/// use brasa_kernels::residual_relu;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let maps = Tensor::<4>::from_floats([[[[1.0, 2.0]], [[3.0, 4.0]]]], &device);
/// let weights = Tensor::<2>::from_floats([[2.0, -1.0]], &device);
/// let y = residual_relu(maps.clone(), Some(weights), maps);
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [3.0, 6.0, 0.0, 0.0]);
/// ```
pub fn residual_relu(maps: Tensor<4>, weights: Option<Tensor<2>>, short: Tensor<4>) -> Tensor<4> {
    let (shape, short_shape) = (maps.dims(), short.dims());
    assert!(
        shape == short_shape,
        "the short cut must have the shape {shape:?} of the maps, got {short_shape:?}"
    );
    if let Some(weights) = &weights {
        let found = weights.dims();
        assert!(found == shape[..2], "weights need the shape {:?}, got {found:?}", &shape[..2]);
    }
    match crate::mode() {
        Mode::Reference => reference(maps, weights, short),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::residual_relu(maps, weights, short),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(maps, weights, short),
    }
}

fn reference(maps: Tensor<4>, weights: Option<Tensor<2>>, short: Tensor<4>) -> Tensor<4> {
    let [batch, channels, ..] = maps.dims();
    let maps = match weights {
        Some(weights) => maps * weights.reshape([batch, channels, 1, 1]),
        None => maps,
    };
    relu(maps + short)
}
