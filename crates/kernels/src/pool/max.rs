use std::mem::MaybeUninit;

use super::windows::Windows;
use crate::flex::Kernel;

/// The place of a maximum within its window.
pub(super) trait Place: Copy + Default + Send + Sync + std::fmt::Debug + 'static {
    fn new(place: u32) -> Self;
    fn get(self) -> usize;
}

impl Place for u8 {
    #[inline(always)]
    fn new(place: u32) -> Self {
        place as u8
    }
    #[inline(always)]
    fn get(self) -> usize {
        self.into()
    }
}

impl Place for u32 {
    #[inline(always)]
    fn new(place: u32) -> Self {
        place
    }
    #[inline(always)]
    fn get(self) -> usize {
        self as usize
    }
}

/// Whole planes: input, maxima, places.
pub(super) type Maxima<'a, P> = (&'a [f32], &'a mut [MaybeUninit<f32>], &'a mut [P]);

pub(super) struct Max(pub(super) Windows);

impl<P: Place> Kernel<Maxima<'_, P>> for Max {
    #[inline(always)]
    fn run(&self, _: usize, (x, maxima, places): Maxima<'_, P>) {
        let Windows { size: [_, width], output: [_, columns], options, .. } = self.0;
        let ([_, stride], [_, padding]) = (options.stride, options.padding);
        if self.0.are_short_quarters() {
            let mut rows = ApartRows::of(self.0);
            let x = x.chunks_exact(self.0.input_plane());
            let maxima = maxima.chunks_exact_mut(self.0.output_plane());
            for (x, (maxima, places)) in x.zip(maxima.zip(places.chunks_exact_mut(self.0.output_plane()))) {
                rows.take(x);
                quarters(&rows.above, &rows.below, maxima, places);
            }
            return;
        }
        let (mut best, mut place) = (vec![0.0; columns], vec![0; columns]);
        // The first column of each window that is not padding: it wins where all values are minus infinity.
        let first = |column: usize| padding.saturating_sub(column * stride) as u32;
        let first: Vec<u32> = (0..columns).map(first).collect();
        let x = x.chunks_exact(self.0.input_plane());
        let maxima = maxima.chunks_exact_mut(self.0.output_plane());
        for (x, (maxima, places)) in x.zip(maxima.zip(places.chunks_exact_mut(self.0.output_plane()))) {
            let rows = maxima.chunks_exact_mut(columns).zip(places.chunks_exact_mut(columns));
            for (row, (maxima, places)) in rows.enumerate() {
                if self.0.are_quarters() {
                    let (above, below) = x[2 * row * width..][..2 * width].split_at(width);
                    quarters(above, below, maxima, places);
                    continue;
                }
                place.copy_from_slice(&first);
                self.row(x, row, &mut best, &mut place);
                for (to, &best) in maxima.iter_mut().zip(&best) {
                    to.write(best);
                }
                for (to, &place) in places.iter_mut().zip(&place) {
                    *to = P::new(place);
                }
            }
        }
    }
}

/// Whole planes: input and maxima, without their places.
pub(super) struct MaxAlone(pub(super) Windows);

impl Kernel<(&[f32], &mut [MaybeUninit<f32>])> for MaxAlone {
    #[inline(always)]
    fn run(&self, _: usize, (x, maxima): (&[f32], &mut [MaybeUninit<f32>])) {
        let Windows { size: [_, width], output: [_, columns], options, .. } = self.0;
        let planes = x.chunks_exact(self.0.input_plane()).zip(maxima.chunks_exact_mut(self.0.output_plane()));
        if self.0.are_short_quarters() {
            let mut rows = ApartRows::of(self.0);
            for (x, maxima) in planes {
                rows.take(x);
                let pairs = rows.above.as_chunks::<2>().0.iter().zip(rows.below.as_chunks::<2>().0);
                for ((above, below), maximum) in pairs.zip(maxima) {
                    maximum.write(larger(larger(above[0], above[1]), larger(below[0], below[1])));
                }
            }
            return;
        }
        let (mut tallest, mut best) = (vec![0.0; width], vec![0.0; columns]);
        for (x, maxima) in planes {
            for (row, maxima) in maxima.chunks_exact_mut(columns).enumerate() {
                // Down the columns first, where neighbours lie side by side.
                tallest.fill(f32::NEG_INFINITY);
                for (_, row) in self.0.rows(row) {
                    let x = &x[row * width..][..width];
                    tallest.iter_mut().zip(x).for_each(|(best, &x)| *best = larger(*best, x));
                }
                best.fill(f32::NEG_INFINITY);
                for j in 0..options.kernel[1] {
                    let (columns, first) = self.0.columns(j);
                    let (best, x) = (&mut best[columns], tallest.get(first..).unwrap_or_default());
                    match options.stride[1] {
                        1 => best.iter_mut().zip(x).for_each(|(best, &x)| *best = larger(*best, x)),
                        2 => {
                            let (pairs, rest) = x.as_chunks::<2>();
                            let (wholes, last) = best.split_at_mut(pairs.len().min(best.len()));
                            wholes.iter_mut().zip(pairs).for_each(|(best, x)| *best = larger(*best, x[0]));
                            last.iter_mut().zip(rest).for_each(|(best, &x)| *best = larger(*best, x));
                        }
                        stride => {
                            let x = x.iter().step_by(stride);
                            best.iter_mut().zip(x).for_each(|(best, &x)| *best = larger(*best, x));
                        }
                    }
                }
                maxima.write_copy_of_slice(&best);
            }
        }
    }
}

/// The larger, or NaN if there is one.
#[inline(always)]
fn larger(best: f32, x: f32) -> f32 {
    if (x > best) | x.is_nan() { x } else { best }
}

impl Max {
    /// The maxima of one output row, one place of the windows after the other. `place` holds their first columns.
    #[inline(always)]
    fn row(&self, x: &[f32], row: usize, best: &mut [f32], place: &mut [u32]) {
        let Windows { size, options, .. } = self.0;
        best.fill(f32::NEG_INFINITY);
        let skipped = options.padding[0].saturating_sub(row * options.stride[0]);
        for place in place.iter_mut() {
            *place += (skipped * options.kernel[1]) as u32;
        }
        for (i, row) in self.0.rows(row) {
            let x = &x[row * size[1]..][..size[1]];
            for j in 0..options.kernel[1] {
                let (columns, first) = self.0.columns(j);
                let (best, place) = (&mut best[columns.clone()], &mut place[columns]);
                let x = x.get(first..).unwrap_or_default();
                let here = (i * options.kernel[1] + j) as u32;
                match options.stride[1] {
                    1 => step::<1>(x, 1, here, best, place),
                    2 => step::<2>(x, 2, here, best, place),
                    stride => step::<0>(x, stride, here, best, place),
                }
            }
        }
    }
}

/// The upper and the lower rows of the windows of 2 x 2 of a plane, each behind another: rows of few columns would leave most lanes of
/// their last vector without anything.
struct ApartRows {
    width: usize,
    /// Elements of a row that are in a window.
    used: usize,
    above: Vec<f32>,
    below: Vec<f32>,
}

impl ApartRows {
    #[inline(always)]
    fn of(windows: Windows) -> Self {
        let len = 2 * windows.output_plane();
        let used = 2 * windows.output[1];
        Self { width: windows.size[1], used, above: vec![0.0; len], below: vec![0.0; len] }
    }

    /// The rows of a plane.
    #[inline(always)]
    fn take(&mut self, x: &[f32]) {
        let halves = self.above.chunks_exact_mut(self.used).zip(self.below.chunks_exact_mut(self.used));
        for (pair, (above, below)) in x.chunks_exact(2 * self.width).zip(halves) {
            above.copy_from_slice(&pair[..self.used]);
            below.copy_from_slice(&pair[self.width..][..self.used]);
        }
    }

    /// Writes all of a plane: the rows, and 0 behind and below them.
    #[inline(always)]
    fn put(&self, to: &mut [MaybeUninit<f32>]) {
        let halves = self.above.chunks_exact(self.used).zip(self.below.chunks_exact(self.used));
        let (whole, rest) = to.split_at_mut(halves.len() * 2 * self.width);
        for (pair, (above, below)) in whole.chunks_exact_mut(2 * self.width).zip(halves) {
            let (upper, lower) = pair.split_at_mut(self.width);
            for (to, from) in [(upper, above), (lower, below)] {
                let (to, behind) = to.split_at_mut(self.used);
                to.write_copy_of_slice(from);
                for value in behind {
                    value.write(0.0);
                }
            }
        }
        for value in rest {
            value.write(0.0);
        }
    }
}

/// One output row of windows of 2 x 2 side by side.
#[inline(always)]
fn quarters<P: Place>(above: &[f32], below: &[f32], maxima: &mut [MaybeUninit<f32>], places: &mut [P]) {
    let pairs = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
    for ((above, below), (maximum, to)) in pairs.zip(maxima.iter_mut().zip(places)) {
        let (mut best, mut place) = (above[0], 0);
        for (x, here) in [(above[1], 1), (below[0], 2), (below[1], 3)] {
            let better = (x > best) | x.is_nan();
            best = if better { x } else { best };
            place = if better { here } else { place };
        }
        maximum.write(best);
        *to = P::new(place);
    }
}

/// Compares one place of all windows of a row; `STRIDE` is 0 where the compiler shall not know it.
#[inline(always)]
fn step<const STRIDE: usize>(x: &[f32], stride: usize, here: u32, best: &mut [f32], place: &mut [u32]) {
    let compare = |x: f32, best: &mut f32, place: &mut u32| {
        let (old, old_place) = (*best, *place);
        let better = (x > old) | x.is_nan();
        *best = if better { x } else { old };
        *place = if better { here } else { old_place };
    };
    if STRIDE == 0 {
        for ((&x, best), place) in x.iter().step_by(stride).zip(best).zip(place) {
            compare(x, best, place);
        }
        return;
    }
    let (whole, rest) = x.as_chunks::<STRIDE>();
    let n = whole.len().min(best.len());
    let ((best, last_best), (place, last_place)) = (best.split_at_mut(n), place.split_at_mut(n));
    for (x, (best, place)) in whole.iter().zip(best.iter_mut().zip(place)) {
        compare(x[0], best, place);
    }
    if let (Some(&x), Some(best), Some(place)) = (rest.first(), last_best.first_mut(), last_place.first_mut())
    {
        compare(x, best, place);
    }
}

/// Whole planes: upstream gradient, places, gradient of the input.
pub(super) type Spread<'a, P> = (&'a [f32], &'a [P], &'a mut [MaybeUninit<f32>]);

/// Hands each upstream gradient to the place of the maximum.
pub(super) struct ToPlaces(pub(super) Windows);

impl<P: Place> Kernel<Spread<'_, P>> for ToPlaces {
    #[inline(always)]
    fn run(&self, _: usize, (upstream, places, gradient): Spread<'_, P>) {
        let plane = self.0.output_plane();
        let given = upstream.chunks_exact(plane).zip(places.chunks_exact(plane));
        if self.0.are_short_quarters() {
            let mut rows = ApartRows::of(self.0);
            for ((upstream, places), gradient) in given.zip(gradient.chunks_exact_mut(self.0.input_plane())) {
                let given = upstream.iter().zip(places);
                let above = rows.above.as_chunks_mut::<2>().0.iter_mut();
                let pairs = above.zip(rows.below.as_chunks_mut::<2>().0);
                for ((&g, place), (above, below)) in given.zip(pairs) {
                    let place = place.get() as u32;
                    let at = |here: u32| if place == here { g } else { 0.0 };
                    *above = [at(0), at(1)];
                    *below = [at(2), at(3)];
                }
                rows.put(gradient);
            }
            return;
        }
        for ((upstream, places), gradient) in given.zip(gradient.chunks_exact_mut(self.0.input_plane())) {
            if self.0.are_quarters() {
                self.quarters(upstream, places, gradient);
            } else {
                self.scatter(upstream, places, gradient);
            }
        }
    }
}

impl ToPlaces {
    /// Windows of 2 x 2 side by side: every input row is written once.
    #[inline(always)]
    fn quarters<P: Place>(&self, upstream: &[f32], places: &[P], gradient: &mut [MaybeUninit<f32>]) {
        let Windows { size: [_, width], output: [_, columns], .. } = self.0;
        let given = upstream.chunks_exact(columns).zip(places.chunks_exact(columns));
        let mut rows = gradient.chunks_exact_mut(width);
        for (upstream, places) in given {
            for (i, row) in rows.by_ref().take(2).enumerate() {
                let (pairs, _) = row.as_chunks_mut::<2>();
                for (pair, (&g, place)) in pairs.iter_mut().zip(upstream.iter().zip(places)) {
                    let place = place.get() as u32;
                    pair[0].write(if place == 2 * i as u32 { g } else { 0.0 });
                    pair[1].write(if place == 2 * i as u32 + 1 { g } else { 0.0 });
                }
                for value in &mut row[2 * columns..] {
                    value.write(0.0);
                }
            }
        }
        for value in rows.flatten() {
            value.write(0.0);
        }
    }

    #[inline(always)]
    fn scatter<P: Place>(&self, upstream: &[f32], places: &[P], gradient: &mut [MaybeUninit<f32>]) {
        let Windows { size: [_, width], output: [_, columns], options, .. } = self.0;
        let mut sums = vec![0.0; gradient.len()];
        for (i, (&g, place)) in upstream.iter().zip(places).enumerate() {
            let (row, column, place) = (i / columns, i % columns, place.get());
            let row = row * options.stride[0] + place / options.kernel[1] - options.padding[0];
            let column = column * options.stride[1] + place % options.kernel[1] - options.padding[1];
            sums[row * width + column] += g;
        }
        for (to, &sum) in gradient.iter_mut().zip(&sums) {
            to.write(sum);
        }
    }
}
