//! `{ add = [..] }`.

use std::fmt;

use brasa_kernels::residual_relu;
use burn::module::Module;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use super::{Layer, LayerSpec, branches};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::summary::LayerSummary;

/// `{ add = [[layer, ..], [layer, ..], ..] }`: the sum of what comes of each branch, all of the same shape. With an empty
/// branch a skip connection, as in residual blocks of any kind ([He et al. 2016](https://arxiv.org/abs/1512.03385)).
#[derive(Debug, Clone, PartialEq)]
pub struct AddSpec {
    /// The layers of each branch, first to last; a branch without layers hands its input on.
    pub branches: Vec<Vec<LayerSpec>>,
}

/// What runs; the parameters' names are `add.BRANCH.LAYER`.
#[derive(Module, Debug)]
pub(crate) struct Add {
    add: Vec<Vec<Layer>>,
}

impl LayerKind for AddSpec {
    type Module = Add;

    const NAMES: &'static [&'static str] = &["add"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.branches().map(|branches| Self { branches })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Add> {
        Ok(Add { add: branches::build_all(&self.branches, before, initializer)? })
    }
}

impl fmt::Display for AddSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        branches::write(f, "add", &self.branches)
    }
}

impl Described for AddSpec {
    fn role(&self) -> Role {
        Role::Computes
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let ends = branches::ends(&self.branches, before)?;
        match ends.split_first() {
            Some((first, rest)) if rest.iter().all(|end| end == first) => Ok(*first),
            _ => Err(branches::misfit("branches that end in one shape", &ends)),
        }
    }

    /// Of the sum alone; the branches' layers have rows of their own.
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
        branches::rows(&self.branches, path, "add", (before, after), self.cost(before, after))
    }

    fn branches(&self) -> Option<(&'static str, &[Vec<LayerSpec>])> {
        Some(("add", &self.branches))
    }

    fn title(&self) -> String {
        "add".into()
    }
}

impl Run for Add {
    /// With a ReLU behind two branches of maps.
    fn run_with(&self, flow: Flow, behind: &[Layer], draws: Draws) -> (Flow, usize) {
        let ([_, _], [next, ..]) = (self.add.as_slice(), behind) else { return (self.run(flow, draws), 0) };
        if !next.is_relu() {
            return (self.run(flow, draws), 0);
        }
        let mut ends = branches::run(&self.add, &flow, draws);
        match (ends.next(), ends.next()) {
            (Some(Flow::Maps(maps)), Some(Flow::Maps(short))) => {
                (Flow::Maps(residual_relu(maps, None, short)), 1)
            }
            (Some(one), Some(other)) => (Flow::Flat(one.flat() + other.flat()), 0),
            _ => (flow.clone(), 0),
        }
    }

    fn run(&self, flow: Flow, draws: Draws) -> Flow {
        let sum = branches::run(&self.add, &flow, draws).reduce(|sum, next| match (sum, next) {
            (Flow::Maps(sum), Flow::Maps(next)) => Flow::Maps(sum + next),
            (sum, next) => Flow::Flat(sum.flat() + next.flat()),
        });
        sum.unwrap_or(flow)
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let ends = branches::emit(&self.add, "add", emitter, &node)?;
        let joined = ends.into_iter().reduce(|one, other| match (one, other) {
            (Node::Maps(one, sides), Node::Maps(other, _)) => {
                Node::Maps(emitter.node("Add", &[&one, &other], []), sides)
            }
            (one, other) => {
                let ((one, width), (other, _)) = (emitter.flat(one), emitter.flat(other));
                Node::Flat(emitter.node("Add", &[&one, &other], []), width)
            }
        });
        Ok(joined.unwrap_or(node))
    }
}
