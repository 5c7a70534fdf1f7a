//! The multilayer perceptron.

use brasa_kernels::{activation, dropout};
use brasa_onnx::Value;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::checks::{at_least_one, most_weights, spread_dropout};
use crate::init::Initializer;
use crate::layers::{BatchNorm, BatchNormConfig, linear};
use crate::seeds::layer_seed;
use crate::summary::{LayerSummary, Summary};
use crate::{
    Activation, Architecture, ArchitectureKind, DataSizes, Emitter, Init, Input, Model, NetworkConfig, Result,
};

/// A multilayer perceptron: hidden layers of linear, batch norm (if any), activation, dropout, and a linear
/// output.
///
/// ```
/// use brasa_models::{Activation, MlpConfig};
/// use burn::tensor::{Device, Tensor};
///
/// let config = MlpConfig { hidden: vec![50, 50], activation: Activation::Mish, ..MlpConfig::new(4, 3) };
/// let device = Device::default();
/// let network = config.init(42, &device)?;
/// assert_eq!(network.forward(Tensor::zeros([8, 4], &device)).dims(), [8, 3]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlpConfig {
    /// Numbers in one sample, all axes multiplied.
    pub inputs: usize,
    /// Width of each hidden layer, first to last.
    pub hidden: Vec<usize>,
    /// Classes.
    pub outputs: usize,
    /// Nonlinearity after each hidden layer.
    pub activation: Activation,
    /// Whether each hidden layer is normalised over the batch before its activation.
    pub batch_norm: bool,
    /// Dropout probability after each hidden layer: empty for none, one for all, or one per layer.
    pub dropout: Vec<f64>,
    /// Distribution of the initial weights.
    pub init: Init,
}

impl MlpConfig {
    /// A linear classifier, to be filled with hidden layers.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Self {
            inputs,
            hidden: Vec::new(),
            outputs,
            activation: Activation::default(),
            batch_norm: false,
            dropout: Vec::new(),
            init: Init::default(),
        }
    }

    /// Checks the configuration and draws the initial weights from `seed`.
    ///
    /// # Errors
    /// [`ModelError::Config`](crate::ModelError::Config) for a size of zero, or dropout that does not fit the hidden layers.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Mlp> {
        let dropout = self.checked_dropout()?;
        let mut initializer = Initializer::new(self.init, seed, device);
        let mut inputs = self.inputs;
        let mut hidden = Vec::with_capacity(self.hidden.len());
        for &width in &self.hidden {
            let norm = self.batch_norm.then(|| BatchNormConfig::new(width).init(device)).transpose()?;
            hidden.push(Block { linear: initializer.linear(inputs, width), norm });
            inputs = width;
        }
        Ok(Mlp {
            hidden,
            output: initializer.linear(inputs, self.outputs),
            activation: self.activation,
            dropout,
        })
    }

    /// Layer by layer output shapes, parameters and FLOPs.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn summary(&self) -> Result<Summary> {
        let dropout = self.checked_dropout()?;
        let mut layers = Vec::new();
        let mut inputs = self.inputs;
        for (index, (&width, &prob)) in self.hidden.iter().zip(&dropout).enumerate() {
            layers.push(LayerSummary::linear(format!("hidden.{index}.linear"), inputs, width));
            if self.batch_norm {
                layers.push(LayerSummary::batch_norm(format!("hidden.{index}.norm"), &[width]));
            }
            layers.push(LayerSummary::elementwise(self.activation.name().into(), &[width], 1));
            if prob > 0.0 {
                layers.push(LayerSummary::elementwise(format!("Dropout({prob})"), &[width], 0));
            }
            inputs = width;
        }
        layers.push(LayerSummary::linear("output".into(), inputs, self.outputs));
        Ok(Summary { input: vec![self.inputs], layers })
    }

    fn checked_dropout(&self) -> Result<Vec<f64>> {
        at_least_one("inputs", self.inputs)?;
        at_least_one("outputs", self.outputs)?;
        self.hidden.iter().try_for_each(|&width| at_least_one("hidden", width))?;
        let widths: Vec<usize> =
            [self.inputs].iter().chain(&self.hidden).chain([&self.outputs]).copied().collect();
        let weights =
            widths.windows(2).map(|pair| pair.iter().map(|&w| w as f64).product::<f64>()).sum::<f64>();
        most_weights("hidden", weights)?;
        spread_dropout(&self.dropout, self.hidden.len(), "hidden layers")
    }
}

impl Architecture for MlpConfig {
    type Network = Mlp;

    fn build(&self, seed: u64, device: &Device) -> Result<Mlp> {
        self.init(seed, device)
    }

    fn layers(&self) -> Result<Summary> {
        self.summary()
    }

    fn input_len(&self) -> usize {
        self.inputs
    }

    fn output_len(&self) -> usize {
        self.outputs
    }

    fn emit(&self, network: &Mlp, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let input = emitter.node("Flatten", &[input], [("axis", 1.into())]);
        let hidden = network.hidden.iter().enumerate();
        let features = hidden.into_iter().try_fold(input, |features, (layer, block)| {
            emitter.within(format!("hidden.{layer}"), |emitter| {
                let features =
                    emitter.within("linear", |emitter| emitter.linear(&block.linear, &features))?;
                let features = match &block.norm {
                    Some(norm) => emitter.within("norm", |emitter| norm.emit(emitter, &features))?,
                    None => features,
                };
                Ok::<_, crate::ModelError>(emitter.activation(network.activation, &features))
            })
        })?;
        emitter.within("output", |emitter| emitter.linear(&network.output, &features))
    }

    fn min_batch(&self) -> Result<usize> {
        Ok(if self.batch_norm && !self.hidden.is_empty() { 2 } else { 1 })
    }
}

impl Model for Mlp {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.flat())
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.forward_train(input.flat(), draws)
    }
}

/// One hidden layer.
#[derive(Module, Debug)]
struct Block {
    linear: Linear,
    norm: Option<BatchNorm>,
}

/// The network made by [`MlpConfig::init`].
#[derive(Module, Debug)]
pub struct Mlp {
    hidden: Vec<Block>,
    output: Linear,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    dropout: Vec<f64>,
}

impl Mlp {
    /// Logits of each class, without dropout.
    ///
    /// # Shapes
    /// `[batch, inputs]` to `[batch, outputs]`.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.layers(input, |features, _| features)
    }

    /// Logits of each class, with dropout drawn from `seed`.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn forward_train(&self, input: Tensor<2>, seed: u64) -> Tensor<2> {
        self.layers(input, |features, layer| {
            let prob = self.dropout.get(layer).copied().unwrap_or(0.0);
            dropout(features, prob, layer_seed(seed, layer))
        })
    }

    fn layers(&self, input: Tensor<2>, finish: impl Fn(Tensor<2>, usize) -> Tensor<2>) -> Tensor<2> {
        let features = self.hidden.iter().enumerate().fold(input, |features, (layer, block)| {
            let features = linear(&block.linear, features);
            let features = match &block.norm {
                Some(norm) => norm.forward(features),
                None => features,
            };
            finish(activation(features, self.activation), layer)
        });
        linear(&self.output, features)
    }
}

brasa_keys::table! {
    /// A multilayer perceptron, over any samples, flattened.
    pub struct MlpRecipe = "mlp" {
        /// Width of each hidden layer.
        hidden: Vec<usize> = vec![];
        /// Nonlinearity after each hidden layer.
        activation: Activation = Activation::default();
        /// Batch normalisation before each activation.
        batch_norm: bool = false;
        /// Dropout probability after the hidden layers: none, one for all, or one per layer.
        dropout: Vec<f64> = vec![];
        /// Distribution of the initial weights.
        init: Init = Init::default();
    }
}

impl ArchitectureKind for MlpRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::Mlp(MlpConfig {
            inputs: sizes.shape.iter().product(),
            hidden: self.hidden.clone(),
            outputs: sizes.outputs,
            activation: self.activation,
            batch_norm: self.batch_norm,
            dropout: self.dropout.clone(),
            init: self.init,
        })
    }

    fn takes_any_shape(&self) -> bool {
        true
    }
}
