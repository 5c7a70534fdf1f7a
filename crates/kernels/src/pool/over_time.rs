use std::mem::MaybeUninit;

use super::max::{Maxima, Spread};
use crate::flex::Kernel;

/// The first maximum of each row of so many elements, and its place.
pub(super) struct RowMax(pub(super) usize);

impl Kernel<Maxima<'_, u32>> for RowMax {
    #[inline(always)]
    fn run(&self, _: usize, (x, maxima, places): Maxima<'_, u32>) {
        let to = maxima.iter_mut().zip(places);
        for (row, (maximum, place)) in x.chunks_exact(self.0).zip(to) {
            let (best, here) = first_maximum(row);
            maximum.write(best);
            *place = here;
        }
    }
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
