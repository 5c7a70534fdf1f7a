//! The gradient of the weights, with the output channels in the lanes: for each tap the sum over all outputs of the
//! input times the upstream gradient. The sums of several taps stay in registers.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::packed::{Panel, lanes_first};
use super::pass::{Band, Pass};
use crate::flex::{Rows, dispatch, mul_add, unrolled, with_scratch};

/// What is the same for all images.
pub(super) struct TapSums<'a> {
    /// The forward pass.
    pub(super) pass: Pass,
    pub(super) band: Band,
    pub(super) panels: &'a [Panel],
    pub(super) lanes: usize,
}

/// Upstream gradients that are gone through before the next tap's turn: so many that they stay in the first cache.
const STRIP: usize = 128;

impl TapSums<'_> {
    /// Adds the gradient by one image to `sums`, which is packed as the weights are. `input` and `upstream` have the
    /// channels of all groups.
    pub(super) fn image(&self, input: &[f32], upstream: &[f32], sums: &mut [f32]) {
        let strip = STRIP.max(self.pass.output[1]) * 2 * self.lanes;
        with_scratch(self.pass.inputs * self.band.plane(), |padded| {
            with_scratch(strip, |strip| dispatch(Image { all: self, input, upstream, sums, padded, strip }));
        });
    }
}

struct Image<'a> {
    all: &'a TapSums<'a>,
    input: &'a [f32],
    upstream: &'a [f32],
    sums: &'a mut [f32],
    padded: &'a mut [f32],
    strip: &'a mut [f32],
}

impl WithSimd for Image<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let TapSums { pass, band, panels, .. } = *self.all;
        let input_channels = pass.inputs * pass.input_plane();
        for group in 0..pass.groups {
            let input = &self.input[group * input_channels..][..input_channels];
            for outputs in band.all(&pass) {
                band.fill(&pass, outputs.start, input, self.padded);
                for panel in panels.iter().filter(|panel| panel.group == group) {
                    if panel.vectors == 2 {
                        self.panel::<S, 2>(simd, panel, outputs.clone());
                    } else {
                        self.panel::<S, 1>(simd, panel, outputs.clone());
                    }
                }
            }
        }
    }
}

impl Image<'_> {
    #[inline(always)]
    fn panel<S: Simd, const N: usize>(&mut self, simd: S, panel: &Panel, outputs: Range<usize>) {
        let TapSums { pass, band, .. } = *self.all;
        let (plane, columns, width) = (pass.output_plane(), pass.output[1], N * S::F32_LANES);
        let upstream = &self.upstream[(panel.group * pass.outputs + panel.first) * plane..];
        let (sums, _) = S::as_mut_simd_f32s(&mut self.sums[panel.start..][..width * pass.depth()]);
        let rows_of_strip = (STRIP / columns).max(1);
        let mut first = outputs.start;
        while first < outputs.end {
            let rows = rows_of_strip.min(outputs.end - first);
            let from = Rows { values: &upstream[first * columns..], stride: plane };
            lanes_first(simd, from, [panel.channels, rows * columns], self.strip, width);
            let (upstream, _) = S::as_simd_f32s(&self.strip[..rows * columns * width]);
            let at = (first - outputs.start) * pass.stride[0] * band.row();
            let step = pass.stride[0] * band.row();
            let strip = Strip::<S, N> { input: &self.padded[at..], step, columns, upstream };
            strip.all_taps(simd, &pass, &band, sums);
            first += rows;
        }
    }
}

/// A few rows of outputs.
struct Strip<'a, S: Simd, const N: usize> {
    /// From the input of the first tap of the first output on.
    input: &'a [f32],
    /// From a row of outputs to the next in `input`.
    step: usize,
    columns: usize,
    /// `[rows][columns][N]` vectors.
    upstream: &'a [S::f32s],
}

impl<S: Simd, const N: usize> Strip<'_, S, N> {
    /// `sums` is `[depth][N]`.
    #[inline(always)]
    fn all_taps(&self, simd: S, pass: &Pass, band: &Band, sums: &mut [S::f32s]) {
        // Neighbouring taps share the address of their inputs, if the kernel moves by single columns.
        let widest = if pass.stride[1] == 1 { 5 } else { 1 };
        let width = pass.kernel[1];
        let parts = width.div_ceil(widest);
        let mut column = 0;
        for part in 0..parts {
            let taps = (width - column).div_ceil(parts - part);
            let many = S::REGISTER_COUNT >= 32;
            match (taps, many) {
                (1, true) => self.taps::<1, 6>(simd, pass, band, column, sums),
                (2, true) => self.taps::<2, 5>(simd, pass, band, column, sums),
                (3, true) => self.taps::<3, 4>(simd, pass, band, column, sums),
                (4, true) => self.taps::<4, 3>(simd, pass, band, column, sums),
                (5, true) => self.taps::<5, 2>(simd, pass, band, column, sums),
                (1, false) => self.taps::<1, 4>(simd, pass, band, column, sums),
                (2, false) => self.taps::<2, 2>(simd, pass, band, column, sums),
                (3, false) => self.taps::<3, 2>(simd, pass, band, column, sums),
                (4, false) => self.taps::<4, 1>(simd, pass, band, column, sums),
                (_, false) => self.taps::<5, 1>(simd, pass, band, column, sums),
                _ => unreachable!("{widest} taps at most"),
            }
            column += taps;
        }
    }

    /// `J` neighbouring taps of every row of the kernel, `P` rows at a time.
    #[inline(always)]
    fn taps<const J: usize, const P: usize>(
        &self,
        simd: S,
        pass: &Pass,
        band: &Band,
        column: usize,
        sums: &mut [S::f32s],
    ) {
        let height = pass.kernel[0];
        let rows = pass.inputs * height;
        let tap = |row: usize| band.tap(row / height, [row % height, column]);
        let mut row = 0;
        while row < rows {
            let left = rows - row;
            let done = if left >= P {
                let more = self.sum::<J, P>(simd, std::array::from_fn(|i| tap(row + i)));
                self.add(simd, pass, row, column, more, sums);
                P
            } else {
                let more = self.sum::<J, 1>(simd, [tap(row)]);
                self.add(simd, pass, row, column, more, sums);
                1
            };
            row += done;
        }
    }

    #[inline(always)]
    fn add<const J: usize, const P: usize>(
        &self,
        simd: S,
        pass: &Pass,
        row: usize,
        column: usize,
        more: [[[S::f32s; N]; J]; P],
        sums: &mut [S::f32s],
    ) {
        unrolled!(p < P, 6 => {
            let at = ((row + p) * pass.kernel[1] + column) * N;
            let sums = &mut sums[at..at + J * N];
            unrolled!(j < J, 6 => {
                unrolled!(n < N, 2 => { sums[j * N + n] = simd.add_f32s(sums[j * N + n], more[p][j][n]); });
            });
        });
    }

    #[inline(always)]
    fn sum<const J: usize, const P: usize>(&self, simd: S, taps: [usize; P]) -> [[[S::f32s; N]; J]; P] {
        let mut sums = [[[simd.splat_f32s(0.0); N]; J]; P];
        for (row, upstream) in self.upstream.chunks_exact(self.columns * N).enumerate() {
            let needed = self.columns + J - 1;
            let mut inputs = [&self.input[..0]; P];
            unrolled!(p < P, 6 => { inputs[p] = &self.input[taps[p] + row * self.step..][..needed]; });
            for (column, upstream) in upstream.chunks_exact(N).enumerate() {
                unrolled!(p < P, 6 => {
                    let input = &inputs[p][column..column + J];
                    unrolled!(j < J, 6 => {
                        let x = simd.splat_f32s(input[j]);
                        unrolled!(n < N, 2 => { sums[p][j][n] = mul_add(simd, upstream[n], x, sums[p][j][n]); });
                    });
                });
            }
        }
        sums
    }
}
