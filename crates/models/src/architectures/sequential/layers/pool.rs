//! `max-pool HxW`, `avg-pool HxW`.

use std::fmt;

use brasa_kernels::{PoolOptions, avg_pool2d, max_pool2d};
use burn::module::Module;

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

/// `max-pool HxW [stride=HxW] [padding=0]`, or one number for both: the largest number in each window; `avg-pool` likewise: its
/// mean.
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
}

impl LayerKind for PoolSpec {
    type Module = Pool;

    const NAMES: &'static [&'static str] = &["max-pool", "avg-pool"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        let pooling = if words.kind == name(Pooling::Avg) { Pooling::Avg } else { Pooling::Max };
        Window::parse(words).map(|window| Self { pooling, window })
    }

    fn build(&self, before: Shape, _: &mut Initializer<'_>) -> Result<Pool> {
        Ok(Pool { pooling: self.pooling, options: self.window.over(before) })
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
        self.window.after(before)
    }

    fn cost(&self, before: Shape, after: Shape) -> Cost {
        self.window.cost(before, after)
    }
}

impl Run for Pool {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| match self.pooling {
            Pooling::Max => max_pool2d(maps, self.options),
            Pooling::Avg => avg_pool2d(maps, self.options),
        })
    }
}
