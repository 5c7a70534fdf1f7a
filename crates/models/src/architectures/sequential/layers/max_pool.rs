//! `max-pool HxW`.

use std::fmt;

use brasa_kernels::{PoolOptions, max_pool2d};
use burn::module::Module;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use super::Window;
use crate::Result;
use crate::init::Initializer;

/// `max-pool HxW [stride=HxW] [padding=0]`, or one number for both: the largest number in each window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaxPoolSpec {
    /// What it looks at.
    pub window: Window,
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct MaxPool {
    #[module(skip)]
    options: PoolOptions<2>,
}

impl LayerKind for MaxPoolSpec {
    type Module = MaxPool;

    const NAMES: &'static [&'static str] = &["max-pool"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        Window::parse(words).map(|window| Self { window })
    }

    fn build(&self, before: Shape, _: &mut Initializer<'_>) -> Result<MaxPool> {
        Ok(MaxPool { options: self.window.over(before) })
    }
}

impl fmt::Display for MaxPoolSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "max-pool {}", self.window)
    }
}

impl Described for MaxPoolSpec {
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

impl Run for MaxPool {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| max_pool2d(maps, self.options))
    }
}
