//! `layer-norm`.

use std::fmt;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, positive};
use crate::Result;
use crate::init::Initializer;
use crate::layers::{LayerNorm, LayerNormConfig};
use crate::onnx::{Emitter, Node};

/// `layer-norm [eps=1e-6]`: the channels of each pixel, or the features of a row, to mean 0 and deviation 1
/// ([Ba et al. 2016](https://arxiv.org/abs/1607.06450)), as ConvNeXt and transformers have it.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerNormSpec {
    /// What is added to a variance before its root is taken.
    pub epsilon: f64,
}

/// Of the papers' code; PyTorch's default is 1e-5.
const EPSILON: f64 = 1e-6;

impl LayerKind for LayerNormSpec {
    type Module = LayerNorm;

    const NAMES: &'static [&'static str] = &["layer-norm"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &["eps"])?;
        words.option("eps", EPSILON, "a number above 0", positive).map(|epsilon| Self { epsilon })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<LayerNorm> {
        LayerNormConfig::new(before.depth()).with_epsilon(self.epsilon).init(initializer.device())
    }
}

impl fmt::Display for LayerNormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("layer-norm")?;
        if self.epsilon != EPSILON {
            write!(f, " eps={}", self.epsilon)?;
        }
        Ok(())
    }
}

impl Described for LayerNormSpec {
    fn role(&self) -> Role {
        Role::Follows
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        Ok(before)
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        // As for group norm.
        Cost { parameters: 2 * before.depth(), flops: 7 * before.len(), size: None }
    }
}

impl Run for LayerNorm {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        match flow {
            Flow::Maps(maps) => Flow::Maps(self.forward(maps)),
            Flow::Flat(rows) => Flow::Flat(self.forward(rows)),
        }
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        match node {
            Node::Flat(rows, width) => Ok(Node::Flat(self.emit(emitter, &rows)?, width)),
            Node::Maps(maps, sides) => {
                // The standard's is over the last axis.
                let last = emitter.transpose(&maps, &[0, 2, 3, 1]);
                let normed = self.emit(emitter, &last)?;
                Ok(Node::Maps(emitter.transpose(&normed, &[0, 3, 1, 2]), sides))
            }
        }
    }
}
