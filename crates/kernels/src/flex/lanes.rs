use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::mem::MaybeUninit;

/// Elements that one task takes: 64 KiB in, 64 KiB out, inside a core's second-level cache. Results never depend
/// on it.
pub(crate) const CHUNK: usize = 16 * 1024;

/// A scalar function with its derivative, to be run over whole buffers.
pub(crate) trait Pointwise: Copy + Send + Sync {
    /// `f(x)`.
    fn value(x: f32) -> f32;
    /// `upstream * f'(x)`.
    fn gradient(x: f32, upstream: f32) -> f32;
}

/// `f` of every element.
pub(crate) fn map<P: Pointwise>(_: P, input: &[f32]) -> Vec<f32> {
    let mut output = Vec::with_capacity(input.len());
    let spare = &mut output.spare_capacity_mut()[..input.len()];
    if input.len() < 2 * CHUNK {
        map_chunk::<P>(input, spare);
    } else {
        let chunks = input.par_chunks(CHUNK).zip(spare.par_chunks_mut(CHUNK));
        chunks.for_each(|(input, output)| map_chunk::<P>(input, output));
    }
    // SAFETY: `spare` is the first `input.len()` elements of the buffer, it is cut as `input` is, and `map_chunk`
    // writes one element for each element of its equally long input.
    unsafe { output.set_len(input.len()) };
    output
}

/// Replaces the upstream gradient by the gradient with respect to `input`. Both have the same length.
pub(crate) fn gradient_in_place<P: Pointwise>(_: P, input: &[f32], upstream: &mut [f32]) {
    assert_eq!(input.len(), upstream.len(), "a gradient has the shape of its value");
    if input.len() < 2 * CHUNK {
        gradient_chunk::<P>(input, upstream);
    } else {
        let chunks = input.par_chunks(CHUNK).zip(upstream.par_chunks_mut(CHUNK));
        chunks.for_each(|(input, upstream)| gradient_chunk::<P>(input, upstream));
    }
}

fn map_chunk<P: Pointwise>(input: &[f32], output: &mut [MaybeUninit<f32>]) {
    assert_eq!(input.len(), output.len());
    struct Run<'a, P>(&'a [f32], &'a mut [MaybeUninit<f32>], std::marker::PhantomData<P>);
    impl<P: Pointwise> WithSimd for Run<'_, P> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for (y, &x) in self.1.iter_mut().zip(self.0) {
                y.write(P::value(x));
            }
        }
    }
    Arch::new().dispatch(Run::<P>(input, output, std::marker::PhantomData));
}

fn gradient_chunk<P: Pointwise>(input: &[f32], upstream: &mut [f32]) {
    struct Run<'a, P>(&'a [f32], &'a mut [f32], std::marker::PhantomData<P>);
    impl<P: Pointwise> WithSimd for Run<'_, P> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for (g, &x) in self.1.iter_mut().zip(self.0) {
                *g = P::gradient(x, *g);
            }
        }
    }
    Arch::new().dispatch(Run::<P>(input, upstream, std::marker::PhantomData));
}
