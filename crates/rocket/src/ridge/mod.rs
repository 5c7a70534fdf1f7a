//! Ridge regression, its penalty chosen by leave-one-out cross-validation.

mod decomposition;
mod model;
mod product;

pub use model::Ridge;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::shape;
use crate::features::check_finite;
use crate::{Features, Result, RocketError};

use decomposition::Decomposition;

/// The penalties that ridge regression tries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RidgeConfig {
    /// Weights of the squared norm of the coefficients. Of equally good ones the first is taken.
    pub alphas: Vec<f64>,
}

impl Default for RidgeConfig {
    /// Ten on a logarithmic scale from 0.001 to 1000, as for ROCKET and its kin.
    fn default() -> Self {
        Self { alphas: (0..10).map(|step| libm::pow(10.0, -3.0 + 6.0 * f64::from(step) / 9.0)).collect() }
    }
}

impl RidgeConfig {
    /// Fits numbers: `targets` are row-major `[rows][outputs]`. All outputs share the penalty, the one with the least mean
    /// squared error of the rows left out one at a time (Rifkin and Lippert 2007, "Notes on regularized least squares").
    /// The intercept is not penalised.
    ///
    /// Costs the cube of the lesser of rows and columns.
    ///
    /// # Errors
    /// [`RocketError::Config`] for a penalty that is not above 0, [`RocketError::Shape`], [`RocketError::NotFinite`],
    /// [`RocketError::Eigenvalues`].
    ///
    /// ```
    /// use brasa_rocket::{Features, RidgeConfig};
    ///
    /// let rows = [[0.0, 1.0], [1.0, 0.0], [2.0, 5.0], [3.0, 2.0]];
    /// let ridge = RidgeConfig::default().fit(&Features::new(rows.as_flattened(), 2)?, &[1.0, 3.0, 5.0, 7.0], 1)?;
    /// assert!((ridge.predict(&[4.0, 3.0])?[0] - 9.0).abs() < 0.01);
    /// # Ok::<(), brasa_rocket::RocketError>(())
    /// ```
    pub fn fit(&self, features: &Features<'_>, targets: &[f32], outputs: usize) -> Result<Ridge> {
        self.check()?;
        let rows = features.rows();
        if outputs == 0 || rows.checked_mul(outputs) != Some(targets.len()) {
            let expected = format!("{rows} rows of at least one output");
            return shape("targets", expected, format!("{} values for {outputs} outputs", targets.len()));
        }
        if rows < 2 {
            return shape("features", "at least 2 rows, to leave one out", rows.to_string());
        }
        check_finite("targets", targets, outputs)?;
        let decomposition = Decomposition::new(features, targets, outputs)?;
        let errors =
            self.alphas.par_iter().map(|&alpha| decomposition.left_out_error(alpha)).collect::<Vec<_>>();
        let mut best = None;
        for (&alpha, &error) in self.alphas.iter().zip(&errors) {
            if error.is_finite() && best.is_none_or(|(_, least)| error < least) {
                best = Some((alpha, error));
            }
        }
        let (alpha, error) = best.ok_or(RocketError::Eigenvalues { size: rows.min(features.columns()) })?;
        Ok(decomposition.model(features, alpha, error))
    }

    /// Fits a classifier: one output per class, trained to be 1 for its rows and -1 for the others, as scikit-learn's
    /// `RidgeClassifierCV`. The class of a row is the output that is largest.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and [`RocketError::Class`] for a class that there is not.
    pub fn fit_classes(&self, features: &Features<'_>, classes: &[u32], count: usize) -> Result<Ridge> {
        if let Some(row) = classes.iter().position(|&class| class as usize >= count) {
            return Err(RocketError::Class { row, classes: count, found: classes[row] });
        }
        if classes.len() != features.rows() {
            return shape("classes", format!("{} rows", features.rows()), classes.len().to_string());
        }
        let mut targets = vec![-1.0; classes.len() * count];
        for (row, &class) in targets.chunks_exact_mut(count.max(1)).zip(classes) {
            row[class as usize] = 1.0;
        }
        self.fit(features, &targets, count)
    }

    fn check(&self) -> Result<()> {
        let expected = "at least one finite number, all above 0";
        let wrong = self.alphas.iter().find(|alpha| !(alpha.is_finite() && **alpha > 0.0));
        let found = match wrong {
            Some(alpha) => alpha.to_string(),
            None if self.alphas.is_empty() => "none".to_owned(),
            None => return Ok(()),
        };
        Err(RocketError::Config { key: "alphas", expected: expected.to_owned(), found })
    }
}

#[cfg(test)]
mod tests;
