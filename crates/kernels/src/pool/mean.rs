use std::mem::MaybeUninit;

use super::windows::Windows;
use crate::flex::Kernel;

/// Whole planes: what is read and what is written.
pub(super) type Planes<'a> = (&'a [f32], &'a mut [MaybeUninit<f32>]);

/// The mean of each window.
pub(super) struct Mean(pub(super) Windows);

impl Kernel<Planes<'_>> for Mean {
    #[inline(always)]
    fn run(&self, _: usize, (x, means): Planes<'_>) {
        let Windows { size: [_, width], output: [_, columns], options, .. } = self.0;
        let scale = (self.0.area() as f32).recip();
        let mut sums = vec![0.0; columns];
        let means = means.chunks_exact_mut(self.0.output_plane());
        for (x, means) in x.chunks_exact(self.0.input_plane()).zip(means) {
            for (row, means) in means.chunks_exact_mut(columns).enumerate() {
                if self.0.are_quarters() {
                    let (above, below) = x[2 * row * width..][..2 * width].split_at(width);
                    let pairs = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
                    for ((above, below), to) in pairs.zip(means) {
                        to.write(((above[0] + above[1]) + (below[0] + below[1])) * scale);
                    }
                    continue;
                }
                sums.fill(0.0);
                for (_, row) in self.0.rows(row) {
                    for j in 0..options.kernel[1] {
                        let (columns, first) = self.0.columns(j);
                        let x = x[row * width..][..width].get(first..).unwrap_or_default();
                        match options.stride[1] {
                            1 => gather::<1>(x, 1, &mut sums[columns]),
                            2 => gather::<2>(x, 2, &mut sums[columns]),
                            stride => gather::<0>(x, stride, &mut sums[columns]),
                        }
                    }
                }
                for (to, &sum) in means.iter_mut().zip(&sums) {
                    to.write(sum * scale);
                }
            }
        }
    }
}

/// Adds one input of each window; `STRIDE` is 0 where the compiler shall not know it.
#[inline(always)]
fn gather<const STRIDE: usize>(x: &[f32], stride: usize, sums: &mut [f32]) {
    if STRIDE == 0 {
        for (sum, x) in sums.iter_mut().zip(x.iter().step_by(stride)) {
            *sum += x;
        }
        return;
    }
    let (whole, rest) = x.as_chunks::<STRIDE>();
    let (sums, last) = sums.split_at_mut(whole.len().min(sums.len()));
    for (x, sum) in whole.iter().zip(sums) {
        *sum += x[0];
    }
    if let (Some(x), Some(sum)) = (rest.first(), last.first_mut()) {
        *sum += x;
    }
}

/// The gradient of [`Mean`].
pub(super) struct Unmean(pub(super) Windows);

impl Kernel<Planes<'_>> for Unmean {
    #[inline(always)]
    fn run(&self, _: usize, (upstream, gradient): Planes<'_>) {
        let Windows { size: [_, width], output: [_, columns], options, .. } = self.0;
        let scale = (self.0.area() as f32).recip();
        let mut sums = vec![0.0; self.0.input_plane()];
        let gradient = gradient.chunks_exact_mut(self.0.input_plane());
        for (upstream, gradient) in upstream.chunks_exact(self.0.output_plane()).zip(gradient) {
            if self.0.are_quarters() {
                let mut rows = gradient.chunks_exact_mut(width);
                for upstream in upstream.chunks_exact(columns) {
                    for row in rows.by_ref().take(2) {
                        let (pairs, _) = row.as_chunks_mut::<2>();
                        for (pair, g) in pairs.iter_mut().zip(upstream) {
                            pair[0].write(g * scale);
                            pair[1].write(g * scale);
                        }
                        for value in &mut row[2 * columns..] {
                            value.write(0.0);
                        }
                    }
                }
                for value in rows.flatten() {
                    value.write(0.0);
                }
                continue;
            }
            sums.fill(0.0);
            for (row, upstream) in upstream.chunks_exact(columns).enumerate() {
                for (_, row) in self.0.rows(row) {
                    for j in 0..options.kernel[1] {
                        let (columns, first) = self.0.columns(j);
                        let sums = sums[row * width..][..width].get_mut(first..).unwrap_or_default();
                        match options.stride[1] {
                            1 => scatter::<1>(&upstream[columns], 1, sums),
                            2 => scatter::<2>(&upstream[columns], 2, sums),
                            stride => scatter::<0>(&upstream[columns], stride, sums),
                        }
                    }
                }
            }
            for (to, &sum) in gradient.iter_mut().zip(&sums) {
                to.write(sum * scale);
            }
        }
    }
}

/// The reverse of [`gather`].
#[inline(always)]
fn scatter<const STRIDE: usize>(upstream: &[f32], stride: usize, sums: &mut [f32]) {
    if STRIDE == 0 {
        for (sum, g) in sums.iter_mut().step_by(stride).zip(upstream) {
            *sum += g;
        }
        return;
    }
    let (whole, rest) = sums.as_chunks_mut::<STRIDE>();
    for (sum, g) in whole.iter_mut().zip(upstream) {
        sum[0] += g;
    }
    if let (Some(sum), Some(g)) = (rest.first_mut(), upstream.get(whole.len())) {
        *sum += g;
    }
}

/// The mean of each plane.
pub(super) struct PlaneMean(pub(super) usize);

impl Kernel<Planes<'_>> for PlaneMean {
    #[inline(always)]
    fn run(&self, _: usize, (x, means): Planes<'_>) {
        const WIDTH: usize = 16;
        let scale = (self.0 as f64).recip();
        for (plane, mean) in x.chunks_exact(self.0).zip(means) {
            // Side by side, because the compiler may not reorder one sum.
            let mut lanes = [0.0f32; WIDTH];
            let (wholes, rest) = plane.as_chunks::<WIDTH>();
            for values in wholes {
                for (lane, value) in lanes.iter_mut().zip(values) {
                    *lane += value;
                }
            }
            let sum: f64 = lanes.iter().chain(rest).map(|&value| f64::from(value)).sum();
            mean.write((sum * scale) as f32);
        }
    }
}

/// The gradient of [`PlaneMean`].
pub(super) struct PlaneUnmean(pub(super) usize);

impl Kernel<Planes<'_>> for PlaneUnmean {
    #[inline(always)]
    fn run(&self, _: usize, (upstream, gradient): Planes<'_>) {
        let scale = (self.0 as f32).recip();
        for (&g, plane) in upstream.iter().zip(gradient.chunks_exact_mut(self.0)) {
            for value in plane {
                value.write(g * scale);
            }
        }
    }
}
