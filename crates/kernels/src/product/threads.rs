//! Products of whole matrices, divided among the threads.

use rayon::prelude::*;

use super::left::{Columns, Left, Rows};
use super::multiply::Start;
use super::packed::{Matrix, Packed};

/// Products below which one thread is as fast as two.
const SERIAL_BELOW: usize = if cfg!(miri) { 64 } else { 1 << 20 };

/// Products of one row from which two threads that are awake are faster than one.
const SHARED_FROM: usize = if cfg!(miri) { 64 } else { 1 << 17 };

/// Rows that a share is a multiple of, so that its strips are full.
const ROWS: usize = 12;

/// Rows of a share at most: a part of their depth stays in the second cache while all panels pass.
const MOST_ROWS: usize = 20 * ROWS;

/// Offsets of `rows` rows, `stride` apart.
pub(crate) fn evenly(rows: usize, first: usize, stride: usize) -> Vec<usize> {
    (0..rows).map(|row| first + row * stride).collect()
}

impl Packed {
    /// `to`, row-major and dense, gets the product of `rows` on top of `start`, which is not what it holds.
    pub(crate) fn multiply_rows(&self, rows: Matrix<'_>, to: &mut [f32], start: Start<'_>) {
        assert_eq!(rows.columns, self.depth);
        let offsets = evenly(rows.rows(), 0, rows.stride);
        self.divide(Rows { buffer: rows.values, offsets: &offsets }, to, start);
    }

    /// `to`, `[columns of matrix, columns]` row-major and dense, gets the product of the transposed `matrix`.
    pub(crate) fn multiply_columns(&self, matrix: Matrix<'_>, to: &mut [f32]) {
        assert_eq!(matrix.rows(), self.depth);
        self.divide(Columns::of(matrix), to, Start::Zero);
    }

    /// In shares of the rows of `to`, or of its columns where there are too few rows.
    fn divide(&self, from: impl Left, to: &mut [f32], start: Start<'_>) {
        let (rows, columns) = (from.rows(), self.columns);
        assert_eq!(to.len(), rows * columns);
        let threads = rayon::current_num_threads();
        let share = |part: usize, to: &mut [f32], most: usize| {
            let first = part * most;
            self.multiply_dense(from.part(first..first + to.len() / columns), to, start);
        };
        if threads == 1 || rows * columns * self.depth < SERIAL_BELOW {
            let parts = to.chunks_mut(MOST_ROWS * columns).enumerate();
            parts.for_each(|(part, to)| share(part, to, MOST_ROWS));
        } else if rows >= threads * ROWS {
            let most = rows.div_ceil(threads).next_multiple_of(ROWS).min(MOST_ROWS);
            let parts = to.par_chunks_mut(most * columns).enumerate();
            parts.for_each(|(part, to)| share(part, to, most));
        } else {
            self.divide_columns(from, to, start);
        }
    }

    /// As [`Packed::multiply`], of one row, whose columns two threads share.
    pub(crate) fn multiply_shared(&self, from: Rows<&[f32]>, to: Rows<&mut [f32]>, start: Start<'_>) {
        assert_eq!(from.offsets.len(), 1);
        if rayon::current_num_threads() == 1 || self.columns * self.depth < SHARED_FROM {
            return self.multiply(from, to, start);
        }
        let panels = self.panels();
        let middle = panels / 2;
        let row = &mut to.buffer[to.offsets[0]..][..self.columns];
        let (left, right) = row.split_at_mut(middle * self.width);
        let some = |panels, to: &mut [f32]| {
            self.multiply_panels(panels, from, Rows { buffer: to, offsets: &[0] }, start);
        };
        rayon::join(|| some(0..middle, left), || some(middle..panels, right));
    }

    fn multiply_dense(&self, from: impl Left, to: &mut [f32], start: Start<'_>) {
        let offsets = evenly(from.rows(), 0, self.columns);
        self.multiply(from, Rows { buffer: to, offsets: &offsets }, start);
    }

    /// `start` is not what `to` holds.
    fn divide_columns(&self, from: impl Left, to: &mut [f32], start: Start<'_>) {
        let (rows, columns) = (from.rows(), self.columns);
        let panels = self.panels().div_ceil(rayon::current_num_threads());
        let wide = panels * self.width;
        let some = |part: usize, to: &mut [f32], stride: usize| {
            let of = part * panels..self.panels().min((part + 1) * panels);
            self.multiply_panels(of, from, Rows { buffer: to, offsets: &evenly(rows, 0, stride) }, start);
        };
        if rows == 1 {
            to.par_chunks_mut(wide).enumerate().for_each(|(part, to)| some(part, to, columns));
            return;
        }
        let parts = (0..self.panels().div_ceil(panels)).into_par_iter().map(|part| {
            let these = part * wide..columns.min((part + 1) * wide);
            let stride = these.len();
            let mut sums = vec![0.0; rows * stride];
            some(part, &mut sums, stride);
            sums
        });
        let parts: Vec<Vec<f32>> = parts.collect();
        for (part, sums) in parts.iter().enumerate() {
            let stride = sums.len() / rows;
            for (to, from) in to.chunks_exact_mut(columns).zip(sums.chunks_exact(stride)) {
                to[part * wide..][..stride].copy_from_slice(from);
            }
        }
    }
}
