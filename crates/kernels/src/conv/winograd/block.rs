use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::product::{Matrix, tiles_times_tiles, tiles_times_weights};
use super::transform::{IN, OUT, POINTS, input_tile, output_gradient_tile, output_tile};
use super::{Pass, Tiling};
use crate::conv::epilogue::RowEpilogue;
use crate::conv::packed::{Panel, lanes_first};
use crate::flex::{Rows, dispatch, transpose, unrolled, with_scratch};

/// A pass over some images: what is the same for all of them.
pub(in crate::conv) struct Correlation<'a> {
    pub(in crate::conv) pass: Pass,
    pub(in crate::conv) tiling: Tiling,
    pub(in crate::conv) panels: &'a [Panel],
    pub(in crate::conv) lanes: usize,
    /// Transforms of the weights, `[point][panel][inputs][vectors]`.
    pub(in crate::conv) weights: &'a [f32],
    pub(in crate::conv) epilogue: RowEpilogue<'a>,
}

impl Correlation<'_> {
    /// Writes all channels of all images, at most [`Tiling::images`] of them.
    pub(in crate::conv) fn images(&self, input: &[f32], output: &mut [MaybeUninit<f32>]) {
        Buffers::with(&self.pass, &self.tiling, self.lanes, |buffers| {
            dispatch(Correlate { correlation: self, input, output, buffers });
        });
    }
}

/// What a block works in.
pub(in crate::conv) struct Buffers<'a> {
    /// Pixels with their channels in the lanes.
    pixels: &'a mut [f32],
    inputs: &'a mut [f32],
    outputs: &'a mut [f32],
}

impl Buffers<'_> {
    fn with(pass: &Pass, tiling: &Tiling, lanes: usize, work: impl FnOnce(Buffers<'_>)) {
        let tall = (tiling.rows * OUT + IN).min(pass.size[0].max(pass.output[0]) + OUT);
        let wide = pass.size[1].max(pass.output[1]);
        let pixels = (tiling.images * tall * wide + 1) * tiling.inputs.max(tiling.outputs) * lanes;
        let points = |vectors| POINTS * tiling.point(vectors) * lanes;
        with_scratch(pixels, |pixels| {
            with_scratch(points(tiling.inputs), |inputs| {
                with_scratch(points(tiling.outputs), |outputs| work(Buffers { pixels, inputs, outputs }));
            });
        });
    }
}

struct Correlate<'a> {
    correlation: &'a Correlation<'a>,
    input: &'a [f32],
    output: &'a mut [MaybeUninit<f32>],
    buffers: Buffers<'a>,
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Correlation { pass, tiling, .. } = *self.correlation;
        let Buffers { pixels, inputs, outputs } = self.buffers;
        for rows in tiling.blocks() {
            let images = self.input.len() / (pass.inputs * pass.input_plane());
            let tiles = images * rows.len() * tiling.tiles[1];
            transform_inputs(simd, &pass, &tiling, rows.clone(), self.input, pixels, inputs);
            multiply(simd, self.correlation, tiles, inputs, outputs);
            transform_outputs(simd, self.correlation, rows, outputs, pixels, self.output);
        }
    }
}

/// Brings the input rows that the tiles in `rows` need into `pixels`, and their transforms into `to`,
/// `[point][tile][vectors]`.
#[inline(always)]
fn transform_inputs<S: Simd>(
    simd: S,
    pass: &Pass,
    tiling: &Tiling,
    rows: Range<usize>,
    images: &[f32],
    pixels: &mut [f32],
    to: &mut [f32],
) {
    let ([height, width], vectors) = (pass.size, tiling.inputs);
    let top = (rows.start * OUT).cast_signed() - pass.offset[0];
    let first = top.max(0).cast_unsigned().min(height);
    let end = (top + (rows.len() * OUT + IN - OUT).cast_signed()).max(0).cast_unsigned().min(height);
    let held = end.saturating_sub(first) * width;
    let lanes = vectors * S::F32_LANES;
    let all = images.len() / (pass.inputs * pass.input_plane());
    for (image, pixels) in
        images.chunks_exact(pass.inputs * pass.input_plane()).zip(pixels.chunks_mut(held.max(1) * lanes))
    {
        let planes = Rows { values: &image[first * width..], stride: pass.input_plane() };
        lanes_first(simd, planes, [pass.inputs, held], pixels, lanes);
    }
    let zeros = all * held;
    pixels[zeros * lanes..][..lanes].fill(0.0);

    let (pixels, _) = S::as_simd_f32s(pixels);
    let (to, _) = S::as_mut_simd_f32s(to);
    let point = tiling.point(vectors);
    let mut tile = 0;
    for image in 0..all {
        for row in rows.clone() {
            for column in 0..tiling.tiles[1] {
                let y = (row * OUT).cast_signed() - pass.offset[0];
                let x = (column * OUT).cast_signed() - pass.offset[1];
                let mut places = [[zeros * vectors; IN]; IN];
                for (y, places) in (y..).zip(&mut places) {
                    for (x, place) in (x..).zip(places) {
                        if (0..height.cast_signed()).contains(&y) && (0..width.cast_signed()).contains(&x) {
                            let (y, x) = (y.cast_unsigned(), x.cast_unsigned());
                            *place = (image * held + (y - first) * width + x) * vectors;
                        }
                    }
                }
                for v in 0..vectors {
                    let mut d = [[simd.splat_f32s(0.0); IN]; IN];
                    unrolled!(i < 6 => { unrolled!(j < 6 => { d[i][j] = pixels[places[i][j] + v]; }); });
                    let d = input_tile(simd, d);
                    let to = &mut to[tile * vectors + v..][..(POINTS - 1) * point + 1];
                    unrolled!(i < 6 => { unrolled!(j < 6 => { to[(i * IN + j) * point] = d[i][j]; }); });
                }
                tile += 1;
            }
        }
    }
}

/// The products of all points.
#[inline(always)]
fn multiply<S: Simd>(simd: S, all: &Correlation<'_>, tiles: usize, from: &[f32], to: &mut [f32]) {
    let (inputs, outputs) = (all.tiling.inputs, all.tiling.outputs);
    let stride = inputs * S::F32_LANES;
    let (weights, _) = S::as_simd_f32s(all.weights);
    let (to, _) = S::as_mut_simd_f32s(to);
    let points = from.chunks_exact(all.tiling.point(inputs) * S::F32_LANES);
    let to = to.chunks_exact_mut(all.tiling.point(outputs));
    for (weights, (from, to)) in weights.chunks_exact(weights.len() / POINTS).zip(points.zip(to)) {
        let to = &mut to[..tiles * outputs];
        for panel in all.panels {
            let start = panel.start / 9 / S::F32_LANES;
            let weights = &weights[start..][..all.pass.inputs * panel.vectors];
            let first = panel.first / S::F32_LANES;
            match panel.vectors {
                4 => tiles_times_weights::<S, 4>(simd, from, stride, weights, to, outputs, first),
                2 => tiles_times_weights::<S, 2>(simd, from, stride, weights, to, outputs, first),
                _ => tiles_times_weights::<S, 1>(simd, from, stride, weights, to, outputs, first),
            }
        }
    }
}

/// Transforms the products back, into `pixels`, and those into the planes of `images`.
#[inline(always)]
fn transform_outputs<S: Simd>(
    simd: S,
    all: &Correlation<'_>,
    rows: Range<usize>,
    from: &[f32],
    pixels: &mut [f32],
    images: &mut [MaybeUninit<f32>],
) {
    let Correlation { pass, tiling, epilogue, .. } = *all;
    let ([height, width], vectors) = (pass.output, tiling.outputs);
    let (from, _) = S::as_simd_f32s(from);
    let point = tiling.point(vectors);
    let zero = simd.splat_f32s(0.0);
    let (first, end) = (rows.start * OUT, (rows.end * OUT).min(height));
    let lanes = vectors * S::F32_LANES;
    let mut tile = 0;
    for image in images.chunks_exact_mut(pass.outputs * pass.output_plane()) {
        let (to, _) = S::as_mut_simd_f32s(&mut pixels[..(end - first) * width * lanes]);
        for row in rows.clone() {
            for column in 0..tiling.tiles[1] {
                for v in 0..vectors {
                    let from = &from[tile * vectors + v..][..(POINTS - 1) * point + 1];
                    let mut m = [[zero; IN]; IN];
                    unrolled!(i < 6 => { unrolled!(j < 6 => { m[i][j] = from[(i * IN + j) * point]; }); });
                    let mut y = output_tile(simd, m);
                    let (bias, last) = (epilogue.start(simd, v), epilogue.last(simd, v));
                    unrolled!(i < 4 => {
                        unrolled!(j < 4 => { y[i][j] = last.of(simd, simd.add_f32s(y[i][j], bias)); });
                    });
                    let (top, left) = (row * OUT - first, column * OUT);
                    unrolled!(i < 4 => {
                        unrolled!(j < 4 => {
                            if top + i < end - first && left + j < width {
                                to[((top + i) * width + left + j) * vectors + v] = y[i][j];
                            }
                        });
                    });
                }
                tile += 1;
            }
        }
        let size = [(end - first) * width, pass.outputs];
        let from = Rows { values: pixels, stride: lanes };
        transpose(simd, from, size, &mut image[first * width..], pass.output_plane());
    }
}

/// The gradient of the weights over some images: what is the same for all of them.
pub(in crate::conv) struct WeightSums<'a> {
    /// The forward pass, its tiling and its panels.
    pub(in crate::conv) pass: Pass,
    pub(in crate::conv) tiling: Tiling,
    pub(in crate::conv) panels: &'a [Panel],
    pub(in crate::conv) lanes: usize,
}

impl WeightSums<'_> {
    /// Adds the gradient of the transformed weights by some images, at most [`Tiling::images`], to `sums`.
    pub(in crate::conv) fn images(&self, input: &[f32], upstream: &[f32], sums: &mut [f32]) {
        Buffers::with(&self.pass, &self.tiling, self.lanes, |buffers| {
            dispatch(Sum { all: self, input, upstream, sums, buffers });
        });
    }
}

struct Sum<'a> {
    all: &'a WeightSums<'a>,
    input: &'a [f32],
    upstream: &'a [f32],
    sums: &'a mut [f32],
    buffers: Buffers<'a>,
}

impl WithSimd for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let WeightSums { pass, tiling, .. } = *self.all;
        let Buffers { pixels, inputs, outputs } = self.buffers;
        for rows in tiling.blocks() {
            let images = self.input.len() / (pass.inputs * pass.input_plane());
            let tiles = images * rows.len() * tiling.tiles[1];
            transform_inputs(simd, &pass, &tiling, rows.clone(), self.input, pixels, inputs);
            transform_upstream(simd, &pass, &tiling, rows, self.upstream, pixels, outputs);
            add_products(simd, self.all, tiles, inputs, outputs, self.sums);
        }
    }
}

/// As [`transform_inputs`], for the gradients of the outputs of the tiles in `rows`.
#[inline(always)]
fn transform_upstream<S: Simd>(
    simd: S,
    pass: &Pass,
    tiling: &Tiling,
    rows: Range<usize>,
    images: &[f32],
    pixels: &mut [f32],
    to: &mut [f32],
) {
    let ([height, width], vectors) = (pass.output, tiling.outputs);
    let (first, end) = (rows.start * OUT, (rows.end * OUT).min(height));
    let lanes = vectors * S::F32_LANES;
    let (to, _) = S::as_mut_simd_f32s(to);
    let point = tiling.point(vectors);
    let zero = simd.splat_f32s(0.0);
    let mut tile = 0;
    for image in images.chunks_exact(pass.outputs * pass.output_plane()) {
        let planes = Rows { values: &image[first * width..], stride: pass.output_plane() };
        lanes_first(simd, planes, [pass.outputs, (end - first) * width], pixels, lanes);
        let (pixels, _) = S::as_simd_f32s(pixels);
        for row in rows.clone() {
            for column in 0..tiling.tiles[1] {
                let (top, left) = (row * OUT - first, column * OUT);
                for v in 0..vectors {
                    let mut g = [[zero; OUT]; OUT];
                    unrolled!(i < 4 => {
                        unrolled!(j < 4 => {
                            if top + i < end - first && left + j < width {
                                g[i][j] = pixels[((top + i) * width + left + j) * vectors + v];
                            }
                        });
                    });
                    let g = output_gradient_tile(simd, g);
                    let to = &mut to[tile * vectors + v..][..(POINTS - 1) * point + 1];
                    unrolled!(i < 6 => { unrolled!(j < 6 => { to[(i * IN + j) * point] = g[i][j]; }); });
                }
                tile += 1;
            }
        }
    }
}

#[inline(always)]
fn add_products<S: Simd>(
    simd: S,
    all: &WeightSums<'_>,
    tiles: usize,
    inputs: &[f32],
    upstream: &[f32],
    sums: &mut [f32],
) {
    let (input_vectors, vectors) = (all.tiling.inputs, all.tiling.outputs);
    let stride = input_vectors * S::F32_LANES;
    let (upstream, _) = S::as_simd_f32s(upstream);
    let (sums, _) = S::as_mut_simd_f32s(sums);
    let inputs = inputs.chunks_exact(all.tiling.point(input_vectors) * S::F32_LANES);
    let upstream = upstream.chunks_exact(all.tiling.point(vectors));
    let point = sums.len() / POINTS;
    for (sums, (from, values)) in sums.chunks_exact_mut(point).zip(inputs.zip(upstream)) {
        let upstream = Matrix { values: &values[..tiles * vectors], vectors };
        for panel in all.panels {
            let start = panel.start / 9 / S::F32_LANES;
            let sums = &mut sums[start..][..all.pass.inputs * panel.vectors];
            let first = panel.first / S::F32_LANES;
            match panel.vectors {
                4 => tiles_times_tiles::<S, 4>(simd, from, stride, upstream, first, sums),
                2 => tiles_times_tiles::<S, 2>(simd, from, stride, upstream, first, sums),
                _ => tiles_times_tiles::<S, 1>(simd, from, stride, upstream, first, sums),
            }
        }
    }
}
