use burn::optim::{LearningRate, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};

use super::{fused, state};

/// Stochastic gradient descent as in PyTorch's `torch.optim.SGD`.
///
/// `g += weight_decay p`; `v = momentum v + (1 - dampening) g`, on the first step `v = g`; then `p -= lr v`, with
/// Nesterov's momentum `p -= lr (g + momentum v)`. Without momentum `p -= lr g`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Sgd {
    /// Weight of the past velocity; 0 for none.
    pub momentum: f64,
    /// How much of the new gradient is left out of the velocity.
    pub dampening: f64,
    /// L2 penalty added to the gradient.
    pub weight_decay: f64,
    /// Whether to look ahead along the velocity ([Sutskever et al. 2013](https://proceedings.mlr.press/v28/sutskever13.html)).
    pub nesterov: bool,
}

/// What [`Sgd`] remembers of a parameter.
#[derive(Clone, Debug)]
pub struct SgdState<const D: usize> {
    /// The velocity; none without momentum.
    pub velocity: Option<Tensor<D>>,
}

/// The name that Burn's own SGD records the velocity under, so that records pass between the two.
const VELOCITY: &str = "momentum.velocity";

impl<const D: usize> RecordState for SgdState<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        state::push(out, prefix, VELOCITY, self.velocity.as_ref());
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        Some(Self { velocity: state::take(source, prefix, VELOCITY, device) })
    }
}

/// What a step multiplies with.
#[derive(Clone, Copy)]
struct Rates {
    lr: f64,
    momentum: f64,
    fresh: f64,
    weight_decay: f64,
    nesterov: bool,
}

impl Optimizer for Sgd {
    type State<const D: usize> = SgdState<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<SgdState<D>>,
    ) -> (Tensor<D>, Option<SgdState<D>>) {
        let mut rates = Rates {
            lr,
            momentum: self.momentum,
            fresh: 1.0 - self.dampening,
            weight_decay: self.weight_decay,
            nesterov: self.nesterov,
        };
        let velocity = (self.momentum != 0.0).then(|| {
            state.and_then(|state| state.velocity).unwrap_or_else(|| {
                rates.fresh = 1.0;
                grad.zeros_like()
            })
        });
        let mut buffers = vec![&tensor, &grad];
        buffers.extend(&velocity);
        let (tensor, velocity) = if fused(&buffers) {
            flex::step(rates, tensor, grad, velocity)
        } else {
            reference(rates, tensor, grad, velocity)
        };
        (tensor, Some(SgdState { velocity }))
    }

    fn to_device<const D: usize>(mut state: SgdState<D>, device: &Device) -> SgdState<D> {
        state.velocity = state.velocity.map(|velocity| velocity.to_device(device));
        state
    }
}

fn reference<const D: usize>(
    rates: Rates,
    tensor: Tensor<D>,
    mut grad: Tensor<D>,
    velocity: Option<Tensor<D>>,
) -> (Tensor<D>, Option<Tensor<D>>) {
    if rates.weight_decay != 0.0 {
        grad = grad + tensor.clone().mul_scalar(rates.weight_decay);
    }
    let Some(velocity) = velocity else {
        return (tensor - grad.mul_scalar(rates.lr), None);
    };
    let velocity = velocity.mul_scalar(rates.momentum) + grad.clone().mul_scalar(rates.fresh);
    let direction =
        if rates.nesterov { grad + velocity.clone().mul_scalar(rates.momentum) } else { velocity.clone() };
    (tensor - direction.mul_scalar(rates.lr), Some(velocity))
}

#[cfg(not(feature = "flex"))]
mod flex {
    pub(super) use super::reference as step;
}

#[cfg(feature = "flex")]
mod flex {
    use burn::tensor::Tensor;

    use super::super::in_place;
    use super::Rates;
    use crate::flex::{Kernel, for_each_chunk};

    struct Step {
        lr: f32,
        momentum: f32,
        fresh: f32,
        weight_decay: f32,
        nesterov: bool,
    }

    impl Kernel<(&mut [f32], &[f32])> for Step {
        #[inline(always)]
        fn run(&self, _: usize, (p, g): (&mut [f32], &[f32])) {
            for (p, &g) in p.iter_mut().zip(g) {
                let g = if self.weight_decay != 0.0 { g + self.weight_decay * *p } else { g };
                *p -= self.lr * g;
            }
        }
    }

    impl Kernel<(&mut [f32], &[f32], &mut [f32])> for Step {
        #[inline(always)]
        fn run(&self, _: usize, (p, g, v): (&mut [f32], &[f32], &mut [f32])) {
            for ((p, &g), v) in p.iter_mut().zip(g).zip(v) {
                let g = if self.weight_decay != 0.0 { g + self.weight_decay * *p } else { g };
                *v = self.momentum * *v + self.fresh * g;
                *p -= self.lr * if self.nesterov { g + self.momentum * *v } else { *v };
            }
        }
    }

    pub(super) fn step<const D: usize>(
        rates: Rates,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        velocity: Option<Tensor<D>>,
    ) -> (Tensor<D>, Option<Tensor<D>>) {
        let kernel = Step {
            lr: rates.lr as f32,
            momentum: rates.momentum as f32,
            fresh: rates.fresh as f32,
            weight_decay: rates.weight_decay as f32,
            nesterov: rates.nesterov,
        };
        match velocity {
            None => {
                let [tensor] = in_place([tensor], grad, |[p], g| for_each_chunk(&kernel, 1, (p, g)));
                (tensor, None)
            }
            Some(v) => {
                let [tensor, v] =
                    in_place([tensor, v], grad, |[p, v], g| for_each_chunk(&kernel, 1, (p, g, v)));
                (tensor, Some(v))
            }
        }
    }
}
