//! A recipe is the whole experiment: one TOML file, and any of its values overridden on the command line.

mod checked;
mod embedding;
mod metrics;
mod model;
mod optimizer;
mod parse;
mod perceptron;
mod text;
mod training;

use brasa_data::{AugmentConfig, DataConfig};
use brasa_models::NetworkConfig;
use serde::{Deserialize, Serialize};

use crate::metrics::Metrics;
use crate::schedule::ScheduleConfig;

pub use checked::CheckedRecipe;
pub use embedding::{EmbeddingKind, EmbeddingRecipe};
pub use metrics::ChosenMetrics;
pub use model::{DataSizes, ModelKind, ModelRecipe};
pub use optimizer::{OptimizerKind, OptimizerRecipe};
pub use parse::RecipeError;
pub use parse::parse_resolved;
pub use training::{ClassWeights, Kernels, LossRecipe, TrainingRecipe, WeightRule};

/// An experiment as written: every table of the TOML file, unchecked.
///
/// ```
/// use brasa_train::Recipe;
///
/// let text = r#"
///     [data.csv]
///     file = "flowers.csv"
///     features = ["length", "width"]
///     target = "species"
///     classes = ["setosa", "virginica"]
///     [model]
///     hidden = [50]
///     [optimizer]
///     kind = "adam"
///     lr = 1e-3
/// "#;
/// let recipe = Recipe::parse("flowers.toml", text, &["training.epochs=5".into()])?.check()?;
/// assert_eq!(recipe.recipe().training.epochs, 5);
///
/// let wrong = Recipe::parse("flowers.toml", text, &["optimizer.lrr=0.1".into()]);
/// assert!(wrong.unwrap_err().to_string().contains("did you mean `lr`?"));
/// # Ok::<(), brasa_train::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the experiment shows, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where the samples come from, how they are split and scaled.
    pub data: DataConfig,
    /// How training samples are changed at random.
    #[serde(default, skip_serializing_if = "AugmentConfig::is_empty")]
    pub augment: AugmentConfig,
    /// The network.
    #[serde(default)]
    pub model: ModelRecipe,
    /// The vectors of words, for a network over titles alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<EmbeddingRecipe>,
    /// The objective.
    #[serde(default)]
    pub loss: LossRecipe,
    /// The update rule.
    #[serde(default)]
    pub optimizer: OptimizerRecipe,
    /// The learning rate over time.
    #[serde(default)]
    pub schedule: ScheduleConfig,
    /// Epochs, batches, seed and when to stop.
    #[serde(default)]
    pub training: TrainingRecipe,
}

impl Recipe {
    /// Reads a recipe from TOML `text`; `label` names it in messages. Each of `overrides` is a
    /// `table.key=value` applied on top, its value in TOML or a bare word.
    ///
    /// # Errors
    /// [`RecipeError`] with the line, the key, and the nearest valid key.
    pub fn parse(label: &str, text: &str, overrides: &[String]) -> Result<Self, RecipeError> {
        parse::parse(label, text, None, overrides)
    }

    /// As [`parse`](Self::parse), on other data: the tables of `source` replace where the recipe's data are and how they
    /// are split; its scaling and limit stay, and so does the split where `source` names none.
    ///
    /// # Errors
    /// As there.
    pub fn parse_on(
        label: &str,
        text: &str,
        source: &str,
        overrides: &[String],
    ) -> Result<Self, RecipeError> {
        parse::parse(label, text, Some(source), overrides)
    }

    /// The recipe as TOML.
    pub fn to_toml(&self) -> String {
        // Every field serialises to a TOML value, tables last.
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// Every value of the recipe under its dotted key, as `--set` has it: `optimizer.lr`. Lists are values.
    pub fn flat(&self) -> Vec<(String, serde_json::Value)> {
        let mut into = Vec::new();
        // Every field serialises to JSON.
        flatten(String::new(), serde_json::to_value(self).unwrap_or_default(), &mut into);
        into
    }

    /// The network for data of these sizes.
    pub fn network(&self, sizes: &DataSizes) -> NetworkConfig {
        self.model.network(sizes, self.embedding.as_ref().map_or(0, EmbeddingRecipe::dims))
    }

    /// Which standard metrics it asks for, told before it is checked.
    ///
    /// # Errors
    /// [`RecipeError::UnknownMetric`].
    pub fn metrics(&self) -> Result<ChosenMetrics, RecipeError> {
        ChosenMetrics::new(&self.training, Metrics::standard())
    }

    /// Checks every value and fills in the defaults that depend on others.
    ///
    /// # Errors
    /// [`RecipeError::Value`] for the first key with a value that cannot be.
    pub fn check(self) -> Result<CheckedRecipe, RecipeError> {
        self.check_with(Metrics::standard())
    }

    /// As [`check`](Self::check), with these metrics to choose from: [`Metrics::with`] adds one's own.
    ///
    /// # Errors
    /// As there.
    pub fn check_with(self, metrics: Metrics) -> Result<CheckedRecipe, RecipeError> {
        CheckedRecipe::new(self, metrics)
    }
}

fn flatten(key: String, value: serde_json::Value, into: &mut Vec<(String, serde_json::Value)>) {
    match value {
        serde_json::Value::Object(table) => {
            for (name, value) in table {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                flatten(key, value, into);
            }
        }
        serde_json::Value::Null => {}
        value => into.push((key, value)),
    }
}
