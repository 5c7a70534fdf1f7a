//! Metrics of predicted numbers: one file each, one line in the list below.

mod mae;
mod mape;
mod median_absolute_error;
mod mse;
mod objective;
mod r2;
mod rmse;

pub use mae::Mae;
pub use mape::Mape;
pub use median_absolute_error::MedianAbsoluteError;
pub use mse::Mse;
pub use objective::Objective;
pub use r2::R2;
pub use rmse::Rmse;

use super::Metric;

/// Every metric of predicted numbers, in the order in which figures are read.
pub(super) const REGISTRY: &[&dyn Metric] =
    &[&Objective, &Rmse, &Mae, &R2, &Mse, &MedianAbsoluteError, &Mape];

/// Computed after each epoch, whatever is monitored.
pub(super) const EPOCH_COLUMNS: &[&str] = &["loss", "rmse", "r2"];

/// Shown of kept weights.
pub(super) const TABLE_COLUMNS: &[&str] = &["loss", "rmse", "mae", "r2"];

/// The mean of `of` over the rows of one output; `None` without rows.
fn mean(rows: &mut dyn Iterator<Item = (f64, f64)>, of: impl Fn(f64, f64) -> f64) -> Option<f64> {
    let (sum, count) = rows
        .fold((0.0, 0_usize), |(sum, count), (predicted, target)| (sum + of(predicted, target), count + 1));
    (count > 0).then(|| sum / count as f64)
}
