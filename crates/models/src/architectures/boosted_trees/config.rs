//! What boosted trees are over, and what their sums stand for.

use brasa_onnx::Value;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::BoostedTrees;
use crate::summary::{LayerSummary, Summary};
use crate::{Architecture, Emitter, ModelError, Result};

/// What the sums of trees stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// Each is an output.
    #[default]
    Identity,
    /// One is the log odds of the second of two classes.
    LogOdds,
    /// Each is the log odds of a class against all others.
    OneAgainstRest,
}

impl Link {
    /// Sums for so many outputs.
    pub fn sums(self, outputs: usize) -> usize {
        match self {
            Self::LogOdds => 1,
            Self::Identity | Self::OneAgainstRest => outputs,
        }
    }

    /// Outputs, of which a softmax makes probabilities where they are classes.
    pub(super) fn outputs(self, sums: &[f64]) -> Vec<f32> {
        match self {
            Self::Identity => sums.iter().map(|&sum| sum as f32).collect(),
            Self::LogOdds => sums.iter().flat_map(|&sum| [0.0, sum as f32]).collect(),
            // The logarithm of a probability, without overflow: their share of the sum is the class's.
            Self::OneAgainstRest => {
                sums.iter().map(|&sum| (sum.min(0.0) - (-sum.abs()).exp().ln_1p()) as f32).collect()
            }
        }
    }
}

/// Boosted trees over the columns of a table; how many there are, growing them decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoostedTreesConfig {
    /// Numbers in one sample, all axes multiplied.
    pub inputs: usize,
    /// Classes, or numbers to predict.
    pub outputs: usize,
    /// What the sums stand for.
    #[serde(default)]
    pub link: Link,
    /// Trees of all sums.
    #[serde(default)]
    pub trees: usize,
    /// Nodes of all trees.
    #[serde(default)]
    pub nodes: usize,
}

impl BoostedTreesConfig {
    /// Over so many numbers, with so many outputs, before any tree is grown.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Self { inputs, outputs, link: Link::default(), trees: 0, nodes: 0 }
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |key, expected: &str, found: usize| {
            Err(ModelError::Config { key, expected: expected.into(), found: found.to_string() })
        };
        match (self.inputs, self.outputs, self.link) {
            (0, _, _) => wrong("inputs", "at least 1", 0),
            (_, 0, _) => wrong("outputs", "at least 1", 0),
            (_, outputs, Link::LogOdds) if outputs != 2 => wrong("outputs", "2 for log odds", outputs),
            _ => Ok(()),
        }
    }
}

impl Architecture for BoostedTreesConfig {
    type Network = BoostedTrees;

    fn build(&self, seed: u64, device: &Device) -> Result<BoostedTrees> {
        let _ = seed;
        self.check()?;
        Ok(BoostedTrees::empty(self, device))
    }

    fn layers(&self) -> Result<Summary> {
        self.check()?;
        // Of a sample's walk, the additions: how deep it goes, the sample decides.
        let layer = LayerSummary {
            name: "trees".into(),
            output: vec![self.outputs],
            size: None,
            parameters: self.nodes,
            flops: self.trees,
        };
        Ok(Summary { input: vec![self.inputs], layers: vec![layer] })
    }

    fn input_len(&self) -> usize {
        self.inputs
    }

    fn output_len(&self) -> usize {
        self.outputs
    }

    fn fitted(&self, network: &BoostedTrees) -> Self {
        let [nodes, _] = network.nodes.val().dims();
        let [trees, _] = network.trees.val().dims();
        Self { link: network.link, trees, nodes, ..self.clone() }
    }

    fn emit(&self, network: &BoostedTrees, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        network.emit(emitter, input)
    }
}
