use brasa_data::keys::Bounds;
use brasa_kernels::optim;
use burn::optim::ModuleOptimizer;

use super::{OptimizerKind, ParameterGroups};

brasa_data::table! {
    /// `torch.optim.Adam` ([Kingma and Ba 2015](https://arxiv.org/abs/1412.6980)).
    pub struct Adam = "adam" {
        /// Learning rate before the schedule.
        lr: f64 = 1e-3, Bounds::above(0.0);
        /// Decay of the two moments.
        betas: [f64; 2] = [0.9, 0.999], Bounds::below(0.0, 1.0);
        /// Added to the denominator.
        eps: f64 = 1e-8, Bounds::at_least(0.0);
        /// Weight decay, added to the gradient (L2).
        weight_decay: f64 = 0.0, Bounds::at_least(0.0);
        /// Whether vectors of words that a batch does not have stay as they are, as by TensorFlow's `LazyAdam`: much faster where there are many words.
        lazy: bool = false;
    }
}

impl OptimizerKind for Adam {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        let Self { betas, eps, weight_decay, lazy, .. } = *self;
        groups.optimizer(|rate| {
            let weight_decay = weight_decay * rate.decay;
            optim::Adam { betas: betas.into(), eps, weight_decay, lazy: lazy && rate.rows }
        })
    }
}
