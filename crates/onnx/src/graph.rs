//! A graph that is put together a node at a time.

use std::sync::Arc;

use crate::{Attribute, Data, Dim, Element, OnnxError, Value, proto};

/// A model that is being built. Whatever is wrong with a call is told by [`finish`](Self::finish), the first first.
///
/// ```
/// use brasa_onnx::{Dim, Element, Graph, Opset};
///
/// let mut graph = Graph::new("last state of an LSTM");
/// let x = graph.input("input", Element::F32, &[Dim::named("time"), 1.into(), 2.into()]);
/// let w = graph.initializer("weight", &[1, 12, 2], vec![0.5_f32; 24]);
/// let r = graph.initializer("recurrent", &[1, 12, 3], vec![0.5_f32; 36]);
/// let bias = graph.initializer("bias", &[1, 24], vec![0.0_f32; 24]);
/// let inputs = [Some(&x), Some(&w), Some(&r), Some(&bias), None]; // no lengths
/// let outputs = graph.nodes("LSTM", &inputs, [("hidden_size", 3.into())], 2);
/// graph.output("state", &outputs[1], Element::F32, &[1.into(), 1.into(), 3.into()]);
/// let bytes = graph.finish(Opset::V18, "example", "1.0")?;
/// assert!(bytes.len() > 4 * (24 + 36 + 24));
/// # Ok::<(), brasa_onnx::OnnxError>(())
/// ```
#[derive(Debug)]
pub struct Graph {
    pub(crate) name: Arc<str>,
    pub(crate) doc: Option<String>,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) values: Vec<Origin>,
    pub(crate) inputs: Vec<(usize, proto::Type)>,
    pub(crate) initializers: Vec<(usize, proto::Tensor)>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) problem: Option<OnnxError>,
}

/// Where a value comes from, which its name follows from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// The caller named it.
    Named(String),
    /// One of the outputs of a node.
    Node { node: usize, output: usize },
    /// The caller gave it without a name.
    Constant,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub operator: Operator,
    pub inputs: Vec<Option<usize>>,
    pub attributes: Vec<proto::Attribute>,
    pub outputs: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Output {
    pub name: String,
    pub value: usize,
    pub kind: proto::Type,
}

/// What a node computes: an operator of ONNX itself, which its name becomes by `into()`, or one for classical models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    pub(crate) name: String,
    pub(crate) ml: bool,
}

impl Operator {
    /// An operator of the domain `ai.onnx.ml`, such as `TreeEnsembleRegressor`.
    pub fn ml(name: impl Into<String>) -> Self {
        Self { name: name.into(), ml: true }
    }
}

impl From<&str> for Operator {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), ml: false }
    }
}

impl Graph {
    /// An empty graph.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self {
            name: name.as_ref().into(),
            doc: None,
            metadata: Vec::new(),
            values: Vec::new(),
            inputs: Vec::new(),
            initializers: Vec::new(),
            nodes: Vec::new(),
            outputs: Vec::new(),
            problem: None,
        }
    }

    /// Describes the model.
    pub fn doc(&mut self, text: impl Into<String>) {
        self.doc = Some(text.into());
    }

    /// Adds a word about the model for programs; a key once.
    pub fn metadata(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let key = key.into();
        if key.is_empty() || self.metadata.iter().any(|(known, _)| *known == key) {
            self.fail("metadata".to_owned(), "a key that is not used yet", format!("{key:?}"));
        }
        self.metadata.push((key, value.into()));
    }

    /// An input of the model.
    pub fn input(&mut self, name: impl Into<String>, element: Element, shape: &[Dim]) -> Value {
        let name = name.into();
        let kind = self.kind(&name, element, shape);
        let value = self.value(Origin::Named(name));
        self.inputs.push((value.index, kind));
        value
    }

    /// A tensor that is part of the model, such as a weight.
    pub fn initializer(&mut self, name: impl Into<String>, shape: &[usize], data: impl Into<Data>) -> Value {
        self.tensor(Origin::Named(name.into()), shape, data.into())
    }

    /// A tensor that is part of the model, with a name of the graph's choice.
    pub fn constant(&mut self, shape: &[usize], data: impl Into<Data>) -> Value {
        self.tensor(Origin::Constant, shape, data.into())
    }

    /// A list of whole numbers, which many operators take for shapes and axes.
    pub fn constant_i64(&mut self, values: &[i64]) -> Value {
        self.constant(&[values.len()], values)
    }

    /// A single number, of no dimension.
    pub fn constant_f32(&mut self, value: f32) -> Value {
        self.constant(&[], vec![value])
    }

    /// Applies an operator of one output.
    pub fn node<'a>(
        &mut self,
        operator: impl Into<Operator>,
        inputs: &[&Value],
        attributes: impl IntoIterator<Item = (&'a str, Attribute)>,
    ) -> Value {
        let inputs: Vec<_> = inputs.iter().copied().map(Some).collect();
        let node = self.add(operator.into(), &inputs, attributes);
        self.result(node)
    }

    /// Applies an operator, some of whose inputs may be left out, and takes its first `count` outputs.
    pub fn nodes<'a>(
        &mut self,
        operator: impl Into<Operator>,
        inputs: &[Option<&Value>],
        attributes: impl IntoIterator<Item = (&'a str, Attribute)>,
        count: usize,
    ) -> Vec<Value> {
        let node = self.add(operator.into(), inputs, attributes);
        if count == 0 {
            self.fail(self.place(node), "at least one output", "none".to_owned());
        }
        (0..count).map(|_| self.result(node)).collect()
    }

    /// Makes a value an output of the model.
    pub fn output(&mut self, name: impl Into<String>, value: &Value, element: Element, shape: &[Dim]) {
        let name = name.into();
        let kind = self.kind(&name, element, shape);
        if let Some(value) = self.own(value, || format!("output {name:?}")) {
            self.outputs.push(Output { name, value, kind });
        }
    }
}
