//! An activation that each feature takes on as far as it learns to.

use burn::tensor::Tensor;

use super::ActivationKind;
use crate::Mode;

/// `x + (f(x) - x) slope` with the `slope` of each feature, for `f` of `kind`: the activation where it is 1, nothing where it is
/// 0 ([Holzmüller et al. 2024](https://arxiv.org/abs/2407.04491), parametric activations).
///
/// On flex with `f32`: one pass forward and one backward, the same bits for any number of threads. Elsewhere: Burn's primitives.
///
/// # Shapes
///
/// - `x`: `[batch, features]`; the output has the same shape
/// - `slope`: `[features]`
///
/// # Panics
///
/// If the shapes do not fit.
///
/// ```
/// use brasa_kernels::{ActivationKind, parametric_activation};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let x = Tensor::<2>::from_floats([[-2.0, -2.0, 3.0]], &device);
/// let slope = Tensor::<1>::from_floats([1.0, 0.5, 0.5], &device);
/// let y = parametric_activation(x, slope, ActivationKind::Relu);
/// assert_eq!(y.into_data().iter::<f32>().collect::<Vec<_>>(), [0.0, -1.0, 3.0]);
/// ```
pub fn parametric_activation(x: Tensor<2>, slope: Tensor<1>, kind: ActivationKind) -> Tensor<2> {
    let ([_, features], [found]) = (x.dims(), slope.dims());
    assert!(features == found, "a slope for each of {features} features is needed, got {found}");
    match crate::mode() {
        Mode::Reference => reference(x, slope, kind),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::parametric_activation(x, slope, kind),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(x, slope, kind),
    }
}

fn reference(x: Tensor<2>, slope: Tensor<1>, kind: ActivationKind) -> Tensor<2> {
    x.clone() + (super::reference(x.clone(), kind) - x) * slope.unsqueeze::<2>()
}

#[cfg(feature = "flex")]
mod flex {
    use std::marker::PhantomData;
    use std::mem::MaybeUninit;

    use burn::backend::Flex;
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::flex::FlexTensor;
    use burn::tensor::Tensor;
    use rayon::prelude::*;

    use super::super::flex::with_scalar;
    use super::{ActivationKind, reference};
    use crate::flex::{
        Kernel, Pointwise, for_each_chunk, into_plain, into_tracked, on_flex, owned_contiguous, plain,
        tensor, tracked, vectorized,
    };

    pub(super) fn parametric_activation(x: Tensor<2>, slope: Tensor<1>, kind: ActivationKind) -> Tensor<2> {
        let shape = x.dims();
        if shape.contains(&0) || !(on_flex(&x) && on_flex(&slope)) {
            return reference(x, slope, kind);
        }
        let strategies = [x.device(), slope.device()];
        let mut strategies = strategies.into_iter().map(|device| device.gradient_checkpointing_strategy());
        let Some(strategy) = strategies.find_map(|strategy| strategy) else {
            return plain(forward(&into_plain(x), &into_plain(slope), shape, kind));
        };
        let (x, x_node) = into_tracked(x).into_parts();
        let (slope, slope_node) = into_tracked(slope).into_parts();
        let (x, slope) = (owned_contiguous(x), owned_contiguous(slope));
        let output = forward(&x, &slope, shape, kind);
        let output =
            match Parametric.prepare::<NoCheckpointing>([x_node, slope_node]).compute_bound().stateful() {
                OpsKind::Tracked(operation) => operation.finish(Saved { x, slope, shape, kind }, output),
                OpsKind::UnTracked(operation) => operation.finish(output),
            };
        tracked(output, strategy)
    }

    struct Forward<'a, P>(&'a [f32], PhantomData<P>);

    impl<P: Pointwise> Kernel<(&[f32], &mut [MaybeUninit<f32>])> for Forward<'_, P> {
        const SERIAL_BELOW: usize = P::SERIAL_BELOW;

        #[inline(always)]
        fn run(&self, _: usize, (x, y): (&[f32], &mut [MaybeUninit<f32>])) {
            let slope = self.0;
            for (x, y) in x.chunks_exact(slope.len()).zip(y.chunks_exact_mut(slope.len())) {
                for ((y, &x), &slope) in y.iter_mut().zip(x).zip(slope) {
                    y.write(x + (P::value(x) - x) * slope);
                }
            }
        }
    }

    /// The kind of function, which has no state.
    fn of<P>(_: P) -> PhantomData<P> {
        PhantomData
    }

    /// Both contiguous.
    fn forward(x: &FlexTensor, slope: &FlexTensor, shape: [usize; 2], kind: ActivationKind) -> FlexTensor {
        let (x, slope) = (x.storage::<f32>(), slope.storage::<f32>());
        let len = x.len();
        let mut output = Vec::with_capacity(len);
        let spare = &mut output.spare_capacity_mut()[..len];
        with_scalar!(kind, function => for_each_chunk(&Forward(slope, of(function)), slope.len(), (x, spare)));
        // SAFETY: `spare` is the first `len` elements of the buffer. `for_each_chunk` hands all of them to the kernel, in parts
        // of whole rows as `len` is, cut as `x` is; it writes one element for each of `x`.
        unsafe { output.set_len(len) };
        tensor(output, shape)
    }

    /// What the backward pass needs; all contiguous.
    #[derive(Clone, Debug)]
    struct Saved {
        x: FlexTensor,
        slope: FlexTensor,
        shape: [usize; 2],
        kind: ActivationKind,
    }

    #[derive(Debug)]
    struct Parametric;

    impl Backward<Flex, 2> for Parametric {
        type State = Saved;

        fn backward(self, ops: Ops<Saved, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
            let mut upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
            let Saved { x, slope, shape, kind } = ops.state;
            let slopes = with_scalar!(kind, function => gradients(
                function,
                x.storage(),
                slope.storage(),
                upstream.storage_mut(),
            ));
            let [x_node, slope_node] = ops.parents;
            if let Some(node) = slope_node {
                grads.register::<Flex>(node.id, tensor(slopes, [shape[1]]));
            }
            if let Some(node) = x_node {
                grads.register::<Flex>(node.id, upstream);
            }
        }
    }

    /// Rows that are summed by themselves, so that the number of threads changes no bit.
    const ROWS: usize = 64;

    /// Puts the gradient of `x` in the place of `upstream`; answers that of the slopes.
    fn gradients<P: Pointwise>(_: P, x: &[f32], slope: &[f32], upstream: &mut [f32]) -> Vec<f32> {
        let block = ROWS * slope.len();
        let part = |(x, upstream): (&[f32], &mut [f32])| {
            let mut sums = vec![0.0_f32; slope.len()];
            vectorized(&Gradient(slope, PhantomData::<P>), 0, ((x, upstream), sums.as_mut_slice()));
            sums
        };
        let parts: Vec<Vec<f32>> = if x.len() < P::SERIAL_BELOW {
            x.chunks(block).zip(upstream.chunks_mut(block)).map(part).collect()
        } else {
            x.par_chunks(block).zip(upstream.par_chunks_mut(block)).map(part).collect()
        };
        let mut sums = vec![0.0; slope.len()];
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        sums
    }

    struct Gradient<'a, P>(&'a [f32], PhantomData<P>);

    type Read<'a> = (&'a [f32], &'a mut [f32]);

    impl<P: Pointwise> Kernel<(Read<'_>, &mut [f32])> for Gradient<'_, P> {
        #[inline(always)]
        fn run(&self, _: usize, ((x, upstream), sums): (Read<'_>, &mut [f32])) {
            let slope = self.0;
            for (x, upstream) in x.chunks_exact(slope.len()).zip(upstream.chunks_exact_mut(slope.len())) {
                for (((g, &x), &slope), sum) in upstream.iter_mut().zip(x).zip(slope).zip(sums.iter_mut()) {
                    *sum += *g * (P::value(x) - x);
                    *g += (P::gradient(x, *g) - *g) * slope;
                }
            }
        }
    }
}
