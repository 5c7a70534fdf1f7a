//! Products of a few rows, wherever they lie, with a matrix that is packed once for many of them.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::flex::{dispatch, mul_add, unrolled};

/// Vectors of a panel's row with 32 registers: the sums of six rows, a panel's row and an input fill 29 of them.
const MANY: usize = 4;

/// Vectors of a panel's row with 16 registers, of which six rows fill 15. Three rows of four vectors are as many sums and need 17:
/// two thirds of the speed.
const FEW: usize = 2;

/// Rows whose sums are kept together.
const ROWS: usize = 6;

/// Rows of a panel that are gone through before the next rows' turn. Those that come from the second cache are fast
/// enough; fewer cost more in sums that are stored and loaded again.
const DEPTH: usize = 512;

/// A matrix in panels of as many columns as [`MANY`] or [`FEW`] vectors have lanes, each row after row; the last one is
/// filled up with zeros.
pub(super) struct Packed {
    depth: usize,
    columns: usize,
    width: usize,
    values: Vec<f32>,
}

impl Packed {
    /// Of `[depth, columns]`, row-major.
    pub(super) fn new(matrix: &[f32], depth: usize, columns: usize) -> Self {
        assert_eq!(matrix.len(), depth * columns);
        Self::with_panels(depth, columns, |first, width, panel| {
            for (to, from) in panel.chunks_exact_mut(width).zip(matrix.chunks_exact(columns)) {
                let from = &from[first..columns.min(first + width)];
                to[..from.len()].copy_from_slice(from);
            }
        })
    }

    /// Of the transpose of `[columns, depth]`, row-major.
    pub(super) fn transposed(matrix: &[f32], depth: usize, columns: usize) -> Self {
        assert_eq!(matrix.len(), depth * columns);
        Self::with_panels(depth, columns, |first, width, panel| {
            for (lane, from) in matrix.chunks_exact(depth).skip(first).take(width).enumerate() {
                for (to, from) in panel.chunks_exact_mut(width).zip(from) {
                    to[lane] = *from;
                }
            }
        })
    }

    fn with_panels(depth: usize, columns: usize, fill: impl Fn(usize, usize, &mut [f32]) + Sync) -> Self {
        let width = dispatch(Width);
        let mut values = vec![0.0; columns.div_ceil(width) * width * depth];
        let panels = values.par_chunks_exact_mut(width * depth).enumerate();
        panels.for_each(|(panel, values)| fill(panel * width, width, values));
        Self { depth, columns, width, values }
    }

    /// Multiplies row by row: `to` gets, at each offset of `to_rows`, the product of `depth` elements of `from` at
    /// the same index of `from_rows`, on top of `start`. A row's result does not depend on its neighbours.
    pub(super) fn multiply(&self, from: Rows<&[f32]>, to: Rows<&mut [f32]>, start: Start<'_>) {
        assert_eq!(from.offsets.len(), to.offsets.len());
        if let Start::Values(values) = start {
            assert_eq!(values.len(), self.columns);
        }
        dispatch(Multiply { packed: self, from, to, start });
    }
}

/// Rows of a buffer that begin at `offsets`.
pub(super) struct Rows<'a, T> {
    pub(super) buffer: T,
    pub(super) offsets: &'a [usize],
}

/// What a product is added to.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    /// Nothing: the result is the product alone.
    Zero,
    /// The same for every row.
    Values(&'a [f32]),
    /// What the result's buffer holds.
    Present,
}

const fn vectors<S: Simd>() -> usize {
    if S::REGISTER_COUNT < 32 { FEW } else { MANY }
}

struct Width;

impl WithSimd for Width {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        vectors::<S>() * S::F32_LANES
    }
}

struct Multiply<'a> {
    packed: &'a Packed,
    from: Rows<'a, &'a [f32]>,
    to: Rows<'a, &'a mut [f32]>,
    start: Start<'a>,
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if vectors::<S>() == FEW { self.panels::<S, FEW>(simd) } else { self.panels::<S, MANY>(simd) }
    }
}

/// Some rows of a panel.
#[derive(Clone, Copy)]
struct Block {
    start: usize,
    depth: usize,
    /// First column.
    first: usize,
    columns: usize,
}

impl Multiply<'_> {
    /// All panels, of `V` vectors each.
    #[inline(always)]
    fn panels<S: Simd, const V: usize>(mut self, simd: S) {
        let Packed { depth, columns, width, ref values } = *self.packed;
        assert_eq!(width, V * S::F32_LANES);
        for (panel, values) in values.chunks_exact(width * depth).enumerate() {
            let first = panel * width;
            let columns = width.min(columns - first);
            for (block, weights) in values.chunks(width * DEPTH).enumerate() {
                let (weights, _) = S::as_simd_f32s(weights);
                let block = Block { start: block * DEPTH, depth: weights.len() / V, first, columns };
                self.rows::<S, V>(simd, block, weights);
            }
        }
    }

    /// All rows of a panel, [`ROWS`] at a time.
    #[inline(always)]
    fn rows<S: Simd, const V: usize>(&mut self, simd: S, block: Block, weights: &[S::f32s]) {
        let rows = self.from.offsets.len();
        let mut row = 0;
        while row + ROWS <= rows {
            self.tile::<S, V, ROWS>(simd, block, weights, row);
            row += ROWS;
        }
        match rows - row {
            0 => {}
            1 => self.tile::<S, V, 1>(simd, block, weights, row),
            2 => self.tile::<S, V, 2>(simd, block, weights, row),
            3 => self.tile::<S, V, 3>(simd, block, weights, row),
            4 => self.tile::<S, V, 4>(simd, block, weights, row),
            _ => self.tile::<S, V, 5>(simd, block, weights, row),
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const V: usize, const R: usize>(
        &mut self,
        simd: S,
        block: Block,
        weights: &[S::f32s],
        row: usize,
    ) {
        let Block { start, depth, first, columns } = block;
        let offsets = &self.from.offsets[row..][..R];
        let from: [&[f32]; R] = std::array::from_fn(|r| &self.from.buffer[offsets[r] + start..][..depth]);
        let to = &self.to.offsets[row..][..R];
        let zero = simd.splat_f32s(0.0);
        let mut sums = [[zero; V]; R];
        let width = V * S::F32_LANES;
        if start > 0 || matches!(self.start, Start::Present) {
            unrolled!(r < R, 6 => { sums[r] = load(simd, &self.to.buffer[to[r] + first..][..columns], width) });
        } else if let Start::Values(values) = self.start {
            let values = load(simd, &values[first..][..columns], width);
            unrolled!(r < R, 6 => { sums[r] = values });
        }
        for (k, weights) in weights.chunks_exact(V).enumerate().take(depth) {
            unrolled!(r < R, 6 => {
                let x = simd.splat_f32s(from[r][k]);
                unrolled!(v < V, 4 => { sums[r][v] = mul_add(simd, weights[v], x, sums[r][v]); });
            });
        }
        unrolled!(r < R, 6 => {
            store(simd, sums[r], &mut self.to.buffer[to[r] + first..][..columns], width);
        });
    }
}

#[inline(always)]
fn load<S: Simd, const V: usize>(simd: S, from: &[f32], width: usize) -> [S::f32s; V] {
    let mut vectors = [simd.splat_f32s(0.0); V];
    if from.len() == width {
        let (from, _) = S::as_simd_f32s(from);
        unrolled!(v < V, 4 => { vectors[v] = from[v] });
    } else {
        for (to, from) in vectors.iter_mut().zip(from.chunks(S::F32_LANES)) {
            *to = simd.partial_load_f32s(from);
        }
    }
    vectors
}

#[inline(always)]
fn store<S: Simd, const V: usize>(simd: S, vectors: [S::f32s; V], to: &mut [f32], width: usize) {
    if to.len() == width {
        let (to, _) = S::as_mut_simd_f32s(to);
        unrolled!(v < V, 4 => { to[v] = vectors[v] });
    } else {
        for (to, from) in to.chunks_mut(S::F32_LANES).zip(vectors) {
            simd.partial_store_f32s(to, from);
        }
    }
}

/// Adds `a^T b` to the `columns` of `sums`, `[width of a, width of b]`; `a` and `b` have as many rows.
pub(super) fn add_transposed_product(a: Matrix<'_>, b: Matrix<'_>, sums: &mut [f32]) {
    let rows = a.rows();
    assert_eq!(rows, b.rows());
    assert_eq!(sums.len(), a.columns * b.columns);
    let width = b.columns.cast_signed();
    // SAFETY: the strides are those of row-major matrices; `a`, read as its transpose, and `b` have `rows` rows of
    // their columns, `Matrix::rows` checks that their last row ends within their slices, and the assertion above
    // that `sums` is `[a.columns, b.columns]`. `sums` is borrowed mutably, so it overlaps neither.
    unsafe {
        gemm::gemm(
            a.columns,
            b.columns,
            rows,
            sums.as_mut_ptr(),
            1,
            width,
            true,
            a.values.as_ptr(),
            a.stride.cast_signed(),
            1,
            b.values.as_ptr(),
            1,
            b.stride.cast_signed(),
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Columns of a row-major matrix: each row begins `stride` after the one before it.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub(super) values: &'a [f32],
    pub(super) columns: usize,
    pub(super) stride: usize,
}

impl Matrix<'_> {
    /// Rows whose columns are all there.
    fn rows(&self) -> usize {
        assert!(self.columns <= self.stride);
        if self.values.len() < self.columns {
            0
        } else {
            (self.values.len() - self.columns) / self.stride + 1
        }
    }
}
