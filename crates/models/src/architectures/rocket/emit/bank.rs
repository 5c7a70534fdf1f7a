//! The 84 kernels at their dilations, and what is pooled of them.

use brasa_onnx::Value;
use brasa_rocket::{KERNEL_LENGTH, KERNELS, KernelParts, MultiRocket, TRIPLES};

use super::{Steps, add, counting, number_of, slice, sum, unsqueeze};
use crate::Emitter;

/// What is made of the steps of a convolution and a bias.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    Share,
    Longest,
    Mean,
    MeanPlace,
}

/// The features of both banks, `[4][biases]` of the series, then of its difference.
pub(super) fn pools(
    emitter: &mut Emitter<'_>,
    multi: &MultiRocket,
    [series, difference]: [&Steps; 2],
) -> Value {
    let all = [Operator::Share, Operator::Longest, Operator::Mean, Operator::MeanPlace];
    let parts = multi.parts();
    let first = emitter.within("series", |emitter| bank(emitter, &parts.series, series, &all));
    let second = emitter.within("difference", |emitter| bank(emitter, &parts.difference, difference, &all));
    emitter.node("Concat", &[&first, &second], [("axis", 1.into())])
}

/// The features `[operators][biases]` of the kernels of a bank.
pub(super) fn bank(
    emitter: &mut Emitter<'_>,
    bank: &KernelParts,
    series: &Steps,
    operators: &[Operator],
) -> Value {
    // Features as they come, and where each belongs.
    let (mut found, mut places) = (vec![Vec::new(); operators.len()], Vec::new());
    let mut start = 0;
    for (at, (&dilation, &count)) in bank.dilations.iter().zip(&bank.features_per_dilation).enumerate() {
        let count = count as usize;
        let convolved = convolved(emitter, bank, series, at, dilation);
        for kernels in kernels_alike(bank, at, series.length) {
            let Some(pooled) = kernels.first().map(|&kernel| bank.pooled(at, kernel, series.length)) else {
                continue;
            };
            let features: Vec<usize> = kernels
                .iter()
                .flat_map(|kernel| start + kernel * count..start + (kernel + 1) * count)
                .collect();
            let biases = features.iter().filter_map(|&feature| bank.biases.get(feature).copied()).collect();
            let biases =
                emitter.numbers(&format!("biases.{at}.{}", places.len()), &[kernels.len(), count, 1], biases);
            let values = match kernels.len() {
                KERNELS => convolved.clone(),
                _ => emitter.gather(
                    &convolved,
                    1,
                    &kernels.iter().map(|&kernel| kernel as i64).collect::<Vec<_>>(),
                ),
            };
            let values = if pooled == (0..series.length) {
                values
            } else {
                slice(emitter, &values, 2, pooled.clone())
            };
            let values = unsqueeze(emitter, &values, 2);
            let pools = Pools::of(emitter, values, biases, pooled.len());
            for (found, operator) in found.iter_mut().zip(operators) {
                let value = pools.operator(emitter, *operator);
                found.push(emitter.reshape(&value, &[-1, features.len() as i64]));
            }
            places.extend(features);
        }
        start += count * KERNELS;
    }
    // The place of each feature among those that came.
    let mut order: Vec<(usize, i64)> = places.into_iter().zip(0..).collect();
    order.sort_unstable();
    let order: Vec<i64> = order.into_iter().map(|(_, at)| at).collect();
    let found: Vec<Value> = found
        .iter()
        .map(|found| {
            let all = emitter.node("Concat", &found.iter().collect::<Vec<_>>(), [("axis", 1.into())]);
            emitter.gather(&all, 1, &order)
        })
        .collect();
    emitter.node("Concat", &found.iter().collect::<Vec<_>>(), [("axis", 1.into())])
}

/// Kernels that are pooled over the same steps: all, or every other one and the others.
fn kernels_alike(bank: &KernelParts, at: usize, length: usize) -> Vec<Vec<usize>> {
    match bank.pooled(at, 0, length) == bank.pooled(at, 1, length) {
        true => vec![(0..KERNELS).collect()],
        false => (0..2).map(|first| (first..KERNELS).step_by(2).collect()).collect(),
    }
}

/// The 84 kernels at one dilation, each over the sum of its channels: `[batch, 84, steps]`.
fn convolved(
    emitter: &mut Emitter<'_>,
    bank: &KernelParts,
    series: &Steps,
    at: usize,
    dilation: u32,
) -> Value {
    let taps = series.taps(emitter, &series.values, dilation);
    let mut sums: Option<Value> = None;
    for tap in &taps {
        sums = Some(match sums {
            None => emitter.node("Neg", &[tap], []),
            Some(sum) => emitter.node("Sub", &[&sum, tap], []),
        });
    }
    let sums = sums.unwrap_or_else(|| series.values.clone());
    let three = emitter.number(3.0);
    let taps: Vec<Value> = taps.iter().map(|tap| unsqueeze(emitter, tap, 2)).collect();
    let taps = emitter.node("Concat", &taps.iter().collect::<Vec<_>>(), [("axis", 2.into())]);
    let tripled = emitter.node("Mul", &[&taps, &three], []);
    let rows = (series.channels * KERNEL_LENGTH) as i64;
    let tripled = emitter.reshape(&tripled, &[-1, rows, series.length as i64]);
    let channels: Vec<&[u32]> = (0..KERNELS).map(|kernel| bank.channels_of(at, kernel)).collect();
    let most = channels.iter().map(|channels| channels.len()).max().unwrap_or(0);
    let mut output: Option<Value> = None;
    for place in 0..most {
        let channel: Vec<Option<u32>> =
            channels.iter().map(|channels| channels.get(place).copied()).collect();
        let row: Vec<i64> = channel.iter().map(|channel| i64::from(channel.unwrap_or(0))).collect();
        let mut term = emitter.gather(&sums, 1, &row);
        for corner in 0..3 {
            let tap = row
                .iter()
                .zip(TRIPLES)
                .map(|(row, triple)| row * KERNEL_LENGTH as i64 + triple[corner] as i64);
            let values = emitter.gather(&tripled, 1, &tap.collect::<Vec<_>>());
            term = emitter.node("Add", &[&term, &values], []);
        }
        if channel.iter().any(Option::is_none) {
            // Kernels of fewer channels add nothing.
            let adds =
                channel.iter().map(|channel| f32::from(u8::from(channel.is_some()))).collect::<Vec<_>>();
            let adds = emitter.graph().constant(&[KERNELS, 1], adds);
            term = emitter.node("Mul", &[&term, &adds], []);
        }
        output = Some(add(emitter, output, term));
    }
    output.unwrap_or(sums)
}

/// Values `[batch, kernels, 1, steps]` beside biases `[kernels, biases, 1]`.
struct Pools {
    values: Value,
    biases: Value,
    steps: usize,
    /// 1 where a value is above its bias, else 0.
    above: Value,
    /// How often it is.
    count: Value,
}

impl Pools {
    fn of(emitter: &mut Emitter<'_>, values: Value, biases: Value, steps: usize) -> Self {
        let above = emitter.node("Greater", &[&values, &biases], []);
        let above = number_of(emitter, &above);
        let count = sum(emitter, &above);
        Self { values, biases, steps, above, count }
    }

    fn operator(&self, emitter: &mut Emitter<'_>, operator: Operator) -> Value {
        match operator {
            Operator::Share => {
                let steps = emitter.number(self.steps as f32);
                emitter.node("Div", &[&self.count, &steps], [])
            }
            Operator::Longest => self.longest(emitter),
            Operator::Mean => {
                let both = emitter.node("Add", &[&self.values, &self.biases], []);
                self.mean(emitter, &both, 0.0)
            }
            Operator::MeanPlace => {
                let places = counting(emitter, 0..self.steps);
                self.mean(emitter, &places, -1.0)
            }
        }
    }

    /// The mean of `numbers` where values are above their bias, or `none`.
    fn mean(&self, emitter: &mut Emitter<'_>, numbers: &Value, none: f32) -> Value {
        let numbers = emitter.node("Mul", &[&self.above, numbers], []);
        let total = sum(emitter, &numbers);
        let [zero, one, none] = [0.0, 1.0, none].map(|number| emitter.number(number));
        let some = emitter.node("Greater", &[&self.count, &zero], []);
        let count = emitter.node("Max", &[&self.count, &one], []);
        let mean = emitter.node("Div", &[&total, &count], []);
        emitter.node("Where", &[&some, &mean, &none], [])
    }

    /// The longest distance of two steps below the bias, or of one and an end.
    fn longest(&self, emitter: &mut Emitter<'_>) -> Value {
        if self.steps < 2 {
            return emitter.node("Sub", &[&self.count, &self.count], []);
        }
        let below = emitter.node("Less", &[&self.values, &self.biases], []);
        let below = number_of(emitter, &below);
        let places = counting(emitter, 0..self.steps);
        let mut last = emitter.node("Mul", &[&below, &places], []);
        // The last step below the bias so far: maxima over 2, 4, 8 and more steps.
        let mut reach = 1;
        while reach < self.steps {
            let before = slice(emitter, &last, 3, 0..self.steps - reach);
            let pads = emitter.whole(&[0, 0, 0, reach as i64, 0, 0, 0, 0]);
            let before = emitter.node("Pad", &[&before, &pads], []);
            last = emitter.node("Max", &[&last, &before], []);
            reach *= 2;
        }
        let last = slice(emitter, &last, 3, 0..self.steps - 1);
        let places = counting(emitter, 1..self.steps);
        let distance = emitter.node("Sub", &[&places, &last], []);
        emitter.node("ReduceMax", &[&distance], [("axes", [3].into()), ("keepdims", 0.into())])
    }
}
