use brasa_data::keys::Bounds;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdaGradConfig, ModuleOptimizer};

use super::{OptimizerKind, ParameterGroups};

brasa_data::table! {
    /// `torch.optim.Adagrad` ([Duchi et al. 2011](https://jmlr.org/papers/v12/duchi11a.html)), in Burn's body.
    pub struct Adagrad = "adagrad" {
        /// Learning rate before the schedule.
        lr: f64 = 1e-2, Bounds::above(0.0);
        /// Decay of the learning rate: the step `t`, from 0, is taken with `lr / (1 + t lr_decay)`.
        lr_decay: f64 = 0.0, Bounds::at_least(0.0);
        /// Added to the denominator.
        eps: f64 = 1e-10, Bounds::at_least(0.0);
        /// Weight decay, added to the gradient (L2).
        weight_decay: f64 = 0.0, Bounds::at_least(0.0);
    }
}

impl OptimizerKind for Adagrad {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        let Self { lr_decay, eps, weight_decay, .. } = *self;
        groups.optimizer(|rate| {
            let weight_decay = weight_decay * rate.decay;
            let decay = (weight_decay != 0.0).then(|| WeightDecayConfig::new(weight_decay as f32));
            let config = AdaGradConfig::new().with_lr_decay(lr_decay).with_epsilon(eps as f32);
            config.with_weight_decay(decay).build()
        })
    }
}
