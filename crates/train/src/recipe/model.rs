//! The `[model]` table.

use brasa_models::{
    Activation, Cell, Init, LayerSpec, MlpConfig, NetworkConfig, PerceptronConfig, Pool, RecurrentConfig,
    SequentialConfig,
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
    /// Stacked LSTM layers over a time series.
    Lstm,
    /// Stacked GRU layers over a time series.
    Gru,
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
    /// `mlp`, `lstm`, `gru`: width of each hidden layer; none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Vec<usize>>,
    /// `mlp`: nonlinearity after each hidden layer; `relu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// `mlp`: batch normalisation before each activation; false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<bool>,
    /// `mlp`: dropout probability after the hidden layers; `lstm`, `gru`: between them; empty for none, one for all, or
    /// one per place; none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<Vec<f64>>,
    /// `sequential`: the layers, such as `"conv 16 5x5"`, `"relu"`, `"max-pool 2"`; a linear output follows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<LayerSpec>>,
    /// `lstm`, `gru`: whether the layers also run over the series from its end; false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bidirectional: Option<bool>,
    /// `lstm`, `gru`: what the output sees of the top layer's states, the `last` one or their `mean` over time; `last`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<Pool>,
    /// Distribution of the initial weights.
    pub init: Init,
}

impl ModelKind {
    /// The key's value, as written in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mlp => "mlp",
            Self::Sequential => "sequential",
            Self::Lstm => "lstm",
            Self::Gru => "gru",
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
        use ModelKind::{Gru, Lstm, Mlp, Sequential};
        if applies(&[Mlp, Lstm, Gru], "hidden", self.hidden.is_some())? {
            self.hidden.get_or_insert_default();
        }
        if applies(&[Mlp], "activation", self.activation.is_some())? {
            self.activation.get_or_insert_default();
        }
        if applies(&[Mlp], "batch_norm", self.batch_norm.is_some())? {
            self.batch_norm.get_or_insert_default();
        }
        if applies(&[Mlp, Lstm, Gru], "dropout", self.dropout.is_some())? {
            self.dropout.get_or_insert_default();
        }
        if applies(&[Sequential], "layers", self.layers.is_some())? {
            self.layers.get_or_insert_default();
        }
        if applies(&[Lstm, Gru], "bidirectional", self.bidirectional.is_some())? {
            self.bidirectional.get_or_insert_default();
        }
        if applies(&[Lstm, Gru], "pool", self.pool.is_some())? {
            self.pool.get_or_insert_default();
        }
        if matches!(kind, Lstm | Gru) && self.init != Init::default() {
            return Err(RecipeError::value("model.init", "\"pytorch\" for a recurrent network", "another"));
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
            ModelKind::Lstm | ModelKind::Gru => NetworkConfig::Recurrent(RecurrentConfig {
                input: shape.to_vec(),
                cell: if self.kind == ModelKind::Gru { Cell::Gru } else { Cell::Lstm },
                hidden: self.hidden.clone().unwrap_or_default(),
                bidirectional: self.bidirectional.unwrap_or_default(),
                pool: self.pool.unwrap_or_default(),
                dropout: self.dropout.clone().unwrap_or_default(),
                outputs: classes,
            }),
            ModelKind::Perceptron => {
                NetworkConfig::Perceptron(PerceptronConfig { inputs: shape.iter().product() })
            }
        }
    }
}
