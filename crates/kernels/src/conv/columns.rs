//! Correlation with the columns of a row in the lanes: for few output channels, which would leave most lanes of
//! [`Direct`](super::direct::Direct) empty. Depthwise convolutions have one per group.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::epilogue::{Last, RowEpilogue};
use super::pass::{Band, Pass};
use crate::flex::{dispatch, mul_add, unrolled, with_scratch};

/// Vectors of columns whose sums stay in registers.
const WIDE: usize = 4;

/// Taps whose sums stay in registers.
const TAPS: usize = 9;

/// Whether this is the way to compute a pass with so many outputs per group.
pub(super) fn fits(pass: &Pass, lanes: usize) -> bool {
    pass.outputs * 3 <= lanes
}

/// What is the same for all images.
pub(super) struct Columns<'a> {
    pub(super) pass: Pass,
    pub(super) band: Band,
    /// [`Band::taps`].
    pub(super) taps: &'a [usize],
    pub(super) lanes: usize,
}

impl Columns<'_> {
    /// Writes one image, all groups and channels. `weights` is `[groups][outputs][taps]`.
    pub(super) fn image(
        &self,
        weights: &[f32],
        epilogue: RowEpilogue<'_>,
        input: &[f32],
        output: &mut [MaybeUninit<f32>],
    ) {
        self.with_padded(|padded| {
            dispatch(Correlate { all: self, weights, epilogue, input, output, padded });
        });
    }

    /// Adds the gradient of the weights by one image to `sums`, `[groups][outputs][taps]`.
    pub(super) fn weight_gradient(&self, input: &[f32], upstream: &[f32], sums: &mut [f32]) {
        self.with_padded(|padded| dispatch(Sum { all: self, input, upstream, sums, padded }));
    }

    /// A buffer for the padded planes of a group. The last row is read beyond its end: there are zeros.
    fn with_padded(&self, work: impl FnOnce(&mut [f32])) {
        let len = self.pass.inputs * self.band.plane();
        with_scratch(len + WIDE * self.lanes, |padded| {
            padded[len..].fill(0.0);
            work(padded);
        });
    }
}

struct Correlate<'a> {
    all: &'a Columns<'a>,
    weights: &'a [f32],
    epilogue: RowEpilogue<'a>,
    input: &'a [f32],
    output: &'a mut [MaybeUninit<f32>],
    padded: &'a mut [f32],
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Columns { pass, band, taps, .. } = *self.all;
        let channels = pass.inputs * pass.input_plane();
        let outputs = self.output.chunks_exact_mut(pass.outputs * pass.output_plane());
        for (group, (input, output)) in self.input.chunks_exact(channels).zip(outputs).enumerate() {
            for rows in band.all(&pass) {
                band.fill(&pass, rows.start, input, self.padded);
                for (channel, output) in output.chunks_exact_mut(pass.output_plane()).enumerate() {
                    let channel = group * pass.outputs + channel;
                    let row = Row {
                        taps,
                        weights: &self.weights[channel * pass.depth()..][..pass.depth()],
                        bias: self.epilogue.bias.map_or(0.0, |bias| bias[channel]),
                        last: self.epilogue.last_of_channel(simd, channel),
                    };
                    for y in rows.clone() {
                        let input = &self.padded[(y - rows.start) * pass.stride[0] * band.row()..];
                        row.write(simd, input, &mut output[y * pass.output[1]..][..pass.output[1]]);
                    }
                }
            }
        }
    }
}

struct Row<'a, S: Simd> {
    taps: &'a [usize],
    weights: &'a [f32],
    bias: f32,
    last: Last<S>,
}

impl<S: Simd> Row<'_, S> {
    #[inline(always)]
    fn write(&self, simd: S, mut input: &[f32], mut to: &mut [MaybeUninit<f32>]) {
        while !to.is_empty() {
            let vectors = to.len().div_ceil(S::F32_LANES).min(WIDE);
            let (now, rest) = to.split_at_mut(to.len().min(vectors * S::F32_LANES));
            match vectors {
                1 => self.part::<1>(simd, input, now),
                2 => self.part::<2>(simd, input, now),
                3 => self.part::<3>(simd, input, now),
                _ => self.part::<WIDE>(simd, input, now),
            }
            input = &input[now.len()..];
            to = rest;
        }
    }

    #[inline(always)]
    fn part<const N: usize>(&self, simd: S, input: &[f32], to: &mut [MaybeUninit<f32>]) {
        let mut sums = [simd.splat_f32s(self.bias); N];
        for (&tap, &weight) in self.taps.iter().zip(self.weights) {
            let weight = simd.splat_f32s(weight);
            let (input, _) = S::as_simd_f32s(&input[tap..][..N * S::F32_LANES]);
            unrolled!(n < N, 4 => { sums[n] = mul_add(simd, input[n], weight, sums[n]); });
        }
        unrolled!(n < N, 4 => { sums[n] = self.last.of(simd, sums[n]); });
        let (whole, rest) = S::as_uninit_mut_simd_f32s(to);
        for (to, &sums) in whole.iter_mut().zip(&sums) {
            to.write(sums);
        }
        if let Some(last) = sums.get(whole.len()) {
            let values: &[f32] = pulp::bytemuck::cast_slice(std::slice::from_ref(last));
            for (to, &value) in rest.iter_mut().zip(values) {
                to.write(value);
            }
        }
    }
}

struct Sum<'a> {
    all: &'a Columns<'a>,
    input: &'a [f32],
    upstream: &'a [f32],
    sums: &'a mut [f32],
    padded: &'a mut [f32],
}

impl WithSimd for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Columns { pass, band, taps, .. } = *self.all;
        let columns = pass.output[1];
        let channels = pass.inputs * pass.input_plane();
        let upstream = self.upstream.chunks_exact(pass.outputs * pass.output_plane());
        let sums = self.sums.chunks_exact_mut(pass.outputs * pass.depth());
        for (input, (upstream, sums)) in self.input.chunks_exact(channels).zip(upstream.zip(sums)) {
            for rows in band.all(&pass) {
                band.fill(&pass, rows.start, input, self.padded);
                let upstream = upstream.chunks_exact(pass.output_plane());
                for (upstream, sums) in upstream.zip(sums.chunks_exact_mut(pass.depth())) {
                    let upstream = &upstream[rows.start * columns..rows.end * columns];
                    let step = pass.stride[0] * band.row();
                    for (taps, sums) in taps.chunks(TAPS).zip(sums.chunks_mut(TAPS)) {
                        if let (Ok(taps), Ok(sums)) = (taps.try_into(), (&mut *sums).try_into()) {
                            add::<S, TAPS>(simd, self.padded, step, upstream, columns, taps, sums);
                        } else {
                            for (tap, sum) in taps.iter().zip(sums) {
                                let sum = std::array::from_mut(sum);
                                add::<S, 1>(simd, self.padded, step, upstream, columns, &[*tap], sum);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Adds, for each tap, the products of its inputs with `upstream`.
#[inline(always)]
fn add<S: Simd, const K: usize>(
    simd: S,
    padded: &[f32],
    step: usize,
    upstream: &[f32],
    columns: usize,
    taps: &[usize; K],
    to: &mut [f32; K],
) {
    let mut sums = [simd.splat_f32s(0.0); K];
    for (row, upstream) in upstream.chunks_exact(columns).enumerate() {
        for (part, upstream) in upstream.chunks(S::F32_LANES).enumerate() {
            // Lanes beyond the row are zeros, and so are their products.
            let upstream = simd.partial_load_f32s(upstream);
            let input = &padded[row * step + part * S::F32_LANES..];
            unrolled!(k < K, 14 => {
                let (input, _) = S::as_simd_f32s(&input[taps[k]..][..S::F32_LANES]);
                sums[k] = mul_add(simd, input[0], upstream, sums[k]);
            });
        }
    }
    unrolled!(k < K, 14 => { to[k] += simd.reduce_sum_f32s(sums[k]); });
}
