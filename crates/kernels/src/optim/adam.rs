use burn::optim::{AdamState, AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor};

use super::fused;

/// Adam as in PyTorch's `torch.optim.Adam` ([Kingma and Ba 2015](https://arxiv.org/abs/1412.6980)).
///
/// `g += weight_decay p`; `m = b1 m + (1 - b1) g`; `v = b2 v + (1 - b2) g^2`;
/// `p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`. Its state is that of Burn's Adam, so records
/// pass between the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// Decay rates of the two moments, `(b1, b2)`.
    pub betas: (f64, f64),
    /// Added to the denominator.
    pub eps: f64,
    /// L2 penalty added to the gradient.
    pub weight_decay: f64,
    /// Whether rows without a gradient stay as they are, their moments too: for tables of vectors of which a batch has few, as
    /// TensorFlow's `LazyAdam`.
    pub lazy: bool,
}

impl Default for Adam {
    /// PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no weight decay, every row in every step.
    fn default() -> Self {
        Self { betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.0, lazy: false }
    }
}

/// Adam with decoupled weight decay as in PyTorch's `torch.optim.AdamW`
/// ([Loshchilov and Hutter 2019](https://arxiv.org/abs/1711.05101)): [`Adam`], but the penalty does not enter the
/// moments; instead `p *= 1 - lr weight_decay` before the step.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamW {
    /// Decay rates of the two moments, `(b1, b2)`.
    pub betas: (f64, f64),
    /// Added to the denominator.
    pub eps: f64,
    /// Share of the parameter, times the learning rate, that each step takes away.
    pub weight_decay: f64,
    /// As [`Adam::lazy`].
    pub lazy: bool,
}

impl Default for AdamW {
    /// PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, weight decay 0.01, every row in every step.
    fn default() -> Self {
        Self { betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.01, lazy: false }
    }
}

/// What one step multiplies with.
#[derive(Clone, Copy)]
struct Rates {
    /// Added to the gradient, times the parameter.
    penalty: f64,
    /// The parameter's factor before the step.
    keep: f64,
    betas: (f64, f64),
    step_size: f64,
    correction_sqrt: f64,
    eps: f64,
    lazy: bool,
}

impl Rates {
    fn new(lr: f64, betas: (f64, f64), eps: f64, penalty: f64, keep: f64) -> Self {
        // The bias corrections are filled in with the step count.
        Self { penalty, keep, betas, step_size: lr, correction_sqrt: 1.0, eps, lazy: false }
    }

    fn lazy(self, lazy: bool) -> Self {
        Self { lazy, ..self }
    }

    fn at(mut self, time: usize) -> Self {
        let power = i32::try_from(time).unwrap_or(i32::MAX);
        self.step_size /= 1.0 - self.betas.0.powi(power);
        self.correction_sqrt = (1.0 - self.betas.1.powi(power)).sqrt();
        self
    }
}

macro_rules! impl_optimizer {
    ($name:ty, |$config:ident, $lr:ident| $rates:expr) => {
        impl Optimizer for $name {
            type State<const D: usize> = AdamState<D>;

            fn step<const D: usize>(
                &self,
                $lr: LearningRate,
                tensor: Tensor<D>,
                grad: Tensor<D>,
                state: Option<AdamState<D>>,
            ) -> (Tensor<D>, Option<AdamState<D>>) {
                let $config = self;
                step($rates, tensor, grad, state)
            }

            fn to_device<const D: usize>(mut state: AdamState<D>, device: &Device) -> AdamState<D> {
                state.momentum = state.momentum.to_device(device);
                state
            }
        }
    };
}

impl_optimizer!(Adam, |config, lr| {
    Rates::new(lr, config.betas, config.eps, config.weight_decay, 1.0).lazy(config.lazy)
});
impl_optimizer!(AdamW, |config, lr| {
    Rates::new(lr, config.betas, config.eps, 0.0, 1.0 - lr * config.weight_decay).lazy(config.lazy)
});

fn step<const D: usize>(
    rates: Rates,
    tensor: Tensor<D>,
    grad: Tensor<D>,
    state: Option<AdamState<D>>,
) -> (Tensor<D>, Option<AdamState<D>>) {
    let (time, m, v) = match state {
        Some(AdamState { momentum }) => (momentum.time + 1, momentum.moment_1, momentum.moment_2),
        None => (1, grad.zeros_like(), grad.zeros_like()),
    };
    let rates = rates.at(time);
    let (tensor, m, v) = if fused(&[&tensor, &grad, &m, &v]) {
        flex::step(rates, tensor, grad, m, v)
    } else {
        reference(rates, tensor, grad, m, v)
    };
    (tensor, Some(AdamState::new(AdaptiveMomentumState::new(time, m, v))))
}

fn reference<const D: usize>(
    rates: Rates,
    tensor: Tensor<D>,
    grad: Tensor<D>,
    m: Tensor<D>,
    v: Tensor<D>,
) -> (Tensor<D>, Tensor<D>, Tensor<D>) {
    if !rates.lazy {
        return every_row(rates, tensor, grad, m, v);
    }
    // Of each row, whether its gradient is nothing but zeros.
    let largest = (1..D).fold(grad.clone().abs(), |largest, axis| largest.max_dim(axis));
    let idle = largest.equal_elem(0.0).expand(tensor.dims());
    let (moved, m_moved, v_moved) = every_row(rates, tensor.clone(), grad, m.clone(), v.clone());
    let kept = |new: Tensor<D>, old: Tensor<D>| new.mask_where(idle.clone(), old);
    (kept(moved, tensor), kept(m_moved, m), kept(v_moved, v))
}

fn every_row<const D: usize>(
    rates: Rates,
    mut tensor: Tensor<D>,
    mut grad: Tensor<D>,
    m: Tensor<D>,
    v: Tensor<D>,
) -> (Tensor<D>, Tensor<D>, Tensor<D>) {
    if rates.penalty != 0.0 {
        grad = grad + tensor.clone().mul_scalar(rates.penalty);
    }
    if rates.keep != 1.0 {
        tensor = tensor.mul_scalar(rates.keep);
    }
    let m = m.clone() + (grad.clone() - m).mul_scalar(1.0 - rates.betas.0);
    let v = v.mul_scalar(rates.betas.1) + (grad.clone() * grad).mul_scalar(1.0 - rates.betas.1);
    let denominator = v.clone().sqrt().div_scalar(rates.correction_sqrt).add_scalar(rates.eps);
    let tensor = tensor - (m.clone() / denominator).mul_scalar(rates.step_size);
    (tensor, m, v)
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
        /// Numbers of a row that stays as it is where its gradient is zero; 0 where every row is moved.
        row: usize,
        penalty: f32,
        keep: f32,
        blend: f32,
        beta_2: f32,
        fresh_2: f32,
        step_size: f32,
        correction_sqrt: f32,
        eps: f32,
    }

    type Buffers<'a> = (&'a mut [f32], &'a [f32], &'a mut [f32], &'a mut [f32]);

    impl Kernel<Buffers<'_>> for Step {
        #[inline(always)]
        fn run(&self, _: usize, (p, g, m, v): Buffers<'_>) {
            if self.row == 0 {
                return self.update((p, g, m, v));
            }
            let (rows, gradients) = (p.chunks_mut(self.row), g.chunks(self.row));
            let moments = m.chunks_mut(self.row).zip(v.chunks_mut(self.row));
            for ((p, g), (m, v)) in rows.zip(gradients).zip(moments) {
                if g.iter().fold(0, |bits, g| bits | g.to_bits() << 1) != 0 {
                    self.update((p, g, m, v));
                }
            }
        }
    }

    impl Step {
        #[inline(always)]
        fn update(&self, (p, g, m, v): Buffers<'_>) {
            for (((p, &g), m), v) in p.iter_mut().zip(g).zip(m).zip(v) {
                let g = if self.penalty != 0.0 { g + self.penalty * *p } else { g };
                *m += (g - *m) * self.blend;
                *v = *v * self.beta_2 + g * g * self.fresh_2;
                let denominator = v.sqrt() / self.correction_sqrt + self.eps;
                *p = *p * self.keep - self.step_size * (*m / denominator);
            }
        }
    }

    pub(super) fn step<const D: usize>(
        rates: Rates,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        m: Tensor<D>,
        v: Tensor<D>,
    ) -> (Tensor<D>, Tensor<D>, Tensor<D>) {
        let row = tensor.dims().iter().skip(1).product::<usize>();
        let kernel = Step {
            row: if rates.lazy { row } else { 0 },
            penalty: rates.penalty as f32,
            keep: rates.keep as f32,
            blend: (1.0 - rates.betas.0) as f32,
            beta_2: rates.betas.1 as f32,
            fresh_2: (1.0 - rates.betas.1) as f32,
            step_size: rates.step_size as f32,
            correction_sqrt: rates.correction_sqrt as f32,
            eps: rates.eps as f32,
        };
        let [tensor, m, v] = in_place([tensor, m, v], grad, |[p, m, v], g| {
            for_each_chunk(&kernel, kernel.row.max(1), (p, g, m, v))
        });
        (tensor, m, v)
    }
}
