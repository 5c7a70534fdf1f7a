use brasa_data::keys::Bounds;
use brasa_kernels::optim::AdamW;
use brasa_models::{Rate, flat_cosine};
use burn::optim::{LearningRate, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};

use super::OptimizerKind;
use super::groups::{ParameterGroups, RunProgress};

brasa_data::table! {
    /// `torch.optim.AdamW` ([Loshchilov and Hutter 2019](https://arxiv.org/abs/1711.05101)).
    pub struct Adamw = "adamw" {
        /// Learning rate before the schedule.
        lr: f64 = 1e-3, Bounds::above(0.0);
        /// Decay of the two moments.
        betas: [f64; 2] = [0.9, 0.999], Bounds::below(0.0, 1.0);
        /// Added to the denominator.
        eps: f64 = 1e-8, Bounds::at_least(0.0);
        /// Weight decay, taken from the weights apart from the gradient.
        weight_decay: f64 = 1e-2, Bounds::at_least(0.0);
        /// Whether vectors of words that a batch does not have stay as they are, as by TensorFlow's `LazyAdam`: much faster where there are many words.
        lazy: bool = false;
        /// Whether weight decay goes down to 0 over the second half of the run, along a cosine.
        anneal_decay: bool = false;
    }
}

impl OptimizerKind for Adamw {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        let Self { betas, eps, weight_decay, lazy, anneal_decay, .. } = *self;
        let at = |rate: Rate| AdamW {
            betas: betas.into(),
            eps,
            weight_decay: weight_decay * rate.decay,
            lazy: lazy && rate.rows,
        };
        match anneal_decay {
            false => groups.optimizer(at),
            true => groups.optimizer(|rate| Annealed { start: at(rate), progress: groups.progress() }),
        }
    }
}

/// AdamW whose weight decay follows the run.
#[derive(Debug, Clone)]
struct Annealed {
    start: AdamW,
    progress: RunProgress,
}

impl Optimizer for Annealed {
    type State<const D: usize> = <AdamW as Optimizer>::State<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let weight_decay = self.start.weight_decay * flat_cosine(self.progress.get());
        AdamW { weight_decay, ..self.start.clone() }.step(lr, tensor, gradient, state)
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        AdamW::to_device(state, device)
    }
}
