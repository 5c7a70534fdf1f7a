//! The parts of a graph, checked as they come.

use crate::graph::{Node, Origin};
use crate::{Attribute, Data, Dim, Element, Graph, OnnxError, Operator, Value, proto};

impl Graph {
    pub(crate) fn value(&mut self, origin: Origin) -> Value {
        self.values.push(origin);
        Value { index: self.values.len() - 1, graph: self.name.clone() }
    }

    /// The value's place, if it is one of this graph.
    pub(crate) fn own(&mut self, value: &Value, place: impl FnOnce() -> String) -> Option<usize> {
        if std::sync::Arc::ptr_eq(&value.graph, &self.name) {
            return Some(value.index);
        }
        let expected = format!("a value of the graph {:?}", self.name);
        self.fail(place(), &expected, format!("value {} of another graph, {:?}", value.index, value.graph));
        None
    }

    pub(crate) fn tensor(&mut self, origin: Origin, shape: &[usize], data: Data) -> Value {
        let place = || match &origin {
            Origin::Named(name) => format!("initialiser {name:?}"),
            _ => "a constant".to_owned(),
        };
        let count = shape.iter().try_fold(1, |count: usize, size| count.checked_mul(*size));
        if count != Some(data.len()) {
            let count = count.map_or("fewer".to_owned(), |count| count.to_string());
            let expected = format!("{count} elements for the shape {shape:?}");
            self.fail(place(), &expected, data.len().to_string());
        }
        let raw_data = data.to_raw();
        let string_data = match &data {
            Data::String(texts) => texts.iter().map(|text| text.as_bytes().to_vec()).collect(),
            _ => Vec::new(),
        };
        let dims = shape.iter().map(|size| self.size(*size)).collect();
        let data_type = Some(data.element().code());
        let tensor = proto::Tensor { dims, data_type, string_data, name: None, raw_data };
        let value = self.value(origin);
        self.initializers.push((value.index, tensor));
        value
    }

    /// Adds a node that has no outputs yet.
    pub(crate) fn add<'a>(
        &mut self,
        operator: Operator,
        inputs: &[Option<&Value>],
        attributes: impl IntoIterator<Item = (&'a str, Attribute)>,
    ) -> usize {
        let node = self.nodes.len();
        if operator.name.is_empty() {
            self.fail(format!("node {node}"), "the name of an operator", "none".to_owned());
        }
        self.nodes.push(Node { operator, inputs: Vec::new(), attributes: Vec::new(), outputs: Vec::new() });
        let mut indices = Vec::with_capacity(inputs.len());
        for (number, input) in inputs.iter().enumerate() {
            let place = format!("{}: input {number}", self.place(node));
            indices.push(input.and_then(|input| self.own(input, || place)));
        }
        let mut messages: Vec<proto::Attribute> = Vec::new();
        for (name, attribute) in attributes {
            if name.is_empty() || messages.iter().any(|known| known.name() == name) {
                let expected = "each attribute once, under its name";
                self.fail(self.place(node), expected, format!("{name:?}"));
            }
            messages.push(attribute.message(name));
        }
        if let Some(node) = self.nodes.get_mut(node) {
            (node.inputs, node.attributes) = (indices, messages);
        }
        node
    }

    /// The next output of a node.
    pub(crate) fn result(&mut self, node: usize) -> Value {
        let output = self.nodes.get(node).map_or(0, |node| node.outputs.len());
        let value = self.value(Origin::Node { node, output });
        if let Some(node) = self.nodes.get_mut(node) {
            node.outputs.push(value.index);
        }
        value
    }

    /// The type of an input or output.
    pub(crate) fn kind(&mut self, name: &str, element: Element, shape: &[Dim]) -> proto::Type {
        let mut dim = Vec::with_capacity(shape.len());
        for size in shape {
            if *size == Dim::named("") {
                self.fail(format!("{name:?}"), "dimensions with names", format!("{shape:?}"));
            }
            dim.push(match size {
                Dim::Fixed(size) => proto::Dimension { dim_value: Some(self.size(*size)), dim_param: None },
                Dim::Named(name) => proto::Dimension { dim_value: None, dim_param: Some(name.clone()) },
            });
        }
        let shape = Some(proto::Shape { dim });
        proto::Type { tensor: Some(proto::TensorType { elem_type: Some(element.code()), shape }) }
    }

    fn size(&mut self, size: usize) -> i64 {
        i64::try_from(size).unwrap_or_else(|_| {
            self.fail("a shape".to_owned(), "sizes below 2^63", size.to_string());
            0
        })
    }

    /// A node, as messages name it.
    pub(crate) fn place(&self, node: usize) -> String {
        let operator = self.nodes.get(node).map_or("", |node| &node.operator.name);
        format!("node {node} ({operator})")
    }

    /// Remembers what was wrong first.
    pub(crate) fn fail(&mut self, place: String, expected: &str, found: String) {
        let place = format!("graph {:?}: {place}", self.name);
        self.problem.get_or_insert(OnnxError::Graph { place, expected: expected.to_owned(), found });
    }
}
