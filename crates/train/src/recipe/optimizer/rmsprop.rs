use brasa_data::keys::Bounds;
use brasa_kernels::optim::RmsProp;
use burn::optim::ModuleOptimizer;

use super::{OptimizerKind, ParameterGroups};

brasa_data::table! {
    /// `torch.optim.RMSprop`.
    pub struct Rmsprop = "rmsprop" {
        /// Learning rate before the schedule.
        lr: f64 = 1e-2, Bounds::above(0.0);
        /// Smoothing of the squares.
        alpha: f64 = 0.99, Bounds::below(0.0, 1.0);
        /// Added to the denominator.
        eps: f64 = 1e-8, Bounds::at_least(0.0);
        /// Weight of the past update.
        momentum: f64 = 0.0, Bounds::at_least(0.0);
        /// Divide by the standard deviation instead of the root mean square.
        centered: bool = false;
        /// Weight decay, added to the gradient (L2).
        weight_decay: f64 = 0.0, Bounds::at_least(0.0);
    }
}

impl OptimizerKind for Rmsprop {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        let Self { alpha, eps, momentum, centered, weight_decay, .. } = *self;
        groups.optimizer(|rate| {
            let weight_decay = weight_decay * rate.decay;
            RmsProp { alpha, eps, momentum, centered, weight_decay }
        })
    }
}
