//! Mean absolute error.

use burn::tensor::Tensor;

use super::{LossKind, Objective, ResidualLoss};

brasa_data::table! {
    /// Mean absolute error, as PyTorch's `L1Loss`; for numbers with outliers.
    pub struct Mae = "mae" {}
}

impl LossKind for Mae {
    fn objective(&self) -> Objective<'_> {
        Objective::Numbers(self)
    }
}

impl ResidualLoss for Mae {
    fn forward(&self, residuals: Tensor<2>) -> Tensor<2> {
        residuals.abs()
    }

    fn of(&self, residual: f64) -> f64 {
        residual.abs()
    }
}
