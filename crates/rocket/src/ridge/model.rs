//! What ridge regression finds.

use rayon::prelude::*;

use crate::Result;
use crate::error::{parts, shape};

/// Partial sums of a product that do not wait for each other.
const LANES: usize = 8;

/// A fitted ridge regression: `outputs = coefficients · features + intercepts`. Those of a classifier can be used as the
/// logits of a linear layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    pub(super) coefficients: Vec<f64>,
    pub(super) intercepts: Vec<f64>,
    pub(super) alpha: f64,
    pub(super) left_out_error: f64,
}

impl Ridge {
    /// A regression of numbers that were fitted before: `coefficients` are row-major `[outputs][columns]`, `intercepts`
    /// `[outputs]`.
    ///
    /// # Errors
    /// [`Parts`](crate::RocketError::Parts) where they do not fit together or are not finite.
    pub fn from_parts(
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        alpha: f64,
        left_out_error: f64,
    ) -> Result<Self> {
        if intercepts.is_empty()
            || coefficients.is_empty()
            || !coefficients.len().is_multiple_of(intercepts.len())
        {
            let found = format!("{} for {} intercepts", coefficients.len(), intercepts.len());
            return parts("coefficients", "as many, at least one, for each intercept", found);
        }
        for (what, numbers) in [("coefficients", &coefficients), ("intercepts", &intercepts)] {
            if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
                return parts(what, "finite numbers", number);
            }
        }
        Ok(Self { coefficients, intercepts, alpha, left_out_error })
    }

    /// Row-major `[outputs][columns]`.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// One per output.
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// The penalty that was chosen.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The mean squared error of the training rows left out one at a time, with the chosen penalty.
    pub fn left_out_error(&self) -> f64 {
        self.left_out_error
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.intercepts.len()
    }

    /// Number of features.
    pub fn columns(&self) -> usize {
        self.coefficients.len() / self.intercepts.len()
    }

    /// The outputs of rows of features: row-major `[rows][columns]` to `[rows][outputs]`.
    ///
    /// # Errors
    /// [`Shape`](crate::RocketError::Shape) where the values are no whole rows.
    pub fn predict(&self, features: &[f32]) -> Result<Vec<f32>> {
        let columns = self.columns();
        if !features.len().is_multiple_of(columns) {
            let found = format!("{} values", features.len());
            return shape("features to predict from", format!("whole rows of {columns} columns"), found);
        }
        let rows = features.par_chunks_exact(columns).flat_map_iter(|row| {
            let outputs = self.coefficients.chunks_exact(columns).zip(&self.intercepts);
            outputs.map(move |(weights, intercept)| (dot(weights, row) + intercept) as f32)
        });
        Ok(rows.collect())
    }

    /// The class of each row: the first of its largest outputs.
    ///
    /// # Errors
    /// [`Shape`](crate::RocketError::Shape) where the values are no whole rows.
    pub fn predict_classes(&self, features: &[f32]) -> Result<Vec<u32>> {
        let outputs = self.predict(features)?;
        let largest = |row: &[f32]| {
            let better = |best: usize, at: usize| if row[at] > row[best] { at } else { best };
            (1..row.len()).fold(0, better) as u32
        };
        Ok(outputs.chunks_exact(self.outputs()).map(largest).collect())
    }
}

fn dot(weights: &[f64], row: &[f32]) -> f64 {
    let (weights, rest_weights) = weights.as_chunks::<LANES>();
    let (row, rest) = row.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (weights, values) in weights.iter().zip(row) {
        for lane in 0..LANES {
            lanes[lane] += weights[lane] * f64::from(values[lane]);
        }
    }
    let rest = rest_weights.iter().zip(rest).map(|(weight, &value)| weight * f64::from(value)).sum::<f64>();
    lanes.iter().sum::<f64>() + rest
}
