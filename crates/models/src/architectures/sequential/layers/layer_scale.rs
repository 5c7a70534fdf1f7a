//! `layer-scale FIRST`.

use std::fmt;

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, positive};
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::{Result, TorchLayout, read_back};

/// `layer-scale FIRST`: each channel times a learned number, which begins as `FIRST`
/// ([Touvron et al. 2021](https://arxiv.org/abs/2103.17239)).
#[derive(Debug, Clone, PartialEq)]
pub struct LayerScaleSpec {
    /// What the numbers begin with.
    pub first: f64,
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Scale {
    /// `[channels]`.
    scale: Param<Tensor<1>>,
}

impl LayerKind for LayerScaleSpec {
    type Module = Scale;

    const NAMES: &'static [&'static str] = &["layer-scale"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &[])?;
        words.value(0, "what it begins with, like `layer-scale 1e-6`", positive).map(|first| Self { first })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Scale> {
        let channels = before.depth();
        Ok(Scale { scale: initializer.param(vec![self.first as f32; channels], [channels]) })
    }
}

impl fmt::Display for LayerScaleSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer-scale {}", self.first)
    }
}

impl Described for LayerScaleSpec {
    fn role(&self) -> Role {
        Role::Follows
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        Ok(before)
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        Cost { parameters: before.depth(), flops: before.len(), size: None }
    }

    /// In PyTorch the numbers are no module's, but a parameter of the block.
    fn torch_names(&self) -> &'static [(&'static str, &'static str)] {
        &[("scale", "")]
    }

    fn torch_layout(&self) -> TorchLayout {
        TorchLayout::Maps
    }
}

impl Run for Scale {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        let scale = self.scale.val();
        match flow {
            Flow::Maps(maps) => {
                let channels = scale.dims()[0];
                Flow::Maps(maps * scale.reshape([1, channels, 1, 1]))
            }
            Flow::Flat(rows) => Flow::Flat(rows * scale.unsqueeze()),
        }
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let numbers = read_back(self.scale.val(), "the weights")?;
        let channels = numbers.len();
        let shape = if matches!(node, Node::Maps(..)) { vec![channels, 1, 1] } else { vec![channels] };
        let numbers = emitter.numbers("scale", &shape, numbers);
        node.map(|value| Ok(emitter.node("Mul", &[value, &numbers], [])))
    }
}
