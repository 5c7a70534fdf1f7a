//! The weights of an ONNX file.

mod tensor;
mod typed;
mod wire;

use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;

use crate::finish::LIMIT;
use crate::{Data, Element, OnnxError, Result};

/// A tensor that is part of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Initializer {
    /// Its name, which no other has.
    pub name: String,
    /// Its dimensions; their product, leaving out those that are 0, is within `usize`.
    pub shape: Vec<usize>,
    /// Its elements, as many as the shape says.
    pub data: Data,
}

impl Initializer {
    /// The type of its elements.
    pub fn element(&self) -> Element {
        self.data.element()
    }
}

/// The initialisers of the graph in the bytes of an ONNX file, in the file's order. Those of graphs within nodes are
/// left out, and so are constants that are nodes.
///
/// # Errors
/// [`OnnxError::Malformed`], [`OnnxError::Initializer`] and, for more bytes than an ONNX file may have,
/// [`OnnxError::TooLarge`].
pub fn initializers(bytes: &[u8]) -> Result<Vec<Initializer>> {
    let length = bytes.len() as u64;
    match length <= LIMIT {
        true => read(bytes),
        false => Err(OnnxError::TooLarge { bytes: length, limit: LIMIT }),
    }
}

/// [`initializers`] of a file.
///
/// # Errors
/// As [`initializers`], and [`OnnxError::Io`].
pub fn read_initializers(path: impl AsRef<Path>) -> Result<Vec<Initializer>> {
    let path = path.as_ref();
    let io = |source| OnnxError::Io { file: path.display().to_string(), source };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        // To open a pipe would be to wait for it.
        return Err(io(std::io::Error::new(ErrorKind::InvalidInput, "not a regular file")));
    }
    let known = metadata.len();
    if known > LIMIT {
        return Err(OnnxError::TooLarge { bytes: known, limit: LIMIT });
    }
    // It may have grown since.
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.take(LIMIT + 1).read_to_end(&mut bytes).map_err(io)?;
    match bytes.len() as u64 {
        length if length > LIMIT => Err(OnnxError::TooLarge { bytes: length, limit: LIMIT }),
        _ => read(Bytes::from(bytes)),
    }
}

fn read(bytes: impl prost::bytes::Buf) -> Result<Vec<Initializer>> {
    let model = wire::Model::decode(bytes).map_err(malformed)?;
    if model.graph.is_empty() {
        return Err(OnnxError::Malformed { problem: "it has no graph".to_owned() });
    }
    let (mut found, mut names) = (Vec::new(), HashSet::new());
    // The parts of a message may lie apart.
    for graph in model.graph {
        let graph = wire::Graph::decode(graph).map_err(malformed)?;
        if let Some(sparse) = graph.sparse_initializer.first() {
            let sparse = wire::SparseTensor::decode(sparse.clone()).map_err(malformed)?;
            let values = wire::Tensor::decode(sparse.values.unwrap_or_default()).map_err(malformed)?;
            return Err(tensor::refused(values.name(), "a dense tensor", "a sparse one"));
        }
        for bytes in graph.initializer {
            let initializer = tensor::initializer(wire::Tensor::decode(bytes).map_err(malformed)?)?;
            if !names.insert(initializer.name.clone()) {
                return Err(tensor::refused(&initializer.name, "a name of its own", "one that another has"));
            }
            found.push(initializer);
        }
    }
    Ok(found)
}

fn malformed(error: prost::DecodeError) -> OnnxError {
    OnnxError::Malformed { problem: error.to_string() }
}
