//! The matrix products between the transforms, one per point. Rows of tiles, channels in the lanes.

use pulp::Simd;

use crate::flex::{mul_add, unrolled};

/// A matrix of `vectors` per row.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a, V> {
    pub(super) values: &'a [V],
    pub(super) vectors: usize,
}

/// `to = from weights` for the outputs of one panel: `from` is `[tiles][inputs]` at a distance of `stride`, `weights`
/// `[inputs][N]` vectors, `to` `[tiles]` rows of `vectors`, the panel `N` of them from `first` on.
#[inline(always)]
pub(super) fn tiles_times_weights<S: Simd, const N: usize>(
    simd: S,
    from: &[f32],
    stride: usize,
    weights: &[S::f32s],
    to: &mut [S::f32s],
    vectors: usize,
    first: usize,
) {
    match (S::REGISTER_COUNT >= 32, N) {
        (true, 4) => rows::<S, N, 6>(simd, from, stride, weights, to, vectors, first),
        (true, _) => rows::<S, N, 12>(simd, from, stride, weights, to, vectors, first),
        (false, _) => rows::<S, N, 6>(simd, from, stride, weights, to, vectors, first),
    }
}

#[inline(always)]
fn rows<S: Simd, const N: usize, const M: usize>(
    simd: S,
    from: &[f32],
    stride: usize,
    weights: &[S::f32s],
    to: &mut [S::f32s],
    vectors: usize,
    first: usize,
) {
    let tiles = to.len() / vectors;
    let mut tile = 0;
    while tile < tiles {
        if tiles < M {
            let sums = row_sums::<S, N, 1>(simd, &from[tile * stride..], stride, weights);
            let to = &mut to[tile * vectors + first..][..N];
            unrolled!(n < N, 4 => { to[n] = sums[0][n]; });
            tile += 1;
        } else {
            // The last rows overlap those before them.
            let start = tile.min(tiles - M);
            let sums = row_sums::<S, N, M>(simd, &from[start * stride..], stride, weights);
            unrolled!(m < M, 14 => {
                let to = &mut to[(start + m) * vectors + first..][..N];
                unrolled!(n < N, 4 => { to[n] = sums[m][n]; });
            });
            tile += M;
        }
    }
}

#[inline(always)]
fn row_sums<S: Simd, const N: usize, const M: usize>(
    simd: S,
    from: &[f32],
    stride: usize,
    weights: &[S::f32s],
) -> [[S::f32s; N]; M] {
    let inputs = weights.len() / N;
    let mut rows = [&from[..0]; M];
    unrolled!(m < M, 14 => { rows[m] = &from[m * stride..][..inputs]; });
    let mut sums = [[simd.splat_f32s(0.0); N]; M];
    for (k, weights) in weights.chunks_exact(N).enumerate() {
        unrolled!(m < M, 14 => {
            let x = simd.splat_f32s(rows[m][k]);
            unrolled!(n < N, 4 => { sums[m][n] = mul_add(simd, weights[n], x, sums[m][n]); });
        });
    }
    sums
}

/// `sums += from^T upstream` for the outputs of one panel: `from` is `[tiles][inputs]` at a distance of `stride`,
/// `sums` `[inputs][N]` vectors.
#[inline(always)]
pub(super) fn tiles_times_tiles<S: Simd, const N: usize>(
    simd: S,
    from: &[f32],
    stride: usize,
    upstream: Matrix<'_, S::f32s>,
    first: usize,
    sums: &mut [S::f32s],
) {
    match (S::REGISTER_COUNT >= 32, N) {
        (true, 4) => columns::<S, N, 6>(simd, from, stride, upstream, first, sums),
        (true, _) => columns::<S, N, 12>(simd, from, stride, upstream, first, sums),
        (false, _) => columns::<S, N, 6>(simd, from, stride, upstream, first, sums),
    }
}

#[inline(always)]
fn columns<S: Simd, const N: usize, const M: usize>(
    simd: S,
    from: &[f32],
    stride: usize,
    upstream: Matrix<'_, S::f32s>,
    first: usize,
    sums: &mut [S::f32s],
) {
    let inputs = sums.len() / N;
    let mut input = 0;
    while input < inputs {
        if input + M <= inputs {
            column_sums::<S, N, M>(simd, from, stride, upstream, first, input, sums);
            input += M;
        } else {
            column_sums::<S, N, 1>(simd, from, stride, upstream, first, input, sums);
            input += 1;
        }
    }
}

#[inline(always)]
fn column_sums<S: Simd, const N: usize, const M: usize>(
    simd: S,
    from: &[f32],
    stride: usize,
    upstream: Matrix<'_, S::f32s>,
    first: usize,
    input: usize,
    sums: &mut [S::f32s],
) {
    let to = &mut sums[input * N..][..M * N];
    let mut sums = [[simd.splat_f32s(0.0); N]; M];
    unrolled!(m < M, 14 => { unrolled!(n < N, 4 => { sums[m][n] = to[m * N + n]; }); });
    let rows = upstream.values.chunks_exact(upstream.vectors);
    for (upstream, from) in rows.zip(from.chunks_exact(stride)) {
        let (upstream, from) = (&upstream[first..first + N], &from[input..input + M]);
        unrolled!(m < M, 14 => {
            let x = simd.splat_f32s(from[m]);
            unrolled!(n < N, 4 => { sums[m][n] = mul_add(simd, upstream[n], x, sums[m][n]); });
        });
    }
    unrolled!(m < M, 14 => { unrolled!(n < N, 4 => { to[m * N + n] = sums[m][n]; }); });
}
