//! `adaptive-avg-pool HxW`.

use std::fmt;

use brasa_kernels::global_avg_pool;
use burn::module::Module;
use burn::tensor::module::adaptive_avg_pool2d;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, sides, size};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// `adaptive-avg-pool HxW`, or one number for both: the means of windows that divide each map into as many rows and columns,
/// whatever its size. Maps of that size stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdaptiveAvgPoolSpec {
    /// Height and width of the maps behind it.
    pub size: [usize; 2],
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Adaptive {
    #[module(skip)]
    size: [usize; 2],
}

impl LayerKind for AdaptiveAvgPoolSpec {
    type Module = Adaptive;

    const NAMES: &'static [&'static str] = &["adaptive-avg-pool"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &[])?;
        words.value(0, "the maps' size, like `adaptive-avg-pool 7`", size).map(|size| Self { size })
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<Adaptive> {
        Ok(Adaptive { size: self.size })
    }
}

impl fmt::Display for AdaptiveAvgPoolSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "adaptive-avg-pool {}", sides(self.size))
    }
}

impl Described for AdaptiveAvgPoolSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let [height, width] = self.size;
        before.maps().map(|[depth, _, _]| Shape::Maps([depth, height, width]))
    }

    fn cost(&self, before: Shape, after: Shape) -> Cost {
        Cost { flops: if before == after { 0 } else { before.len() }, ..Cost::default() }
    }
}

impl Run for Adaptive {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| {
            let [batch, depth, height, width] = maps.dims();
            match self.size {
                size if size == [height, width] => maps,
                [1, 1] => global_avg_pool(maps).reshape([batch, depth, 1, 1]),
                size => adaptive_avg_pool2d(maps, size),
            }
        })
    }

    /// Two products: with the share of each row, and of each column, in the means.
    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(maps, [depth, height, width]) = node else { return Ok(node) };
        let [rows, columns] = self.size;
        let sides = [depth, rows, columns];
        if self.size == [height, width] {
            return Ok(Node::Maps(maps, sides));
        }
        if self.size == [1, 1] {
            return Ok(Node::Maps(emitter.node("GlobalAveragePool", &[&maps], []), sides));
        }
        let of_rows = emitter.numbers("rows", &[rows, height], shares(height, rows));
        let of_columns = shares(width, columns);
        let turned =
            (0..width * columns).map(|at| of_columns[(at % columns) * width + at / columns]).collect();
        let of_columns = emitter.numbers("columns", &[width, columns], turned);
        let means = emitter.node("MatMul", &[&of_rows, &maps], []);
        Ok(Node::Maps(emitter.node("MatMul", &[&means, &of_columns], []), sides))
    }
}

/// The share of each of `side` places in each of `parts` means, row by row.
fn shares(side: usize, parts: usize) -> Vec<f32> {
    let window = |part: usize| (part * side / parts)..((part + 1) * side).div_ceil(parts);
    let share = |part: usize, place: usize| match window(part).contains(&place) {
        true => 1.0 / window(part).len() as f32,
        false => 0.0,
    };
    (0..parts).flat_map(|part| (0..side).map(move |place| share(part, place))).collect()
}
