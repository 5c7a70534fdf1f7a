//! `relu`, `mish`, `hard-swish` and the other functions of one number.

use std::fmt;

use brasa_kernels::activation;
use burn::module::Module;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::{Activation, Result};

/// `relu`, `leaky-relu`, `mish`, `gelu`, `silu`, `tanh`, `sigmoid`, `selu`, `relu6`, `hard-sigmoid`, `hard-swish`: a function of
/// each number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationSpec {
    /// The function.
    pub kind: Activation,
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Elementwise {
    #[module(skip)]
    pub(super) kind: Activation,
}

const fn name(kind: Activation) -> &'static str {
    match kind {
        Activation::Relu => "relu",
        Activation::LeakyRelu => "leaky-relu",
        Activation::Mish => "mish",
        Activation::Gelu => "gelu",
        Activation::Silu => "silu",
        Activation::Tanh => "tanh",
        Activation::Sigmoid => "sigmoid",
        Activation::Selu => "selu",
        Activation::Relu6 => "relu6",
        Activation::HardSigmoid => "hard-sigmoid",
        Activation::HardSwish => "hard-swish",
    }
}

impl LayerKind for ActivationSpec {
    type Module = Elementwise;

    const NAMES: &'static [&'static str] = &[
        "relu",
        "leaky-relu",
        "mish",
        "gelu",
        "silu",
        "tanh",
        "sigmoid",
        "selu",
        "relu6",
        "hard-sigmoid",
        "hard-swish",
    ];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &[])?;
        let kind = Activation::ALL.into_iter().find(|kind| name(*kind) == words.kind);
        kind.map(|kind| Self { kind }).ok_or_else(|| "unknown activation".into())
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<Elementwise> {
        Ok(Elementwise { kind: self.kind })
    }
}

impl fmt::Display for ActivationSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name(self.kind))
    }
}

impl Described for ActivationSpec {
    fn role(&self) -> Role {
        Role::Follows
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        Ok(before)
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        Cost { flops: before.len(), ..Cost::default() }
    }
}

impl Run for Elementwise {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        match flow {
            Flow::Maps(maps) => Flow::Maps(activation(maps, self.kind)),
            Flow::Flat(rows) => Flow::Flat(activation(rows, self.kind)),
        }
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        Ok(match node {
            Node::Maps(maps, sides) => Node::Maps(emitter.activation(self.kind, &maps), sides),
            Node::Flat(rows, width) => Node::Flat(emitter.activation(self.kind, &rows), width),
        })
    }
}
