use pulp::{Simd, WithSimd};

use super::transform::{IN, POINTS, weights_gradient_tile, weights_tile};
use crate::conv::packed::Panel;
use crate::flex::{dispatch, unrolled};

/// Elements of the transforms of so many packed weights.
pub(in crate::conv) fn transformed_len(packed: usize) -> usize {
    packed / 9 * POINTS
}

/// The transforms `[point][panel][inputs][vectors]` of packed weights `[panel][inputs][3 x 3][vectors]`.
pub(in crate::conv) fn transformed(panels: &[Panel], inputs: usize, packed: &[f32]) -> Vec<f32> {
    let mut to = vec![0.0; transformed_len(packed.len())];
    dispatch(Transform { panels, inputs, packed, to: &mut to });
    to
}

struct Transform<'a> {
    panels: &'a [Panel],
    inputs: usize,
    packed: &'a [f32],
    to: &'a mut [f32],
}

impl WithSimd for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (packed, _) = S::as_simd_f32s(self.packed);
        let (to, _) = S::as_mut_simd_f32s(self.to);
        let point = to.len() / POINTS;
        for panel in self.panels {
            let (start, vectors) = (panel.start / S::F32_LANES, panel.vectors);
            for input in 0..self.inputs {
                for v in 0..vectors {
                    let from = &packed[start + input * 9 * vectors + v..];
                    let mut w = [[simd.splat_f32s(0.0); 3]; 3];
                    unrolled!(i < 3 => { unrolled!(j < 3 => { w[i][j] = from[(i * 3 + j) * vectors]; }); });
                    let u = weights_tile(simd, w);
                    let to = &mut to[start / 9 + input * vectors + v..];
                    unrolled!(i < 6 => { unrolled!(j < 6 => { to[(i * IN + j) * point] = u[i][j]; }); });
                }
            }
        }
    }
}

/// The packed gradient of the weights from the gradient of their transforms, both as in [`transformed`].
pub(in crate::conv) fn inverse_gradient(panels: &[Panel], inputs: usize, transforms: &[f32]) -> Vec<f32> {
    let mut to = vec![0.0; transforms.len() / POINTS * 9];
    dispatch(Inverse { panels, inputs, transforms, to: &mut to });
    to
}

struct Inverse<'a> {
    panels: &'a [Panel],
    inputs: usize,
    transforms: &'a [f32],
    to: &'a mut [f32],
}

impl WithSimd for Inverse<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (transforms, _) = S::as_simd_f32s(self.transforms);
        let (to, _) = S::as_mut_simd_f32s(self.to);
        let point = transforms.len() / POINTS;
        for panel in self.panels {
            let (start, vectors) = (panel.start / S::F32_LANES, panel.vectors);
            for input in 0..self.inputs {
                for v in 0..vectors {
                    let from = &transforms[start / 9 + input * vectors + v..];
                    let mut u = [[simd.splat_f32s(0.0); 6]; 6];
                    unrolled!(i < 6 => { unrolled!(j < 6 => { u[i][j] = from[(i * IN + j) * point]; }); });
                    let w = weights_gradient_tile(simd, u);
                    let to = &mut to[start + input * 9 * vectors + v..];
                    unrolled!(i < 3 => { unrolled!(j < 3 => { to[(i * 3 + j) * vectors] = w[i][j]; }); });
                }
            }
        }
    }
}
