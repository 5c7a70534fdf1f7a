//! `first-token`.

use std::fmt;

use burn::module::Module;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// `first-token`: the channels of the first pixel, where a class token stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstTokenSpec;

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct FirstToken;

impl LayerKind for FirstTokenSpec {
    type Module = FirstToken;

    const NAMES: &'static [&'static str] = &["first-token"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &[]).map(|()| Self)
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<FirstToken> {
        Ok(FirstToken)
    }
}

impl fmt::Display for FirstTokenSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("first-token")
    }
}

impl Described for FirstTokenSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        before.maps().map(|[depth, _, _]| Shape::Flat(depth))
    }

    fn cost(&self, _: Shape, _: Shape) -> Cost {
        Cost::default()
    }
}

impl Run for FirstToken {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        match flow {
            Flow::Maps(maps) => {
                let [batch, depth, ..] = maps.dims();
                Flow::Flat(maps.narrow(2, 0, 1).narrow(3, 0, 1).reshape([batch, depth]))
            }
            flat => flat,
        }
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(maps, [depth, ..]) = node else { return Ok(node) };
        let first = emitter.gather(&maps, 2, &[0]);
        let first = emitter.gather(&first, 3, &[0]);
        Ok(Node::Flat(emitter.node("Flatten", &[&first], [("axis", 1.into())]), depth))
    }
}
