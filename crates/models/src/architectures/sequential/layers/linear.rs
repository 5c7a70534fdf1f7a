//! `linear WIDTH`.

use std::fmt;

use burn::nn::Linear;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, count};
use crate::Result;
use crate::init::Initializer;
use crate::layers::{LinearConfig, linear};
use crate::onnx::{Emitter, Node};

/// `linear WIDTH`; maps are flattened before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinearSpec {
    /// Features that it makes.
    pub width: usize,
}

impl LayerKind for LinearSpec {
    type Module = Linear;

    const NAMES: &'static [&'static str] = &["linear"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &[])?;
        words.value(0, "its width, like `linear 120`", count).map(|width| Self { width })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Linear> {
        LinearConfig::new(before.len(), self.width).init_with(initializer)
    }
}

impl fmt::Display for LinearSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "linear {}", self.width)
    }
}

impl Described for LinearSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, _: Shape) -> std::result::Result<Shape, Misfit> {
        Ok(Shape::Flat(self.width))
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        let (inputs, width) = (before.len(), self.width);
        Cost { parameters: (inputs + 1) * width, flops: 2 * inputs * width + width, size: None }
    }

    fn weights(&self, before: Shape) -> f64 {
        before.len() as f64 * self.width as f64
    }
}

impl Run for Linear {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        Flow::Flat(linear(self, flow.flat()))
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let (features, _) = emitter.flat(node);
        Ok(Node::Flat(emitter.linear(self, &features)?, self.weight.dims()[1]))
    }
}
