//! `pad BEFORE BEHIND`.

use std::fmt;

use burn::module::Module;
use burn::tensor::ops::PadMode;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, pair, sides};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// `pad HxW HxW`, or one number for both sides: rows and columns of zeros before and behind each map, where a convolution's
/// padding would be the same on both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PadSpec {
    /// Rows above and columns to the left.
    pub before: [usize; 2],
    /// Rows below and columns to the right.
    pub behind: [usize; 2],
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct ZeroPad {
    #[module(skip)]
    before: [usize; 2],
    #[module(skip)]
    behind: [usize; 2],
}

impl LayerKind for PadSpec {
    type Module = ZeroPad;

    const NAMES: &'static [&'static str] = &["pad"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(2, &[])?;
        Ok(Self {
            before: words.value(0, "zeros before each map, like `pad 0 1`", pair)?,
            behind: words.value(1, "zeros behind each map, like `pad 0 1`", pair)?,
        })
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<ZeroPad> {
        Ok(ZeroPad { before: self.before, behind: self.behind })
    }
}

impl fmt::Display for PadSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pad {} {}", sides(self.before), sides(self.behind))
    }
}

impl Described for PadSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let [depth, height, width] = before.maps()?;
        let padded = |side: usize, at: usize| side.checked_add(self.before[at])?.checked_add(self.behind[at]);
        match (padded(height, 0), padded(width, 1)) {
            (Some(height), Some(width)) => Ok(Shape::Maps([depth, height, width])),
            _ => Err(Misfit::new("padding that fits into memory")),
        }
    }

    fn cost(&self, _: Shape, _: Shape) -> Cost {
        Cost::default()
    }
}

impl Run for ZeroPad {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        let ([top, left], [bottom, right]) = (self.before, self.behind);
        flow.maps(|maps| maps.pad([(top, bottom), (left, right)], PadMode::Constant(0.0)))
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(maps, [depth, height, width]) = node else { return Ok(node) };
        let ([top, left], [bottom, right]) = (self.before, self.behind);
        let zeros = [0, 0, top, left, 0, 0, bottom, right].map(|zeros| zeros as i64);
        let zeros = emitter.whole(&zeros);
        let padded = emitter.node("Pad", &[&maps, &zeros], []);
        Ok(Node::Maps(padded, [depth, height + top + bottom, width + left + right]))
    }
}
