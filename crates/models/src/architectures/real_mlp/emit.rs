//! RealMLP as nodes of a graph.

use brasa_onnx::Value;
use burn::tensor::Tensor;

use super::RealMlp;
use super::front::{Front, Periodic};
use crate::{Emitter, Result, read_back};

fn places(columns: &[usize]) -> Vec<i64> {
    columns.iter().map(|&column| column as i64).collect()
}

impl RealMlp {
    /// Its nodes in a graph.
    pub(super) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let columns = emitter.node("Flatten", &[input], [("axis", 1.into())]);
        let mut features = emitter.within("front", |emitter| self.front.emit(emitter, &columns))?;
        let scale = emitter.parameter("scale", self.scale.val())?;
        features = emitter.node("Mul", &[&features, &scale], []);
        for (layer, block) in self.hidden.iter().enumerate() {
            features = emitter.within(format!("hidden.{layer}"), |emitter| {
                let sums = emitter.within("linear", |emitter| emitter.linear(&block.linear, &features))?;
                let bent = emitter.activation(self.activation, &sums);
                let slope = emitter.parameter("slope", block.slope.val())?;
                let more = emitter.node("Sub", &[&bent, &sums], []);
                let more = emitter.node("Mul", &[&more, &slope], []);
                Ok::<_, crate::ModelError>(emitter.node("Add", &[&sums, &more], []))
            })?;
        }
        let outputs = emitter.within("output", |emitter| emitter.linear(&self.output, &features))?;
        if !self.bounded {
            return Ok(outputs);
        }
        let least = emitter.parameter("least", self.least.value())?;
        let greatest = emitter.parameter("greatest", self.greatest.value())?;
        let outputs = emitter.node("Max", &[&outputs, &least], []);
        Ok(emitter.node("Min", &[&outputs, &greatest], []))
    }
}

impl Front {
    /// Its nodes in a graph.
    pub(in super::super) fn emit(&self, emitter: &mut Emitter<'_>, columns: &Value) -> Result<Value> {
        let mut parts = Vec::new();
        if !self.layout.numbers.is_empty() {
            let numbers = emitter.gather(columns, 1, &places(&self.layout.numbers));
            if let Some(periodic) = &self.periodic {
                parts.push(emitter.within("periodic", |emitter| periodic.emit(emitter, &numbers))?);
            }
            parts.push(numbers);
        }
        if let Some(indicators) = self.emit_indicators(emitter, columns)? {
            parts.push(indicators);
        }
        if let Some(vectors) = &self.vectors {
            let (many, levels): (Vec<_>, Vec<_>) = self.layout.many.iter().copied().unzip();
            let starts = levels.iter().scan(0, |start, levels| {
                *start += levels + 1;
                Some((*start - levels - 1) as i64)
            });
            let starts = starts.collect::<Vec<_>>();
            let starts = emitter.whole(&starts);
            let ids = emitter.gather(columns, 1, &places(&many));
            let ids = emitter.node("Cast", &[&ids], [("to", 7.into())]);
            let ids = emitter.node("Add", &[&ids, &starts], []);
            let table = emitter.parameter("vectors", vectors.val())?;
            let vectors = emitter.node("Gather", &[&table, &ids], [("axis", 0.into())]);
            parts.push(emitter.node("Flatten", &[&vectors], [("axis", 1.into())]));
        }
        Ok(match parts.len() {
            1 => parts.swap_remove(0),
            _ => emitter.node("Concat", &parts.iter().collect::<Vec<_>>(), [("axis", 1.into())]),
        })
    }

    fn emit_indicators(&self, emitter: &mut Emitter<'_>, columns: &Value) -> Result<Option<Value>> {
        let mut parts = Vec::new();
        if !self.layout.pairs.is_empty() {
            // Of 0, 1, 2 it makes 0, 1, -1.
            let codes = emitter.gather(columns, 1, &places(&self.layout.pairs));
            let (factor, more) = (emitter.number(-1.5), emitter.number(2.5));
            let line = emitter.node("Mul", &[&codes, &factor], []);
            let line = emitter.node("Add", &[&line, &more], []);
            parts.push(emitter.node("Mul", &[&codes, &line], []));
        }
        if !self.layout.few.is_empty() {
            let few = &self.layout.few;
            let chosen: Vec<i64> =
                few.iter().flat_map(|&(column, levels)| std::iter::repeat_n(column as i64, levels)).collect();
            let codes: Vec<f32> =
                few.iter().flat_map(|&(_, levels)| (1..=levels).map(|level| level as f32)).collect();
            let codes = emitter.numbers("codes", &[codes.len()], codes);
            let chosen = emitter.gather(columns, 1, &chosen);
            let equal = emitter.node("Equal", &[&chosen, &codes], []);
            parts.push(emitter.node("Cast", &[&equal], [("to", 1.into())]));
        }
        let joined = match parts.len() {
            0 => return Ok(None),
            1 => parts.swap_remove(0),
            _ => emitter.node("Concat", &parts.iter().collect::<Vec<_>>(), [("axis", 1.into())]),
        };
        let centre = emitter.parameter("centre", self.centre.value())?;
        let factor = emitter.parameter("factor", self.factor.value())?;
        let scaled = emitter.node("Sub", &[&joined, &centre], []);
        let scaled = emitter.node("Mul", &[&scaled, &factor], []);
        let square = emitter.node("Mul", &[&scaled, &scaled], []);
        let (ninth, one) = (emitter.number(1.0 / 9.0), emitter.number(1.0));
        let square = emitter.node("Mul", &[&square, &ninth], []);
        let square = emitter.node("Add", &[&square, &one], []);
        let root = emitter.node("Sqrt", &[&square], []);
        Ok(Some(emitter.node("Div", &[&scaled, &root], [])))
    }
}

impl Periodic {
    fn emit(&self, emitter: &mut Emitter<'_>, numbers: &Value) -> Result<Value> {
        let [features, dims, waves] = self.weight.dims();
        let turns = self.frequency.val().mul_scalar(std::f64::consts::TAU);
        let frequency = emitter.parameter("frequency_in_radians", turns)?;
        let phase = emitter.parameter("phase", self.phase.val())?;
        let numbers = emitter.reshape(numbers, &[0, features as i64, 1]);
        let angle = emitter.node("Mul", &[&numbers, &frequency], []);
        let angle = emitter.node("Add", &[&angle, &phase], []);
        let cosine = emitter.node("Cos", &[&angle], []);
        let cosine = emitter.reshape(&cosine, &[0, features as i64, 1, waves as i64]);
        let turned: Tensor<3> = self.weight.val().swap_dims(1, 2);
        let weight = read_back(turned, "the weights")?;
        let weight = emitter.numbers("weight_turned", &[features, waves, dims], weight);
        let sums = emitter.node("MatMul", &[&cosine, &weight], []);
        let sums = emitter.reshape(&sums, &[0, features as i64, dims as i64]);
        let bias = emitter.parameter("bias", self.bias.val())?;
        let sums = emitter.node("Add", &[&sums, &bias], []);
        Ok(emitter.node("Flatten", &[&sums], [("axis", 1.into())]))
    }
}
