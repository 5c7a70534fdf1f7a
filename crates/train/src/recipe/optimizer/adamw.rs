use brasa_data::keys::Bounds;
use brasa_kernels::optim::AdamW;
use burn::optim::ModuleOptimizer;

use super::OptimizerKind;

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
    }
}

impl OptimizerKind for Adamw {
    fn lr(&self) -> f64 {
        self.lr
    }

    fn init(&self) -> ModuleOptimizer {
        let Self { betas, eps, weight_decay, .. } = *self;
        AdamW { betas: betas.into(), eps, weight_decay }.into()
    }
}
