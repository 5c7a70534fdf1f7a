//! The loss of a quantile.

use brasa_data::keys::Bounds;
use burn::tensor::Tensor;

use super::{LossKind, Objective, ResidualLoss};

brasa_data::table! {
    /// Pinball loss ([Koenker and Bassett 1978](https://doi.org/10.2307/1913643)), as scikit-learn's `mean_pinball_loss`; for
    /// numbers of which a share `quantile` is to be below what is predicted.
    pub struct Quantile = "quantile" {
        /// The share: 0.5 predicts the median, 0.9 what nine of ten stay below.
        quantile: f64 = 0.5, Bounds::between(0.0, 1.0);
    }
}

impl LossKind for Quantile {
    fn objective(&self) -> Objective<'_> {
        Objective::Numbers(self)
    }
}

impl ResidualLoss for Quantile {
    /// With `r` the predicted less the true number: `(1 - q) r` above it, `-q r` below, `|r| / 2 + (1/2 - q) r` for both.
    fn forward(&self, residuals: Tensor<2>) -> Tensor<2> {
        residuals.clone().abs() * 0.5 + residuals * (0.5 - self.quantile)
    }

    fn of(&self, residual: f64) -> f64 {
        residual.abs() * 0.5 + residual * (0.5 - self.quantile)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    /// As scikit-learn defines `mean_pinball_loss`: `q max(y - p, 0) + (1 - q) max(p - y, 0)`, worked out by hand.
    #[test]
    fn a_number_above_costs_one_share_and_one_below_the_other() {
        for (quantile, expected) in [
            (0.5, [1.0, 0.25, 0.0, 0.5, 1.5]),
            (0.9, [1.8, 0.45, 0.0, 0.1, 0.3]),
            (0.1, [0.2, 0.05, 0.0, 0.9, 2.7]),
        ] {
            let loss = Quantile { quantile };
            let residuals = [-2.0, -0.5, 0.0, 1.0, 3.0_f32];
            let on_device = loss.forward(Tensor::from_data([residuals], &Device::default())).into_data();
            for ((found, residual), expected) in on_device.iter::<f32>().zip(residuals).zip(expected) {
                assert!((f64::from(found) - expected).abs() < 1e-6, "{quantile} {residual}: {found}");
                assert!((loss.of(f64::from(residual)) - expected).abs() < 1e-12, "{quantile} {residual}");
            }
        }
    }
}
