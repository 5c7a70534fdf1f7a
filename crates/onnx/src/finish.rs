//! From a graph to the bytes of its file.

use prost::Message;

use crate::graph::Node;
use crate::names::Names;
use crate::{Graph, OnnxError, Result, proto};

/// No message of Protocol Buffers may be larger.
pub(crate) const LIMIT: u64 = (1 << 31) - 1;

/// The set of operators that a model is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opset {
    /// Version 17, of June 2022.
    V17,
    /// Version 18, of December 2022.
    V18,
}

impl Opset {
    fn version(self) -> i64 {
        match self {
            Self::V17 => 17,
            Self::V18 => 18,
        }
    }
}

/// The version of the format itself that came with both sets of operators.
const IR_VERSION: i64 = 8;
/// The operators for classical models have versions of their own.
const ML_DOMAIN: &str = "ai.onnx.ml";
/// The one that came with both sets of operators.
const ML_VERSION: i64 = 3;

impl Graph {
    /// The bytes of the ONNX file; equal calls give equal bytes. `producer` and `version` say what wrote it.
    ///
    /// # Errors
    /// [`OnnxError::Graph`] for the first call that was wrong, names that are empty or taken, and a graph without a name
    /// or outputs; [`OnnxError::TooLarge`].
    pub fn finish(mut self, opset: Opset, producer: &str, version: &str) -> Result<Vec<u8>> {
        if self.name.is_empty() {
            self.fail("its name".to_owned(), "some", "none".to_owned());
        }
        if self.outputs.is_empty() {
            self.fail("outputs".to_owned(), "at least one", "none".to_owned());
        }
        let names = self.names();
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        encode(&self.model(names, opset, producer, version), LIMIT)
    }

    fn model(self, names: Names, opset: Opset, producer: &str, version: &str) -> proto::Model {
        let set = |domain: &str, version| proto::OperatorSetId {
            domain: Some(domain.to_owned()),
            version: Some(version),
        };
        let mut sets = vec![set("", opset.version())];
        if self.nodes.iter().any(|node| node.operator.ml) {
            sets.push(set(ML_DOMAIN, ML_VERSION));
        }
        let entry = |(key, value): &(String, String)| proto::StringStringEntry {
            key: Some(key.clone()),
            value: Some(value.clone()),
        };
        proto::Model {
            ir_version: Some(IR_VERSION),
            producer_name: Some(producer.to_owned()),
            producer_version: Some(version.to_owned()),
            doc_string: self.doc.clone(),
            metadata_props: self.metadata.iter().map(entry).collect(),
            opset_import: sets,
            graph: Some(self.message(names)),
        }
    }

    fn message(self, names: Names) -> proto::Graph {
        let name_of = |value: usize| names.values.get(value).cloned().unwrap_or_default();
        let info = |name, kind| proto::ValueInfo { name: Some(name), kind: Some(kind) };
        let mut nodes = Vec::with_capacity(self.nodes.len() + names.copies.len());
        for (index, node) in self.nodes.iter().enumerate() {
            nodes.push(message(node, self.node_name(index), name_of));
        }
        for (value, output) in &names.copies {
            nodes.push(proto::Node {
                input: vec![name_of(*value)],
                output: vec![output.clone()],
                name: Some(format!("Identity_{}", nodes.len())),
                op_type: Some("Identity".to_owned()),
                ..proto::Node::default()
            });
        }
        let name = self.name.to_string();
        let initializers = self.initializers.into_iter();
        let initializer =
            initializers.map(|(value, tensor)| proto::Tensor { name: Some(name_of(value)), ..tensor });
        proto::Graph {
            node: nodes,
            name: Some(name),
            initializer: initializer.collect(),
            input: self.inputs.into_iter().map(|(value, kind)| info(name_of(value), kind)).collect(),
            output: self.outputs.into_iter().map(|output| info(output.name, output.kind)).collect(),
        }
    }
}

fn message(node: &Node, name: String, name_of: impl Fn(usize) -> String) -> proto::Node {
    proto::Node {
        // An input that is left out has an empty name.
        input: node.inputs.iter().map(|input| input.map(&name_of).unwrap_or_default()).collect(),
        output: node.outputs.iter().copied().map(name_of).collect(),
        name: Some(name),
        op_type: Some(node.operator.name.clone()),
        attribute: node.attributes.clone(),
        domain: node.operator.ml.then(|| ML_DOMAIN.to_owned()),
    }
}

fn encode(model: &proto::Model, limit: u64) -> Result<Vec<u8>> {
    let bytes = model.encoded_len() as u64;
    match bytes <= limit {
        true => Ok(model.encode_to_vec()),
        false => Err(OnnxError::TooLarge { bytes, limit }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_of_more_bytes_than_a_file_may_have_is_refused() {
        let model = proto::Model { doc_string: Some("a".repeat(100)), ..proto::Model::default() };
        let bytes = model.encoded_len() as u64;
        assert!(encode(&model, bytes).is_ok());
        assert!(matches!(encode(&model, bytes - 1), Err(OnnxError::TooLarge { bytes: 102, limit: 101 })));
    }
}
