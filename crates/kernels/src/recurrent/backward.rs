use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use rayon::prelude::*;

use super::cell::{Before, Cell};
use super::forward::{Record, four};
use super::layer::{Sizes, Weights, from_slots, to_slots};
use crate::flex::{CHUNK, Kernel, vectorized, with_scratch};
use crate::product::{ColumnSums, Columns, Matrix, Packed, Rows, Start, evenly};

/// Gradients, row-major; that of `x` if it was wanted.
pub(super) struct Gradients {
    pub(super) x: Option<Vec<f32>>,
    pub(super) w_ih: Vec<f32>,
    pub(super) w_hh: Vec<f32>,
    pub(super) b_ih: Vec<f32>,
    pub(super) b_hh: Vec<f32>,
}

/// What the forward pass was given and what it gave.
pub(super) struct Passed<'a> {
    pub(super) x: &'a [f32],
    pub(super) output: &'a [f32],
    pub(super) records: &'a [Record],
}

pub(super) fn backward<C: Cell>(
    sizes: Sizes,
    weights: Weights<'_>,
    passed: Passed<'_>,
    upstream: &[f32],
    x_wanted: bool,
) -> Gradients {
    let Sizes { batch, time, input, hidden, .. } = sizes;
    let gates = C::INPUT.len();
    let layer = Layer::<C> {
        sizes,
        input: x_wanted.then(|| {
            Packed::transposed(&to_slots::<C>(weights.w_ih.storage(), hidden), gates * hidden, input)
        }),
        state: Packed::transposed(weights.w_hh.storage(), gates * hidden, hidden),
        cell: PhantomData,
    };
    let rows = sizes.rows_together();
    let (in_block, out_block) = (rows * time * input, rows * time * hidden);
    let len = if x_wanted { batch * time * input } else { 0 };
    let mut dx = Vec::with_capacity(len);
    let mut dx_blocks: Vec<&mut [MaybeUninit<f32>]> =
        dx.spare_capacity_mut()[..len].chunks_mut(in_block).collect();
    dx_blocks.resize_with(batch.div_ceil(rows), Default::default);
    let blocks = passed.x.par_chunks(in_block).zip_eq(passed.output.par_chunks(out_block));
    let blocks = blocks.zip_eq(upstream.par_chunks(out_block)).zip_eq(passed.records).zip_eq(dx_blocks);
    let parts = blocks.flat_map_iter(|((((x, output), upstream), record), dx)| {
        layer.block(Block { rows: x.len() / (time * input), x, output, upstream, record, dx })
    });
    let mut parts: Vec<Sums> = parts.collect();
    // SAFETY: the first blocks are all `len` elements, and there are not more of them than blocks of `x`, over which
    // the iterator above runs to its end; `Layer::block` fills its part of `dx` before anything else.
    unsafe { dx.set_len(len) };
    let mut sums = parts.pop().unwrap_or_else(|| Sums::new::<C>(sizes));
    sums.add(&parts);
    let w_hh = sums.weights.split_off(input * gates * hidden);
    let bias = |first: usize| {
        sums.bias[first * hidden..][..gates * hidden].iter().map(|sum| *sum as f32).collect::<Vec<_>>()
    };
    Gradients {
        x: x_wanted.then_some(dx),
        b_ih: from_slots::<C>(bias(0), hidden),
        b_hh: bias(C::FIRST_HIDDEN),
        w_ih: from_slots::<C>(sums.weights, hidden),
        w_hh,
    }
}

/// What a block adds to the gradients of the parameters.
struct Sums {
    /// Of `w_ih`, its gates in the order of the slots, then of `w_hh`.
    weights: Vec<f32>,
    /// Of all four slots.
    bias: Vec<f64>,
}

impl Sums {
    fn new<C: Cell>(sizes: Sizes) -> Self {
        let width = C::INPUT.len() * sizes.hidden;
        Self { weights: vec![0.0; (sizes.input + sizes.hidden) * width], bias: vec![0.0; sizes.width()] }
    }

    /// Adds the others, always in the same order.
    fn add(&mut self, others: &[Self]) {
        self.weights.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, sums)| {
            for other in others {
                let other = &other.weights[chunk * CHUNK..][..sums.len()];
                sums.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
            }
        });
        for other in others {
            self.bias.iter_mut().zip(&other.bias).for_each(|(sum, other)| *sum += other);
        }
    }
}

/// Rows of the batch. `x`, `output`, `upstream` and `dx` are `[rows, time, ..]`.
struct Block<'a> {
    rows: usize,
    x: &'a [f32],
    output: &'a [f32],
    upstream: &'a [f32],
    record: &'a Record,
    /// Empty if it is not wanted.
    dx: &'a mut [MaybeUninit<f32>],
}

struct Layer<C> {
    sizes: Sizes,
    /// From the gradient of the input's slots to that of the input.
    input: Option<Packed>,
    /// From the gradient of the state's slots to that of the state.
    state: Packed,
    cell: PhantomData<C>,
}

impl<C: Cell> Layer<C> {
    fn block(&self, mut block: Block<'_>) -> Vec<Sums> {
        let Sizes { time, input, hidden, .. } = self.sizes;
        let rows = block.rows;
        let dx = zeroed(std::mem::take(&mut block.dx));
        let chunk = self.sizes.chunk_steps(self.sizes.block_rows().min(self.sizes.batch));
        let mut sums: Vec<_> =
            (0..rows.div_ceil(self.sizes.block_rows())).map(|_| Sums::new::<C>(self.sizes)).collect();
        let (mut dh, mut dc) = (vec![0.0; rows * hidden], vec![0.0; rows * hidden]);
        with_scratch(chunk * rows * self.sizes.width(), |slots| {
            with_scratch(chunk * rows * (input + hidden), |before| {
                for first in (0..time).step_by(chunk).rev() {
                    let positions = first..time.min(first + chunk);
                    let all = positions.len() * rows;
                    let slots = &mut slots[..all * self.sizes.width()];
                    let before = &mut before[..all * (input + hidden)];
                    self.gather(&block, positions.clone(), before);
                    self.steps(&block, positions.clone(), before, slots, &mut dh, &mut dc);
                    self.leave(rows, positions, slots, before, dx, &mut sums);
                }
            });
        });
        sums
    }

    /// Input and state before each step, side by side.
    fn gather(&self, block: &Block<'_>, positions: Range<usize>, before: &mut [f32]) {
        let Sizes { time, input, hidden, .. } = self.sizes;
        let wide = input + hidden;
        for (position, before) in positions.zip(before.chunks_exact_mut(block.rows * wide)) {
            let t = self.sizes.time_of(position);
            let earlier = position.checked_sub(1).map(|position| self.sizes.time_of(position));
            for (row, before) in before.chunks_exact_mut(wide).enumerate() {
                let (x, h) = before.split_at_mut(input);
                x.copy_from_slice(&block.x[(row * time + t) * input..][..input]);
                match earlier {
                    Some(t) => h.copy_from_slice(&block.output[(row * time + t) * hidden..][..hidden]),
                    None => h.fill(0.0),
                }
            }
        }
    }

    /// Through time: the gradients of the slots of all steps of a chunk.
    fn steps(
        &self,
        block: &Block<'_>,
        positions: Range<usize>,
        before: &[f32],
        slots: &mut [f32],
        dh: &mut [f32],
        dc: &mut [f32],
    ) {
        let Sizes { time, input, hidden, .. } = self.sizes;
        let (rows, width) = (block.rows, self.sizes.width());
        let (step, wide) = (rows * hidden, rows * width);
        let h_rows = evenly(rows, 0, hidden);
        let slot_rows = evenly(rows, C::FIRST_HIDDEN * hidden, width);
        let zeros = vec![0.0; step];
        let cell = |position: usize| {
            if C::HAS_CELL { &block.record.cells[position * step..][..step] } else { &zeros }
        };
        for (index, position) in positions.enumerate().rev() {
            let t = self.sizes.time_of(position);
            for (row, dh) in dh.chunks_exact_mut(hidden).enumerate() {
                let upstream = &block.upstream[(row * time + t) * hidden..][..hidden];
                dh.iter_mut().zip(upstream).for_each(|(dh, upstream)| *dh += upstream);
            }
            let around = Step::<C> {
                hidden,
                before: &before[index * rows * (input + hidden)..][..rows * (input + hidden)],
                c: [if position > 0 { cell(position - 1) } else { &zeros }, cell(position)],
                slots: &block.record.slots[position * wide..][..wide],
                cell: PhantomData,
            };
            let sums = &mut slots[index * wide..][..wide];
            vectorized(&around, 0, (&mut *sums, &mut *dh, &mut *dc));
            if position > 0 {
                let from = Rows { buffer: &*sums, offsets: &slot_rows };
                self.state.multiply(from, Rows { buffer: &mut *dh, offsets: &h_rows }, Start::Present);
            }
        }
    }

    /// What a chunk gives to the input and to the parameters.
    fn leave(
        &self,
        rows: usize,
        positions: Range<usize>,
        slots: &[f32],
        before: &[f32],
        dx: &mut [f32],
        sums: &mut [Sums],
    ) {
        let Sizes { input, .. } = self.sizes;
        let width = self.sizes.width();
        let of_block = self.sizes.block_rows();
        for (block, sums) in sums.iter_mut().enumerate() {
            let first = block * of_block;
            self.add_to(sums, first..rows.min(first + of_block), rows, slots, before);
        }
        if let Some(packed) = &self.input {
            let x_rows = self.sizes.in_sequence(positions, rows, input);
            let slot_rows = evenly(x_rows.len(), 0, width);
            let from = Rows { buffer: slots, offsets: &slot_rows };
            packed.multiply(from, Rows { buffer: dx, offsets: &x_rows }, Start::Zero);
        }
    }

    /// What a chunk gives to the parameters by `these` of the `rows` of each step.
    fn add_to(&self, sums: &mut Sums, these: Range<usize>, rows: usize, slots: &[f32], before: &[f32]) {
        let Sizes { input, hidden, .. } = self.sizes;
        let (width, columns) = (self.sizes.width(), C::INPUT.len() * hidden);
        let stride = input + hidden;
        let side = |first: usize| {
            let values = Matrix { values: &slots[first * hidden..], columns, stride: width };
            Packed::new(values.of_groups(rows, these.clone()))
        };
        let before = Matrix::dense(before, stride).of_groups(rows, these.clone());
        let add = |first: usize, side: &Packed, sums: &mut [f32]| {
            let offsets = evenly(sums.len() / columns, 0, columns);
            let before = Columns { matrix: before, first, count: offsets.len() };
            side.multiply(before, Rows { buffer: sums, offsets: &offsets }, Start::Present);
        };
        if C::FIRST_HIDDEN == 0 {
            add(0, &side(0), &mut sums.weights);
        } else {
            let (w_ih, w_hh) = sums.weights.split_at_mut(input * columns);
            add(0, &side(0), w_ih);
            add(input, &side(C::FIRST_HIDDEN), w_hh);
        }
        for step in slots.chunks_exact(rows * width) {
            let step = &step[these.start * width..these.end * width];
            vectorized(&ColumnSums, 0, (step, &mut sums.bias[..]));
        }
    }
}

fn zeroed(buffer: &mut [MaybeUninit<f32>]) -> &mut [f32] {
    for element in &mut *buffer {
        element.write(0.0);
    }
    // SAFETY: every element has just been written.
    unsafe { buffer.assume_init_mut() }
}

/// The pointwise part of one step of a block.
struct Step<'a, C> {
    hidden: usize,
    /// `[rows, input + hidden]`
    before: &'a [f32],
    c: [&'a [f32]; 2],
    slots: &'a [f32],
    cell: PhantomData<C>,
}

impl<C: Cell> Kernel<(&mut [f32], &mut [f32], &mut [f32])> for Step<'_, C> {
    #[inline(always)]
    fn run(&self, _: usize, (sums, dh, dc): (&mut [f32], &mut [f32], &mut [f32])) {
        let (hidden, width) = (self.hidden, 4 * self.hidden);
        let rows = dh.len() / hidden;
        let gradients = dh.chunks_exact_mut(hidden).zip(dc.chunks_exact_mut(hidden));
        for (row, (sums, (dh, dc))) in sums.chunks_exact_mut(width).zip(gradients).enumerate() {
            let stride = self.before.len() / rows;
            let before = Before {
                h: &self.before[(row + 1) * stride - hidden..][..hidden],
                c: self.c.map(|c| &c[row * hidden..][..hidden]),
            };
            let slots = &self.slots[row * width..][..width];
            let slots = [0, 1, 2, 3].map(|slot| &slots[slot * hidden..][..hidden]);
            C::backward(before, slots, four(sums, hidden), dh, dc);
        }
    }
}
