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
}
