use std::mem::MaybeUninit;

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, Tensor, TensorData};
use rayon::prelude::*;

use super::reference;
use super::rows::Rows;
use crate::flex::{
    CHUNK, Kernel, Routed, SERIAL_BELOW, for_each_chunk, into_plain, on_flex, owned_contiguous, plain, route,
    tracked, vectorized,
};

pub(super) fn softmax_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let shape = logits.dims();
    if shape.contains(&0) || !on_flex(&targets) {
        return reference(logits, targets);
    }
    match route(logits) {
        Routed::Other(logits) => reference(logits, targets),
        Routed::Plain(logits) => {
            plain(loss_and_gradient(&owned_contiguous(logits), &into_plain(targets), shape).0)
        }
        Routed::Tracked(logits, strategy) => {
            let (logits, node) = logits.into_parts();
            let (loss, gradient) = loss_and_gradient(&owned_contiguous(logits), &into_plain(targets), shape);
            let operation =
                CrossEntropyBackward.prepare::<NoCheckpointing>([node]).compute_bound().stateful();
            let loss = match operation {
                OpsKind::Tracked(operation) => operation.finish(gradient, loss),
                OpsKind::UnTracked(operation) => operation.finish(loss),
            };
            tracked(loss, strategy)
        }
    }
}

/// Logits, targets, and the gradient to write.
type Block<'a> = ((&'a [f32], &'a [f32]), &'a mut [MaybeUninit<f32>]);

/// The loss, `[1]`, and its gradient by the logits, in blocks of rows that depend on the shape alone. Both tensors are
/// contiguous and not empty.
fn loss_and_gradient(
    logits: &FlexTensor,
    targets: &FlexTensor,
    shape: [usize; 2],
) -> (FlexTensor, FlexTensor) {
    let (logits, targets) = (logits.storage::<f32>(), targets.storage::<f32>());
    let len = logits.len();
    let kernel = Rows { classes: shape[1] };
    let block = kernel.classes * CHUNK.div_ceil(kernel.classes);
    let of_block = |((logits, targets), gradient): Block<'_>| {
        let mut loss = 0.0;
        vectorized(&kernel, 0, (logits, targets, gradient, &mut loss));
        loss
    };
    let mut gradient = Vec::with_capacity(len);
    let spare = &mut gradient.spare_capacity_mut()[..len];
    let losses: Vec<f64> = if len < SERIAL_BELOW / 2 {
        vec![of_block(((logits, targets), spare))]
    } else {
        let blocks = logits.par_chunks(block).zip_eq(targets.par_chunks(block));
        blocks.zip_eq(spare.par_chunks_mut(block)).map(of_block).collect()
    };
    // SAFETY: `spare` is the first `len` elements of the buffer. It is handed to the kernel as a whole or in blocks cut
    // as the logits are, and the kernel checks that a part is as long as its logits and writes every element of it.
    unsafe { gradient.set_len(len) };
    let loss = losses.iter().sum::<f64>() as f32;
    (
        FlexTensor::from_data(TensorData::new(vec![loss], Shape::new([1]))),
        FlexTensor::from_data(TensorData::new(gradient, Shape::new(shape))),
    )
}

#[derive(Debug)]
struct CrossEntropyBackward;

impl Backward<Flex, 1> for CrossEntropyBackward {
    /// The gradient for an upstream gradient of 1.
    type State = FlexTensor;

    fn backward(self, ops: Ops<FlexTensor, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let mut gradient = ops.state;
        if let ([Some(parent)], Some(&factor)) = (ops.parents, upstream.storage::<f32>().first()) {
            if factor != 1.0 {
                for_each_chunk(&Scale(factor), 1, gradient.storage_mut::<f32>());
            }
            grads.register::<Flex>(parent.id, gradient);
        }
    }
}

struct Scale(f32);

impl Kernel<&mut [f32]> for Scale {
    #[inline(always)]
    fn run(&self, _: usize, values: &mut [f32]) {
        for value in values {
            *value *= self.0;
        }
    }
}
