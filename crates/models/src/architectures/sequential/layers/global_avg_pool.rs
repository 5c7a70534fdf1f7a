//! `global-avg-pool`.

use std::fmt;

use brasa_kernels::global_avg_pool;
use burn::module::Module;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// `global-avg-pool`: the mean of each map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalAvgPoolSpec;

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Means;

impl LayerKind for GlobalAvgPoolSpec {
    type Module = Means;

    const NAMES: &'static [&'static str] = &["global-avg-pool"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &[]).map(|()| Self)
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<Means> {
        Ok(Means)
    }
}

impl fmt::Display for GlobalAvgPoolSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("global-avg-pool")
    }
}

impl Described for GlobalAvgPoolSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        before.maps().map(|[depth, _, _]| Shape::Flat(depth))
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        Cost { flops: before.len(), ..Cost::default() }
    }
}

impl Run for Means {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        match flow {
            Flow::Maps(maps) => Flow::Flat(global_avg_pool(maps)),
            flat => flat,
        }
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(maps, [depth, ..]) = node else { return Ok(node) };
        let means = emitter.node("GlobalAveragePool", &[&maps], []);
        Ok(Node::Flat(emitter.node("Flatten", &[&means], [("axis", 1.into())]), depth))
    }
}
