//! `class-token`.

use std::fmt;

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::{Result, read_back};

/// `class-token`: the pixels of the maps in a row, as the tokens of a transformer, behind a token that is learned
/// ([Dosovitskiy et al. 2021](https://arxiv.org/abs/2010.11929)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassTokenSpec;

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct ClassToken {
    /// `[1, 1, channels]`, as in PyTorch.
    token: Param<Tensor<3>>,
}

impl LayerKind for ClassTokenSpec {
    type Module = ClassToken;

    const NAMES: &'static [&'static str] = &["class-token"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &[]).map(|()| Self)
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<ClassToken> {
        let channels = before.depth();
        Ok(ClassToken { token: initializer.param(vec![0.0; channels], [1, 1, channels]) })
    }
}

impl fmt::Display for ClassTokenSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("class-token")
    }
}

impl Described for ClassTokenSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let [depth, height, width] = before.maps()?;
        let tokens = height.checked_mul(width).and_then(|pixels| pixels.checked_add(1));
        let tokens = tokens.ok_or_else(|| Misfit::new("maps that fit into memory"))?;
        Ok(Shape::Maps([depth, 1, tokens]))
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        Cost { parameters: before.depth(), ..Cost::default() }
    }

    fn torch_names(&self) -> &'static [(&'static str, &'static str)] {
        &[("token", "")]
    }
}

impl Run for ClassToken {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| {
            let [batch, depth, height, width] = maps.dims();
            let token = self.token.val().reshape([1, depth, 1, 1]).expand([batch, depth, 1, 1]);
            Tensor::cat(vec![token, maps.reshape([batch, depth, 1, height * width])], 3)
        })
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(maps, [depth, height, width]) = node else { return Ok(node) };
        let row = emitter.reshape(&maps, &[0, depth as i64, 1, -1]);
        let token = read_back(self.token.val(), "the weights")?;
        let token = emitter.numbers("token", &[1, depth, 1, 1], token);
        // The batch is told when the graph runs.
        let shape = emitter.node("Shape", &[&row], [("end", 1.into())]);
        let rest = emitter.whole(&[depth as i64, 1, 1]);
        let shape = emitter.node("Concat", &[&shape, &rest], [("axis", 0.into())]);
        let token = emitter.node("Expand", &[&token, &shape], []);
        let tokens = emitter.node("Concat", &[&token, &row], [("axis", 3.into())]);
        Ok(Node::Maps(tokens, [depth, 1, height * width + 1]))
    }
}
