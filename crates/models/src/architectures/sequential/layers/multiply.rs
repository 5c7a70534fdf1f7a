//! `{ multiply = [..] }`.

use std::fmt;

use burn::module::Module;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use super::{Layer, LayerSpec, branches};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::summary::LayerSummary;

/// `{ multiply = [[layer, ..], [layer, ..], ..] }`: the product of what comes of each branch, all of the first one's shape or one
/// pixel for each of its maps, as in squeeze-and-excitation ([Hu et al. 2018](https://arxiv.org/abs/1709.01507)) and gates.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiplySpec {
    /// The layers of each branch, first to last; a branch without layers hands its input on.
    pub branches: Vec<Vec<LayerSpec>>,
}

/// What runs; the parameters' names are `multiply.BRANCH.LAYER`.
#[derive(Module, Debug)]
pub(crate) struct Multiply {
    multiply: Vec<Vec<Layer>>,
}

impl LayerKind for MultiplySpec {
    type Module = Multiply;

    const NAMES: &'static [&'static str] = &["multiply"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.branches().map(|branches| Self { branches })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Multiply> {
        Ok(Multiply { multiply: branches::build_all(&self.branches, before, initializer)? })
    }
}

impl fmt::Display for MultiplySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        branches::write(f, "multiply", &self.branches)
    }
}

impl Described for MultiplySpec {
    /// Maps weighted are the maps that were there.
    fn role(&self) -> Role {
        Role::Follows
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let ends = branches::ends(&self.branches, before)?;
        let fits = |first: Shape, end: &Shape| match (first, *end) {
            (Shape::Maps([depth, ..]), Shape::Maps([other, 1, 1])) => depth == other,
            (first, end) => first == end,
        };
        match ends.split_first() {
            Some((first, rest)) if rest.iter().all(|end| *end == *first || fits(*first, end)) => Ok(*first),
            _ => {
                let what = "branches that end in the first one's shape, or in one pixel for each of its maps";
                Err(branches::misfit(what, &ends))
            }
        }
    }

    /// Of the product alone; the branches' layers have rows of their own.
    fn cost(&self, _: Shape, after: Shape) -> Cost {
        Cost { flops: self.branches.len().saturating_sub(1) * after.len(), ..Cost::default() }
    }

    fn weights(&self, before: Shape) -> f64 {
        branches::weights(&self.branches, before)
    }

    fn min_batch(&self, before: Shape, _: Shape) -> usize {
        branches::min_batch(&self.branches, before)
    }

    fn rows(&self, path: &str, before: Shape, after: Shape) -> Vec<LayerSummary> {
        branches::rows(&self.branches, path, "multiply", (before, after), self.cost(before, after))
    }

    fn branches(&self) -> Option<(&'static str, &[Vec<LayerSpec>])> {
        Some(("multiply", &self.branches))
    }

    fn title(&self) -> String {
        "multiply".into()
    }
}

impl Run for Multiply {
    fn run(&self, flow: Flow, draws: Draws) -> Flow {
        let product =
            branches::run(&self.multiply, &flow, draws).reduce(|product, next| match (product, next) {
                (Flow::Maps(product), Flow::Maps(next)) => Flow::Maps(product * next),
                (product, next) => Flow::Flat(product.flat() * next.flat()),
            });
        product.unwrap_or(flow)
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let ends = branches::emit(&self.multiply, "multiply", emitter, &node)?;
        let joined = ends.into_iter().reduce(|one, other| match (one, other) {
            (Node::Maps(one, sides), Node::Maps(other, _)) => {
                Node::Maps(emitter.node("Mul", &[&one, &other], []), sides)
            }
            (one, other) => {
                let ((one, width), (other, _)) = (emitter.flat(one), emitter.flat(other));
                Node::Flat(emitter.node("Mul", &[&one, &other], []), width)
            }
        });
        Ok(joined.unwrap_or(node))
    }
}
