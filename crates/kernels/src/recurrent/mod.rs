//! Recurrent layers over whole sequences.

#[cfg(feature = "flex")]
mod backward;
#[cfg(feature = "flex")]
mod cell;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod forward;
#[cfg(feature = "flex")]
mod layer;
mod reference;

use burn::tensor::Tensor;

/// Which way [`lstm`] and [`gru`] go through a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From the first step to the last.
    #[default]
    Forward,
    /// From the last step to the first.
    Reverse,
}

impl Direction {
    /// The time of the `position`-th of `steps` steps in the order in which they are gone through.
    fn time_of(self, position: usize, steps: usize) -> usize {
        match self {
            Self::Forward => position,
            Self::Reverse => steps - 1 - position,
        }
    }
}

/// One layer of a long short-term memory, in one direction, over a whole sequence
/// ([Hochreiter and Schmidhuber 1997](https://doi.org/10.1162/neco.1997.9.8.1735)), as PyTorch's `nn.LSTM`:
///
/// `i, f, g, o = x w_ih + b_ih + h w_hh + b_hh`, then `c = sigmoid(f) c + sigmoid(i) tanh(g)` and
/// `h = sigmoid(o) tanh(c)`, from `h = c = 0`. Returns `h` of every step.
///
/// [`Direction::Reverse`] runs from the last step to the first; the output stays aligned with the input's time, so the
/// final state is then the output's first step.
///
/// Gradients flow to `x`, the weights and the biases. Without samples or steps the output is an empty constant.
///
/// On flex with `f32`: blocks of rows of the batch run through all steps without waiting for each other, also
/// backwards; the products with the input are formed for many steps at once. What a block sums up depends on the shape alone,
/// so that the number of threads changes no bit. Elsewhere: Burn's primitives, one product for the input of all
/// steps and one per step.
///
/// # Shapes
///
/// - `x`: `[batch, time, input]`
/// - `w_ih`: `[input, 4 * hidden]`, `w_hh`: `[hidden, 4 * hidden]`: PyTorch's weights transposed, its gate order
/// - `b_ih`, `b_hh`: `[4 * hidden]`
/// - output: `[batch, time, hidden]`
///
/// # Panics
///
/// If the shapes do not fit together, or `input` or `hidden` is 0.
///
/// ```
/// use brasa_kernels::{Direction, lstm};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<3>::ones([1, 2, 1], &device);
/// let (w_ih, w_hh) = (Tensor::ones([1, 4], &device), Tensor::ones([1, 4], &device));
/// let (b_ih, b_hh) = (Tensor::zeros([4], &device), Tensor::zeros([4], &device));
///
/// let h = lstm(x, w_ih, w_hh, b_ih, b_hh, Direction::Forward).into_data().try_into_vec::<f32>().unwrap();
/// // sigmoid(1) tanh(sigmoid(1) tanh(1)), and the step after it
/// assert!((h[0] - 0.369_606_35).abs() < 1e-6 && (h[1] - 0.650_535_2).abs() < 1e-6);
/// ```
pub fn lstm(
    x: Tensor<3>,
    w_ih: Tensor<2>,
    w_hh: Tensor<2>,
    b_ih: Tensor<1>,
    b_hh: Tensor<1>,
    direction: Direction,
) -> Tensor<3> {
    check_shapes("an LSTM", 4, &x, [&w_ih, &w_hh], [&b_ih, &b_hh]);
    if let Some(empty) = empty(&x, &w_hh) {
        return empty;
    }
    #[cfg(feature = "flex")]
    if crate::mode() == crate::Mode::Fast
        && let Some(output) = flex::layer(cell::Lstm, &x, [&w_ih, &w_hh], [&b_ih, &b_hh], direction)
    {
        return output;
    }
    reference::lstm(x, w_ih, w_hh, b_ih, b_hh, direction)
}

/// One layer of gated recurrent units, in one direction, over a whole sequence
/// ([Cho et al. 2014](https://arxiv.org/abs/1406.1078)), as PyTorch's `nn.GRU`:
///
/// with `r, z, n = x w_ih + b_ih` and `r', z', n' = h w_hh + b_hh`: `r = sigmoid(r + r')`, `z = sigmoid(z + z')`,
/// `n = tanh(n + r n')`, and `h = (1 - z) n + z h`, from `h = 0`. Returns `h` of every step.
///
/// [`Direction::Reverse`] runs from the last step to the first; the output stays aligned with the input's time.
///
/// Gradients flow to `x`, the weights and the biases. Without samples or steps the output is an empty constant.
///
/// On flex with `f32`: as [`lstm`].
///
/// # Shapes
///
/// - `x`: `[batch, time, input]`
/// - `w_ih`: `[input, 3 * hidden]`, `w_hh`: `[hidden, 3 * hidden]`: PyTorch's weights transposed, its gate order
/// - `b_ih`, `b_hh`: `[3 * hidden]`
/// - output: `[batch, time, hidden]`
///
/// # Panics
///
/// If the shapes do not fit together, or `input` or `hidden` is 0.
///
/// ```
/// use brasa_kernels::{Direction, gru};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<3>::ones([1, 2, 1], &device);
/// let (w_ih, w_hh) = (Tensor::ones([1, 3], &device), Tensor::ones([1, 3], &device));
/// let (b_ih, b_hh) = (Tensor::zeros([3], &device), Tensor::zeros([3], &device));
///
/// let h = gru(x, w_ih, w_hh, b_ih, b_hh, Direction::Forward).into_data().try_into_vec::<f32>().unwrap();
/// // (1 - sigmoid(1)) tanh(1), and the step after it
/// assert!((h[0] - 0.204_824_22).abs() < 1e-6 && (h[1] - 0.346_753_1).abs() < 1e-6);
/// ```
pub fn gru(
    x: Tensor<3>,
    w_ih: Tensor<2>,
    w_hh: Tensor<2>,
    b_ih: Tensor<1>,
    b_hh: Tensor<1>,
    direction: Direction,
) -> Tensor<3> {
    check_shapes("a GRU", 3, &x, [&w_ih, &w_hh], [&b_ih, &b_hh]);
    if let Some(empty) = empty(&x, &w_hh) {
        return empty;
    }
    #[cfg(feature = "flex")]
    if crate::mode() == crate::Mode::Fast
        && let Some(output) = flex::layer(cell::Gru, &x, [&w_ih, &w_hh], [&b_ih, &b_hh], direction)
    {
        return output;
    }
    reference::gru(x, w_ih, w_hh, b_ih, b_hh, direction)
}

/// The output without samples or steps: a constant.
fn empty(x: &Tensor<3>, w_hh: &Tensor<2>) -> Option<Tensor<3>> {
    let [batch, time, _] = x.dims();
    (batch == 0 || time == 0).then(|| Tensor::zeros([batch, time, w_hh.dims()[0]], (&x.device(), x.dtype())))
}

fn check_shapes(what: &str, gates: usize, x: &Tensor<3>, weights: [&Tensor<2>; 2], biases: [&Tensor<1>; 2]) {
    let [_, _, input] = x.dims();
    let [w_ih, w_hh] = weights.map(|weight| weight.dims());
    let [hidden, _] = w_hh;
    let width = gates * hidden;
    assert!(input > 0 && hidden > 0, "{what} needs inputs and hidden units, got {input} and {hidden}");
    assert!(
        w_hh == [hidden, width],
        "{what}'s w_hh must be [hidden, {gates} * hidden], got the shape {w_hh:?}"
    );
    assert!(
        w_ih == [input, width],
        "{what}'s w_ih must be [{input}, {width}] for inputs of {input} and {hidden} hidden units, got the shape {w_ih:?}"
    );
    for (name, bias) in ["b_ih", "b_hh"].iter().zip(biases) {
        assert!(
            bias.dims() == [width],
            "{what}'s {name} must be [{width}] for {hidden} hidden units, got the shape {:?}",
            bias.dims()
        );
    }
}
