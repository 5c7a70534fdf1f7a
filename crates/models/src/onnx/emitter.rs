//! What layers write their nodes with.

use std::fmt::Display;

use brasa_onnx::{Attribute, Graph, Int8, Value};
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::weights::{WeightType, becomes_int8};
use crate::{Activation, Result, read_back};

/// A graph that is being written, and whose layer's turn it is.
#[derive(Debug)]
pub struct Emitter<'a> {
    graph: &'a mut Graph,
    weights: WeightType,
    path: Vec<String>,
}

/// What flows between two layers of a graph.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// `[batch, channels, height, width]`.
    Maps(Value, [usize; 3]),
    /// `[batch, features]`.
    Flat(Value, usize),
}

impl Node {
    /// Another value of the same shape.
    pub(crate) fn map(self, work: impl FnOnce(&Value) -> Result<Value>) -> Result<Self> {
        match self {
            Self::Maps(maps, sides) => Ok(Self::Maps(work(&maps)?, sides)),
            Self::Flat(rows, width) => Ok(Self::Flat(work(&rows)?, width)),
        }
    }

    /// With another value.
    pub(crate) fn with(&self, value: Value) -> Self {
        match self {
            Self::Maps(_, sides) => Self::Maps(value, *sides),
            Self::Flat(_, width) => Self::Flat(value, *width),
        }
    }
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(graph: &'a mut Graph, weights: WeightType) -> Self {
        Self { graph, weights, path: Vec::new() }
    }

    /// `work` on a part of the network that is called so.
    pub(crate) fn within<T>(&mut self, name: impl Display, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(name.to_string());
        let done = work(self);
        self.path.pop();
        done
    }

    /// The numbers of a parameter, under its name.
    pub(crate) fn parameter<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> Result<Value> {
        let shape = tensor.dims();
        let numbers = read_back(tensor, "the weights")?;
        Ok(self.weights(name, &shape, numbers))
    }

    /// Numbers that were learnt, under a name, as the type of the weights has them.
    pub(crate) fn weights(&mut self, name: &str, shape: &[usize], numbers: Vec<f32>) -> Value {
        match self.weights == WeightType::Int8 && becomes_int8(shape) {
            true => {
                let name = self.named(name);
                self.graph.initializer_int8(name, &Int8::of(shape, &numbers))
            }
            false => self.numbers(name, shape, numbers),
        }
    }

    /// The name of a tensor of the part.
    fn named(&self, name: &str) -> String {
        self.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".")
    }

    /// Numbers that belong to the part, under a name.
    pub(crate) fn numbers(&mut self, name: &str, shape: &[usize], numbers: Vec<f32>) -> Value {
        let name = self.named(name);
        self.graph.initializer(name, shape, numbers)
    }

    /// A single number.
    pub(crate) fn number(&mut self, number: f32) -> Value {
        self.graph.constant_f32(number)
    }

    /// Whole numbers in a row: shapes, axes, places.
    pub(crate) fn whole(&mut self, numbers: &[i64]) -> Value {
        self.graph.constant_i64(numbers)
    }

    pub(crate) fn node<const N: usize>(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: [(&str, Attribute); N],
    ) -> Value {
        self.graph.node(operator, inputs, attributes)
    }

    /// The first output of an operator that may have several, and inputs that are left out.
    pub(crate) fn first_of(
        &mut self,
        operator: &str,
        inputs: &[Option<&Value>],
        attributes: Vec<(&str, Attribute)>,
    ) -> Value {
        let mut outputs = self.graph.nodes(operator, inputs, attributes, 1);
        outputs.swap_remove(0)
    }

    /// The graph, for what these helpers do not have.
    pub(crate) fn graph(&mut self) -> &mut Graph {
        self.graph
    }

    pub(crate) fn reshape(&mut self, value: &Value, shape: &[i64]) -> Value {
        let shape = self.whole(shape);
        self.node("Reshape", &[value, &shape], [])
    }

    pub(crate) fn transpose(&mut self, value: &Value, axes: &[i64]) -> Value {
        self.node("Transpose", &[value], [("perm", axes.into())])
    }

    /// The entries at `places` of an axis.
    pub(crate) fn gather(&mut self, value: &Value, axis: i64, places: &[i64]) -> Value {
        let places = self.whole(places);
        self.node("Gather", &[value, &places], [("axis", axis.into())])
    }

    /// `node` as a row of features.
    pub(crate) fn flat(&mut self, node: Node) -> (Value, usize) {
        match node {
            Node::Maps(maps, sides) => {
                (self.node("Flatten", &[&maps], [("axis", 1.into())]), sides.iter().product())
            }
            Node::Flat(rows, width) => (rows, width),
        }
    }

    /// A linear layer, its weight as PyTorch lays it out: who reads the file as weights finds them as everywhere.
    pub(crate) fn linear(&mut self, linear: &Linear, features: &Value) -> Result<Value> {
        let weight = self.parameter("weight", linear.weight.val().transpose())?;
        let bias = linear.bias.as_ref().map(|bias| self.parameter("bias", bias.val())).transpose()?;
        let inputs: Vec<&Value> = [features, &weight].into_iter().chain(bias.as_ref()).collect();
        Ok(self.node("Gemm", &inputs, [("transB", 1.into())]))
    }

    /// A function of each number.
    pub(crate) fn activation(&mut self, kind: Activation, x: &Value) -> Value {
        match kind {
            Activation::Relu => self.node("Relu", &[x], []),
            Activation::LeakyRelu => self.node("LeakyRelu", &[x], [("alpha", Attribute::Float(0.01))]),
            Activation::Tanh => self.node("Tanh", &[x], []),
            Activation::Sigmoid => self.node("Sigmoid", &[x], []),
            Activation::Selu => {
                let (alpha, gamma) = (1.673_263_2, 1.050_701);
                self.node(
                    "Selu",
                    &[x],
                    [("alpha", Attribute::Float(alpha)), ("gamma", Attribute::Float(gamma))],
                )
            }
            Activation::HardSigmoid => {
                let (alpha, beta) = (Attribute::Float(1.0 / 6.0), Attribute::Float(0.5));
                self.node("HardSigmoid", &[x], [("alpha", alpha), ("beta", beta)])
            }
            Activation::HardSwish => self.node("HardSwish", &[x], []),
            Activation::Relu6 => {
                let (least, most) = (self.number(0.0), self.number(6.0));
                self.node("Clip", &[x, &least, &most], [])
            }
            // These came into the standard later than what most runtimes read.
            Activation::Silu => {
                let gate = self.node("Sigmoid", &[x], []);
                self.node("Mul", &[x, &gate], [])
            }
            Activation::Mish => {
                let soft = self.node("Softplus", &[x], []);
                let gate = self.node("Tanh", &[&soft], []);
                self.node("Mul", &[x, &gate], [])
            }
            Activation::Gelu => {
                let root = self.number(std::f32::consts::FRAC_1_SQRT_2);
                let scaled = self.node("Mul", &[x, &root], []);
                let error = self.node("Erf", &[&scaled], []);
                let (one, half) = (self.number(1.0), self.number(0.5));
                let share = self.node("Add", &[&error, &one], []);
                let both = self.node("Mul", &[x, &share], []);
                self.node("Mul", &[&both, &half], [])
            }
        }
    }
}
