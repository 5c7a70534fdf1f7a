//! Correlation with the output channels in the lanes: each input value is spread over a vector and multiplied by
//! the weights of all channels of a panel. The sums of a few neighbouring outputs stay in registers.

use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::epilogue::{Last, RowEpilogue};
use super::packed::Panel;
use super::pass::{Band, Pass};
use crate::flex::{Rows, dispatch, mul_add, transpose, unrolled, with_scratch};

/// What is the same for all images.
pub(super) struct Direct<'a> {
    pub(super) pass: Pass,
    pub(super) band: Band,
    /// [`Band::taps`].
    pub(super) taps: &'a [usize],
    pub(super) lanes: usize,
    /// Weights of all panels.
    pub(super) weights: &'a [f32],
    pub(super) epilogue: RowEpilogue<'a>,
}

/// Outputs whose sums are kept until they are stored channel by channel.
const STRIP: usize = 128;

impl Direct<'_> {
    /// Writes all channels of `panels`, which belong to one group, of one image. `input` has the channels of the
    /// group, `output` those of the panels.
    pub(super) fn image(&self, panels: &[Panel], input: &[f32], output: &mut [MaybeUninit<f32>]) {
        let strip = STRIP.max(self.pass.output[1]) * 2 * self.lanes;
        with_scratch(self.pass.inputs * self.band.plane(), |padded| {
            with_scratch(strip, |strip| {
                dispatch(Image { direct: self, panels, input, output, padded, strip })
            });
        });
    }
}

struct Image<'a> {
    direct: &'a Direct<'a>,
    panels: &'a [Panel],
    input: &'a [f32],
    output: &'a mut [MaybeUninit<f32>],
    padded: &'a mut [f32],
    strip: &'a mut [f32],
}

impl WithSimd for Image<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Direct { pass, band, .. } = *self.direct;
        let first_channel = self.panels.first().map_or(0, |panel| panel.first);
        for outputs in band.all(&pass) {
            band.fill(&pass, outputs.start, self.input, self.padded);
            for panel in self.panels {
                let channel = panel.first - first_channel;
                if panel.vectors == 2 {
                    self.panel::<S, 2>(simd, panel, channel, outputs.clone());
                } else {
                    self.panel::<S, 1>(simd, panel, channel, outputs.clone());
                }
            }
        }
    }
}

impl Image<'_> {
    /// One panel of one band, in strips of whole rows.
    #[inline(always)]
    fn panel<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        panel: &Panel,
        channel: usize,
        outputs: Range<usize>,
    ) {
        let Direct { pass, band, taps, weights, epilogue, .. } = *self.direct;
        let width = N * S::F32_LANES;
        let (weights, _) = S::as_simd_f32s(&weights[panel.start..][..width * pass.depth()]);
        let epilogue = epilogue.from(panel.group * pass.outputs + panel.first);
        let mut start = [simd.splat_f32s(0.0); N];
        let mut last = [epilogue.last(simd, 0); N];
        unrolled!(n < N, 2 => {
            start[n] = epilogue.start(simd, n);
            last[n] = epilogue.last(simd, n);
        });
        let (plane, columns) = (pass.output_plane(), pass.output[1]);
        let (rows_of_strip, together) = ((STRIP / columns).max(1), band.taps_together(&pass));
        let mut first = outputs.start;
        while first < outputs.end {
            let rows = rows_of_strip.min(outputs.end - first);
            let strip = &mut self.strip[..rows * columns * width];
            for (row, strip) in strip.chunks_exact_mut(columns * width).enumerate() {
                let at = (first + row - outputs.start) * pass.stride[0] * band.row();
                let (strip, _) = S::as_mut_simd_f32s(strip);
                let tiles = Tiles { input: &self.padded[at..], taps, together, weights, start, last };
                tiles.row(simd, columns, strip);
            }
            let from = Rows { values: strip, stride: width };
            let to = &mut self.output[channel * plane + first * columns..];
            transpose(simd, from, [rows * columns, panel.channels], to, plane);
            first += rows;
        }
    }
}

struct Tiles<'a, S: Simd, const N: usize> {
    /// From the input of the first tap of the first output on.
    input: &'a [f32],
    taps: &'a [usize],
    /// Taps whose inputs are neighbours.
    together: usize,
    weights: &'a [S::f32s],
    start: [S::f32s; N],
    last: [Last<S>; N],
}

impl<S: Simd, const N: usize> Tiles<'_, S, N> {
    /// One row of outputs, `[columns][N]` vectors.
    #[inline(always)]
    fn row(&self, simd: S, columns: usize, to: &mut [S::f32s]) {
        // Sums, weights and one input must fit into the registers.
        let most = if S::REGISTER_COUNT < 32 { 12 / N } else { 14 };
        let tiles = columns.div_ceil(most);
        macro_rules! with_width {
            ($($width:literal)*) => {
                match columns.div_ceil(tiles) {
                    $($width => self.row_of::<$width>(simd, columns, to),)*
                    _ => unreachable!("a tile has {most} columns at most"),
                }
            };
        }
        with_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
        // Not within the tiles: without optimisation, every one of their vectors would take its own place on the stack.
        if self.last[0].does_anything() {
            for to in to.chunks_exact_mut(N) {
                unrolled!(n < N, 2 => { to[n] = self.last[n].of(simd, to[n]); });
            }
        }
    }

    #[inline(always)]
    fn row_of<const M: usize>(&self, simd: S, columns: usize, to: &mut [S::f32s]) {
        let mut first = 0;
        while first < columns {
            // The last tile overlaps the one before it.
            let column = first.min(columns - M);
            // With one vector of channels, an input that is loaded for one tap alone would serve one product.
            let sums = match self.together {
                // Sums, weights and one input must fit into the registers here, too.
                3 if const { N == 1 } && M + 3 < S::REGISTER_COUNT => {
                    self.tile_of_neighbours::<M, 3>(simd, column)
                }
                5 if const { N == 1 } && M + 5 < S::REGISTER_COUNT => {
                    self.tile_of_neighbours::<M, 5>(simd, column)
                }
                _ => self.tile::<M>(simd, column),
            };
            let to = &mut to[column * N..][..M * N];
            unrolled!(m < M, 14 => {
                unrolled!(n < N, 2 => { to[m * N + n] = sums[m][n]; });
            });
            first += M;
        }
    }

    /// The outputs from `column` on.
    #[inline(always)]
    fn tile<const M: usize>(&self, simd: S, column: usize) -> [[S::f32s; N]; M] {
        let mut sums = [self.start; M];
        let input = &self.input[column..];
        for (weights, &tap) in self.weights.chunks_exact(N).zip(self.taps) {
            let input = &input[tap..tap + M];
            unrolled!(m < M, 14 => {
                let x = simd.splat_f32s(input[m]);
                unrolled!(n < N, 2 => { sums[m][n] = mul_add(simd, weights[n], x, sums[m][n]); });
            });
        }
        sums
    }

    /// As [`Self::tile`], with the same bits, where each `K` taps have neighbouring inputs: each input is loaded once for all of them.
    #[inline(always)]
    fn tile_of_neighbours<const M: usize, const K: usize>(
        &self,
        simd: S,
        column: usize,
    ) -> [[S::f32s; N]; M] {
        let mut sums = [self.start; M];
        let input = &self.input[column..];
        for (weights, taps) in self.weights.chunks_exact(K * N).zip(self.taps.chunks_exact(K)) {
            let input = &input[taps[0]..][..M + K - 1];
            unrolled!(m < M, 14 => {
                let x = simd.splat_f32s(input[m]);
                unrolled!(k < K, 6 => {
                    if k <= m {
                        unrolled!(n < N, 2 => {
                            sums[m - k][n] = mul_add(simd, weights[k * N + n], x, sums[m - k][n]);
                        });
                    }
                });
            });
            // Beyond the last output's first tap.
            unrolled!(j < K, 6 => {
                if j > 0 {
                    let x = simd.splat_f32s(input[M - 1 + j]);
                    unrolled!(k < K, 6 => {
                        if k >= j && k < M + j {
                            let m = M - 1 + j - k;
                            unrolled!(n < N, 2 => {
                                sums[m][n] = mul_add(simd, weights[k * N + n], x, sums[m][n]);
                            });
                        }
                    });
                }
            });
        }
        sums
    }
}
