use std::marker::PhantomData;
use std::sync::Arc;

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients as Registry;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

use super::Direction;
use super::backward::{Passed, backward};
use super::cell::Cell;
use super::forward::{Record, forward};
use super::layer::{Sizes, Weights};
use crate::flex::{into_plain, into_tracked, on_flex, owned_contiguous, plain, tensor, tracked};

/// The layer, if the tensors are where its kernels run; no size is 0.
pub(super) fn layer<C: Cell>(
    cell: C,
    x: &Tensor<3>,
    weights: [&Tensor<2>; 2],
    biases: [&Tensor<1>; 2],
    direction: Direction,
) -> Option<Tensor<3>> {
    let (here, [w_ih, w_hh], [b_ih, b_hh]) = (on_flex(x), weights.map(on_flex), biases.map(on_flex));
    if !(here && w_ih && w_hh && b_ih && b_hh) {
        return None;
    }
    let ([batch, time, input], [hidden, _]) = (x.dims(), weights[1].dims());
    let sizes = Sizes::new(batch, time, input, hidden, direction);
    let devices =
        [x.device(), weights[0].device(), weights[1].device(), biases[0].device(), biases[1].device()];
    let mut strategies = devices.into_iter().map(|device| device.gradient_checkpointing_strategy());
    let [w_ih, w_hh] = weights.map(Clone::clone);
    let [b_ih, b_hh] = biases.map(Clone::clone);
    let Some(strategy) = strategies.find_map(|strategy| strategy) else {
        let (x, weights, biases) =
            (into_plain(x.clone()), [w_ih, w_hh].map(into_plain), [b_ih, b_hh].map(into_plain));
        return Some(plain(run::<C>(sizes, &x, &weights, &biases, false).0));
    };

    let (x, x_node) = into_tracked(x.clone()).into_parts();
    let [(w_ih, w_ih_node), (w_hh, w_hh_node)] = [w_ih, w_hh].map(|weight| into_tracked(weight).into_parts());
    let [(b_ih, b_ih_node), (b_hh, b_hh_node)] = [b_ih, b_hh].map(|bias| into_tracked(bias).into_parts());
    let x = owned_contiguous(x);
    let weights = [w_ih, w_hh].map(owned_contiguous);
    let biases = [b_ih, b_hh].map(owned_contiguous);
    let nodes = [x_node, w_ih_node, w_hh_node, b_ih_node, b_hh_node];
    let operation = LayerBackward(cell).prepare::<NoCheckpointing>(nodes).compute_bound().stateful();
    let output = match operation {
        OpsKind::Tracked(operation) => {
            let (output, records) = run::<C>(sizes, &x, &weights, &biases, true);
            let saved = Saved {
                sizes,
                x,
                weights,
                output: output.clone(),
                records: Arc::new(records),
                cell: PhantomData::<C>,
            };
            operation.finish(saved, output)
        }
        OpsKind::UnTracked(operation) => operation.finish(run::<C>(sizes, &x, &weights, &biases, false).0),
    };
    Some(tracked(output, strategy))
}

/// All tensors are contiguous.
fn run<C: Cell>(
    sizes: Sizes,
    x: &FlexTensor,
    [w_ih, w_hh]: &[FlexTensor; 2],
    [b_ih, b_hh]: &[FlexTensor; 2],
    keep: bool,
) -> (FlexTensor, Vec<Record>) {
    let weights = Weights { w_ih, w_hh };
    let (output, records) = forward::<C>(sizes, weights, [b_ih.storage(), b_hh.storage()], x.storage(), keep);
    (tensor(output, [sizes.batch, sizes.time, sizes.hidden]), records)
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
struct Saved<C> {
    sizes: Sizes,
    x: FlexTensor,
    weights: [FlexTensor; 2],
    output: FlexTensor,
    records: Arc<Vec<Record>>,
    cell: PhantomData<C>,
}

#[derive(Debug)]
struct LayerBackward<C>(C);

impl<C: Cell> Backward<Flex, 5> for LayerBackward<C> {
    type State = Saved<C>;

    fn backward(self, ops: Ops<Saved<C>, 5>, registry: &mut Registry, _: &mut Checkpointer) {
        let upstream = owned_contiguous(registry.consume::<Flex>(&ops.node));
        let Saved { sizes, x, weights: [w_ih, w_hh], output, records, .. } = ops.state;
        let [x_node, w_ih_node, w_hh_node, b_ih_node, b_hh_node] = ops.parents;
        let weights = Weights { w_ih: &w_ih, w_hh: &w_hh };
        let passed = Passed { x: x.storage(), output: output.storage(), records: &records };
        let gradients = backward::<C>(sizes, weights, passed, upstream.storage(), x_node.is_some());

        let width = gradients.b_ih.len();
        if let (Some(node), Some(gradient)) = (x_node, gradients.x) {
            registry.register::<Flex>(node.id, tensor(gradient, [sizes.batch, sizes.time, sizes.input]));
        }
        if let Some(node) = w_ih_node {
            registry.register::<Flex>(node.id, tensor(gradients.w_ih, [sizes.input, width]));
        }
        if let Some(node) = w_hh_node {
            registry.register::<Flex>(node.id, tensor(gradients.w_hh, [sizes.hidden, width]));
        }
        for (node, gradient) in [(b_ih_node, gradients.b_ih), (b_hh_node, gradients.b_hh)] {
            if let Some(node) = node {
                registry.register::<Flex>(node.id, tensor(gradient, [width]));
            }
        }
    }
}
