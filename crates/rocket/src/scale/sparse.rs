//! The scaler of Hydra's counts.

use rayon::prelude::*;

use crate::{Features, Result};

/// How much rarer a feature must be to be damped.
const EXPONENT: i32 = 4;

/// Scales Hydra's counts (Dempster et al. 2023): the square root, to mean 0 and standard deviation 1, where
/// what is 0 stays 0 and features that are mostly 0 are damped.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseScaler {
    means: Vec<f32>,
    scales: Vec<f32>,
}

impl SparseScaler {
    /// Learns from the counts of the training rows.
    pub fn fit(counts: &Features<'_>) -> Self {
        let rows = counts.rows() as f64;
        let columns = counts.columns();
        let roots = counts.values().iter().map(|&count| root(count)).collect::<Vec<_>>();
        let roots = Features::unchecked(&roots, columns);
        let mut zeros = vec![0_usize; columns];
        for row in roots.iter() {
            zeros.iter_mut().zip(row).for_each(|(zeros, &root)| *zeros += usize::from(root == 0.0));
        }
        let means = roots.means();
        let squares = roots.squares(&means);
        let scales = squares.iter().zip(&zeros).map(|(square, &zeros)| {
            let deviation = (square / (rows - 1.0).max(1.0)).sqrt();
            (deviation + (zeros as f64 / rows).powi(EXPONENT) + 1e-8) as f32
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

    /// The mean root of each column.
    pub fn means(&self) -> &[f32] {
        &self.means
    }

    /// What each column is divided by.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// Scales rows of counts in place, row-major `[rows][columns]`.
    ///
    /// # Errors
    /// [`Shape`](crate::RocketError::Shape) where the values are no whole rows.
    pub fn apply(&self, values: &mut [f32]) -> Result<()> {
        super::check_rows(values, self.means.len())?;
        values.par_chunks_exact_mut(self.means.len()).for_each(|row| {
            for ((value, mean), scale) in row.iter_mut().zip(&self.means).zip(&self.scales) {
                let root = root(*value);
                *value = if root == 0.0 { 0.0 } else { (root - mean) / scale };
            }
        });
        Ok(())
    }
}

/// The largest of a group may be below 0 where all kernels are.
fn root(count: f32) -> f32 {
    count.max(0.0).sqrt()
}
