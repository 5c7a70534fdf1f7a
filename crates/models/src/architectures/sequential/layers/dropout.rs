//! `dropout P`.

use std::fmt;

use brasa_kernels::dropout;
use burn::module::Module;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, chance};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// `dropout P`: each number to 0 with probability `P`, in training.
#[derive(Debug, Clone, PartialEq)]
pub struct DropoutSpec {
    /// From 0 to below 1.
    pub probability: f64,
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Drop {
    #[module(skip)]
    probability: f64,
}

impl LayerKind for DropoutSpec {
    type Module = Drop;

    const NAMES: &'static [&'static str] = &["dropout"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &[])?;
        words.value(0, "a probability from 0 to below 1", chance).map(|probability| Self { probability })
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<Drop> {
        Ok(Drop { probability: self.probability })
    }
}

impl fmt::Display for DropoutSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dropout {}", self.probability)
    }
}

impl Described for DropoutSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        Ok(before)
    }

    fn cost(&self, _: Shape, _: Shape) -> Cost {
        Cost::default()
    }
}

impl Run for Drop {
    fn run(&self, flow: Flow, draws: Draws) -> Flow {
        match (flow, draws.own()) {
            (Flow::Maps(maps), Some(seed)) => Flow::Maps(dropout(maps, self.probability, seed)),
            (Flow::Flat(rows), Some(seed)) => Flow::Flat(dropout(rows, self.probability, seed)),
            (flow, None) => flow,
        }
    }

    fn emit(&self, _: &mut Emitter<'_>, node: Node) -> Result<Node> {
        Ok(node)
    }
}
