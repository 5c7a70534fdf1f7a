//! Linear layers.

#[cfg(feature = "flex")]
mod flex;

use burn::tensor::{Tensor, module};

use crate::Mode;

/// `x weight + bias`, as Burn's `Linear` with its weights.
///
/// Gradients flow to all three.
///
/// On flex with `f32`: the weights are packed for the products, which all threads share, forward and backward; the same bits
/// for any number of threads, and for a row whatever rows are beside it. In evaluation of few rows the packed weights are
/// kept (128 MiB of weights of all layers for a thread at most). Elsewhere: Burn's primitives.
///
/// # Shapes
///
/// - `x`: `[rows, inputs]`
/// - `weight`: `[inputs, outputs]`
/// - `bias`: `[outputs]`
/// - output: `[rows, outputs]`
///
/// # Panics
///
/// If the shapes do not fit together.
///
/// ```
/// use brasa_kernels::linear;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<2>::from_floats([[1.0, 2.0]], &device);
/// let weight = Tensor::<2>::from_floats([[1.0, 0.0, -1.0], [0.5, 1.0, 1.0]], &device);
/// let bias = Tensor::<1>::from_floats([0.0, 0.0, 10.0], &device);
/// let y = linear(x, weight, Some(bias));
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [2.0, 2.0, 11.0]);
/// ```
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    let ([_, inputs], [depth, outputs]) = (x.dims(), weight.dims());
    assert!(
        inputs == depth,
        "a linear layer's weight of the shape [{depth}, {outputs}] takes {depth} inputs, got {inputs}"
    );
    if let Some(found) = bias.as_ref().map(|bias| bias.dims()[0]) {
        assert!(found == outputs, "a linear layer's bias needs {outputs} elements, got {found}");
    }
    match crate::mode() {
        Mode::Reference => module::linear(x, weight, bias),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::linear(x, weight, bias),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => module::linear(x, weight, bias),
    }
}
