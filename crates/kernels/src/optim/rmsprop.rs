use burn::optim::{LearningRate, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};

use super::{fused, state};

/// RMSprop as in PyTorch's `torch.optim.RMSprop`
/// ([Hinton 2012](https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf)).
///
/// `g += weight_decay p`; `s = alpha s + (1 - alpha) g^2`; `d = sqrt(s) + eps`, centred `d = sqrt(s - a^2) + eps`
/// with `a = alpha a + (1 - alpha) g`; then `p -= lr g / d`, with momentum `b = momentum b + g / d`, `p -= lr b`.
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp {
    /// Decay rate of the squared gradients.
    pub alpha: f64,
    /// Added to the denominator, outside the root.
    pub eps: f64,
    /// Weight of the past update; 0 for none.
    pub momentum: f64,
    /// Whether to divide by the standard deviation instead of the root mean square
    /// ([Graves 2013](https://arxiv.org/abs/1308.0850)).
    pub centered: bool,
    /// L2 penalty added to the gradient.
    pub weight_decay: f64,
}

impl Default for RmsProp {
    /// PyTorch's defaults: alpha 0.99, eps 1e-8, no momentum, not centred, no weight decay.
    fn default() -> Self {
        Self { alpha: 0.99, eps: 1e-8, momentum: 0.0, centered: false, weight_decay: 0.0 }
    }
}

/// What [`RmsProp`] remembers of a parameter.
#[derive(Clone, Debug)]
pub struct RmsPropState<const D: usize> {
    /// Running mean of the squared gradients.
    pub square_avg: Tensor<D>,
    /// Running mean of the gradients, if centred.
    pub grad_avg: Option<Tensor<D>>,
    /// The past updates, with momentum.
    pub momentum_buffer: Option<Tensor<D>>,
}

/// The names that Burn's own RMSprop records, so that its records can be read.
const SQUARE_AVG: &str = "square_avg.square_avg";
const GRAD_AVG: &str = "centered.grad_avg";
const MOMENTUM_BUFFER: &str = "momentum.buf";

impl<const D: usize> RecordState for RmsPropState<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        state::push(out, prefix, SQUARE_AVG, Some(&self.square_avg));
        state::push(out, prefix, GRAD_AVG, self.grad_avg.as_ref());
        state::push(out, prefix, MOMENTUM_BUFFER, self.momentum_buffer.as_ref());
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        Some(Self {
            square_avg: state::take(source, prefix, SQUARE_AVG, device)?,
            grad_avg: state::take(source, prefix, GRAD_AVG, device),
            momentum_buffer: state::take(source, prefix, MOMENTUM_BUFFER, device),
        })
    }
}

impl Optimizer for RmsProp {
    type State<const D: usize> = RmsPropState<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<RmsPropState<D>>,
    ) -> (Tensor<D>, Option<RmsPropState<D>>) {
        let mut state = state.unwrap_or_else(|| RmsPropState {
            square_avg: grad.zeros_like(),
            grad_avg: None,
            momentum_buffer: None,
        });
        // A record of other options may lack what these need, or bring what they do not.
        let needed = |needed: bool, buffer: Option<Tensor<D>>| {
            needed.then(|| buffer.unwrap_or_else(|| grad.zeros_like()))
        };
        state.grad_avg = needed(self.centered, state.grad_avg);
        state.momentum_buffer = needed(self.momentum > 0.0, state.momentum_buffer);

        let mut buffers = vec![&tensor, &grad, &state.square_avg];
        buffers.extend(&state.grad_avg);
        buffers.extend(&state.momentum_buffer);
        let (tensor, state) = if fused(&buffers) {
            flex::step(self, lr, tensor, grad, state)
        } else {
            reference(self, lr, tensor, grad, state)
        };
        (tensor, Some(state))
    }

    fn to_device<const D: usize>(state: RmsPropState<D>, device: &Device) -> RmsPropState<D> {
        RmsPropState {
            square_avg: state.square_avg.to_device(device),
            grad_avg: state.grad_avg.map(|tensor| tensor.to_device(device)),
            momentum_buffer: state.momentum_buffer.map(|tensor| tensor.to_device(device)),
        }
    }
}

fn reference<const D: usize>(
    config: &RmsProp,
    lr: f64,
    tensor: Tensor<D>,
    mut grad: Tensor<D>,
    state: RmsPropState<D>,
) -> (Tensor<D>, RmsPropState<D>) {
    if config.weight_decay != 0.0 {
        grad = grad + tensor.clone().mul_scalar(config.weight_decay);
    }
    let fresh = 1.0 - config.alpha;
    let square_avg =
        state.square_avg.mul_scalar(config.alpha) + (grad.clone() * grad.clone()).mul_scalar(fresh);
    let grad_avg = state.grad_avg.map(|a| a.clone() + (grad.clone() - a).mul_scalar(fresh));
    let variance = match &grad_avg {
        Some(a) => square_avg.clone() - a.clone() * a.clone(),
        None => square_avg.clone(),
    };
    let update = grad / variance.sqrt().add_scalar(config.eps);
    let momentum_buffer = state.momentum_buffer.map(|b| b.mul_scalar(config.momentum) + update.clone());
    let tensor = tensor - momentum_buffer.clone().unwrap_or(update).mul_scalar(lr);
    (tensor, RmsPropState { square_avg, grad_avg, momentum_buffer })
}

#[cfg(not(feature = "flex"))]
mod flex {
    pub(super) use super::reference as step;
}

#[cfg(feature = "flex")]
mod flex {
    use burn::tensor::Tensor;

    use super::super::in_place;
    use super::{RmsProp, RmsPropState};
    use crate::flex::{Kernel, for_each_chunk};

    struct Step {
        lr: f32,
        alpha: f32,
        fresh: f32,
        eps: f32,
        momentum: f32,
        weight_decay: f32,
    }

    impl Step {
        #[inline(always)]
        fn decayed(&self, g: f32, p: f32) -> f32 {
            if self.weight_decay != 0.0 { g + self.weight_decay * p } else { g }
        }

        #[inline(always)]
        fn square(&self, s: f32, g: f32) -> f32 {
            s * self.alpha + g * g * self.fresh
        }
    }

    type Buffers<'a> = (&'a mut [f32], &'a [f32], &'a mut [f32]);

    impl Kernel<Buffers<'_>> for Step {
        #[inline(always)]
        fn run(&self, _: usize, (p, g, s): Buffers<'_>) {
            for ((p, &g), s) in p.iter_mut().zip(g).zip(s) {
                let g = self.decayed(g, *p);
                *s = self.square(*s, g);
                *p -= self.lr * (g / (s.sqrt() + self.eps));
            }
        }
    }

    /// With momentum.
    impl<'a> Kernel<(Buffers<'a>, &'a mut [f32])> for Step {
        #[inline(always)]
        fn run(&self, _: usize, ((p, g, s), b): (Buffers<'a>, &'a mut [f32])) {
            for (((p, &g), s), b) in p.iter_mut().zip(g).zip(s).zip(b) {
                let g = self.decayed(g, *p);
                *s = self.square(*s, g);
                *b = *b * self.momentum + g / (s.sqrt() + self.eps);
                *p -= self.lr * *b;
            }
        }
    }

    struct Centered(Step);

    impl<'a> Kernel<(Buffers<'a>, &'a mut [f32])> for Centered {
        #[inline(always)]
        fn run(&self, _: usize, ((p, g, s), a): (Buffers<'a>, &'a mut [f32])) {
            for (((p, &g), s), a) in p.iter_mut().zip(g).zip(s).zip(a) {
                let g = self.0.decayed(g, *p);
                *s = self.0.square(*s, g);
                *a += (g - *a) * self.0.fresh;
                *p -= self.0.lr * (g / ((*s - *a * *a).sqrt() + self.0.eps));
            }
        }
    }

    /// With momentum.
    impl<'a> Kernel<(Buffers<'a>, &'a mut [f32], &'a mut [f32])> for Centered {
        #[inline(always)]
        fn run(&self, _: usize, ((p, g, s), a, b): (Buffers<'a>, &'a mut [f32], &'a mut [f32])) {
            for ((((p, &g), s), a), b) in p.iter_mut().zip(g).zip(s).zip(a).zip(b) {
                let g = self.0.decayed(g, *p);
                *s = self.0.square(*s, g);
                *a += (g - *a) * self.0.fresh;
                *b = *b * self.0.momentum + g / ((*s - *a * *a).sqrt() + self.0.eps);
                *p -= self.0.lr * *b;
            }
        }
    }

    pub(super) fn step<const D: usize>(
        config: &RmsProp,
        lr: f64,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: RmsPropState<D>,
    ) -> (Tensor<D>, RmsPropState<D>) {
        let kernel = Step {
            lr: lr as f32,
            alpha: config.alpha as f32,
            fresh: (1.0 - config.alpha) as f32,
            eps: config.eps as f32,
            momentum: config.momentum as f32,
            weight_decay: config.weight_decay as f32,
        };
        let centered = Centered(kernel);
        let s = state.square_avg;
        let (tensor, square_avg, grad_avg, momentum_buffer) = match (state.grad_avg, state.momentum_buffer) {
            (None, None) => {
                let [p, s] = in_place([tensor, s], grad, |[p, s], g| {
                    for_each_chunk(&centered.0, 1, (p, g, s));
                });
                (p, s, None, None)
            }
            (None, Some(b)) => {
                let [p, s, b] = in_place([tensor, s, b], grad, |[p, s, b], g| {
                    for_each_chunk(&centered.0, 1, ((p, g, s), b));
                });
                (p, s, None, Some(b))
            }
            (Some(a), None) => {
                let [p, s, a] = in_place([tensor, s, a], grad, |[p, s, a], g| {
                    for_each_chunk(&centered, 1, ((p, g, s), a));
                });
                (p, s, Some(a), None)
            }
            (Some(a), Some(b)) => {
                let [p, s, a, b] = in_place([tensor, s, a, b], grad, |[p, s, a, b], g| {
                    for_each_chunk(&centered, 1, ((p, g, s), a, b));
                });
                (p, s, Some(a), Some(b))
            }
        };
        (tensor, RmsPropState { square_avg, grad_avg, momentum_buffer })
    }
}
