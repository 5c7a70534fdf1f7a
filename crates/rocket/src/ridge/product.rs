//! Products of centred features in blocks: never a second table of all features.

use std::ops::Range;

use nalgebra::{DMatrix, DMatrixViewMut};
use rayon::prelude::*;

use crate::Features;

/// Columns (or rows) that are centred at a time.
const BLOCK: usize = 512;

/// Columns of a product that one thread works on; fixed, so that the number of threads changes no bit.
const TILE: usize = 64;

/// Features of which the mean of each column is to be taken off.
pub(super) struct Centred<'a> {
    pub(super) features: &'a Features<'a>,
    pub(super) means: Vec<f64>,
}

impl<'a> Centred<'a> {
    pub(super) fn new(features: &'a Features<'a>) -> Self {
        Self { features, means: features.means() }
    }

    /// `[columns of the range][rows]`.
    pub(super) fn columns(&self, range: Range<usize>) -> DMatrix<f64> {
        let means = &self.means[range.clone()];
        let values = self.features.iter().flat_map(|row| centre(&row[range.clone()], means));
        DMatrix::from_iterator(range.len(), self.features.rows(), values)
    }

    /// `[columns][rows of the range]`.
    pub(super) fn rows(&self, range: Range<usize>) -> DMatrix<f64> {
        let rows = self.features.iter().skip(range.start).take(range.len());
        let values = rows.flat_map(|row| centre(row, &self.means));
        DMatrix::from_iterator(self.features.columns(), range.len(), values)
    }

    /// The products of all pairs of rows, `[rows][rows]`.
    pub(super) fn gram(&self) -> DMatrix<f64> {
        let mut sum = DMatrix::zeros(self.features.rows(), self.features.rows());
        for range in blocks(self.features.columns()) {
            let across = self.columns(range);
            add_square(&mut sum, &across.transpose(), &across);
        }
        sum.fill_upper_triangle_with_lower_triangle();
        sum
    }

    /// The products of all pairs of columns, `[columns][columns]`.
    pub(super) fn covariance(&self) -> DMatrix<f64> {
        let mut sum = DMatrix::zeros(self.features.columns(), self.features.columns());
        for range in blocks(self.features.rows()) {
            let block = self.rows(range);
            add_square(&mut sum, &block, &block.transpose());
        }
        sum.fill_upper_triangle_with_lower_triangle();
        sum
    }
}

fn centre<'a>(values: &'a [f32], means: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    values.iter().zip(means).map(|(&value, mean)| f64::from(value) - mean)
}

/// The ranges that cover `count`, one block each.
pub(super) fn blocks(count: usize) -> impl DoubleEndedIterator<Item = Range<usize>> {
    (0..count.div_ceil(BLOCK)).map(move |block| block * BLOCK..count.min((block + 1) * BLOCK))
}

/// Adds `block · across`, which is symmetric, at and below the diagonal (and at some places above it).
fn add_square(sum: &mut DMatrix<f64>, block: &DMatrix<f64>, across: &DMatrix<f64>) {
    let size = sum.nrows();
    sum.as_mut_slice().par_chunks_mut(size * TILE).enumerate().for_each(|(tile, columns)| {
        let (first, width) = (tile * TILE, columns.len() / size);
        let mut columns = DMatrixViewMut::from_slice(columns, size, width);
        let below = size - first;
        columns.rows_mut(first, below).gemm(
            1.0,
            &block.rows(first, below),
            &across.columns(first, width),
            1.0,
        );
    });
}
