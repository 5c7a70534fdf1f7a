//! `positions`.

use std::fmt;

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use crate::init::{Initializer, Spread};
use crate::onnx::{Emitter, Node};
use crate::{Result, read_back};

/// `positions`: adds a learned vector to each token, so that attention knows where it stands
/// ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionsSpec;

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Positions {
    /// `[1, tokens, channels]`, as in PyTorch.
    positions: Param<Tensor<3>>,
}

/// Deviation of the first vectors, as in the paper's code.
const DEVIATION: f64 = 0.02;

impl LayerKind for PositionsSpec {
    type Module = Positions;

    const NAMES: &'static [&'static str] = &["positions"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &[]).map(|()| Self)
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Positions> {
        let values = initializer.draw(Spread::Normal(DEVIATION), before.len());
        Ok(Positions { positions: initializer.param(values, [1, before.places(), before.depth()]) })
    }
}

impl fmt::Display for PositionsSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("positions")
    }
}

impl Described for PositionsSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        before.maps().map(Shape::Maps)
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        Cost { parameters: before.len(), flops: before.len(), size: None }
    }

    fn weights(&self, before: Shape) -> f64 {
        before.len() as f64
    }

    fn torch_names(&self) -> &'static [(&'static str, &'static str)] {
        &[("positions", "")]
    }
}

impl Run for Positions {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| {
            let [_, depth, height, width] = maps.dims();
            maps + self.positions.val().swap_dims(1, 2).reshape([1, depth, height, width])
        })
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(maps, sides) = node else { return Ok(node) };
        let turned = read_back(self.positions.val().swap_dims(1, 2), "the weights")?;
        let vectors = emitter.numbers("positions_turned", &sides, turned);
        Ok(Node::Maps(emitter.node("Add", &[&maps, &vectors], []), sides))
    }
}
