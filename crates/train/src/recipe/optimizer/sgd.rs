use brasa_data::keys::{Bounds, Fault};
use brasa_kernels::optim;
use burn::optim::ModuleOptimizer;

use super::{OptimizerKind, ParameterGroups};

brasa_data::table! {
    /// Stochastic gradient descent, with momentum and Nesterov's variant (`torch.optim.SGD`).
    pub struct Sgd = "sgd" {
        /// Learning rate before the schedule.
        lr: f64 = 1e-3, Bounds::above(0.0);
        /// Weight of the past update.
        momentum: f64 = 0.0, Bounds::at_least(0.0);
        /// Share of the gradient that does not enter the momentum.
        dampening: f64 = 0.0, Bounds::at_least(0.0);
        /// Nesterov's momentum, which looks a step ahead.
        nesterov: bool = false;
        /// Weight decay, added to the gradient (L2).
        weight_decay: f64 = 0.0, Bounds::at_least(0.0);
    }
}

impl OptimizerKind for Sgd {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        let Self { momentum, dampening, nesterov, weight_decay, .. } = *self;
        groups.optimizer(|rate| {
            let weight_decay = weight_decay * rate.decay;
            optim::Sgd { momentum, dampening, weight_decay, nesterov }
        })
    }

    fn check(&self) -> Result<(), Fault> {
        let Self { momentum, dampening, nesterov, .. } = *self;
        match nesterov && (momentum == 0.0 || dampening != 0.0) {
            true => {
                let found = format!("momentum {momentum}, dampening {dampening}");
                Err(Fault::value("nesterov", "momentum above 0 and no dampening", found))
            }
            false => Ok(()),
        }
    }
}
