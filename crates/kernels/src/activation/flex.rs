use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Tensor, TensorData};

use super::{ActivationKind, reference};
use crate::flex::{Routed, gradient_in_place, map, owned_contiguous, plain, route, tracked};

pub(super) fn activation<const D: usize>(x: Tensor<D>, kind: ActivationKind) -> Tensor<D> {
    match route(x) {
        Routed::Other(x) => reference(x, kind),
        Routed::Plain(x) => plain(forward(&owned_contiguous(x), kind)),
        Routed::Tracked(x, strategy) => {
            let (x, node) = x.into_parts();
            let x = owned_contiguous(x);
            let output = forward(&x, kind);
            // Compute bound: its output is kept, never computed a second time, whatever the strategy.
            let operation = ActivationBackward.prepare::<NoCheckpointing>([node]).compute_bound().stateful();
            let output = match operation {
                OpsKind::Tracked(operation) => operation.finish((x, kind), output),
                OpsKind::UnTracked(operation) => operation.finish(output),
            };
            tracked(output, strategy)
        }
    }
}

#[derive(Debug)]
struct ActivationBackward;

impl Backward<Flex, 1> for ActivationBackward {
    type State = (FlexTensor, ActivationKind);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = grads.consume::<Flex>(&ops.node);
        let (x, kind) = ops.state;
        if let [Some(parent)] = ops.parents {
            grads.register::<Flex>(parent.id, backward(&x, upstream, kind));
        }
    }
}

macro_rules! with_scalar {
    ($kind:expr, $function:ident => $call:expr) => {
        match $kind {
            ActivationKind::Relu => {
                let $function = crate::activation::scalar::Relu;
                $call
            }
            ActivationKind::LeakyRelu => {
                let $function = crate::activation::scalar::LeakyRelu;
                $call
            }
            ActivationKind::Mish => {
                let $function = crate::activation::scalar::Mish;
                $call
            }
            ActivationKind::Gelu => {
                let $function = crate::activation::scalar::Gelu;
                $call
            }
            ActivationKind::Silu => {
                let $function = crate::activation::scalar::Silu;
                $call
            }
            ActivationKind::Tanh => {
                let $function = crate::activation::scalar::Tanh;
                $call
            }
            ActivationKind::Sigmoid => {
                let $function = crate::activation::scalar::Sigmoid;
                $call
            }
            ActivationKind::Selu => {
                let $function = crate::activation::scalar::Selu;
                $call
            }
            ActivationKind::Relu6 => {
                let $function = crate::activation::scalar::Relu6;
                $call
            }
            ActivationKind::HardSigmoid => {
                let $function = crate::activation::scalar::HardSigmoid;
                $call
            }
            ActivationKind::HardSwish => {
                let $function = crate::activation::scalar::HardSwish;
                $call
            }
        }
    };
}

pub(super) use with_scalar;

/// `x` is contiguous.
fn forward(x: &FlexTensor, kind: ActivationKind) -> FlexTensor {
    let values = x.storage::<f32>();
    let output = with_scalar!(kind, function => map(function, values));
    FlexTensor::from_data(TensorData::new(output, x.layout().shape().clone()))
}

/// `x` is contiguous; the gradient is written over `upstream` where nobody else holds it.
fn backward(x: &FlexTensor, upstream: FlexTensor, kind: ActivationKind) -> FlexTensor {
    let mut gradient = owned_contiguous(upstream);
    let values = gradient.storage_mut::<f32>();
    let x = x.storage::<f32>();
    with_scalar!(kind, function => gradient_in_place(function, x, values));
    gradient
}
