//! Mean 0 and variance 1.

use rayon::prelude::*;

use crate::{Features, Result};

/// Scales each feature to mean 0 and variance 1 over the training rows, as scikit-learn's `StandardScaler` does. A feature
/// that is constant there is only shifted.
///
/// ```
/// use brasa_rocket::{Features, StandardScaler};
///
/// let mut values = vec![1.0, 5.0, 3.0, 5.0];
/// let scaler = StandardScaler::fit(&Features::new(&values, 2)?);
/// scaler.apply(&mut values)?;
/// assert_eq!(values, [-1.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), brasa_rocket::RocketError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScaler {
    means: Vec<f32>,
    scales: Vec<f32>,
}

impl StandardScaler {
    /// Learns mean and standard deviation of each column.
    pub fn fit(features: &Features<'_>) -> Self {
        let rows = features.rows() as f64;
        let means = features.means();
        let squares = features.squares(&means);
        let scales = squares.iter().zip(&means).map(|(square, mean)| {
            let variance = square / rows;
            // What the rounding of a mean leaves of a constant is no variance.
            let noise = rows * f64::EPSILON * variance + (rows * mean * f64::EPSILON).powi(2);
            let scale = variance.sqrt() as f32;
            if variance <= noise || scale == 0.0 { 1.0 } else { scale }
        });
        Self { scales: scales.collect(), means: means.iter().map(|&mean| mean as f32).collect() }
    }

    /// A scaler of numbers that were fitted before.
    ///
    /// # Errors
    /// [`Parts`](crate::RocketError::Parts) where they do not fit together, or a scale is not above 0.
    pub fn from_parts(means: Vec<f32>, scales: Vec<f32>) -> Result<Self> {
        super::check(&means, &scales)?;
        Ok(Self { means, scales })
    }

    /// The mean of each column.
    pub fn means(&self) -> &[f32] {
        &self.means
    }

    /// What each column is divided by.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// Scales rows in place, row-major `[rows][columns]`.
    ///
    /// # Errors
    /// [`Shape`](crate::RocketError::Shape) where the values are no whole rows.
    pub fn apply(&self, values: &mut [f32]) -> Result<()> {
        super::check_rows(values, self.means.len())?;
        values.par_chunks_exact_mut(self.means.len()).for_each(|row| {
            for ((value, mean), scale) in row.iter_mut().zip(&self.means).zip(&self.scales) {
                *value = (*value - mean) / scale;
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn constants_are_only_shifted() {
        let mut values = vec![0.1; 7];
        let scaler = StandardScaler::fit(&Features::new(&values, 1).unwrap());
        assert_eq!(scaler.scales(), [1.0]);
        scaler.apply(&mut values).unwrap();
        assert_eq!(values, [0.0; 7]);
    }

    #[test]
    fn parts_are_checked() {
        let scaler = StandardScaler::from_parts(vec![1.0, 2.0], vec![1.0, 4.0]).unwrap();
        assert_eq!(
            scaler.apply(&mut [1.0; 3]).unwrap_err().to_string(),
            "features to scale: expected whole rows of 2 columns, found 3 values"
        );
        for (means, scales, message) in [
            (vec![1.0], vec![], "scales: expected one for each mean, and at least one, found 0 for 1 means"),
            (vec![f32::NAN], vec![1.0], "means: expected finite numbers, found NaN"),
            (vec![1.0], vec![0.0], "scales: expected finite numbers above 0, found 0"),
        ] {
            assert_eq!(StandardScaler::from_parts(means, scales).unwrap_err().to_string(), message);
        }
    }
}
