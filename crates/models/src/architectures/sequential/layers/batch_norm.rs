//! `batch-norm`.

use std::fmt;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::Words;
use crate::Result;
use crate::init::Initializer;
use crate::layers::{BatchNorm, BatchNormConfig};

/// `batch-norm`: each map, or feature, to mean 0 and deviation 1 over the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchNormSpec;

impl LayerKind for BatchNormSpec {
    type Module = BatchNorm;

    const NAMES: &'static [&'static str] = &["batch-norm"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &[]).map(|()| Self)
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<BatchNorm> {
        BatchNormConfig::new(before.depth()).init(initializer.device())
    }
}

impl fmt::Display for BatchNormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("batch-norm")
    }
}

impl Described for BatchNormSpec {
    fn role(&self) -> Role {
        Role::Follows
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        Ok(before)
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        Cost { parameters: 2 * before.depth(), flops: 2 * before.len(), size: None }
    }

    /// A variance over the batch needs two values.
    fn min_batch(&self, before: Shape, _: Shape) -> usize {
        if before.places() > 1 { 1 } else { 2 }
    }
}

impl Run for BatchNorm {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        match flow {
            Flow::Maps(maps) => Flow::Maps(self.forward(maps)),
            Flow::Flat(rows) => Flow::Flat(self.forward(rows)),
        }
    }
}
