use std::mem::MaybeUninit;

use super::max::{Maxima, Spread};
use crate::flex::{Kernel, Rows, transposed};

/// The first maximum of each row of so many elements, and its place.
pub(super) struct RowMax(pub(super) usize);

/// Rows that are looked through side by side, each in a lane of its own: a row is mostly so short that the lanes' own maxima take longer
/// to compare than the row.
const ROWS: usize = 16;

impl Kernel<Maxima<'_, u32>> for RowMax {
    #[inline(always)]
    fn run(&self, _: usize, (x, maxima, places): Maxima<'_, u32>) {
        let time = self.0;
        let mut side_by_side = vec![0.0; if maxima.len() < ROWS { 0 } else { time * ROWS }];
        let (maxima, last_maxima) = maxima.as_chunks_mut::<ROWS>();
        let (places, last_places) = places.as_chunks_mut::<ROWS>();
        let (x, last) = x.split_at(maxima.len() * ROWS * time);
        for (x, (maxima, places)) in x.chunks_exact(ROWS * time).zip(maxima.iter_mut().zip(places)) {
            lay_side_by_side(x, time, &mut side_by_side);
            let (best, place) = first_maxima(&side_by_side);
            maxima.write_copy_of_slice(&best);
            *places = place;
        }
        let to = last_maxima.iter_mut().zip(last_places);
        for (row, (maximum, place)) in last.chunks_exact(time).zip(to) {
            let (best, here) = first_maximum(row);
            maximum.write(best);
            *place = here;
        }
    }
}

/// The transpose of [`ROWS`] rows of `time` elements.
#[inline(always)]
fn lay_side_by_side(x: &[f32], time: usize, to: &mut [f32]) {
    let whole = time / ROWS * ROWS;
    if whole == 0 {
        return transposed(Rows { values: x, stride: time }, [ROWS, time], to, ROWS);
    }
    transposed(Rows { values: x, stride: time }, [ROWS, whole], to, ROWS);
    if whole < time {
        // The last elements, some of them once more: whole squares are what instructions transpose.
        let first = time - ROWS;
        let rows = Rows { values: &x[first..], stride: time };
        transposed(rows, [ROWS, ROWS], &mut to[first * ROWS..], ROWS);
    }
}

/// The first maximum of each lane, and its place. The first NaN wins against all others.
#[inline(always)]
fn first_maxima(x: &[f32]) -> ([f32; ROWS], [u32; ROWS]) {
    let (steps, _) = x.as_chunks::<ROWS>();
    let (mut best, mut places) = (steps[0], [0; ROWS]);
    for (step, time) in steps.iter().zip(0u32..) {
        for lane in 0..ROWS {
            let (x, now) = (step[lane], best[lane]);
            let takes = (x > now) | (x.is_nan() & !now.is_nan());
            best[lane] = if takes { x } else { now };
            places[lane] = if takes { time } else { places[lane] };
        }
    }
    (best, places)
}

const WIDTH: usize = 16;

#[inline(always)]
fn first_maximum(row: &[f32]) -> (f32, u32) {
    let (wholes, rest) = row.as_chunks::<WIDTH>();
    let mut lanes = [f32::NEG_INFINITY; WIDTH];
    for part in wholes {
        lanes = zip_with(lanes, *part, larger);
    }
    let best = rest.iter().copied().fold(fold(lanes, larger), larger);

    let place = |x: f32, i: u32| if (x == best) | (x.is_nan() & best.is_nan()) { i } else { u32::MAX };
    let mut places = [u32::MAX; WIDTH];
    for (part, first) in wholes.iter().zip((0u32..).step_by(WIDTH)) {
        let here: [u32; WIDTH] = std::array::from_fn(|i| place(part[i], first + i as u32));
        places = zip_with(places, here, Ord::min);
    }
    let mut first = fold(places, Ord::min);
    for (&x, i) in rest.iter().zip((row.len() - rest.len()) as u32..) {
        first = first.min(place(x, i));
    }
    (best, first)
}

/// A NaN wins against all others and stays: the comparison fails for the NaN that is already there.
#[inline(always)]
fn larger(best: f32, x: f32) -> f32 {
    if (x <= best) | best.is_nan() { best } else { x }
}

#[inline(always)]
fn zip_with<T: Copy>(a: [T; WIDTH], b: [T; WIDTH], combine: impl Fn(T, T) -> T) -> [T; WIDTH] {
    std::array::from_fn(|i| combine(a[i], b[i]))
}

/// By halves, which are vectors too.
#[inline(always)]
fn fold<T: Copy>(mut lanes: [T; WIDTH], combine: impl Fn(T, T) -> T) -> T {
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] = combine(lanes[i], lanes[i + half]);
        }
    }
    lanes[0]
}

/// Hands each upstream gradient to the place of the maximum.
pub(super) struct ToPlace(pub(super) usize);

impl Kernel<Spread<'_, u32>> for ToPlace {
    #[inline(always)]
    fn run(&self, _: usize, (upstream, places, gradient): Spread<'_, u32>) {
        for ((&g, &place), row) in upstream.iter().zip(places).zip(gradient.chunks_exact_mut(self.0)) {
            for (value, i) in row.iter_mut().zip(0u32..) {
                let _: &mut MaybeUninit<f32> = value;
                value.write(if i == place { g } else { 0.0 });
            }
        }
    }
}
