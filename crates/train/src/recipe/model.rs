//! The `[model]` table.

use brasa_models::{Activation, Init, MlpConfig, NetworkConfig, PerceptronConfig};
use serde::{Deserialize, Serialize};

/// Architectures by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A multilayer perceptron.
    #[default]
    Mlp,
    /// A perceptron for two classes, taught by the error-driven rule: `[optimizer]` of kind `perceptron`, no layers.
    Perceptron,
}

/// The network; its input and output sizes come from the data.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelRecipe {
    /// Architecture.
    pub kind: ModelKind,
    /// Shape of one sample, needed only where the data's section does not tell it, as for image files; checked
    /// against the data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<usize>,
    /// Width of each hidden layer.
    pub hidden: Vec<usize>,
    /// Nonlinearity after each hidden layer.
    pub activation: Activation,
    /// Batch normalisation before each activation.
    pub batch_norm: bool,
    /// Dropout probability: empty for none, one for all hidden layers, or one per layer.
    pub dropout: Vec<f64>,
    /// Distribution of the initial weights.
    pub init: Init,
}

impl ModelRecipe {
    /// The network for samples of `shape` and so many `classes`.
    pub fn network(&self, shape: &[usize], classes: usize) -> NetworkConfig {
        match self.kind {
            ModelKind::Mlp => NetworkConfig::Mlp(MlpConfig {
                inputs: shape.iter().product(),
                hidden: self.hidden.clone(),
                outputs: classes,
                activation: self.activation,
                batch_norm: self.batch_norm,
                dropout: self.dropout.clone(),
                init: self.init,
            }),
            ModelKind::Perceptron => {
                NetworkConfig::Perceptron(PerceptronConfig { inputs: shape.iter().product() })
            }
        }
    }
}
