//! The elementwise halves of batch normalisation.

use std::mem::MaybeUninit;

use super::flex::Dims;
use crate::flex::{Kernel, for_each_chunk};

/// `(x - mean) scale + shift`, with one number of each per channel.
pub(super) struct Normalize<'a> {
    pub(super) dims: Dims,
    pub(super) mean: &'a [f32],
    pub(super) scale: &'a [f32],
    pub(super) shift: &'a [f32],
}

type Fresh<'a> = (&'a [f32], &'a mut [MaybeUninit<f32>]);

impl Normalize<'_> {
    /// Of all of `x`, `[batch, channels, inner]` with at least one element.
    pub(super) fn of(&self, x: &[f32]) -> Vec<f32> {
        let Dims { channels, inner } = self.dims;
        assert!(x.len().is_multiple_of(channels * inner));
        assert!([self.mean, self.scale, self.shift].iter().all(|values| values.len() == channels));
        let mut output = Vec::with_capacity(x.len());
        let spare = &mut output.spare_capacity_mut()[..x.len()];
        for_each_chunk(self, self.dims.granule(), (x, spare));
        // SAFETY: `spare` is the first `x.len()` elements of the buffer. `for_each_chunk` hands all of them to
        // `run`, in parts that are whole rows (or planes) as `x.len()` is, checked above; `run` walks all rows
        // (planes) of its part and writes each element, since the per-channel slices are as long as a row.
        unsafe { output.set_len(x.len()) };
        output
    }
}

impl Kernel<Fresh<'_>> for Normalize<'_> {
    #[inline(always)]
    fn run(&self, start: usize, (x, y): Fresh<'_>) {
        let Dims { channels, inner } = self.dims;
        if inner == 1 {
            for (x, y) in x.chunks_exact(channels).zip(y.chunks_exact_mut(channels)) {
                let channel = self.mean.iter().zip(self.scale).zip(self.shift);
                for ((y, &x), ((&mean, &scale), &shift)) in y.iter_mut().zip(x).zip(channel) {
                    y.write((x - mean) * scale + shift);
                }
            }
        } else {
            for (plane, (x, y)) in x.chunks_exact(inner).zip(y.chunks_exact_mut(inner)).enumerate() {
                let channel = (start / inner + plane) % channels;
                let (mean, scale, shift) = (self.mean[channel], self.scale[channel], self.shift[channel]);
                for (y, &x) in y.iter_mut().zip(x) {
                    y.write((x - mean) * scale + shift);
                }
            }
        }
    }
}

/// `(upstream - offset - (x - mean) slope) scale`, written over `upstream`.
#[derive(Clone, Copy)]
pub(crate) struct Denormalize<'a> {
    pub(crate) dims: Dims,
    pub(super) mean: &'a [f32],
    pub(super) offset: &'a [f32],
    pub(super) slope: &'a [f32],
    pub(super) scale: &'a [f32],
}

impl Denormalize<'_> {
    /// Of `x` and `upstream` of one channel.
    #[inline(always)]
    pub(crate) fn of_channel(&self, channel: usize) -> impl Fn(f32, f32) -> f32 {
        let (mean, offset) = (self.mean[channel], self.offset[channel]);
        let (slope, scale) = (self.slope[channel], self.scale[channel]);
        move |x, upstream| (upstream - offset - (x - mean) * slope) * scale
    }

    pub(super) fn in_place(&self, x: &[f32], upstream: &mut [f32]) {
        for_each_chunk(self, self.dims.granule(), (x, upstream));
    }
}

impl Kernel<(&[f32], &mut [f32])> for Denormalize<'_> {
    #[inline(always)]
    fn run(&self, start: usize, (x, upstream): (&[f32], &mut [f32])) {
        let Dims { channels, inner } = self.dims;
        if inner == 1 {
            for (x, g) in x.chunks_exact(channels).zip(upstream.chunks_exact_mut(channels)) {
                let channel = self.mean.iter().zip(self.offset).zip(self.slope).zip(self.scale);
                for ((g, &x), (((&mean, &offset), &slope), &scale)) in g.iter_mut().zip(x).zip(channel) {
                    *g = (*g - offset - (x - mean) * slope) * scale;
                }
            }
        } else {
            for (plane, (x, g)) in x.chunks_exact(inner).zip(upstream.chunks_exact_mut(inner)).enumerate() {
                let undo = self.of_channel((start / inner + plane) % channels);
                for (g, &x) in g.iter_mut().zip(x) {
                    *g = undo(x, *g);
                }
            }
        }
    }
}
