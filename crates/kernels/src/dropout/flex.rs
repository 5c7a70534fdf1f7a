use std::mem::MaybeUninit;

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Tensor, TensorData};

use super::mask::{BLOCK, Mask};
use crate::flex::{CHUNK, Kernel, Routed, for_each_chunk, owned_contiguous, plain, route, tracked};

pub(super) fn dropout<const D: usize>(x: Tensor<D>, mask: Mask) -> Tensor<D> {
    match route(x) {
        Routed::Other(x) => super::reference(x, mask),
        Routed::Plain(x) => plain(mask.apply(x)),
        Routed::Tracked(x, strategy) => {
            let (x, node) = x.into_parts();
            let operation = DropoutBackward.prepare::<NoCheckpointing>([node]).compute_bound().stateful();
            let output = match operation {
                OpsKind::Tracked(operation) => operation.finish(mask, mask.apply(x)),
                OpsKind::UnTracked(operation) => operation.finish(mask.apply(x)),
            };
            tracked(output, strategy)
        }
    }
}

#[derive(Debug)]
struct DropoutBackward;

impl Backward<Flex, 1> for DropoutBackward {
    type State = Mask;

    fn backward(self, ops: Ops<Mask, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = grads.consume::<Flex>(&ops.node);
        if let [Some(parent)] = ops.parents {
            grads.register::<Flex>(parent.id, ops.state.apply(upstream));
        }
    }
}

/// Every part that a kernel is handed begins with a block.
const _: () = assert!(CHUNK.is_multiple_of(BLOCK));

impl Mask {
    /// In place where nobody else holds `x`.
    fn apply(&self, x: FlexTensor) -> FlexTensor {
        let mut x = owned_contiguous(x);
        if let Some(values) = x.try_storage_mut::<f32>() {
            for_each_chunk(self, 1, values);
            return x;
        }
        let values = x.storage::<f32>();
        let mut output = Vec::with_capacity(values.len());
        let spare = &mut output.spare_capacity_mut()[..values.len()];
        for_each_chunk(self, 1, (values, spare));
        // SAFETY: `spare` is the first `values.len()` elements of the buffer. `for_each_chunk` hands all of them
        // to the kernel, in parts that are cut as `values` is, and the kernel checks that a part is as long as
        // its input and writes one element for each.
        unsafe { output.set_len(values.len()) };
        FlexTensor::from_data(TensorData::new(output, x.layout().shape().clone()))
    }
}

impl Kernel<(&[f32], &mut [MaybeUninit<f32>])> for Mask {
    #[inline(always)]
    fn run(&self, start: usize, (x, y): (&[f32], &mut [MaybeUninit<f32>])) {
        assert_eq!(x.len(), y.len());
        for (block, (x, y)) in x.chunks(BLOCK).zip(y.chunks_mut(BLOCK)).enumerate() {
            for ((y, x), factor) in y.iter_mut().zip(x).zip(self.factors(start, block)) {
                y.write(x * factor);
            }
        }
    }
}

impl Kernel<&mut [f32]> for Mask {
    #[inline(always)]
    fn run(&self, start: usize, x: &mut [f32]) {
        for (block, x) in x.chunks_mut(BLOCK).enumerate() {
            for (x, factor) in x.iter_mut().zip(self.factors(start, block)) {
                *x *= factor;
            }
        }
    }
}
