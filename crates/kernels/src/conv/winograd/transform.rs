//! The transforms of `F(4x4, 3x3)`, with the channels in the lanes. In one dimension, with the points 0, 1, -1, 2, -2
//! and infinity, four outputs are `A^T ((G w) * (B^T d))`, `*` element by element, of three weights and six inputs.

use pulp::Simd;

use crate::flex::{mul_add, unrolled};

/// Outputs of a tile along an axis.
pub(super) const OUT: usize = 4;
/// Inputs of a tile along an axis.
pub(super) const IN: usize = 6;
/// Transformed elements of a tile.
pub(super) const POINTS: usize = IN * IN;

/// `B^T d`.
#[inline(always)]
pub(super) fn input<S: Simd>(simd: S, d: [S::f32s; 6]) -> [S::f32s; 6] {
    let [two, four] = [2.0, 4.0].map_splat(simd);
    let [minus_two, minus_four, minus_five] = [-2.0, -4.0, -5.0].map_splat(simd);
    let a = mul_add(simd, minus_four, d[2], d[4]);
    let b = mul_add(simd, minus_four, d[1], d[3]);
    let c = simd.sub_f32s(d[4], d[2]);
    let e = simd.sub_f32s(d[3], d[1]);
    [
        mul_add(simd, four, d[0], mul_add(simd, minus_five, d[2], d[4])),
        simd.add_f32s(a, b),
        simd.sub_f32s(a, b),
        mul_add(simd, two, e, c),
        mul_add(simd, minus_two, e, c),
        mul_add(simd, four, d[1], mul_add(simd, minus_five, d[3], d[5])),
    ]
}

/// `A^T m`.
#[inline(always)]
pub(super) fn output<S: Simd>(simd: S, m: [S::f32s; 6]) -> [S::f32s; 4] {
    let [two, four, eight] = [2.0, 4.0, 8.0].map_splat(simd);
    let (near, near_odd) = (simd.add_f32s(m[1], m[2]), simd.sub_f32s(m[1], m[2]));
    let (far, far_odd) = (simd.add_f32s(m[3], m[4]), simd.sub_f32s(m[3], m[4]));
    [
        simd.add_f32s(m[0], simd.add_f32s(near, far)),
        mul_add(simd, two, far_odd, near_odd),
        mul_add(simd, four, far, near),
        simd.add_f32s(m[5], mul_add(simd, eight, far_odd, near_odd)),
    ]
}

/// `A g`: the transpose of [`output`], for gradients of outputs.
#[inline(always)]
pub(super) fn output_gradient<S: Simd>(simd: S, g: [S::f32s; 4]) -> [S::f32s; 6] {
    let [two, four, eight] = [2.0, 4.0, 8.0].map_splat(simd);
    let (near, near_odd) = (simd.add_f32s(g[0], g[2]), simd.add_f32s(g[1], g[3]));
    let far = mul_add(simd, four, g[2], g[0]);
    let far_odd = mul_add(simd, eight, g[3], simd.mul_f32s(two, g[1]));
    [
        g[0],
        simd.add_f32s(near, near_odd),
        simd.sub_f32s(near, near_odd),
        simd.add_f32s(far, far_odd),
        simd.sub_f32s(far, far_odd),
        g[3],
    ]
}

/// `G w`.
#[inline(always)]
pub(super) fn weights<S: Simd>(simd: S, w: [S::f32s; 3]) -> [S::f32s; 6] {
    let [quarter, sixth] = [1.0 / 4.0, -1.0 / 6.0].map_splat(simd);
    let [twelfth, twenty_fourth] = [1.0 / 12.0, 1.0 / 24.0].map_splat(simd);
    let near = simd.mul_f32s(sixth, simd.add_f32s(w[0], w[2]));
    let near_odd = simd.mul_f32s(sixth, w[1]);
    let far = mul_add(simd, twenty_fourth, w[0], simd.mul_f32s(simd.neg_f32s(sixth), w[2]));
    let far_odd = simd.mul_f32s(twelfth, w[1]);
    [
        simd.mul_f32s(quarter, w[0]),
        simd.add_f32s(near, near_odd),
        simd.sub_f32s(near, near_odd),
        simd.add_f32s(far, far_odd),
        simd.sub_f32s(far, far_odd),
        w[2],
    ]
}

/// `G^T u`: the transpose of [`weights`], for their gradient.
#[inline(always)]
pub(super) fn weights_gradient<S: Simd>(simd: S, u: [S::f32s; 6]) -> [S::f32s; 3] {
    let [quarter, sixth] = [1.0 / 4.0, -1.0 / 6.0].map_splat(simd);
    let [twelfth, twenty_fourth] = [1.0 / 12.0, 1.0 / 24.0].map_splat(simd);
    let (near, near_odd) = (simd.add_f32s(u[1], u[2]), simd.sub_f32s(u[1], u[2]));
    let (far, far_odd) = (simd.add_f32s(u[3], u[4]), simd.sub_f32s(u[3], u[4]));
    let near = simd.mul_f32s(sixth, near);
    [
        mul_add(simd, quarter, u[0], mul_add(simd, twenty_fourth, far, near)),
        mul_add(simd, twelfth, far_odd, simd.mul_f32s(sixth, near_odd)),
        simd.add_f32s(u[5], mul_add(simd, simd.neg_f32s(sixth), far, near)),
    ]
}

/// A transform of columns, then of rows: `$function` of `$from` vectors each, to `$to`.
macro_rules! both_axes {
    ($name:ident, $function:ident, $from:tt, $to:tt) => {
        /// The transform along both axes.
        #[inline(always)]
        pub(super) fn $name<S: Simd>(simd: S, d: [[S::f32s; $from]; $from]) -> [[S::f32s; $to]; $to] {
            let zero = simd.splat_f32s(0.0);
            let mut half = [[zero; $from]; $to];
            unrolled!(j < $from => {
                let mut column = [zero; $from];
                unrolled!(i < $from => { column[i] = d[i][j]; });
                let column = $function(simd, column);
                unrolled!(i < $to => { half[i][j] = column[i]; });
            });
            let mut whole = [[zero; $to]; $to];
            unrolled!(i < $to => { whole[i] = $function(simd, half[i]); });
            whole
        }
    };
}

both_axes!(input_tile, input, 6, 6);
both_axes!(output_tile, output, 6, 4);
both_axes!(output_gradient_tile, output_gradient, 4, 6);
both_axes!(weights_tile, weights, 3, 6);
both_axes!(weights_gradient_tile, weights_gradient, 6, 3);

/// Constants in all lanes. (A closure would not be compiled for the instruction set.)
trait Splat<const N: usize> {
    fn map_splat<S: Simd>(self, simd: S) -> [S::f32s; N];
}

impl<const N: usize> Splat<N> for [f32; N] {
    #[inline(always)]
    fn map_splat<S: Simd>(self, simd: S) -> [S::f32s; N] {
        let mut all = [simd.splat_f32s(0.0); N];
        unrolled!(n < N, 14 => { all[n] = simd.splat_f32s(self[n]); });
        all
    }
}
