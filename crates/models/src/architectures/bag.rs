//! Several networks as one.

use brasa_onnx::Value;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Network, NetworkConfig};
use crate::diagram::{Block, Diagram, Fork, Part, Repeat};
use crate::mean_answer;
use crate::seeds::layer_seed;
use crate::summary::{LayerSummary, Summary};
use crate::{Architecture, Emitter, Input, Model, ModelError, Result};

/// Networks over the same inputs whose mean output is the answer, weighted where `weights` says so.
///
/// ```
/// use brasa_models::{BagConfig, MlpConfig, Model, NetworkConfig};
/// use burn::tensor::{Device, Tensor};
///
/// let member = NetworkConfig::Mlp(MlpConfig { hidden: vec![8], ..MlpConfig::new(4, 3) });
/// let bag = NetworkConfig::Bag(BagConfig::of(vec![member; 5]));
/// let device = Device::default();
/// let network = bag.init(42, &device)?;
/// assert_eq!(network.forward(&Tensor::<2>::zeros([2, 4], &device).into()).dims(), [2, 3]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BagConfig {
    /// The networks.
    pub members: Vec<NetworkConfig>,
    /// Share of each in the mean, together 1; without any, all count alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
}

impl BagConfig {
    /// Networks that count alike.
    pub fn of(members: Vec<NetworkConfig>) -> Self {
        Self { members, weights: Vec::new() }
    }

    /// The first, after a check that there is one and that all are over the same inputs and outputs.
    fn first(&self) -> Result<&NetworkConfig> {
        let wrong = |expected: &str, found: String| ModelError::Config {
            key: "members",
            expected: expected.into(),
            found,
        };
        let first = self.members.first().ok_or_else(|| wrong("at least one network", "none".into()))?;
        let (weights, count) = (&self.weights, self.members.len());
        let sum = weights.iter().sum::<f64>();
        let shares = weights.len() == count && weights.iter().all(|weight| *weight >= 0.0);
        if !(weights.is_empty() || shares && (sum - 1.0).abs() < 1e-6) {
            let expected = format!("{count} shares that are 1 together");
            return Err(ModelError::Config { key: "weights", expected, found: format!("{weights:?}") });
        }
        let all_words: Vec<usize> = self.members.iter().filter_map(NetworkConfig::words).collect();
        let mut pairs = all_words.iter().zip(all_words.iter().skip(1));
        if let Some((one, other)) = pairs.find(|(one, next)| one != next) {
            return Err(wrong("networks over one vocabulary", format!("{one} and {other} words")));
        }
        let sizes = |member: &NetworkConfig| (member.inputs(), member.outputs());
        match self.members.iter().find(|member| sizes(member) != sizes(first)) {
            Some(other) => {
                Err(wrong("networks of one size", format!("{:?} and {:?}", sizes(first), sizes(other))))
            }
            None => Ok(first),
        }
    }
}

impl Architecture for BagConfig {
    type Network = Bag;

    fn build(&self, seed: u64, device: &Device) -> Result<Bag> {
        self.first()?;
        let members = self.members.iter().enumerate();
        let members = members.map(|(place, member)| member.init(layer_seed(seed, place), device));
        Ok(Bag { members: members.collect::<Result<_>>()?, weights: self.weights.clone() })
    }

    fn layers(&self) -> Result<Summary> {
        let mut all = Summary { input: self.first()?.summary()?.input, layers: Vec::new() };
        for (place, member) in self.members.iter().enumerate() {
            let layers = member.summary()?.layers.into_iter();
            all.layers.extend(
                layers.map(|layer| LayerSummary { name: format!("members.{place}.{}", layer.name), ..layer }),
            );
        }
        Ok(all)
    }

    /// Each member beside the others; equal ones are drawn once.
    fn diagram(&self) -> Result<Diagram> {
        let mut members: Vec<(&NetworkConfig, usize)> = Vec::new();
        for member in &self.members {
            match members.last_mut() {
                Some((last, times)) if *last == member => *times += 1,
                _ => members.push((member, 1)),
            }
        }
        let branch = |(member, times): &(&NetworkConfig, usize)| {
            let parts = member.branch()?;
            Ok(match *times {
                1 => parts,
                times => vec![Part::Repeat(Repeat { times, beside: true, parts })],
            })
        };
        let branches = members.iter().map(branch).collect::<Result<_>>()?;
        let mean = if self.weights.is_empty() { "mean" } else { "weighted mean" };
        let outputs = || vec![self.output_len()];
        let join = Block::new(mean, outputs(), [0, 0]);
        let summary = self.layers()?;
        Ok(Diagram {
            parts: vec![Part::Fork(Fork { branches, join })],
            output: Block::new("output", outputs(), [0, 0]),
            parameters: summary.parameters(),
            flops: summary.flops(),
            input: summary.input,
        })
    }

    fn input_len(&self) -> usize {
        self.members.first().map_or(0, NetworkConfig::inputs)
    }

    fn output_len(&self) -> usize {
        self.members.first().map_or(0, NetworkConfig::outputs)
    }

    fn min_batch(&self) -> Result<usize> {
        self.members.iter().map(NetworkConfig::min_batch).try_fold(1, |most, size| Ok(most.max(size?)))
    }

    fn word_count(&self) -> Option<usize> {
        // One that reads some of the words alone asks for no number of them.
        self.members.iter().find_map(NetworkConfig::words)
    }

    fn fitted(&self, network: &Bag) -> Self {
        let members = self.members.iter().zip(&network.members).map(|(config, member)| config.fitted(member));
        Self { members: members.collect(), weights: network.weights.clone() }
    }

    fn emit(&self, network: &Bag, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let count = network.members.len().max(1) as f64;
        let mut sum: Option<Value> = None;
        for (place, (config, member)) in self.members.iter().zip(&network.members).enumerate() {
            let share = network.weights.get(place).copied().unwrap_or(1.0 / count);
            if share == 0.0 {
                continue;
            }
            let name = format!("members.{place}");
            let outputs = emitter.within(name, |emitter| config.emit_into(member, emitter, input))?;
            let share = emitter.number(share as f32);
            let outputs = emitter.node("Mul", &[&outputs, &share], []);
            sum = Some(match sum {
                Some(sum) => emitter.node("Add", &[&sum, &outputs], []),
                None => outputs,
            });
        }
        sum.ok_or_else(|| ModelError::Config {
            key: "members",
            expected: "at least one network".into(),
            found: "none".into(),
        })
    }
}

/// The networks of a [`BagConfig`].
#[derive(Module, Debug)]
pub struct Bag {
    members: Vec<Network>,
    /// Empty where all count alike.
    #[module(skip)]
    weights: Vec<f64>,
}

impl Bag {
    /// These networks as one, which all count alike.
    pub fn of(members: Vec<Network>) -> Self {
        Self { members, weights: Vec::new() }
    }

    /// The same networks, each with its share in the mean, together 1.
    #[must_use]
    pub fn weighted(self, weights: Vec<f64>) -> Self {
        Self { weights, ..self }
    }

    /// The same bag with each network as `change` makes it.
    pub(crate) fn map_members(self, change: impl FnMut(Network) -> Network) -> Self {
        Self { members: self.members.into_iter().map(change).collect(), ..self }
    }

    /// The same bag with more words for each network that reads titles, see [`Text::with_more_words`](crate::Text::with_more_words).
    pub(crate) fn with_more_words(self, rows: &[f32]) -> Option<Self> {
        let members = self.members.into_iter().map(|member| member.with_more_words(rows));
        Some(Self { members: members.collect::<Option<_>>()?, ..self })
    }

    /// The networks.
    pub fn members(&self) -> &[Network] {
        &self.members
    }

    /// The share of each network in the mean; empty where all count alike.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    fn mean(&self, outputs: impl Fn(&Network, usize) -> Tensor<2>) -> Tensor<2> {
        let members = self.members.iter().enumerate();
        let sum = match self.weights.as_slice() {
            [] => members
                .map(|(place, member)| outputs(member, place))
                .reduce(|sum, outputs| sum + outputs)
                .map(|sum| sum.div_scalar(self.members.len() as f64)),
            weights => members
                .zip(weights)
                .filter(|(_, weight)| **weight > 0.0)
                .map(|((place, member), weight)| outputs(member, place).mul_scalar(*weight))
                .reduce(|sum, outputs| sum + outputs),
        };
        sum.unwrap_or_else(|| Tensor::zeros([0, 0], &Device::default()))
    }
}

impl Model for Bag {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.mean(|member, _| member.forward(input))
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.mean(|member, place| {
            mean_answer(member.forward_train(input, layer_seed(draws, place)), member.answers())
        })
    }

    fn rate(&self, path: &str) -> crate::Rate {
        self.members.first().map_or_else(crate::Rate::default, |member| member.rate(path))
    }

    fn set_progress(&mut self, progress: f64) {
        self.members.iter_mut().for_each(|member| member.set_progress(progress));
    }
}
