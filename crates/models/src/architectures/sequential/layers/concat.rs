//! `{ concat = [..] }`.

use std::fmt;

use burn::module::Module;
use burn::tensor::Tensor;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use super::{Layer, LayerSpec, branches};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::summary::LayerSummary;

/// `{ concat = [[layer, ..], [layer, ..], ..] }`: the channels of what comes of each branch, one after the other, all over
/// maps of the same size: an Inception module ([Szegedy et al. 2015](https://arxiv.org/abs/1409.4842)), or with an empty
/// branch a dense block ([Huang et al. 2017](https://arxiv.org/abs/1608.06993)).
#[derive(Debug, Clone, PartialEq)]
pub struct ConcatSpec {
    /// The layers of each branch, first to last; a branch without layers hands its input on.
    pub branches: Vec<Vec<LayerSpec>>,
}

/// What runs; the parameters' names are `concat.BRANCH.LAYER`.
#[derive(Module, Debug)]
pub(crate) struct Concat {
    concat: Vec<Vec<Layer>>,
}

impl LayerKind for ConcatSpec {
    type Module = Concat;

    const NAMES: &'static [&'static str] = &["concat"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.branches().map(|branches| Self { branches })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Concat> {
        Ok(Concat { concat: branches::build_all(&self.branches, before, initializer)? })
    }
}

impl fmt::Display for ConcatSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        branches::write(f, "concat", &self.branches)
    }
}

impl Described for ConcatSpec {
    fn role(&self) -> Role {
        Role::Computes
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let ends = branches::ends(&self.branches, before)?;
        let depth = ends.iter().try_fold(0_usize, |depth, end| depth.checked_add(end.depth()));
        let joined = |end: &Shape| match (end, depth?) {
            (Shape::Maps([_, height, width]), depth) => Some(Shape::Maps([depth, *height, *width])),
            (Shape::Flat(_), depth) => Some(Shape::Flat(depth)),
        };
        let mut all = ends.iter().map(joined);
        match all.next().flatten() {
            Some(first) if all.all(|end| end == Some(first)) => Ok(first),
            _ => Err(branches::misfit("branches that end in maps of one size, or in flat rows", &ends)),
        }
    }

    /// Of putting side by side; the branches' layers have rows of their own.
    fn cost(&self, _: Shape, _: Shape) -> Cost {
        Cost::default()
    }

    fn weights(&self, before: Shape) -> f64 {
        branches::weights(&self.branches, before)
    }

    fn min_batch(&self, before: Shape, _: Shape) -> usize {
        branches::min_batch(&self.branches, before)
    }

    fn rows(&self, path: &str, before: Shape, after: Shape) -> Vec<LayerSummary> {
        branches::rows(&self.branches, path, "concat", (before, after), self.cost(before, after))
    }

    fn branches(&self) -> Option<(&'static str, &[Vec<LayerSpec>])> {
        Some(("concat", &self.branches))
    }

    fn title(&self) -> String {
        "concat".into()
    }
}

impl Run for Concat {
    fn run(&self, flow: Flow, draws: Draws) -> Flow {
        let ends = branches::run(&self.concat, &flow, draws).collect::<Vec<_>>();
        let maps = ends.iter().map(|end| match end {
            Flow::Maps(maps) => Some(maps.clone()),
            Flow::Flat(_) => None,
        });
        match maps.collect::<Option<Vec<_>>>() {
            Some(maps) => Flow::Maps(Tensor::cat(maps, 1)),
            None => Flow::Flat(Tensor::cat(ends.into_iter().map(Flow::flat).collect(), 1)),
        }
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let ends = branches::emit(&self.concat, "concat", emitter, &node)?;
        let (mut values, mut depth, mut size) = (Vec::new(), 0, None);
        for end in ends {
            match end {
                Node::Maps(maps, [channels, height, width]) => {
                    values.push(maps);
                    (depth, size) = (depth + channels, Some([height, width]));
                }
                Node::Flat(rows, width) => {
                    values.push(rows);
                    depth += width;
                }
            }
        }
        let joined = emitter.node("Concat", &values.iter().collect::<Vec<_>>(), [("axis", 1.into())]);
        Ok(match size {
            Some([height, width]) => Node::Maps(joined, [depth, height, width]),
            None => Node::Flat(joined, depth),
        })
    }
}
