//! Huber's loss.

use brasa_data::keys::Bounds;
use burn::tensor::Tensor;

use super::{LossKind, Objective, ResidualLoss};

brasa_data::table! {
    /// Squared near zero and linear beyond `delta` ([Huber 1964](https://doi.org/10.1214/aoms/1177703732)), as PyTorch's
    /// `HuberLoss`; for numbers with outliers.
    pub struct Huber = "huber" {
        /// Where it turns linear, in deviations of the target.
        delta: f64 = 1.0, Bounds::above(0.0);
    }
}

impl LossKind for Huber {
    fn objective(&self) -> Objective<'_> {
        Objective::Numbers(self)
    }
}

impl ResidualLoss for Huber {
    /// `0.5 c^2 + delta (|r| - c)` with `c = min(|r|, delta)`: both pieces in one expression.
    fn forward(&self, residuals: Tensor<2>) -> Tensor<2> {
        let distance = residuals.abs();
        let near = distance.clone().clamp_max(self.delta);
        near.clone() * near.clone() * 0.5 + (distance - near) * self.delta
    }

    fn of(&self, residual: f64) -> f64 {
        let near = residual.abs().min(self.delta);
        0.5 * near * near + self.delta * (residual.abs() - near)
    }
}
