//! Scalers of features, fitted to the training rows.

mod sparse;
mod standard;

pub use sparse::SparseScaler;
pub use standard::StandardScaler;

use crate::Result;
use crate::error::{parts, shape};

/// Checks the two lists of a scaler.
fn check(means: &[f32], scales: &[f32]) -> Result<()> {
    if means.is_empty() || means.len() != scales.len() {
        let expected = "one for each mean, and at least one".to_owned();
        return parts("scales", expected, format!("{} for {} means", scales.len(), means.len()));
    }
    if let Some(mean) = means.iter().find(|mean| !mean.is_finite()) {
        return parts("means", "finite numbers", mean);
    }
    match scales.iter().find(|scale| !(scale.is_finite() && **scale > 0.0)) {
        Some(scale) => parts("scales", "finite numbers above 0", scale),
        None => Ok(()),
    }
}

fn check_rows(values: &[f32], columns: usize) -> Result<()> {
    if values.len().is_multiple_of(columns) {
        return Ok(());
    }
    shape("features to scale", format!("whole rows of {columns} columns"), format!("{} values", values.len()))
}
