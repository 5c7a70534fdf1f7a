use brasa_data::keys::Bounds;
use brasa_kernels::optim::Sgd;
use burn::optim::ModuleOptimizer;

use super::{OptimizerKind, ParameterGroups};

brasa_data::table! {
    /// The perceptron's error-driven rule, for a model of kind `perceptron`.
    pub struct PerceptronRule = "perceptron" {
        /// Learning rate before the schedule.
        lr: f64 = 0.5, Bounds::above(0.0);
    }
}

impl OptimizerKind for PerceptronRule {
    fn lr(&self) -> f64 {
        self.lr
    }

    /// The rule is a step of plain SGD on the perceptron criterion; the perceptron takes it itself.
    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        groups.optimizer(|_| Sgd { momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false })
    }
}
