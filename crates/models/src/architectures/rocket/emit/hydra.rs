//! Kernels that compete.

use brasa_onnx::Value;
use brasa_rocket::{HydraParts, KERNEL_LENGTH};

use super::{Steps, add, number_of, sum, unsqueeze};
use crate::Emitter;

/// Hydra's features `[dilations][series, difference][largest, smallest][groups][kernels]`.
pub(super) fn competition(emitter: &mut Emitter<'_>, parts: &HydraParts, sources: [&Steps; 2]) -> Value {
    let [groups, kernels, each] =
        [parts.groups, parts.kernels, parts.channels_per_group].map(|count| count as usize);
    let mut channels = parts.channel_indices.chunks_exact((groups * each).max(1));
    let mut weights = parts.weights.chunks_exact((groups * kernels * KERNEL_LENGTH).max(1));
    let mut found = Vec::new();
    for (at, &dilation) in parts.dilations.iter().enumerate() {
        for (name, source) in ["series", "difference"].into_iter().zip(sources) {
            let (Some(channels), Some(weights)) = (channels.next(), weights.next()) else { continue };
            let mut inputs: Option<Value> = None;
            for place in 0..each {
                let own: Vec<i64> =
                    channels.iter().skip(place).step_by(each).map(|&channel| i64::from(channel)).collect();
                let own = emitter.gather(&source.values, 1, &own);
                inputs = Some(add(emitter, inputs, own));
            }
            let inputs = inputs.unwrap_or_else(|| source.values.clone());
            let taps = source.taps(emitter, &inputs, dilation);
            let mut response: Option<Value> = None;
            for (tap, values) in taps.iter().enumerate() {
                let own: Vec<f32> = weights.iter().skip(tap).step_by(KERNEL_LENGTH).copied().collect();
                let own = emitter.numbers(&format!("weights.{at}.{name}.{tap}"), &[groups, kernels, 1], own);
                let values = unsqueeze(emitter, values, 2);
                let product = emitter.node("Mul", &[&values, &own], []);
                response = Some(add(emitter, response, product));
            }
            let Some(response) = response else { continue };
            let size = (groups * kernels) as i64;
            let numbers: Vec<i64> = (0..kernels as i64).collect();
            let numbers = emitter.graph().constant(&[kernels, 1], numbers);
            let over = || [("axis", 2.into()), ("keepdims", 1.into())];
            let most =
                emitter.node("ReduceMax", &[&response], [("axes", [2].into()), ("keepdims", 1.into())]);
            let wins =
                [emitter.node("ArgMax", &[&response], over()), emitter.node("ArgMin", &[&response], over())];
            let [largest, smallest] = wins.map(|winner| {
                let takes = emitter.node("Equal", &[&winner, &numbers], []);
                number_of(emitter, &takes)
            });
            let largest = emitter.node("Mul", &[&largest, &most], []);
            for counts in [largest, smallest] {
                let counts = sum(emitter, &counts);
                found.push(emitter.reshape(&counts, &[-1, size]));
            }
        }
    }
    emitter.node("Concat", &found.iter().collect::<Vec<_>>(), [("axis", 1.into())])
}
