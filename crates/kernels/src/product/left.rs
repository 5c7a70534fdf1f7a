//! The left side of a product, and how it becomes a strip.

use std::ops::Range;

use pulp::Simd;

use super::packed::{Groups, Matrix};
use crate::flex::{self, square, transpose_into};

/// Rows of as many elements as the packed matrix has.
pub(crate) trait Left: Copy + Sync {
    fn rows(&self) -> usize;

    /// Some of the rows.
    fn part(self, rows: Range<usize>) -> Self;

    /// Brings elements `depth` of `R` rows from `row` on into a strip: element by element, the rows side by side.
    fn pack<S: Simd, const R: usize>(&self, simd: S, row: usize, depth: Range<usize>, strip: &mut [f32]);
}

/// Rows of a buffer that begin at `offsets`.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a, T> {
    pub(crate) buffer: T,
    pub(crate) offsets: &'a [usize],
}

impl Left for Rows<'_, &[f32]> {
    fn rows(&self) -> usize {
        self.offsets.len()
    }

    fn part(self, rows: Range<usize>) -> Self {
        Self { offsets: &self.offsets[rows], ..self }
    }

    #[inline(always)]
    fn pack<S: Simd, const R: usize>(&self, simd: S, row: usize, depth: Range<usize>, strip: &mut [f32]) {
        let offsets = &self.offsets[row..][..R];
        let rows: [&[f32]; R] = std::array::from_fn(|r| &self.buffer[offsets[r]..][depth.clone()]);
        let (strip, _) = strip.as_chunks_mut::<R>();
        let block = square::<S>();
        let mut done = 0;
        if R > 1 && block > 0 {
            // Squares of rows become squares of elements, of which R rows are taken; the others are whatever was there.
            let (mut from, mut to) = ([0.0; 256], [0.0; 256]);
            while done + block <= depth.len() {
                for (to, row) in from.chunks_exact_mut(block).zip(&rows) {
                    to.copy_from_slice(&row[done..][..block]);
                }
                let square = flex::Rows { values: &from, stride: block };
                transpose_into(simd, square, [block, block], &mut to, block);
                for (strip, from) in strip[done..].iter_mut().zip(to.chunks_exact(block)).take(block) {
                    strip.copy_from_slice(&from[..R]);
                }
                done += block;
            }
        }
        for (k, strip) in strip.iter_mut().enumerate().take(depth.len()).skip(done) {
            for (to, row) in strip.iter_mut().zip(&rows) {
                *to = row[k];
            }
        }
    }
}

/// Columns of a matrix, each a row of the product: a left side that lies transposed.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) matrix: Groups<'a>,
    pub(crate) first: usize,
    pub(crate) count: usize,
}

impl<'a> Columns<'a> {
    /// All columns of a matrix.
    pub(crate) fn of(matrix: Matrix<'a>) -> Self {
        Self { matrix: matrix.into(), first: 0, count: matrix.columns }
    }
}

impl Left for Columns<'_> {
    fn rows(&self) -> usize {
        self.count
    }

    fn part(self, rows: Range<usize>) -> Self {
        assert!(rows.end <= self.count);
        Self { first: self.first + rows.start, count: rows.len(), ..self }
    }

    #[inline(always)]
    fn pack<S: Simd, const R: usize>(&self, _: S, row: usize, depth: Range<usize>, strip: &mut [f32]) {
        let (strip, _) = strip.as_chunks_mut::<R>();
        let first = self.first + row;
        for (strip, from) in strip.iter_mut().zip(self.matrix.rows_from(depth.start)).take(depth.len()) {
            strip.copy_from_slice(&from[first..][..R]);
        }
    }
}
