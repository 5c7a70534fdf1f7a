use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Tensor, module};

use crate::flex::{
    constant, into_plain, into_tracked, on_flex, owned_contiguous, plain, tensor, tracked, vectorized,
};
use crate::product::{ColumnSums, Matrix, Packed, Start};

pub(super) fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    let ([rows, inputs], [_, outputs]) = (x.dims(), weight.dims());
    let computable = rows * inputs * outputs > 0;
    if !(computable && on_flex(&x) && on_flex(&weight) && bias.as_ref().is_none_or(on_flex)) {
        return module::linear(x, weight, bias);
    }
    let sizes = Sizes { rows, inputs, outputs };
    let devices = [Some(x.device()), Some(weight.device()), bias.as_ref().map(Tensor::device)];
    let mut strategies = devices.into_iter().flatten().map(|d| d.gradient_checkpointing_strategy());
    let Some(strategy) = strategies.find_map(|strategy| strategy) else {
        let (x, weight, bias) = (into_plain(x), into_plain(weight), bias.map(into_plain));
        return plain(forward(sizes, &x, &weight, bias.as_ref(), true));
    };

    let (x, x_node) = into_tracked(x).into_parts();
    let (weight, weight_node) = into_tracked(weight).into_parts();
    let has_bias = bias.is_some();
    let bias = bias.map_or_else(|| constant(tensor(vec![], [0])), into_tracked);
    let (bias, bias_node) = bias.into_parts();
    let (x, weight, bias) = (owned_contiguous(x), owned_contiguous(weight), owned_contiguous(bias));
    let output = forward(sizes, &x, &weight, has_bias.then_some(&bias), false);
    let nodes = [x_node, weight_node, bias_node];
    let output = match LinearBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(operation) => operation.finish(Saved { sizes, x, weight }, output),
        OpsKind::UnTracked(operation) => operation.finish(output),
    };
    tracked(output, strategy)
}

/// None is 0.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    rows: usize,
    inputs: usize,
    outputs: usize,
}

/// All tensors are contiguous. With `reused`, packed weights are kept for the next call with the same tensor.
fn forward(
    sizes: Sizes,
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: Option<&FlexTensor>,
    reused: bool,
) -> FlexTensor {
    let Sizes { rows, inputs, outputs } = sizes;
    let weight = Packed::of_weight(weight, [inputs, outputs], reused.then_some(rows));
    let start = bias.map_or(Start::Zero, |bias| Start::Values(bias.storage()));
    let mut output = vec![0.0; rows * outputs];
    weight.multiply_rows(Matrix::dense(x.storage(), inputs), &mut output, start);
    tensor(output, [rows, outputs])
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
struct Saved {
    sizes: Sizes,
    x: FlexTensor,
    weight: FlexTensor,
}

#[derive(Debug)]
struct LinearBackward;

impl Backward<Flex, 3> for LinearBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let Saved { sizes: Sizes { rows, inputs, outputs }, x, weight } = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        let dense = Matrix::dense(upstream.storage(), outputs);
        if let Some(node) = x_node {
            let weight = Packed::transposed(weight.storage(), outputs, inputs);
            let mut gradient = vec![0.0; rows * inputs];
            weight.multiply_rows(dense, &mut gradient, Start::Zero);
            grads.register::<Flex>(node.id, tensor(gradient, [rows, inputs]));
        }
        if let Some(node) = weight_node {
            let mut gradient = vec![0.0; inputs * outputs];
            let x = Matrix::dense(x.storage(), inputs);
            Packed::new(dense).multiply_columns(x, &mut gradient);
            grads.register::<Flex>(node.id, tensor(gradient, [inputs, outputs]));
        }
        if let Some(node) = bias_node {
            let mut sums = vec![0.0; outputs];
            vectorized(&ColumnSums, 0, (dense.values, &mut sums[..]));
            let gradient = sums.into_iter().map(|sum| sum as f32).collect();
            grads.register::<Flex>(node.id, tensor(gradient, [outputs]));
        }
    }
}
