//! Softmax cross-entropy of a few rows with its gradient.

use std::mem::MaybeUninit;

use crate::flex::Kernel;
use crate::flex::math::{EXP_ZERO, at_least, exp};

/// Rows of `classes` elements, at least one.
pub(super) struct Rows {
    pub(super) classes: usize,
}

/// Logits, targets, the gradient of the logits, and the loss to add to.
type Buffers<'a> = (&'a [f32], &'a [f32], &'a mut [MaybeUninit<f32>], &'a mut f64);

impl Kernel<Buffers<'_>> for Rows {
    #[inline(always)]
    fn run(&self, _: usize, (logits, targets, gradient, loss): Buffers<'_>) {
        let classes = self.classes;
        assert!(logits.len() == gradient.len() && logits.len() == targets.len());
        assert!(logits.len().is_multiple_of(classes));
        let rows = logits.chunks_exact(classes).zip(targets.chunks_exact(classes));
        for ((logits, targets), gradient) in rows.zip(gradient.chunks_exact_mut(classes)) {
            *loss += row(logits, targets, gradient);
        }
    }
}

/// The loss of one row.
#[inline(always)]
fn row(logits: &[f32], targets: &[f32], gradient: &mut [MaybeUninit<f32>]) -> f64 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let add = |a: f32, b: f32| a + b;
    let largest = fold(logits, targets, f32::NEG_INFINITY, |x, _| x, larger);
    // NaN is never the largest, but it makes the sum NaN.
    let power = |x: f32| exp(at_least(x - largest, EXP_ZERO));
    let sum = fold(logits, targets, 0.0, |x, _| power(x), add);
    let total = fold(logits, targets, 0.0, |_, t| t, add);
    let scale = total / sum;
    for ((to, x), t) in gradient.iter_mut().zip(logits).zip(targets) {
        to.write(power(*x) * scale - t);
    }
    let log_sum = sum.ln();
    // A class without a share counts nothing, also where its logit is infinite.
    let part = |x: f32, t: f32| if t == 0.0 { 0.0 } else { t * (log_sum - (x - largest)) };
    f64::from(fold(logits, targets, 0.0, part, add))
}

/// Combines `of` all pairs: sixteen results side by side, because the compiler may not reorder one.
#[inline(always)]
fn fold(
    logits: &[f32],
    targets: &[f32],
    start: f32,
    of: impl Fn(f32, f32) -> f32,
    combine: impl Fn(f32, f32) -> f32,
) -> f32 {
    const WIDTH: usize = 16;
    let mut lanes = [start; WIDTH];
    let mut all = |logits: &[f32], targets: &[f32]| {
        for (lane, (&x, &t)) in lanes.iter_mut().zip(logits.iter().zip(targets)) {
            *lane = combine(*lane, of(x, t));
        }
    };
    let (logits, rest) = logits.as_chunks::<WIDTH>();
    let (targets, targets_rest) = targets.as_chunks::<WIDTH>();
    for (logits, targets) in logits.iter().zip(targets) {
        all(logits, targets);
    }
    all(rest, targets_rest);
    lanes.into_iter().fold(start, combine)
}
