//! What the layers with branches share: each branch is a list of layers over the same input.

use std::fmt;

use super::super::kind::{Cost, Described, Draws, Flow, emit_all, run_all};
use super::super::shape::{Misfit, Shape};
use super::{Layer, LayerSpec};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::summary::LayerSummary;

/// The shape before the first of `layers` and after each.
pub(in super::super) fn shapes(
    layers: &[LayerSpec],
    start: Shape,
) -> std::result::Result<Vec<Shape>, Misfit> {
    let mut shape = start;
    let mut shapes = vec![start];
    for (index, layer) in layers.iter().enumerate() {
        let layer = layer.described();
        let after = layer.after(shape).and_then(Shape::within_bounds);
        shape = after.map_err(|misfit| misfit.at(index, layer.title(), shape))?;
        shapes.push(shape);
    }
    Ok(shapes)
}

/// Each layer with the shapes before and after it.
pub(in super::super) fn each<'a>(
    layers: &'a [LayerSpec],
    shapes: &'a [Shape],
) -> impl Iterator<Item = (&'a dyn Described, Shape, Shape)> {
    let after = shapes.iter().skip(1);
    layers
        .iter()
        .zip(shapes.iter().zip(after))
        .map(|(layer, (before, after))| (layer.described(), *before, *after))
}

/// The layers with their first weights.
pub(in super::super) fn build(
    layers: &[LayerSpec],
    shapes: &[Shape],
    initializer: &mut Initializer<'_>,
) -> Result<Vec<Layer>> {
    layers.iter().zip(shapes).map(|(layer, before)| layer.build(*before, initializer)).collect()
}

/// As [`build`], for each branch over the shape `before`, which fits.
pub(super) fn build_all(
    branches: &[Vec<LayerSpec>],
    before: Shape,
    initializer: &mut Initializer<'_>,
) -> Result<Vec<Vec<Layer>>> {
    let shapes = |branch| shapes(branch, before).unwrap_or_default();
    branches.iter().map(|branch| build(branch, &shapes(branch), initializer)).collect()
}

/// The shape after each branch.
pub(super) fn ends(branches: &[Vec<LayerSpec>], before: Shape) -> std::result::Result<Vec<Shape>, Misfit> {
    let end = |(index, branch): (usize, &Vec<LayerSpec>)| {
        let shapes = shapes(branch, before).map_err(|misfit| misfit.in_branch(index))?;
        Ok(shapes.last().copied().unwrap_or(before))
    };
    branches.iter().enumerate().map(end).collect()
}

/// `what` the branches' ends would have to be.
pub(super) fn misfit(what: &str, ends: &[Shape]) -> Misfit {
    let ends = ends.iter().enumerate().map(|(branch, end)| format!("{:?} from branch {branch}", end.sides()));
    Misfit::new(what).found(ends.collect::<Vec<_>>().join(", "))
}

/// A number of each layer of all branches, with their shapes before and after.
fn of_all<T>(
    branches: &[Vec<LayerSpec>],
    before: Shape,
    ask: impl Fn(&dyn Described, Shape, Shape) -> T,
) -> Vec<T> {
    let of = |branch: &Vec<LayerSpec>| {
        let shapes = shapes(branch, before).unwrap_or_default();
        each(branch, &shapes).map(|(layer, before, after)| ask(layer, before, after)).collect::<Vec<T>>()
    };
    branches.iter().flat_map(of).collect()
}

/// The weights of all branches over the shape `before`.
pub(super) fn weights(branches: &[Vec<LayerSpec>], before: Shape) -> f64 {
    of_all(branches, before, |layer, before, _| layer.weights(before)).iter().sum()
}

/// Rows of a batch that every branch can be trained on, at least.
pub(super) fn min_batch(branches: &[Vec<LayerSpec>], before: Shape) -> usize {
    let each = of_all(branches, before, |layer, before, after| layer.min_batch(before, after));
    each.into_iter().max().unwrap_or(1)
}

/// The summary rows of all branches of the layer called `name` at `path`, and its own, of what joins them, last.
pub(super) fn rows(
    branches: &[Vec<LayerSpec>],
    path: &str,
    name: &str,
    (before, after): (Shape, Shape),
    joining: Cost,
) -> Vec<LayerSummary> {
    let mut rows = Vec::new();
    for (number, branch) in branches.iter().enumerate() {
        let shapes = shapes(branch, before).unwrap_or_default();
        for (index, (layer, before, after)) in each(branch, &shapes).enumerate() {
            rows.extend(layer.rows(&format!("{path}.{name}.{number}.{index}"), before, after));
        }
    }
    let Cost { parameters, flops, size } = joining;
    rows.push(LayerSummary {
        name: format!("{path} {name}"),
        output: after.sides(),
        size,
        parameters,
        flops,
    });
    rows
}

/// What comes of each branch.
pub(super) fn run(branches: &[Vec<Layer>], flow: &Flow, draws: Draws) -> impl Iterator<Item = Flow> {
    branches
        .iter()
        .enumerate()
        .map(move |(number, branch)| run_all(branch, 0, flow.clone(), draws.branch(number)))
}

/// What comes of each branch in a graph; `kind` is what the parameters' names begin with.
pub(super) fn emit(
    branches: &[Vec<Layer>],
    kind: &str,
    emitter: &mut Emitter<'_>,
    node: &Node,
) -> Result<Vec<Node>> {
    let branch = |(number, branch): (usize, &Vec<Layer>)| {
        emit_all(branch, &format!("{kind}.{number}"), emitter, node.clone())
    };
    branches.iter().enumerate().map(branch).collect()
}

/// As in a recipe: `{ add = [["conv 64 3x3"], []] }`.
pub(super) fn write(f: &mut fmt::Formatter<'_>, name: &str, branches: &[Vec<LayerSpec>]) -> fmt::Result {
    let layer = |layer: &LayerSpec| match layer.described().branches() {
        Some(_) => layer.to_string(),
        None => format!("\"{layer}\""),
    };
    let branch =
        |branch: &Vec<LayerSpec>| format!("[{}]", branch.iter().map(layer).collect::<Vec<_>>().join(", "));
    let branches: Vec<_> = branches.iter().map(branch).collect();
    write!(f, "{{ {name} = [{}] }}", branches.join(", "))
}
