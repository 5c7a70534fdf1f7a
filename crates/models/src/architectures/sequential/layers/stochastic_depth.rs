//! `stochastic-depth P`.

use std::fmt;

use brasa_kernels::dropout;
use burn::module::Module;
use burn::tensor::Tensor;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, chance};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// `stochastic-depth P`: all numbers of a sample to 0 with probability `P`, in training; at the end of a branch that is added to a
/// short cut ([Huang et al. 2016](https://arxiv.org/abs/1603.09382)).
#[derive(Debug, Clone, PartialEq)]
pub struct StochasticDepthSpec {
    /// From 0 to below 1.
    pub probability: f64,
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct DropSamples {
    #[module(skip)]
    probability: f64,
}

impl LayerKind for StochasticDepthSpec {
    type Module = DropSamples;

    const NAMES: &'static [&'static str] = &["stochastic-depth"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &[])?;
        words.value(0, "a probability from 0 to below 1", chance).map(|probability| Self { probability })
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<DropSamples> {
        Ok(DropSamples { probability: self.probability })
    }
}

impl fmt::Display for StochasticDepthSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stochastic-depth {}", self.probability)
    }
}

impl Described for StochasticDepthSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        Ok(before)
    }

    fn cost(&self, _: Shape, _: Shape) -> Cost {
        Cost::default()
    }
}

impl Run for DropSamples {
    fn run(&self, flow: Flow, draws: Draws) -> Flow {
        let Some(seed) = draws.own().filter(|_| self.probability > 0.0) else { return flow };
        let kept =
            |batch: usize, device| dropout(Tensor::<2>::ones([batch, 1], device), self.probability, seed);
        match flow {
            Flow::Maps(maps) => {
                let kept = kept(maps.dims()[0], &maps.device().inner());
                Flow::Maps(maps.clone() * on(kept, &maps.device()).unsqueeze_dims(&[2, 3]))
            }
            Flow::Flat(rows) => {
                let kept = kept(rows.dims()[0], &rows.device().inner());
                Flow::Flat(rows.clone() * on(kept, &rows.device()))
            }
        }
    }

    fn emit(&self, _: &mut Emitter<'_>, node: Node) -> Result<Node> {
        Ok(node)
    }
}

/// On a device with autodiff where that is one.
fn on(kept: Tensor<2>, device: &burn::tensor::Device) -> Tensor<2> {
    if device.is_autodiff() { Tensor::from_inner(kept) } else { kept }
}
