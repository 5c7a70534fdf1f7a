use std::marker::PhantomData;
use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::cell::Cell;
use super::layer::{Sizes, Weights, to_slots};
use crate::flex::kept::Preparation;
use crate::flex::{Kernel, vectorized};
use crate::product::{Matrix, Packed, Rows, Start, evenly};

/// Rows of a product that two threads share where no other block is theirs.
const ENOUGH_TO_SHARE: usize = 32;

/// Series below which laying out the weights for an evaluation takes as long as all else: what was laid out is kept.
const FEW: usize = 8;

/// What the backward pass needs of the blocks that run together, in the order in which the steps are gone through.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// `[time, rows, 4 * hidden]`, what [`Cell::forward`] left.
    pub(super) slots: Vec<f32>,
    /// `[time, rows, hidden]`, if the cell has such a state.
    pub(super) cells: Vec<f32>,
}

/// The output, `[batch, time, hidden]`, and a record of each block if it is to be kept.
pub(super) fn forward<C: Cell>(
    sizes: Sizes,
    weights: Weights<'_>,
    biases: [&[f32]; 2],
    x: &[f32],
    keep: bool,
) -> (Vec<f32>, Vec<Record>) {
    let Sizes { batch, time, input, hidden, .. } = sizes;
    let gates = C::INPUT.len();
    let mut start = vec![0.0; sizes.width()];
    start[..gates * hidden].copy_from_slice(&to_slots::<C>(biases[0], hidden));
    for (start, bias) in start[C::FIRST_HIDDEN * hidden..].iter_mut().zip(biases[1]) {
        *start += bias;
    }
    let columns = gates * hidden;
    // A row's output does not depend on how many are computed together; what is kept is read block by block.
    let share = batch.div_ceil(rayon::current_num_threads());
    let rows = if keep { sizes.rows_together() } else { sizes.rows_together().min(share) };
    let pack_input = || Packed::new(Matrix::dense(&to_slots::<C>(weights.w_ih.storage(), hidden), columns));
    let (input, state) = if keep || batch >= FEW {
        (pack_input(), Packed::of_weight(weights.w_hh, [hidden, columns], None))
    } else {
        let order = if C::INPUT.is_sorted() { Preparation::Product } else { Preparation::Slots };
        let group = if C::INPUT.is_sorted() { columns } else { hidden };
        let input = Packed::kept(weights.w_ih, order, [input, columns], group, pack_input);
        (input, Packed::of_weight(weights.w_hh, [hidden, columns], Some(batch)))
    };
    // Whoever calls from outside the pool would sleep at every step.
    let alone = batch <= rows && rayon::current_thread_index().is_some();
    let layer = Layer::<C> { sizes, input, state, start, keep, alone, cell: PhantomData };
    let len = batch * time * hidden;
    let mut output = Vec::with_capacity(len);
    let spare = &mut output.spare_capacity_mut()[..len];
    let blocks = x.par_chunks(rows * time * sizes.input).zip_eq(spare.par_chunks_mut(rows * time * hidden));
    let records = blocks.map(|(x, output)| layer.block(x, output)).collect();
    // SAFETY: `zip_eq` checks that there are as many blocks of `spare`, which is all `len` elements, as of `x`;
    // `Layer::block` checks that its part of the output is `time` rows of `hidden` for each row of `x` and writes
    // all of them, one step after the other.
    unsafe { output.set_len(len) };
    (output, records)
}

struct Layer<C> {
    sizes: Sizes,
    input: Packed,
    state: Packed,
    /// The biases of the slots.
    start: Vec<f32>,
    keep: bool,
    /// Whether there is no other block for the other threads.
    alone: bool,
    cell: PhantomData<C>,
}

impl<C: Cell> Layer<C> {
    fn block(&self, x: &[f32], output: &mut [MaybeUninit<f32>]) -> Record {
        let Sizes { time, input, hidden, .. } = self.sizes;
        let width = self.sizes.width();
        let rows = x.len() / (time * input);
        assert_eq!(output.len(), rows * time * hidden);
        let chunk = self.sizes.chunk_steps(rows);
        let kept = if self.keep { time } else { chunk };
        let cells = if self.keep && C::HAS_CELL { time * rows * hidden } else { 0 };
        let mut record =
            Record { slots: Vec::with_capacity(kept * rows * width), cells: Vec::with_capacity(cells) };
        let (mut h, mut c) = (vec![0.0; rows * hidden], vec![0.0; rows * hidden]);
        let h_rows = evenly(rows, 0, hidden);
        let step_rows = evenly(rows, C::FIRST_HIDDEN * hidden, width);

        for first in (0..time).step_by(chunk) {
            let positions = first..time.min(first + chunk);
            if !self.keep {
                record.slots.clear();
            }
            let done = record.slots.len();
            record.slots.resize(done + positions.len() * rows * width, 0.0);
            let slots = &mut record.slots[done..];
            self.enter(x, rows, positions.clone(), slots);
            for (position, slots) in positions.zip(slots.chunks_exact_mut(rows * width)) {
                if position > 0 {
                    let to = Rows { buffer: &mut *slots, offsets: &step_rows };
                    let from = Rows { buffer: &h[..], offsets: &h_rows };
                    if self.alone && rows == 1 {
                        self.state.multiply_shared(from, to, Start::Present);
                    } else {
                        self.state.multiply(from, to, Start::Present);
                    }
                }
                vectorized(&Step::<C> { hidden, cell: PhantomData }, 0, (slots, &mut h[..], &mut c[..]));
                let t = self.sizes.time_of(position);
                for (row, h) in h.chunks_exact(hidden).enumerate() {
                    output[(row * time + t) * hidden..][..hidden].write_copy_of_slice(h);
                }
                if cells > 0 {
                    record.cells.extend_from_slice(&c);
                }
            }
        }
        record
    }

    /// The sums before the state enters.
    fn enter(&self, x: &[f32], rows: usize, positions: std::ops::Range<usize>, slots: &mut [f32]) {
        let width = self.sizes.width();
        if self.alone && positions.len() * rows >= ENOUGH_TO_SHARE {
            let middle = positions.start + positions.len() / 2;
            let (before, after) = slots.split_at_mut((middle - positions.start) * rows * width);
            let (first, second) = (positions.start..middle, middle..positions.end);
            rayon::join(|| self.enter_by(x, rows, first, before), || self.enter_by(x, rows, second, after));
        } else {
            self.enter_by(x, rows, positions, slots);
        }
    }

    fn enter_by(&self, x: &[f32], rows: usize, positions: std::ops::Range<usize>, slots: &mut [f32]) {
        let width = self.sizes.width();
        let (start, rest) = self.start.split_at(C::INPUT.len() * self.sizes.hidden);
        for slots in slots.chunks_exact_mut(width) {
            slots[start.len()..].copy_from_slice(rest);
        }
        let x_rows = self.sizes.in_sequence(positions, rows, self.sizes.input);
        let slot_rows = evenly(x_rows.len(), 0, width);
        let from = Rows { buffer: x, offsets: &x_rows };
        self.input.multiply(from, Rows { buffer: slots, offsets: &slot_rows }, Start::Values(start));
    }
}

/// The pointwise part of one step of a block.
struct Step<C> {
    hidden: usize,
    cell: PhantomData<C>,
}

impl<C: Cell> Kernel<(&mut [f32], &mut [f32], &mut [f32])> for Step<C> {
    #[inline(always)]
    fn run(&self, _: usize, (slots, h, c): (&mut [f32], &mut [f32], &mut [f32])) {
        let hidden = self.hidden;
        let states = h.chunks_exact_mut(hidden).zip(c.chunks_exact_mut(hidden));
        for (slots, (h, c)) in slots.chunks_exact_mut(4 * hidden).zip(states) {
            C::forward(four(slots, hidden), h, c);
        }
    }
}

/// The slots of one row.
#[inline(always)]
pub(super) fn four(slots: &mut [f32], hidden: usize) -> [&mut [f32]; 4] {
    let (a, rest) = slots.split_at_mut(hidden);
    let (b, rest) = rest.split_at_mut(hidden);
    let (c, d) = rest.split_at_mut(hidden);
    [a, b, c, d]
}
