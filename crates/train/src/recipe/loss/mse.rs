//! Mean squared error.

use burn::tensor::Tensor;

use super::{LossKind, Objective, ResidualLoss};

brasa_data::table! {
    /// Mean squared error, as PyTorch's `MSELoss`; for numbers.
    pub struct Mse = "mse" {}
}

impl LossKind for Mse {
    fn objective(&self) -> Objective<'_> {
        Objective::Numbers(self)
    }
}

impl ResidualLoss for Mse {
    fn forward(&self, residuals: Tensor<2>) -> Tensor<2> {
        residuals.clone() * residuals
    }

    fn of(&self, residual: f64) -> f64 {
        residual * residual
    }
}
