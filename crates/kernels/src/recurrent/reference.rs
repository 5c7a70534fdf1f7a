use burn::tensor::Tensor;
use burn::tensor::activation::{sigmoid, tanh};

use super::Direction;

pub(super) fn lstm(
    x: Tensor<3>,
    w_ih: Tensor<2>,
    w_hh: Tensor<2>,
    b_ih: Tensor<1>,
    b_hh: Tensor<1>,
    direction: Direction,
) -> Tensor<3> {
    let [batch, _, _] = x.dims();
    let hidden = w_hh.dims()[0];
    let zeros = Tensor::zeros([batch, hidden], (&x.device(), x.dtype()));
    over_time(project(x, w_ih, b_ih + b_hh), (zeros.clone(), zeros), direction, |inputs, (h, c)| {
        let [i, f, g, o] = gates(inputs + h.matmul(w_hh.clone()));
        let c = sigmoid(f) * c + sigmoid(i) * tanh(g);
        let h = sigmoid(o) * tanh(c.clone());
        (h.clone(), (h, c))
    })
}

pub(super) fn gru(
    x: Tensor<3>,
    w_ih: Tensor<2>,
    w_hh: Tensor<2>,
    b_ih: Tensor<1>,
    b_hh: Tensor<1>,
    direction: Direction,
) -> Tensor<3> {
    let [batch, _, _] = x.dims();
    let hidden = w_hh.dims()[0];
    let zeros = Tensor::zeros([batch, hidden], (&x.device(), x.dtype()));
    over_time(project(x, w_ih, b_ih), zeros, direction, |inputs, h| {
        let [r, z, n] = gates(inputs);
        let [r_h, z_h, n_h] = gates(h.clone().matmul(w_hh.clone()) + b_hh.clone().unsqueeze());
        let (r, z) = (sigmoid(r + r_h), sigmoid(z + z_h));
        let n = tanh(n + r * n_h);
        let h = n.clone() + z * (h - n);
        (h.clone(), h)
    })
}

/// `x w_ih + bias` of all steps, in one product.
fn project(x: Tensor<3>, w_ih: Tensor<2>, bias: Tensor<1>) -> Tensor<3> {
    let [batch, time, input] = x.dims();
    let width = bias.dims()[0];
    (x.reshape([batch * time, input]).matmul(w_ih) + bias.unsqueeze()).reshape([batch, time, width])
}

fn gates<const N: usize>(all: Tensor<2>) -> [Tensor<2>; N] {
    let hidden = all.dims()[1] / N;
    std::array::from_fn(|gate| all.clone().narrow(1, gate * hidden, hidden))
}

/// Folds `step` over the time of `inputs`; it takes a step's inputs and the state, and gives output and next state.
fn over_time<S>(
    inputs: Tensor<3>,
    mut state: S,
    direction: Direction,
    step: impl Fn(Tensor<2>, S) -> (Tensor<2>, S),
) -> Tensor<3> {
    let [_, time, _] = inputs.dims();
    let mut outputs = Vec::with_capacity(time);
    for t in 0..time {
        let t = direction.time_of(t, time);
        let output;
        (output, state) = step(inputs.clone().narrow(1, t, 1).squeeze_dim(1), state);
        outputs.push(output.unsqueeze_dim(1));
    }
    if direction == Direction::Reverse {
        outputs.reverse();
    }
    Tensor::cat(outputs, 1)
}
