//! Eigenvalues of the smaller square of the features, from which every penalty is cheap.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rayon::prelude::*;

use super::Ridge;
use super::product::{Centred, blocks};
use crate::{Features, Result, RocketError};

/// Steps of the QR algorithm per eigenvalue, of which it takes two or so.
const MOST_STEPS: usize = 100;

/// Features X and targets Y, both centred, as all that the fits with any penalty share.
pub(super) struct Decomposition {
    means: Vec<f64>,
    target_means: Vec<f64>,
    targets: DMatrix<f64>,
    vectors: DMatrix<f64>,
    values: DVector<f64>,
    side: Side,
}

/// Which square was decomposed.
enum Side {
    /// XX' plus `lift` 11'/n: rows are fewer than columns.
    Rows { lift: f64, projected: DMatrix<f64>, squared: DMatrix<f64> },
    /// X'X. `scores` are XV.
    Columns { scores: DMatrix<f64>, projected: DMatrix<f64>, squared: DMatrix<f64> },
}

impl Decomposition {
    pub(super) fn new(features: &Features<'_>, targets: &[f32], outputs: usize) -> Result<Self> {
        let rows = features.rows();
        let mut targets =
            DMatrix::from_row_iterator(rows, outputs, targets.iter().map(|&one| f64::from(one)));
        let target_means = targets.column_iter().map(|column| column.mean()).collect::<Vec<_>>();
        for (mut column, mean) in targets.column_iter_mut().zip(&target_means) {
            column.add_scalar_mut(-mean);
        }
        let centred = Centred::new(features);
        let (vectors, values, side) = if rows <= features.columns() {
            let mut gram = centred.gram();
            // Centring makes the vector of ones an eigenvector of eigenvalue 0, of which the errors need nothing. Lifted
            // among the others, it takes no digits from them when it is subtracted.
            let lift = gram.trace() / rows as f64;
            let lift = if lift > 0.0 { lift } else { 1.0 };
            gram.add_scalar_mut(lift / rows as f64);
            let (vectors, values) = eigen(gram)?;
            let (projected, squared) = (vectors.tr_mul(&targets), vectors.component_mul(&vectors));
            (vectors, values, Side::Rows { lift, projected, squared })
        } else {
            let (vectors, values) = eigen(centred.covariance())?;
            let mut scores = DMatrix::zeros(rows, features.columns());
            for range in blocks(rows) {
                let product = centred.rows(range.clone()).transpose() * &vectors;
                scores.rows_mut(range.start, range.len()).copy_from(&product);
            }
            let (projected, squared) = (scores.tr_mul(&targets), scores.component_mul(&scores));
            (vectors, values, Side::Columns { scores, projected, squared })
        };
        Ok(Self { means: centred.means, target_means, targets, vectors, values, side })
    }

    /// The mean squared error of rows that are left out of the fit one at a time.
    pub(super) fn left_out_error(&self, alpha: f64) -> f64 {
        let shrunk = self.values.map(|value| 1.0 / (value + alpha));
        let rows = self.targets.nrows() as f64;
        // Both times alpha in the second case, which the quotient does not see.
        let (residuals, freedom) = match &self.side {
            Side::Rows { lift, projected, squared } => {
                let freedom = (squared * &shrunk).add_scalar(-1.0 / (rows * (lift + alpha)));
                (&self.vectors * scaled(projected, &shrunk), freedom)
            }
            Side::Columns { scores, projected, squared } => {
                let freedom = (squared * &shrunk).map(|leverage| 1.0 - 1.0 / rows - leverage);
                (&self.targets - scores * scaled(projected, &shrunk), freedom)
            }
        };
        let squares = residuals.column_iter().map(|column| column.component_div(&freedom).norm_squared());
        squares.sum::<f64>() / residuals.len() as f64
    }

    /// The fit of a penalty.
    pub(super) fn model(&self, features: &Features<'_>, alpha: f64, left_out_error: f64) -> Ridge {
        let shrunk = self.values.map(|value| 1.0 / (value + alpha));
        let (columns, outputs) = (features.columns(), self.targets.ncols());
        let coefficients = match &self.side {
            Side::Rows { projected, .. } => {
                let weights = &self.vectors * scaled(projected, &shrunk);
                let centred = Centred { features, means: self.means.clone() };
                let blocks = blocks(columns).collect::<Vec<_>>();
                let blocks = blocks.into_par_iter().map(|range| centred.columns(range) * &weights);
                let mut all = DMatrix::zeros(columns, outputs);
                let mut first = 0;
                for block in blocks.collect::<Vec<_>>() {
                    all.rows_mut(first, block.nrows()).copy_from(&block);
                    first += block.nrows();
                }
                all
            }
            Side::Columns { projected, .. } => &self.vectors * scaled(projected, &shrunk),
        };
        let shifts = coefficients.tr_mul(&DVector::from_column_slice(&self.means));
        let intercepts = self.target_means.iter().zip(shifts.iter()).map(|(mean, shift)| mean - shift);
        Ridge {
            intercepts: intercepts.collect(),
            coefficients: coefficients.data.into(),
            alpha,
            left_out_error,
        }
    }
}

/// Each row times its factor.
fn scaled(rows: &DMatrix<f64>, factors: &DVector<f64>) -> DMatrix<f64> {
    let mut rows = rows.clone();
    rows.column_iter_mut().for_each(|mut column| column.component_mul_assign(factors));
    rows
}

/// Eigenvectors and eigenvalues of a symmetric matrix without negative ones.
fn eigen(matrix: DMatrix<f64>) -> Result<(DMatrix<f64>, DVector<f64>)> {
    let size = matrix.nrows();
    let eigen = SymmetricEigen::try_new(matrix, f64::EPSILON, MOST_STEPS * size)
        .ok_or(RocketError::Eigenvalues { size })?;
    // Rounding may leave a 0 below 0, where a small penalty would not make up for it.
    Ok((eigen.eigenvectors, eigen.eigenvalues.map(|value| value.max(0.0))))
}
