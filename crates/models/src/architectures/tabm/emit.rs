//! TabM as nodes of a graph.

use brasa_onnx::Value;

use super::Tabm;
use crate::{Activation, Emitter, ModelError, Result};

impl Tabm {
    /// Its nodes in a graph.
    pub(super) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let columns = emitter.node("Flatten", &[input], [("axis", 1.into())]);
        let mut features = emitter.within("front", |emitter| self.front.emit(emitter, &columns))?;
        let [members, width] = self.adapter.dims();
        if let Some(pieces) = &self.pieces {
            let numbers = emitter.gather(&features, 1, &(0..self.numbers as i64).collect::<Vec<_>>());
            let numbers = emitter.within("pieces", |emitter| pieces.emit(emitter, &numbers))?;
            features = match self.front.others() {
                0 => numbers,
                others => {
                    let first = self.numbers as i64;
                    let rest =
                        emitter.gather(&features, 1, &(first..first + others as i64).collect::<Vec<_>>());
                    emitter.node("Concat", &[&numbers, &rest], [("axis", 1.into())])
                }
            };
        }
        let features = emitter.reshape(&features, &[0, 1, width as i64]);
        let adapter = emitter.parameter("adapter", self.adapter.val())?;
        let mut features = emitter.node("Mul", &[&features, &adapter], []);
        for (layer, linear) in self.hidden.iter().enumerate() {
            features = emitter.within(format!("hidden.{layer}"), |emitter| {
                let weight = emitter.parameter("weight", linear.weight.val())?;
                let sums = emitter.node("MatMul", &[&features, &weight], []);
                let sums = match &linear.bias {
                    Some(bias) => {
                        let bias = emitter.parameter("bias", bias.val())?;
                        emitter.node("Add", &[&sums, &bias], [])
                    }
                    None => sums,
                };
                Ok::<_, ModelError>(emitter.activation(Activation::Relu, &sums))
            })?;
        }
        emitter.within("output", |emitter| {
            let [_, width, outputs] = self.output.weight.dims();
            let features = emitter.reshape(&features, &[0, members as i64, 1, width as i64]);
            let weight = emitter.parameter("weight", self.output.weight.val())?;
            let sums = emitter.node("MatMul", &[&features, &weight], []);
            let sums = emitter.reshape(&sums, &[0, members as i64, outputs as i64]);
            let bias = emitter.parameter("bias", self.output.bias.val())?;
            let sums = emitter.node("Add", &[&sums, &bias], []);
            // The mean over the members, by a product: how `ReduceMean` is told its axes depends on the version.
            let sums = emitter.transpose(&sums, &[0, 2, 1]);
            let share = emitter.numbers("share", &[members, 1], vec![1.0 / members as f32; members]);
            let mean = emitter.node("MatMul", &[&sums, &share], []);
            Ok(emitter.reshape(&mean, &[0, outputs as i64]))
        })
    }
}
