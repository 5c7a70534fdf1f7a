//! `max-pool HxW`, `avg-pool HxW`.

use std::fmt;

use brasa_kernels::{PoolOptions, avg_pool2d, max_pool2d};
use burn::module::Module;
use burn::tensor::ops::PadMode;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use super::Window;
use crate::Result;
use crate::init::Initializer;

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
}
