//! Tables of features.

use crate::error::shape;
use crate::{Result, RocketError};

/// A table of features, borrowed: row-major `[rows][columns]`, as the transforms give it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features<'a> {
    values: &'a [f32],
    columns: usize,
}

impl<'a> Features<'a> {
    /// A table of `values`, row-major `[rows][columns]`.
    ///
    /// # Errors
    /// [`RocketError::Shape`] where the values do not fill at least one row, [`RocketError::NotFinite`].
    pub fn new(values: &'a [f32], columns: usize) -> Result<Self> {
        if values.is_empty() || columns == 0 || !values.len().is_multiple_of(columns) {
            return shape(
                "features",
                format!("whole rows of {columns} columns"),
                format!("{} values", values.len()),
            );
        }
        check_finite("features", values, columns)?;
        Ok(Self { values, columns })
    }

    /// Of values that are known to be finite and to fill the columns.
    pub(crate) fn unchecked(values: &'a [f32], columns: usize) -> Self {
        Self { values, columns }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All values, row-major.
    pub fn values(&self) -> &'a [f32] {
        self.values
    }

    /// The rows in turn.
    pub fn iter(&self) -> std::slice::ChunksExact<'a, f32> {
        self.values.chunks_exact(self.columns)
    }

    /// The mean of each column.
    pub(crate) fn means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.columns];
        for row in self.iter() {
            means.iter_mut().zip(row).for_each(|(mean, &value)| *mean += f64::from(value));
        }
        means.iter_mut().for_each(|mean| *mean /= self.rows() as f64);
        means
    }

    /// The sum of squared distances from `means` of each column.
    pub(crate) fn squares(&self, means: &[f64]) -> Vec<f64> {
        let mut squares = vec![0.0; self.columns];
        for row in self.iter() {
            for ((square, mean), &value) in squares.iter_mut().zip(means).zip(row) {
                let distance = f64::from(value) - mean;
                *square += distance * distance;
            }
        }
        squares
    }
}

/// The tables side by side: row-major `[rows][sum of columns]`.
///
/// # Errors
/// [`RocketError::Shape`] where they have not the same rows.
///
/// ```
/// use brasa_rocket::{Features, side_by_side};
///
/// let (one, two) = (Features::new(&[1.0, 2.0], 1)?, Features::new(&[3.0, 4.0, 5.0, 6.0], 2)?);
/// assert_eq!(side_by_side(&[one, two])?, [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]);
/// # Ok::<(), brasa_rocket::RocketError>(())
/// ```
pub fn side_by_side(tables: &[Features<'_>]) -> Result<Vec<f32>> {
    let rows = tables.first().map(Features::rows).unwrap_or_default();
    if let Some(other) = tables.iter().find(|table| table.rows() != rows) {
        return shape("tables side by side", format!("{rows} rows in each"), other.rows().to_string());
    }
    let mut values = Vec::with_capacity(tables.iter().map(|table| table.values.len()).sum());
    let mut sources = tables.iter().map(Features::iter).collect::<Vec<_>>();
    for _ in 0..rows {
        sources.iter_mut().filter_map(Iterator::next).for_each(|row| values.extend_from_slice(row));
    }
    Ok(values)
}

pub(crate) fn check_finite(what: &'static str, values: &[f32], columns: usize) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(RocketError::NotFinite {
            what,
            row: at / columns,
            column: at % columns,
            found: f64::from(values[at]),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn faults_are_named() {
        let message = Features::new(&[1.0; 5], 2).unwrap_err().to_string();
        assert_eq!(message, "features: expected whole rows of 2 columns, found 5 values");
        let message = Features::new(&[1.0, 2.0, 3.0, f32::NAN], 2).unwrap_err().to_string();
        assert_eq!(message, "features: row 1, column 1: expected a finite number, found NaN");
        let (one, two) = (Features::new(&[1.0; 2], 1).unwrap(), Features::new(&[1.0; 3], 1).unwrap());
        let message = side_by_side(&[one, two]).unwrap_err().to_string();
        assert_eq!(message, "tables side by side: expected 2 rows in each, found 3");
    }
}
