//! What a kind of layer says of itself, all in its one file of `layers/`.

use std::fmt;

use burn::module::Module;
use burn::tensor::Tensor;

use super::layers::{Layer, LayerSpec};
use super::shape::{Misfit, Shape};
use super::words::Words;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::seeds::{branch_seed, layer_seed};
use crate::summary::LayerSummary;
use crate::{Result, TorchLayout};

/// A kind of layer: how it is written and made.
pub(crate) trait LayerKind: Described + Sized {
    /// What runs.
    type Module: Run + Module;

    /// The words that name the kind.
    const NAMES: &'static [&'static str];

    /// The layer of the words, which begin with one of [`NAMES`](Self::NAMES), or what is wrong with them.
    fn parse(words: &Words<'_>) -> std::result::Result<Self, String>;

    /// The layer with its first weights; `before` fits.
    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Self::Module>;
}

/// What a layer says of itself; `Display` writes the words that [`LayerKind::parse`] reads.
pub(crate) trait Described: fmt::Display {
    /// What the layer is to those who look at maps.
    fn role(&self) -> Role;

    /// The shape after the layer.
    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit>;

    /// What it costs; `after` is the shape that [`after`](Self::after) gives.
    fn cost(&self, before: Shape, after: Shape) -> Cost;

    /// About how many weights there are, without overflowing: a mistyped width should be a message.
    fn weights(&self, _before: Shape) -> f64 {
        0.0
    }

    /// Rows of a batch that the layer can be trained on, at least.
    fn min_batch(&self, _before: Shape, _after: Shape) -> usize {
        1
    }

    /// The rows of a summary, for a layer at `path`.
    fn rows(&self, path: &str, before: Shape, after: Shape) -> Vec<LayerSummary> {
        let Cost { parameters, flops, size } = self.cost(before, after);
        let name = format!("{path} {}", self.title());
        vec![LayerSummary { name, output: after.sides(), size, parameters, flops }]
    }

    /// How parameters of the layer are called in PyTorch, where a module of the layer's `name` has them: pairs of the beginnings
    /// of a parameter's name within the layer, ours and PyTorch's.
    fn torch_names(&self) -> &'static [(&'static str, &'static str)] {
        &[("", "")]
    }

    /// How PyTorch lays its parameters out.
    fn torch_layout(&self) -> TorchLayout {
        TorchLayout::Same
    }

    /// The kind's name and its branches, if it has any: it is then written as a table, not as words.
    fn branches(&self) -> Option<(&'static str, &[Vec<LayerSpec>])> {
        None
    }

    /// The layer in a summary or over a picture.
    fn title(&self) -> String {
        self.to_string()
    }
}

/// What a layer costs for one sample in inference.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cost {
    /// Trained numbers.
    pub(crate) parameters: usize,
    /// Floating-point operations; a multiply-add counts two, a nonlinearity one per element.
    pub(crate) flops: usize,
    /// The sum that gives the output's size, where a window moves over maps.
    pub(crate) size: Option<String>,
}

/// What a layer is to those who look at maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It computes new maps.
    Computes,
    /// It belongs to the layer before it: normalises, or bends.
    Follows,
    /// Neither: it selects, shrinks or flattens.
    Other,
}

/// A layer that runs.
pub(crate) trait Run {
    /// What comes of `flow`, which the checked configuration made sure is of the right kind.
    fn run(&self, flow: Flow, draws: Draws) -> Flow;

    /// As [`run`](Self::run), together with as many of the layers `behind` it as are done in the same pass, and their
    /// number.
    fn run_with(&self, flow: Flow, _behind: &[Layer], draws: Draws) -> (Flow, usize) {
        (self.run(flow, draws), 0)
    }

    /// Its nodes in a graph, in evaluation.
    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node>;
}

/// The nodes of `layers`, whose parameters begin with `path` and their place.
pub(crate) fn emit_all(layers: &[Layer], path: &str, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
    layers.iter().enumerate().try_fold(node, |node, (index, layer)| {
        emitter.within(format!("{path}.{index}"), |emitter| layer.running().emit(emitter, node))
    })
}

/// What flows between two layers.
#[derive(Debug, Clone)]
pub(crate) enum Flow {
    Maps(Tensor<4>),
    Flat(Tensor<2>),
}

impl Flow {
    pub(crate) fn flat(self) -> Tensor<2> {
        match self {
            Self::Maps(maps) => maps.flatten(1, 3),
            Self::Flat(rows) => rows,
        }
    }

    /// Whether it is on a device that records for gradients.
    pub(crate) fn is_tracked(&self) -> bool {
        match self {
            Self::Maps(maps) => maps.device().is_autodiff(),
            Self::Flat(rows) => rows.device().is_autodiff(),
        }
    }

    /// The same numbers on the device without such a record.
    pub(crate) fn inner(self) -> Self {
        match self {
            Self::Maps(maps) => Self::Maps(maps.inner()),
            Self::Flat(rows) => Self::Flat(rows.inner()),
        }
    }

    /// The same numbers on the device with one.
    pub(crate) fn tracked(self) -> Self {
        match self {
            Self::Maps(maps) => Self::Maps(Tensor::from_inner(maps)),
            Self::Flat(rows) => Self::Flat(Tensor::from_inner(rows)),
        }
    }

    /// Samples.
    pub(crate) fn batch(&self) -> usize {
        match self {
            Self::Maps(maps) => maps.dims()[0],
            Self::Flat(rows) => rows.dims()[0],
        }
    }

    /// `count` samples from `from` on.
    pub(crate) fn rows(self, from: usize, count: usize) -> Self {
        match self {
            Self::Maps(maps) => Self::Maps(maps.narrow(0, from, count)),
            Self::Flat(rows) => Self::Flat(rows.narrow(0, from, count)),
        }
    }

    /// The samples of `parts`, at least one, one after the other.
    pub(crate) fn joined(parts: Vec<Self>) -> Self {
        let all_maps: Option<Vec<Tensor<4>>> = parts
            .iter()
            .map(|part| match part {
                Self::Maps(maps) => Some(maps.clone()),
                Self::Flat(_) => None,
            })
            .collect();
        match all_maps {
            Some(maps) => Self::Maps(Tensor::cat(maps, 0)),
            None => Self::Flat(Tensor::cat(parts.into_iter().map(Self::flat).collect(), 0)),
        }
    }

    /// `work` on maps; no checked configuration has maps wanted after a flat row.
    pub(crate) fn maps(self, work: impl FnOnce(Tensor<4>) -> Tensor<4>) -> Self {
        match self {
            Self::Maps(maps) => Self::Maps(work(maps)),
            flat => flat,
        }
    }
}

/// Where the draws of a layer come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draws {
    /// Of the step; none in evaluation.
    pub(crate) seed: Option<u64>,
    /// Place of the layer in its list.
    pub(crate) layer: usize,
}

impl Draws {
    /// The layer's own seed in training.
    pub(crate) fn own(self) -> Option<u64> {
        self.seed.map(|seed| layer_seed(seed, self.layer))
    }

    /// The seed of the layers in one of the layer's branches.
    pub(crate) fn branch(self, branch: usize) -> Option<u64> {
        self.own().map(|seed| branch_seed(seed, branch))
    }
}

/// Runs `layers`, the first of which has the number `first`; random layers draw from `seed`, where there is one.
pub(crate) fn run_all(layers: &[Layer], first: usize, flow: Flow, seed: Option<u64>) -> Flow {
    let (mut flow, mut at) = (flow, 0);
    while let Some((layer, behind)) = layers.get(at..).and_then(<[Layer]>::split_first) {
        let more;
        (flow, more) = layer.running().run_with(flow, behind, Draws { seed, layer: first + at });
        at += 1 + more;
    }
    flow
}
