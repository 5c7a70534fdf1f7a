//! `batch-norm`.

use std::fmt;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, positive, share};
use crate::Result;
use crate::init::Initializer;
use crate::layers::{BatchNorm, BatchNormConfig};
use crate::onnx::{Emitter, Node};

/// `batch-norm [eps=1e-5] [momentum=0.1]`: each map, or feature, to mean 0 and deviation 1 over the batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNormSpec {
    /// What is added to a variance before its root is taken.
    pub epsilon: f64,
    /// The share of a batch in the running statistics.
    pub momentum: f64,
}

impl Default for BatchNormSpec {
    /// As in PyTorch.
    fn default() -> Self {
        Self { epsilon: 1e-5, momentum: 0.1 }
    }
}

impl LayerKind for BatchNormSpec {
    type Module = BatchNorm;

    const NAMES: &'static [&'static str] = &["batch-norm"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(0, &["eps", "momentum"])?;
        let Self { epsilon, momentum } = Self::default();
        Ok(Self {
            epsilon: words.option("eps", epsilon, "a number above 0", positive)?,
            momentum: words.option("momentum", momentum, "a share from 0 to 1", share)?,
        })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<BatchNorm> {
        BatchNormConfig::new(before.depth())
            .with_epsilon(self.epsilon)
            .with_momentum(self.momentum)
            .init(initializer.device())
    }
}

impl fmt::Display for BatchNormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epsilon, momentum } = Self::default();
        f.write_str("batch-norm")?;
        if self.epsilon != epsilon {
            write!(f, " eps={}", self.epsilon)?;
        }
        if self.momentum != momentum {
            write!(f, " momentum={}", self.momentum)?;
        }
        Ok(())
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

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        node.map(|value| self.emit(emitter, value))
    }
}
