//! Every architecture behind one type.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::{
    Mlp, MlpConfig, Perceptron, PerceptronConfig, Recurrent, RecurrentConfig, Result, Sequential,
    SequentialConfig, Summary, Text, TextConfig,
};

/// The configuration of any architecture of this crate, as it is saved beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NetworkConfig {
    /// A multilayer perceptron.
    Mlp(MlpConfig),
    /// Layers one after another, convolutions among them.
    Sequential(SequentialConfig),
    /// Recurrent layers over a time series.
    Recurrent(RecurrentConfig),
    /// A network over titles.
    Text(TextConfig),
    /// A perceptron, for two classes.
    Perceptron(PerceptronConfig),
}

/// Any architecture of this crate: one module, one optimizer state, one compiled training loop.
#[derive(Module, Debug)]
pub enum Network {
    /// A multilayer perceptron.
    Mlp(Mlp),
    /// Layers one after another, convolutions among them.
    Sequential(Sequential),
    /// Recurrent layers over a time series.
    Recurrent(Recurrent),
    /// A network over titles.
    Text(Text),
    /// A perceptron; its own rule teaches it, not gradients.
    Perceptron(Perceptron),
}

impl NetworkConfig {
    /// Checks the configuration and draws the initial weights from `seed`.
    ///
    /// # Errors
    /// [`ModelError::Config`](crate::ModelError::Config) with the key, what it accepts and what it was given.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Network> {
        match self {
            Self::Mlp(config) => config.init(seed, device).map(Network::Mlp),
            Self::Sequential(config) => config.init(seed, device).map(Network::Sequential),
            Self::Recurrent(config) => config.init(seed, device).map(Network::Recurrent),
            Self::Text(config) => config.init(seed, device).map(Network::Text),
            Self::Perceptron(config) => config.init(device).map(Network::Perceptron),
        }
    }

    /// Layer by layer output shapes, parameters and FLOPs, without making the network.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn summary(&self) -> Result<Summary> {
        match self {
            Self::Mlp(config) => config.summary(),
            Self::Sequential(config) => config.summary(),
            Self::Recurrent(config) => config.summary(),
            Self::Text(config) => config.summary(),
            Self::Perceptron(config) => config.summary(),
        }
    }

    /// Numbers in one sample, all axes multiplied.
    pub fn inputs(&self) -> usize {
        match self {
            Self::Mlp(config) => config.inputs,
            Self::Sequential(config) => config.input.iter().product(),
            Self::Recurrent(config) => config.input.iter().product(),
            Self::Text(config) => config.length,
            Self::Perceptron(config) => config.inputs,
        }
    }

    /// Classes.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Mlp(config) => config.outputs,
            Self::Sequential(config) => config.outputs,
            Self::Recurrent(config) => config.outputs,
            Self::Text(config) => config.outputs,
            Self::Perceptron(_) => 2,
        }
    }
}

impl Network {
    /// The network as a convolutional one, whose maps and kernels can be looked at.
    pub fn as_sequential(&self) -> Option<&Sequential> {
        match self {
            Self::Sequential(network) => Some(network),
            _ => None,
        }
    }

    /// Logits of each class, without dropout.
    ///
    /// # Shapes
    /// `[batch, features]` to `[batch, classes]`; `features` are a sample's numbers in row-major order,
    /// which an architecture with axes folds back into the shape that it was configured for.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Mlp(network) => network.forward(input),
            Self::Sequential(network) => network.forward(input),
            Self::Recurrent(network) => network.forward(input),
            Self::Text(network) => network.forward(input),
            Self::Perceptron(network) => network.forward(input),
        }
    }

    /// Logits of each class, with dropout drawn from `seed`: give every step its own. The draws are a function of
    /// the seed on the `flex` backend; elsewhere they come from the device's generator.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn forward_train(&self, input: Tensor<2>, seed: u64) -> Tensor<2> {
        match self {
            Self::Mlp(network) => network.forward_train(input, seed),
            Self::Sequential(network) => network.forward_train(input, seed),
            Self::Recurrent(network) => network.forward_train(input, seed),
            Self::Text(network) => network.forward_train(input, seed),
            Self::Perceptron(network) => network.forward(input),
        }
    }
}
