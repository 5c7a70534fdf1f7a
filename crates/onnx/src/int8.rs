//! Weights in a quarter of the bytes.

use crate::graph::Origin;
use crate::{Graph, Value};

/// The largest step to either side; -128 stays unused, so that both sides are alike.
const MOST: f32 = 127.0;

/// Numbers as whole steps of 8 bits, times a scale for each place along one axis: that by which least is lost.
///
/// ```
/// use brasa_onnx::Int8;
///
/// let numbers = [1.0, -0.5, 0.25, 100.0, 20.0, -60.0];
/// let weights = Int8::of(&[2, 3], &numbers);
/// let off = weights.numbers().into_iter().zip(numbers).map(|(found, wanted)| (found - wanted).abs());
/// assert!(off.fold(0.0_f32, f32::max) < 0.5 * 100.0 / 127.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Int8 {
    shape: Vec<usize>,
    axis: usize,
    scales: Vec<f32>,
    steps: Vec<i8>,
}

impl Int8 {
    /// `numbers`, all finite, of `shape`, the last dimension running fastest.
    pub fn of(shape: &[usize], numbers: &[f32]) -> Self {
        let along = |axis: usize| {
            let rounded = Self::along(axis, shape, numbers);
            let error = |(found, wanted): (f32, &f32)| f64::from(found - wanted).powi(2);
            let lost: f64 = rounded.each().zip(numbers).map(error).sum();
            (lost, rounded)
        };
        let better = |best: (f64, Self), other: (f64, Self)| if other.0 < best.0 { other } else { best };
        (1..shape.len()).map(along).fold(along(0), better).1
    }

    fn along(axis: usize, shape: &[usize], numbers: &[f32]) -> Self {
        let count = shape.get(axis).copied().unwrap_or(1).max(1);
        let mut largest = vec![0.0_f32; count];
        let inner = inner(shape, axis);
        for (at, number) in numbers.iter().enumerate() {
            if let Some(largest) = largest.get_mut(at / inner % count) {
                *largest = largest.max(number.abs());
            }
        }
        let scales: Vec<f32> =
            largest.into_iter().map(|largest| if largest > 0.0 { largest / MOST } else { 1.0 }).collect();
        let step = |(at, number): (usize, &f32)| {
            let scale = scales.get(at / inner % count).copied().unwrap_or(1.0);
            (number / scale).round().clamp(-MOST, MOST) as i8
        };
        let steps = numbers.iter().enumerate().map(step).collect();
        Self { shape: shape.to_vec(), axis, scales, steps }
    }

    /// The axis with the scales.
    pub fn axis(&self) -> usize {
        self.axis
    }

    fn each(&self) -> impl Iterator<Item = f32> {
        let (inner, count) = (inner(&self.shape, self.axis), self.scales.len().max(1));
        self.steps.iter().enumerate().map(move |(at, step)| {
            f32::from(*step) * self.scales.get(at / inner % count).copied().unwrap_or(1.0)
        })
    }

    /// The numbers that the steps stand for.
    pub fn numbers(&self) -> Vec<f32> {
        self.each().collect()
    }
}

/// Numbers between one place of an axis and the next.
fn inner(shape: &[usize], axis: usize) -> usize {
    shape.iter().skip(axis + 1).product::<usize>().max(1)
}

impl Graph {
    /// As [`initializer`](Self::initializer), of weights in 8 bits, which a node makes numbers of again.
    pub fn initializer_int8(&mut self, name: impl Into<String>, weights: &Int8) -> Value {
        let name = name.into();
        let scales =
            self.initializer(format!("{name}.scale"), &[weights.scales.len()], weights.scales.clone());
        let steps = self.tensor(Origin::Named(name), &weights.shape, weights.steps.clone().into());
        self.node("DequantizeLinear", &[&steps, &scales], [("axis", (weights.axis as i64).into())])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_number_is_further_off_than_half_a_step_of_its_axis(
            numbers in proptest::collection::vec(-1e3_f32..1e3, 24),
        ) {
            let rounded = Int8::of(&[2, 3, 4], &numbers);
            let count = [2, 3, 4][rounded.axis()];
            prop_assert_eq!(rounded.scales.len(), count);
            let inner = inner(&[2, 3, 4], rounded.axis());
            for (at, (found, wanted)) in rounded.numbers().iter().zip(&numbers).enumerate() {
                let step = rounded.scales[at / inner % count];
                prop_assert!((found - wanted).abs() <= 0.5001 * step, "{} {}", found, wanted);
            }
        }

        #[test]
        fn rounded_numbers_stay(numbers in proptest::collection::vec(-9.0_f32..9.0, 12)) {
            let once = Int8::of(&[3, 4], &numbers).numbers();
            let twice = Int8::of(&[3, 4], &once).numbers();
            for (once, twice) in once.iter().zip(&twice) {
                prop_assert!((once - twice).abs() <= 1e-5 * once.abs(), "{} {}", once, twice);
            }
        }
    }

    #[test]
    fn nothing_and_zeros_have_a_scale() {
        assert_eq!(Int8::of(&[2, 2], &[0.0; 4]).numbers(), [0.0; 4]);
        assert_eq!(Int8::of(&[0, 2], &[]).numbers(), [0.0_f32; 0]);
    }
}
