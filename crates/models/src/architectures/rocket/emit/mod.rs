//! Fixed convolutions as nodes of a graph: sums and products in the order of `brasa-rocket`, so that what is compared with a bias is the
//! same number to the last bit.

mod bank;
mod hydra;

use std::ops::Range;

use brasa_onnx::Value;
use brasa_rocket::{KERNEL_LENGTH, SparseScaler, StandardScaler};

use super::transform::Transform;
use crate::Emitter;
use bank::{Operator, bank, pools};
use hydra::competition;

/// Series in a graph: `[batch, channels, steps]`.
#[derive(Clone)]
struct Steps {
    values: Value,
    channels: usize,
    length: usize,
}

/// The scaled features of samples `[batch, steps, channels]`: `[batch, features]`.
pub(super) fn features(
    emitter: &mut Emitter<'_>,
    transform: &Transform,
    input: &Value,
    [length, channels]: [usize; 2],
) -> Value {
    let series = Steps { values: emitter.transpose(input, &[0, 2, 1]), channels, length };
    match transform {
        Transform::Mini(mini, scaler) => {
            let shares =
                emitter.within("mini", |emitter| bank(emitter, mini.parts(), &series, &[Operator::Share]));
            emitter.within("mini", |emitter| standard(emitter, scaler, &shares))
        }
        Transform::Both(both) => {
            let ((hydra, sparse), (multi, scaler)) = (both.hydra(), both.multi());
            let difference = series.difference(emitter);
            let counts = emitter.within("hydra", |emitter| {
                let counts = competition(emitter, hydra.parts(), [&series, &difference]);
                self::sparse(emitter, sparse, &counts)
            });
            let pooled = emitter.within("multi", |emitter| {
                let pooled = pools(emitter, multi, [&series, &difference]);
                standard(emitter, scaler, &pooled)
            });
            emitter.node("Concat", &[&counts, &pooled], [("axis", 1.into())])
        }
    }
}

impl Steps {
    fn slice(&self, emitter: &mut Emitter<'_>, places: Range<usize>) -> Value {
        slice(emitter, &self.values, 2, places)
    }

    /// Of each step to the next; of a single step 0.
    fn difference(&self, emitter: &mut Emitter<'_>) -> Self {
        let (values, length) = match self.length {
            1 => (emitter.node("Sub", &[&self.values, &self.values], []), 1),
            length => {
                let (before, after) = (self.slice(emitter, 0..length - 1), self.slice(emitter, 1..length));
                (emitter.node("Sub", &[&after, &before], []), length - 1)
            }
        };
        Self { values, channels: self.channels, length }
    }

    /// The steps that each of nine weights meets, `dilation` apart, with zeros beyond the ends.
    fn taps(&self, emitter: &mut Emitter<'_>, values: &Value, dilation: u32) -> Vec<Value> {
        // Further apart, only the middle weight meets the series.
        let shift = (dilation as usize).min(self.length);
        let margin = (KERNEL_LENGTH / 2 * shift) as i64;
        let pads = emitter.whole(&[0, 0, margin, 0, 0, margin]);
        let padded = emitter.node("Pad", &[values, &pads], []);
        (0..KERNEL_LENGTH)
            .map(|tap| slice(emitter, &padded, 2, tap * shift..tap * shift + self.length))
            .collect()
    }
}

fn slice(emitter: &mut Emitter<'_>, value: &Value, axis: i64, places: Range<usize>) -> Value {
    let [from, to, axes] =
        [places.start as i64, places.end as i64, axis].map(|number| emitter.whole(&[number]));
    emitter.node("Slice", &[value, &from, &to, &axes], [])
}

fn unsqueeze(emitter: &mut Emitter<'_>, value: &Value, axis: i64) -> Value {
    let axes = emitter.whole(&[axis]);
    emitter.node("Unsqueeze", &[value, &axes], [])
}

/// One more term of a sum, in its order.
fn add(emitter: &mut Emitter<'_>, sum: Option<Value>, term: Value) -> Value {
    match sum {
        None => term,
        Some(sum) => emitter.node("Add", &[&sum, &term], []),
    }
}

/// The sum along the last of four axes.
fn sum(emitter: &mut Emitter<'_>, value: &Value) -> Value {
    let axes = emitter.whole(&[3]);
    emitter.node("ReduceSum", &[value, &axes], [("keepdims", 0.into())])
}

fn number_of(emitter: &mut Emitter<'_>, truth: &Value) -> Value {
    emitter.node("Cast", &[truth], [("to", 1.into())])
}

/// 0, 1, 2 and so on.
fn counting(emitter: &mut Emitter<'_>, numbers: Range<usize>) -> Value {
    let numbers: Vec<f32> = numbers.map(|number| number as f32).collect();
    emitter.graph().constant(&[numbers.len()], numbers)
}

fn standard(emitter: &mut Emitter<'_>, scaler: &StandardScaler, features: &Value) -> Value {
    scaled(emitter, features, scaler.means(), scaler.scales())
}

fn scaled(emitter: &mut Emitter<'_>, features: &Value, means: &[f32], scales: &[f32]) -> Value {
    let means = emitter.numbers("means", &[means.len()], means.to_vec());
    let scales = emitter.numbers("scales", &[scales.len()], scales.to_vec());
    let centred = emitter.node("Sub", &[features, &means], []);
    emitter.node("Div", &[&centred, &scales], [])
}

/// Square roots, of which those that are 0 stay so.
fn sparse(emitter: &mut Emitter<'_>, scaler: &SparseScaler, counts: &Value) -> Value {
    let zero = emitter.number(0.0);
    let counts = emitter.node("Max", &[counts, &zero], []);
    let roots = emitter.node("Sqrt", &[&counts], []);
    let none = emitter.node("Equal", &[&roots, &zero], []);
    let scaled = scaled(emitter, &roots, scaler.means(), scaler.scales());
    emitter.node("Where", &[&none, &zero, &scaled], [])
}
