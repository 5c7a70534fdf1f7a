use std::sync::Arc;

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use super::VECTORS;
use super::left::{Left, Rows};
use super::multiply::Start;
use crate::flex;
use crate::flex::kept::{self, Layout, Preparation};

/// Rows beside whose products packing a weight takes little time.
const MANY_ROWS: usize = 64;

/// Columns of a row-major matrix: each row begins `stride` after the one before it.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) columns: usize,
    pub(crate) stride: usize,
}

/// Some rows of each group of rows of a matrix, one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Groups<'a> {
    pub(super) matrix: Matrix<'a>,
    /// Rows of a group.
    group: usize,
    /// The first of those that count, and how many do.
    first: usize,
    count: usize,
}

impl<'a> From<Matrix<'a>> for Groups<'a> {
    fn from(matrix: Matrix<'a>) -> Self {
        let rows = matrix.rows();
        Self { matrix, group: rows, first: 0, count: rows }
    }
}

impl<'a> Groups<'a> {
    pub(super) fn rows(&self) -> usize {
        self.matrix.rows().checked_div(self.group).unwrap_or(0) * self.count
    }

    /// The rows from the `first`-th on, each with what follows it.
    #[inline(always)]
    pub(super) fn rows_from(self, first: usize) -> impl Iterator<Item = &'a [f32]> {
        let row = move |row: usize| row / self.count * self.group + self.first + row % self.count;
        (first..self.rows()).map(move |at| &self.matrix.values[row(at) * self.matrix.stride..])
    }
}

impl<'a> Matrix<'a> {
    /// Without anything between its rows.
    pub(crate) fn dense(values: &'a [f32], columns: usize) -> Self {
        Self { values, columns, stride: columns }
    }

    /// `these` of each `group` rows.
    pub(crate) fn of_groups(self, group: usize, these: std::ops::Range<usize>) -> Groups<'a> {
        assert!(these.end <= group && self.rows().is_multiple_of(group));
        Groups { matrix: self, group, first: these.start, count: these.len() }
    }

    /// Rows whose columns are all there.
    pub(crate) fn rows(&self) -> usize {
        assert!(self.columns <= self.stride);
        if self.values.len() < self.columns {
            0
        } else {
            (self.values.len() - self.columns) / self.stride + 1
        }
    }
}

/// A matrix in panels of as many columns as [`VECTORS`] vectors have lanes, each row after row; the last one is filled up with
/// zeros.
pub(crate) struct Packed {
    pub(super) depth: usize,
    pub(super) columns: usize,
    pub(super) width: usize,
    pub(super) values: Arc<Vec<f32>>,
}

impl Packed {
    /// Of as many rows as its columns have elements.
    pub(crate) fn new<'a>(matrix: impl Into<Groups<'a>>) -> Self {
        let rows: Groups<'_> = matrix.into();
        let columns = rows.matrix.columns;
        Self::with_panels(rows.rows(), columns, |first, width, panel| {
            let count = width.min(columns - first);
            for (to, from) in panel.chunks_exact_mut(width).zip(rows.rows_from(0)) {
                to[..count].copy_from_slice(&from[first..][..count]);
            }
        })
    }

    /// Of the transpose of `[columns, depth]`, row-major.
    pub(crate) fn transposed(matrix: &[f32], depth: usize, columns: usize) -> Self {
        assert_eq!(matrix.len(), depth * columns);
        Self::with_panels(depth, columns, |first, width, panel| {
            let count = width.min(columns - first);
            let from = flex::Rows { values: &matrix[first * depth..][..count * depth], stride: depth };
            flex::transposed(from, [count, depth], panel, width);
        })
    }

    /// Of a contiguous weight `[depth, columns]`. What is packed for `few` rows is kept for the next evaluation.
    pub(crate) fn of_weight(weight: &FlexTensor, [depth, columns]: [usize; 2], few: Option<usize>) -> Self {
        let pack = || Self::new(Matrix::dense(weight.storage(), columns));
        if few.is_some_and(|rows| rows < MANY_ROWS) {
            Self::kept(weight, Preparation::Product, [depth, columns], columns, pack)
        } else {
            pack()
        }
    }

    /// What `pack` makes of a contiguous weight, `[depth, columns]`, which the next evaluation finds made, where there is room.
    /// `group`: columns that stay together in the order that it packs them in.
    pub(crate) fn kept(
        weight: &FlexTensor,
        preparation: Preparation,
        [depth, columns]: [usize; 2],
        group: usize,
        pack: impl FnOnce() -> Self,
    ) -> Self {
        let width = panel_width();
        if !kept::keeps(weight, columns.next_multiple_of(width) * depth) {
            return pack();
        }
        let layout = Layout(preparation, [depth, columns, width, group, 0, 0, 0]);
        let values = kept::prepared(weight, layout, || pack().into_values());
        Self { depth, columns, width, values }
    }

    fn into_values(self) -> Vec<f32> {
        Arc::unwrap_or_clone(self.values)
    }

    fn with_panels(depth: usize, columns: usize, fill: impl Fn(usize, usize, &mut [f32]) + Sync) -> Self {
        let width = panel_width();
        let mut values = vec![0.0; columns.div_ceil(width) * width * depth];
        if values.len() < flex::SERIAL_BELOW {
            let panels = values.chunks_exact_mut(width * depth).enumerate();
            panels.for_each(|(panel, values)| fill(panel * width, width, values));
        } else {
            let panels = values.par_chunks_exact_mut(width * depth).enumerate();
            panels.for_each(|(panel, values)| fill(panel * width, width, values));
        }
        Self { depth, columns, width, values: Arc::new(values) }
    }

    /// Multiplies row by row: `to` gets, at each offset of `to_rows`, the product of `depth` elements of `from` at
    /// the same index, on top of `start`. A row's result does not depend on its neighbours.
    pub(crate) fn multiply(&self, from: impl Left, to: Rows<&mut [f32]>, start: Start<'_>) {
        self.multiply_panels(0..self.panels(), from, to, start);
    }

    pub(super) fn panels(&self) -> usize {
        self.columns.div_ceil(self.width)
    }
}

/// Columns of a panel on this processor.
fn panel_width() -> usize {
    VECTORS * flex::lanes()
}
