//! `max-pool HxW`, `avg-pool HxW`.

use std::fmt;

use brasa_kernels::{PoolOptions, avg_pool2d, max_pool2d};
use burn::module::Module;
use burn::tensor::ops::PadMode;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape, size_after};
use super::super::words::Words;
use super::Window;
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// What a pooling layer makes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The largest number.
    Max,
    /// The mean.
    Avg,
}

const fn name(pooling: Pooling) -> &'static str {
    match pooling {
        Pooling::Max => "max-pool",
        Pooling::Avg => "avg-pool",
    }
}

/// `max-pool HxW [stride=HxW] [padding=0] [ceil=no]`, or one number for both: the largest number in each window, with `ceil` also
/// in a last one that is not whole; `avg-pool` likewise: its mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSpec {
    /// What it makes of a window.
    pub pooling: Pooling,
    /// What it looks at.
    pub window: Window,
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Pool {
    #[module(skip)]
    pooling: Pooling,
    #[module(skip)]
    options: PoolOptions<2>,
    /// Rows and columns that are put behind the maps.
    #[module(skip)]
    beyond: [usize; 2],
}

impl LayerKind for PoolSpec {
    type Module = Pool;

    const NAMES: &'static [&'static str] = &["max-pool", "avg-pool"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        let pooling = if words.kind == name(Pooling::Avg) { Pooling::Avg } else { Pooling::Max };
        Window::parse(words).map(|window| Self { pooling, window })
    }

    fn build(&self, before: Shape, _: &mut Initializer<'_>) -> Result<Pool> {
        let (options, beyond) = (self.window.over(before), self.window.beyond(before));
        Ok(Pool { pooling: self.pooling, options, beyond })
    }
}

impl fmt::Display for PoolSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", name(self.pooling), self.window)
    }
}

impl Described for PoolSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        match (self.pooling, self.window.ceil) {
            (Pooling::Avg, true) => Err(Misfit::new("ceil=yes of max-pool alone")),
            _ => self.window.after(before),
        }
    }

    fn cost(&self, before: Shape, after: Shape) -> Cost {
        self.window.cost(before, after)
    }
}

impl Run for Pool {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| match self.pooling {
            Pooling::Max if self.beyond != [0; 2] => {
                let [rows, columns] = self.beyond;
                max_pool2d(maps.pad([(0, rows), (0, columns)], PadMode::Constant(f32::MIN)), self.options)
            }
            Pooling::Max => max_pool2d(maps, self.options),
            Pooling::Avg => avg_pool2d(maps, self.options),
        })
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(maps, [depth, height, width]) = node else { return Ok(node) };
        let PoolOptions { kernel, stride, padding } = self.options;
        let out = |side: usize, at: usize| {
            size_after(side + self.beyond[at], kernel[at], stride[at], padding[at]).unwrap_or_default()
        };
        let sides = [depth, out(height, 0), out(width, 1)];
        let ([top, left], [rows, columns]) = (padding, self.beyond);
        let whole = |numbers: &[usize]| numbers.iter().map(|&number| number as i64).collect::<Vec<_>>();
        let window = [
            ("kernel_shape", whole(&kernel).into()),
            ("strides", whole(&stride).into()),
            ("pads", whole(&[top, left, top + rows, left + columns]).into()),
        ];
        let [shape, strides, pads] = window;
        let pooled = match self.pooling {
            Pooling::Max => emitter.node("MaxPool", &[&maps], [shape, strides, pads]),
            Pooling::Avg => {
                let counted = ("count_include_pad", 1.into());
                emitter.node("AveragePool", &[&maps], [shape, strides, pads, counted])
            }
        };
        Ok(Node::Maps(pooled, sides))
    }
}
