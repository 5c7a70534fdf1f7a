//! Two sums per channel in `f64`, the same for any number of threads.

use std::marker::PhantomData;

use rayon::prelude::*;

use super::flex::Dims;
use crate::flex::{CHUNK, Kernel, SERIAL_BELOW, vectorized};

/// What is summed over a channel.
pub(super) trait Terms: Sync {
    /// The two summands of one element: its value, its upstream gradient, its channel's centre.
    fn terms(x: f64, upstream: f64, center: f64) -> (f64, f64);
}

/// Of the statistics: distance from the centre and its square. A centre near the values keeps all digits.
pub(super) struct Moments;

impl Terms for Moments {
    #[inline(always)]
    fn terms(x: f64, _: f64, center: f64) -> (f64, f64) {
        let distance = x - center;
        (distance, distance * distance)
    }
}

/// Of the backward pass: the gradient, and the gradient times the distance from the centre.
pub(super) struct Projections;

impl Terms for Projections {
    #[inline(always)]
    fn terms(x: f64, upstream: f64, center: f64) -> (f64, f64) {
        (upstream, upstream * (x - center))
    }
}

/// Both sums for each channel. `x` and `upstream` are `[batch, channels, inner]`, `center` is `[channels]`.
pub(super) fn sums<T: Terms>(
    _: T,
    dims: Dims,
    x: &[f32],
    upstream: &[f32],
    center: &[f32],
) -> (Vec<f64>, Vec<f64>) {
    let image = dims.channels * dims.inner;
    // Whole images, about two chunks of them: a function of the shape alone.
    let block = image * (2 * CHUNK).div_ceil(image);
    let kernel = Sums::<T> { dims, center, terms: PhantomData };
    let of_block = |(x, upstream): (&[f32], &[f32])| {
        let mut first = vec![0.0; dims.channels];
        let mut second = vec![0.0; dims.channels];
        vectorized(&kernel, 0, (x, upstream, &mut first[..], &mut second[..]));
        (first, second)
    };
    let mut blocks: Vec<_> = if x.len() < SERIAL_BELOW {
        x.chunks(block).zip(upstream.chunks(block)).map(of_block).collect()
    } else {
        x.par_chunks(block).zip(upstream.par_chunks(block)).map(of_block).collect()
    };
    let mut blocks = blocks.drain(..);
    let Some((mut first, mut second)) = blocks.next() else {
        return (vec![0.0; dims.channels], vec![0.0; dims.channels]);
    };
    for (more_first, more_second) in blocks {
        add(&mut first, &more_first);
        add(&mut second, &more_second);
    }
    (first, second)
}

fn add(total: &mut [f64], more: &[f64]) {
    for (total, more) in total.iter_mut().zip(more) {
        *total += more;
    }
}

struct Sums<'a, T> {
    dims: Dims,
    center: &'a [f32],
    terms: PhantomData<T>,
}

/// Values, upstream gradients, and the two sums of each channel to add to.
type Buffers<'a> = (&'a [f32], &'a [f32], &'a mut [f64], &'a mut [f64]);

impl<T: Terms> Kernel<Buffers<'_>> for Sums<'_, T> {
    #[inline(always)]
    fn run(&self, _: usize, (x, upstream, first, second): Buffers<'_>) {
        if self.dims.inner == 1 {
            self.rows(x, upstream, first, second);
        } else {
            self.planes(x, upstream, first, second);
        }
    }
}

impl<T: Terms> Sums<'_, T> {
    #[inline(always)]
    fn rows(&self, x: &[f32], upstream: &[f32], first: &mut [f64], second: &mut [f64]) {
        let channels = self.dims.channels;
        for (x, upstream) in x.chunks_exact(channels).zip(upstream.chunks_exact(channels)) {
            let sums = first.iter_mut().zip(second.iter_mut()).zip(self.center);
            for (((first, second), &center), (&x, &upstream)) in sums.zip(x.iter().zip(upstream)) {
                let (a, b) = T::terms(f64::from(x), f64::from(upstream), f64::from(center));
                *first += a;
                *second += b;
            }
        }
    }

    #[inline(always)]
    fn planes(&self, x: &[f32], upstream: &[f32], first: &mut [f64], second: &mut [f64]) {
        let inner = self.dims.inner;
        let planes = x.chunks_exact(inner).zip(upstream.chunks_exact(inner));
        for (plane, (x, upstream)) in planes.enumerate() {
            let channel = plane % self.dims.channels;
            let (a, b) = plane_sums::<T>(x, upstream, f64::from(self.center[channel]));
            first[channel] += a;
            second[channel] += b;
        }
    }
}

/// Sixteen sums side by side, because the compiler may not reorder one.
#[inline(always)]
fn plane_sums<T: Terms>(x: &[f32], upstream: &[f32], center: f64) -> (f64, f64) {
    const WIDTH: usize = 16;
    let (mut first, mut second) = ([0.0; WIDTH], [0.0; WIDTH]);
    let (xs, x_rest) = x.as_chunks::<WIDTH>();
    let (upstreams, upstream_rest) = upstream.as_chunks::<WIDTH>();
    for (x, upstream) in xs.iter().zip(upstreams) {
        for i in 0..WIDTH {
            let (a, b) = T::terms(f64::from(x[i]), f64::from(upstream[i]), center);
            first[i] += a;
            second[i] += b;
        }
    }
    for (i, (&x, &upstream)) in x_rest.iter().zip(upstream_rest).enumerate() {
        let (a, b) = T::terms(f64::from(x), f64::from(upstream), center);
        first[i] += a;
        second[i] += b;
    }
    (first.iter().sum(), second.iter().sum())
}
