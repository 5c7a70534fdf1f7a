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

#[inline(always)]
fn first_maximum(row: &[f32]) -> (f32, u32) {
    const WIDTH: usize = 16;
    // A NaN wins against all others and stays: the comparison fails for the NaN that is already there.
    let larger = |best: f32, x: f32| if x <= best || best.is_nan() { best } else { x };
    let mut lanes = [f32::NEG_INFINITY; WIDTH];
    for part in row.chunks(WIDTH) {
        for (lane, &x) in lanes.iter_mut().zip(part) {
            *lane = larger(*lane, x);
        }
    }
    let best = lanes.into_iter().fold(f32::NEG_INFINITY, larger);
    let found = |x: f32| (x == best) | (x.is_nan() & best.is_nan());
    let place = row.iter().zip(0u32..).map(|(&x, i)| if found(x) { i } else { u32::MAX }).min();
    (best, place.unwrap_or_default())
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
