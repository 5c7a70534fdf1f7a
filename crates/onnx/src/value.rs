//! What a graph hands out for its tensors, and the dimensions of these.

use std::sync::Arc;

/// A tensor of a graph: an input, an initialiser, or what a node computes. Cheap to clone; of use only to the graph
/// that gave it.
#[derive(Debug, Clone)]
pub struct Value {
    /// Its place among the graph's values.
    pub(crate) index: usize,
    /// The graph's name; that it is the same one, and not an equal one, tells the graph.
    pub(crate) graph: Arc<str>,
}

/// A dimension of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dim {
    /// The same number for each call.
    Fixed(usize),
    /// Any number; dimensions of the same name are equal.
    Named(String),
}

impl Dim {
    /// A dimension that each call may choose, such as `batch`.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Named(name.into())
    }
}

impl From<usize> for Dim {
    fn from(size: usize) -> Self {
        Self::Fixed(size)
    }
}
