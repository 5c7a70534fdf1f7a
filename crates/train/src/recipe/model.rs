//! The `[model]` table.

use brasa_models::{
    Activation, Init, LayerSpec, MlpConfig, NetworkConfig, PerceptronConfig, SequentialConfig,
};
use serde::{Deserialize, Serialize};

use super::RecipeError;

/// Architectures by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A multilayer perceptron.
    #[default]
    Mlp,
    /// The layers that `layers` lists, one after another: convolutional networks and others.
    Sequential,
    /// A perceptron for two classes, taught by the error-driven rule: `[optimizer]` of kind `perceptron`, no layers.
    Perceptron,
}

/// The network; its input and output sizes come from the data. A key that its kind does not have is refused; one left
/// out takes the kind's default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelRecipe {
    /// Architecture.
    pub kind: ModelKind,
    /// Shape of one sample, needed only where the data's section does not tell it, as for image files; checked
    /// against the data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<usize>,
    /// `mlp`: width of each hidden layer; none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Vec<usize>>,
    /// `mlp`: nonlinearity after each hidden layer; `relu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// `mlp`: batch normalisation before each activation; false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<bool>,
    /// `mlp`: dropout probability, none, one for all hidden layers, or one per layer; none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<Vec<f64>>,
    /// `sequential`: the layers, such as `"conv 16 5x5"`, `"relu"`, `"max-pool 2"`; a linear output follows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<LayerSpec>>,
    /// Distribution of the initial weights.
    pub init: Init,
}

impl ModelKind {
    /// The key's value, as written in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mlp => "mlp",
            Self::Sequential => "sequential",
            Self::Perceptron => "perceptron",
        }
    }
}

impl ModelRecipe {
    /// Fills in the defaults of its kind.
    ///
    /// # Errors
    /// [`RecipeError::Value`] for a key that the kind does not have.
    pub(crate) fn resolve(mut self) -> Result<Self, RecipeError> {
        let kind = self.kind;
        let applies = |kinds: &[ModelKind], key: &str, given: bool| match given && !kinds.contains(&kind) {
            true => Err(RecipeError::value(
                &format!("model.{key}"),
                format!("no such key for kind `{}`", kind.name()),
                "a value",
            )),
            false => Ok(kinds.contains(&kind)),
        };
        use ModelKind::{Mlp, Sequential};
        if applies(&[Mlp], "hidden", self.hidden.is_some())? {
            self.hidden.get_or_insert_default();
        }
        if applies(&[Mlp], "activation", self.activation.is_some())? {
            self.activation.get_or_insert_default();
        }
        if applies(&[Mlp], "batch_norm", self.batch_norm.is_some())? {
            self.batch_norm.get_or_insert_default();
        }
        if applies(&[Mlp], "dropout", self.dropout.is_some())? {
            self.dropout.get_or_insert_default();
        }
        if applies(&[Sequential], "layers", self.layers.is_some())? {
            self.layers.get_or_insert_default();
        }
        Ok(self)
    }

    /// The network for samples of `shape` and so many `classes`.
    pub fn network(&self, shape: &[usize], classes: usize) -> NetworkConfig {
        match self.kind {
            ModelKind::Mlp => NetworkConfig::Mlp(MlpConfig {
                inputs: shape.iter().product(),
                hidden: self.hidden.clone().unwrap_or_default(),
                outputs: classes,
                activation: self.activation.unwrap_or_default(),
                batch_norm: self.batch_norm.unwrap_or_default(),
                dropout: self.dropout.clone().unwrap_or_default(),
                init: self.init,
            }),
            ModelKind::Sequential => NetworkConfig::Sequential(SequentialConfig {
                input: shape.to_vec(),
                layers: self.layers.clone().unwrap_or_default(),
                outputs: classes,
                init: self.init,
            }),
            ModelKind::Perceptron => {
                NetworkConfig::Perceptron(PerceptronConfig { inputs: shape.iter().product() })
            }
        }
    }
}
