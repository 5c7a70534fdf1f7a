//! Sizes and weights of a layer, and how its work is cut.
//!
//! The batch is cut into blocks of rows, the steps into chunks, by the sizes alone; each block sums up its own gradients of the
//! weights, chunk by chunk. Blocks run through all steps without waiting for each other, two together where that leaves no thread
//! without any: one pass over the recurrent weights then serves both. What a block computes does not depend on that, so that
//! the number of threads changes no bit. The products that do not depend on the state are formed for a chunk at once, while what
//! they read and write is in the cache.

use std::borrow::Cow;

use burn::backend::flex::FlexTensor;

use super::Direction;
use super::cell::Cell;

/// Rows of the products of a chunk.
const PRODUCT_ROWS: usize = 256;

/// Rows of a block, so that one pass over the recurrent weights serves enough of them.
const BLOCK_ROWS: usize = 16;

/// Rows that are enough: with more, blocks do not run together.
const ENOUGH_ROWS: usize = 32;

/// Each block sums up its own gradients of the weights.
const MOST_BLOCKS: usize = 16;

#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) time: usize,
    pub(super) input: usize,
    pub(super) hidden: usize,
    pub(super) direction: Direction,
    /// Blocks that run together.
    pub(super) together: usize,
}

impl Sizes {
    /// For the threads at hand. None of the sizes is 0.
    pub(super) fn new(batch: usize, time: usize, input: usize, hidden: usize, direction: Direction) -> Self {
        let mut sizes = Self { batch, time, input, hidden, direction, together: 1 };
        let blocks = batch.div_ceil(sizes.block_rows());
        if blocks >= 2 * rayon::current_num_threads() && 2 * sizes.block_rows() <= ENOUGH_ROWS {
            sizes.together = 2;
        }
        sizes
    }

    /// Rows of all but the last of the blocks that run together.
    pub(super) fn rows_together(&self) -> usize {
        self.block_rows() * self.together
    }

    /// Rows of every block but the last.
    pub(super) fn block_rows(&self) -> usize {
        BLOCK_ROWS.max(self.batch.div_ceil(MOST_BLOCKS))
    }

    /// Steps of every chunk but the last, where the `rows` of a step make so many rows of a product.
    pub(super) fn chunk_steps(&self, rows: usize) -> usize {
        (PRODUCT_ROWS / rows).clamp(1, self.time)
    }

    /// The time of the `position`-th step in the order in which they are gone through.
    pub(super) fn time_of(&self, position: usize) -> usize {
        self.direction.time_of(position, self.time)
    }

    /// Elements of the slots of one row and step.
    pub(super) fn width(&self) -> usize {
        4 * self.hidden
    }

    /// Offsets of the rows of `positions` in `[rows, time, elements]`.
    pub(super) fn in_sequence(
        &self,
        positions: std::ops::Range<usize>,
        rows: usize,
        elements: usize,
    ) -> Vec<usize> {
        let row = move |t: usize| (0..rows).map(move |row| (row * self.time + t) * elements);
        positions.flat_map(|position| row(self.time_of(position))).collect()
    }
}

/// As the public functions take them, row-major.
#[derive(Clone, Copy)]
pub(super) struct Weights<'a> {
    pub(super) w_ih: &'a FlexTensor,
    pub(super) w_hh: &'a FlexTensor,
}

/// The columns of `[rows, gates * hidden]`, gate by gate in the order of the slots.
pub(super) fn to_slots<C: Cell>(matrix: &[f32], hidden: usize) -> Cow<'_, [f32]> {
    if C::INPUT.is_sorted() {
        return Cow::Borrowed(matrix);
    }
    let rows = matrix.chunks_exact(C::INPUT.len() * hidden);
    let gate = |row: &'_ [f32], gate: usize| row[gate * hidden..][..hidden].to_vec();
    Cow::Owned(rows.flat_map(|row| C::INPUT.iter().flat_map(move |&of| gate(row, of))).collect())
}

/// The way back from [`to_slots`].
pub(super) fn from_slots<C: Cell>(matrix: Vec<f32>, hidden: usize) -> Vec<f32> {
    if C::INPUT.is_sorted() {
        return matrix;
    }
    let mut ordered = vec![0.0; matrix.len()];
    let width = C::INPUT.len() * hidden;
    for (to, from) in ordered.chunks_exact_mut(width).zip(matrix.chunks_exact(width)) {
        for (from, gate) in from.chunks_exact(hidden).zip(C::INPUT) {
            to[gate * hidden..][..hidden].copy_from_slice(from);
        }
    }
    ordered
}
