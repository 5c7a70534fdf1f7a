//! The `[model]` table.

use brasa_data::Labelled;
use brasa_models::{
    Activation, Cell, Init, LayerSpec, MlpConfig, NetworkConfig, PerceptronConfig, Pool, RecurrentConfig,
    SequentialConfig, TextConfig, TextReader,
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
    /// Filters over neighbouring words of a title ([Kim 2014](https://arxiv.org/abs/1408.5882)).
    TextCnn,
    /// Layers over the mean of the vectors of a title's words.
    TextMlp,
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
    /// `mlp`, `lstm`, `gru`, `text-mlp`: width of each hidden layer; none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Vec<usize>>,
    /// `mlp`: nonlinearity after each hidden layer; `relu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// `mlp`: batch normalisation before each activation; false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<bool>,
    /// `mlp`: dropout probability after the hidden layers; `lstm`, `gru`: between them; empty for none, one for all, or
    /// one per place; `text-cnn`, `text-mlp`: one, before the output and after each hidden layer; none.
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
    /// `text-cnn`: how many words a filter sees; there are `filters` of each size; [2, 3, 4].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_sizes: Option<Vec<usize>>,
    /// `text-cnn`: filters of each size; 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<usize>,
    /// `text-cnn`, `text-mlp`: whether the vectors of words stay as `[embedding]` gives them; false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen: Option<bool>,
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
            Self::TextCnn => "text-cnn",
            Self::TextMlp => "text-mlp",
            Self::Perceptron => "perceptron",
        }
    }

    /// Whether its samples are titles.
    pub fn reads_titles(self) -> bool {
        matches!(self, Self::TextCnn | Self::TextMlp)
    }
}

/// What the data decide of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSizes {
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Classes.
    pub classes: usize,
    /// Words of the vocabulary; 0 where the samples are no titles.
    pub words: usize,
}

impl DataSizes {
    /// The sizes of data that were read.
    pub fn of(data: &Labelled) -> Self {
        Self {
            shape: data.samples.shape().to_vec(),
            classes: data.class_count(),
            words: data.text.as_ref().map_or(0, |text| text.vocabulary.len()),
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
        use ModelKind::{Gru, Lstm, Mlp, Sequential, TextCnn, TextMlp};
        if applies(&[Mlp, Lstm, Gru, TextMlp], "hidden", self.hidden.is_some())? {
            self.hidden.get_or_insert_default();
        }
        if applies(&[Mlp], "activation", self.activation.is_some())? {
            self.activation.get_or_insert_default();
        }
        if applies(&[Mlp], "batch_norm", self.batch_norm.is_some())? {
            self.batch_norm.get_or_insert_default();
        }
        if applies(&[Mlp, Lstm, Gru, TextCnn, TextMlp], "dropout", self.dropout.is_some())? {
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
        if applies(&[TextCnn], "filter_sizes", self.filter_sizes.is_some())? {
            self.filter_sizes.get_or_insert_with(|| vec![2, 3, 4]);
        }
        if applies(&[TextCnn], "filters", self.filters.is_some())? {
            self.filters.get_or_insert(100);
        }
        if applies(&[TextCnn, TextMlp], "frozen", self.frozen.is_some())? {
            self.frozen.get_or_insert_default();
        }
        if kind.reads_titles() {
            let expected = |what: &str| format!("{what} for kind `{}`", kind.name());
            if let Some(several) = self.dropout.as_ref().filter(|dropout| dropout.len() > 1) {
                return Err(RecipeError::value("model.dropout", expected("one number"), several.len()));
            }
            if self.init != Init::default() {
                return Err(RecipeError::value("model.init", expected("\"pytorch\""), "another"));
            }
        }
        if matches!(kind, Lstm | Gru) && self.init != Init::default() {
            return Err(RecipeError::value("model.init", "\"pytorch\" for a recurrent network", "another"));
        }
        Ok(self)
    }

    /// The network for data of these sizes, with vectors of `dims` numbers where it reads titles.
    pub(super) fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
        let DataSizes { shape, classes, words } = sizes;
        let classes = *classes;
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
            ModelKind::TextCnn | ModelKind::TextMlp => NetworkConfig::Text(TextConfig {
                words: *words,
                dims,
                length: shape.iter().product(),
                frozen: self.frozen.unwrap_or_default(),
                reader: match self.kind {
                    ModelKind::TextMlp => TextReader::Mlp { hidden: self.hidden.clone().unwrap_or_default() },
                    _ => TextReader::Cnn {
                        filter_sizes: self.filter_sizes.clone().unwrap_or_default(),
                        filters: self.filters.unwrap_or_default(),
                    },
                },
                dropout: self.dropout.as_ref().and_then(|dropout| dropout.first()).copied().unwrap_or(0.0),
                outputs: classes,
            }),
            ModelKind::Perceptron => {
                NetworkConfig::Perceptron(PerceptronConfig { inputs: shape.iter().product() })
            }
        }
    }
}
