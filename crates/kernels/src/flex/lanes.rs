//! Running one loop over several buffers at once: cut into chunks for the threads, compiled for each instruction
//! set that the processor may have.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::simd::arch;

/// Elements that one task takes: 64 KiB of each buffer, inside a core's second-level cache.
pub(crate) const CHUNK: usize = if cfg!(miri) { 32 } else { 16 * 1024 };

/// [`Kernel::SERIAL_BELOW`] of a kernel that does little more than move its elements.
pub(crate) const SERIAL_BELOW: usize = if cfg!(miri) { 64 } else { 128 * 1024 };

/// Several buffers of one length, walked together.
pub(crate) trait Lanes: Send + Sized {
    /// Elements in the first buffer.
    fn len(&self) -> usize;
    /// Whether every buffer has `len` elements.
    fn all_have(&self, len: usize) -> bool;
    /// The first `mid` elements of each buffer, and the rest.
    fn split_at(self, mid: usize) -> (Self, Self);
}

impl<T: Sync> Lanes for &[T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }
    fn all_have(&self, len: usize) -> bool {
        <[T]>::len(self) == len
    }
    fn split_at(self, mid: usize) -> (Self, Self) {
        <[T]>::split_at(self, mid)
    }
}

impl<T: Send> Lanes for &mut [T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }
    fn all_have(&self, len: usize) -> bool {
        <[T]>::len(self) == len
    }
    fn split_at(self, mid: usize) -> (Self, Self) {
        self.split_at_mut(mid)
    }
}

macro_rules! lanes_for_tuple {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Lanes),+> Lanes for ($($name,)+) {
            fn len(&self) -> usize {
                self.0.len()
            }
            fn all_have(&self, len: usize) -> bool {
                $(self.$index.all_have(len))&&+
            }
            fn split_at(self, mid: usize) -> (Self, Self) {
                let halves = ($(self.$index.split_at(mid),)+);
                (($(halves.$index.0,)+), ($(halves.$index.1,)+))
            }
        }
    };
}

lanes_for_tuple!(A 0, B 1);
lanes_for_tuple!(A 0, B 1, C 2);
lanes_for_tuple!(A 0, B 1, C 2, D 3);
lanes_for_tuple!(A 0, B 1, C 2, D 3, E 4);

/// A loop over [`Lanes`]. Implementations mark `run` `#[inline(always)]`, so that it is compiled once for each
/// instruction set, and have it work on each element by itself, so that the chunks do not show in the result.
pub(crate) trait Kernel<L>: Sync {
    /// Below this many elements one thread is as fast as two: handing work over costs about 10 us.
    const SERIAL_BELOW: usize = SERIAL_BELOW;

    /// Works on a part of the buffers that begins at element `start`.
    fn run(&self, start: usize, lanes: L);
}

/// Runs `kernel` over all of `lanes`, on several threads if they are long. Every part is a multiple of `granule`
/// elements.
///
/// # Panics
///
/// If the buffers differ in length.
pub(crate) fn for_each_chunk<L: Lanes, K: Kernel<L>>(kernel: &K, granule: usize, lanes: L) {
    assert!(
        lanes.all_have(lanes.len()),
        "the tensors of one operation must have the same number of elements"
    );
    let chunk = granule * CHUNK.div_ceil(granule.max(1));
    if lanes.len() < K::SERIAL_BELOW { vectorized(kernel, 0, lanes) } else { divide(kernel, chunk, 0, lanes) }
}

fn divide<L: Lanes, K: Kernel<L>>(kernel: &K, chunk: usize, start: usize, lanes: L) {
    let chunks = lanes.len().div_ceil(chunk);
    if chunks <= 1 {
        return vectorized(kernel, start, lanes);
    }
    let mid = chunks / 2 * chunk;
    let (left, right) = lanes.split_at(mid);
    rayon::join(|| divide(kernel, chunk, start, left), || divide(kernel, chunk, start + mid, right));
}

/// Runs `kernel` on this thread, in the code for this processor.
pub(crate) fn vectorized<L, K: Kernel<L>>(kernel: &K, start: usize, lanes: L) {
    struct Run<'k, K, L>(&'k K, usize, L);
    impl<L, K: Kernel<L>> WithSimd for Run<'_, K, L> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            self.0.run(self.1, self.2);
        }
    }
    arch().dispatch(Run(kernel, start, lanes));
}

/// A scalar function with its derivative, to be run over whole buffers.
pub(crate) trait Pointwise: Sync {
    /// As [`Kernel::SERIAL_BELOW`]; here for functions with an exponential.
    const SERIAL_BELOW: usize = SERIAL_BELOW / 2;

    /// `f(x)`.
    fn value(x: f32) -> f32;
    /// `upstream * f'(x)`.
    fn gradient(x: f32, upstream: f32) -> f32;
}

/// The buffers of [`map`]: what is read and what is written.
type Fresh<'a> = (&'a [f32], &'a mut [MaybeUninit<f32>]);

struct Value<P>(P);

impl<P: Pointwise> Kernel<Fresh<'_>> for Value<P> {
    const SERIAL_BELOW: usize = P::SERIAL_BELOW;

    #[inline(always)]
    fn run(&self, _: usize, (x, y): Fresh<'_>) {
        assert_eq!(x.len(), y.len());
        for (y, &x) in y.iter_mut().zip(x) {
            y.write(P::value(x));
        }
    }
}

/// `f` of every element.
pub(crate) fn map<P: Pointwise>(function: P, input: &[f32]) -> Vec<f32> {
    let mut output = Vec::with_capacity(input.len());
    let spare = &mut output.spare_capacity_mut()[..input.len()];
    for_each_chunk(&Value(function), 1, (input, spare));
    // SAFETY: `spare` is the first `input.len()` elements of the buffer. `for_each_chunk` hands all of them to
    // `Value`, in parts that are cut as `input` is, and `Value` checks that a part is as long as its input and
    // writes one element for each.
    unsafe { output.set_len(input.len()) };
    output
}

struct Gradient<P>(P);

impl<P: Pointwise> Kernel<(&[f32], &mut [f32])> for Gradient<P> {
    const SERIAL_BELOW: usize = P::SERIAL_BELOW;

    #[inline(always)]
    fn run(&self, _: usize, (x, upstream): (&[f32], &mut [f32])) {
        for (g, &x) in upstream.iter_mut().zip(x) {
            *g = P::gradient(x, *g);
        }
    }
}

/// Replaces the upstream gradient by the gradient with respect to `input`.
pub(crate) fn gradient_in_place<P: Pointwise>(function: P, input: &[f32], upstream: &mut [f32]) {
    for_each_chunk(&Gradient(function), 1, (input, upstream));
}
