//! A recipe is the whole experiment: one TOML file, and any of its values overridden on the command line.

mod at_once;
mod checked;
mod decision;
mod embedding;
mod error;
mod loss;
mod metrics;
mod model;
mod old;
mod optimizer;
mod overrides;
mod parse;
mod perceptron;
mod places;
mod read;
mod reference;
mod text;
mod training;
mod transfer;

use brasa_data::keys::Fault;
use brasa_data::{AugmentConfig, DataConfig, Location};
use brasa_models::{BagConfig, NetworkConfig};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::metrics::Metrics;
use crate::schedule::ScheduleConfig;
use places::Places;

pub use brasa_models::{
    ArchitectureRecipe, DataSizes, GruRecipe, LstmRecipe, MlpRecipe, PerceptronRecipe, SequentialRecipe,
    TextCnnRecipe, TextMlpRecipe,
};
pub use checked::CheckedRecipe;
pub use decision::{DecideBy, DecisionRecipe};
pub use embedding::{EmbeddingKind, EmbeddingRecipe, Fasttext, Random, VecFile};
pub use error::RecipeError;
pub use loss::*;
pub use metrics::ChosenMetrics;
pub use model::ModelRecipe;
pub(crate) use model::sizes_of;
pub use optimizer::*;
pub use reference::{Section, reference};
pub use training::{Kernels, TrainingRecipe};
pub use transfer::{FrozenNorm, TransferRecipe, Unfreeze};

/// An experiment as written: every table of the TOML file, unchecked. Read from a file, or made in code.
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
///
/// ```
/// use brasa_data::{CsvConfig, DataConfig, Scaling};
/// use brasa_train::Recipe;
/// use brasa_train::recipe::{Adamw, MlpRecipe, TrainingRecipe};
/// use brasa_train::schedule::Cosine;
///
/// let csv = CsvConfig {
///     file: Some("flowers.csv".into()),
///     target: Some("species".into()),
///     ..CsvConfig::default()
/// };
/// let recipe = Recipe::new(DataConfig { csv: Some(csv), scaling: Scaling::Standard, ..DataConfig::default() })
///     .model(MlpRecipe { hidden: vec![50, 50], ..MlpRecipe::default() })
///     .optimizer(Adamw { lr: 3e-3, ..Adamw::default() })
///     .schedule(Cosine::default())
///     .training(TrainingRecipe { epochs: 20, ..TrainingRecipe::default() })
///     .check()?;
/// assert!(recipe.recipe().to_toml()?.contains("kind = \"adamw\""));
///
/// let wrong = Recipe::new(recipe.recipe().data.clone()).optimizer(Adamw { lr: -1.0, ..Adamw::default() });
/// assert_eq!(wrong.check().unwrap_err().to_string(), "`optimizer.lr`: expected a number above 0, found -1");
/// # Ok::<(), brasa_train::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recipe {
    /// What the experiment shows, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where the samples come from, how they are split and scaled.
    pub data: DataConfig,
    /// How training samples are changed at random.
    #[serde(skip_serializing_if = "AugmentConfig::is_empty")]
    pub augment: AugmentConfig,
    /// The network.
    pub model: ModelRecipe,
    /// Models beside the network, trained on the same parts of the rows as a bag of it; each has a share in the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blend: Vec<ModelRecipe>,
    /// The vectors of words, for a network over titles alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding: Option<EmbeddingRecipe>,
    /// Weights that others trained, and what of the network learns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<TransferRecipe>,
    /// The objective.
    pub loss: LossRecipe,
    /// The update rule.
    pub optimizer: OptimizerRecipe,
    /// The learning rate over time.
    pub schedule: ScheduleConfig,
    /// Epochs, batches, seed and when to stop.
    pub training: TrainingRecipe,
    /// Which of two classes is answered; the more probable one without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionRecipe>,
    /// What is searched over, and how, as it is written: a search of hyperparameters knows what it means, a training passes
    /// over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<toml::Table>,
    /// Where its keys were written.
    #[serde(skip)]
    places: Places,
}

impl Recipe {
    /// A recipe over `data` whose other tables all have their defaults.
    pub fn new(data: DataConfig) -> Self {
        Self {
            description: String::new(),
            loss: LossRecipe::default_of(data.task),
            data,
            augment: AugmentConfig::default(),
            model: ModelRecipe::default(),
            blend: Vec::new(),
            embedding: None,
            transfer: None,
            optimizer: OptimizerRecipe::default(),
            schedule: ScheduleConfig::default(),
            training: TrainingRecipe::default(),
            decision: None,
            search: None,
            places: Places::default(),
        }
    }

    /// The same recipe with this description.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// The same recipe with this augmentation.
    #[must_use]
    pub fn augment(self, augment: AugmentConfig) -> Self {
        Self { augment, ..self }
    }

    /// The same recipe with this network: a kind such as [`MlpRecipe`], or a whole table.
    #[must_use]
    pub fn model(self, model: impl Into<ModelRecipe>) -> Self {
        Self { model: model.into(), ..self }
    }

    /// The same recipe with this model beside the network, for a bag of them.
    #[must_use]
    pub fn blend(mut self, model: impl Into<ModelRecipe>) -> Self {
        self.blend.push(model.into());
        self
    }

    /// The same recipe with these vectors of words: a kind such as [`Fasttext`].
    #[must_use]
    pub fn embedding(self, embedding: impl Into<EmbeddingRecipe>) -> Self {
        Self { embedding: Some(embedding.into()), ..self }
    }

    /// The same recipe with these weights to begin with, and this part of the network learning.
    #[must_use]
    pub fn transfer(self, transfer: TransferRecipe) -> Self {
        Self { transfer: Some(transfer), ..self }
    }

    /// The same recipe with this objective: a kind such as [`Huber`].
    #[must_use]
    pub fn loss(self, loss: impl Into<LossRecipe>) -> Self {
        Self { loss: loss.into(), ..self }
    }

    /// The same recipe with this update rule: a kind such as [`Adamw`].
    #[must_use]
    pub fn optimizer(self, optimizer: impl Into<OptimizerRecipe>) -> Self {
        Self { optimizer: optimizer.into(), ..self }
    }

    /// The same recipe with this schedule: a kind such as [`Cosine`](crate::schedule::Cosine), or a whole table.
    #[must_use]
    pub fn schedule(self, schedule: impl Into<ScheduleConfig>) -> Self {
        Self { schedule: schedule.into(), ..self }
    }

    /// The same recipe with these epochs, batches and seed.
    #[must_use]
    pub fn training(self, training: TrainingRecipe) -> Self {
        Self { training, ..self }
    }

    /// The same recipe with this choice between two classes.
    #[must_use]
    pub fn decision(self, decision: DecisionRecipe) -> Self {
        Self { decision: Some(decision), ..self }
    }

    /// Reads a recipe from TOML `text`; `label` names it in messages. Each of `overrides` is a
    /// `table.key=value` applied on top, its value in TOML or a bare word; without a value the key goes back to its default.
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

    /// The recipe as TOML, every key with its value.
    ///
    /// # Errors
    /// [`RecipeError::Syntax`] for a value that TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, RecipeError> {
        toml::to_string_pretty(self).map_err(|error| RecipeError::Syntax {
            at: Location::file("the recipe"),
            message: error.to_string(),
        })
    }

    /// Every value of the recipe under its dotted key, as `--set` has it: `optimizer.lr`. Lists are values.
    ///
    /// # Errors
    /// As [`to_toml`](Self::to_toml).
    pub fn flat(&self) -> Result<Vec<(String, serde_json::Value)>, RecipeError> {
        let value = serde_json::to_value(self).map_err(|error| RecipeError::Syntax {
            at: Location::file("the recipe"),
            message: error.to_string(),
        })?;
        let mut into = Vec::new();
        flatten(String::new(), value, &mut into);
        Ok(into)
    }

    /// The network for data of these sizes.
    pub fn network(&self, sizes: &DataSizes) -> NetworkConfig {
        let dims = self.embedding.as_ref().map_or(0, EmbeddingRecipe::dims);
        let network = |model: &ModelRecipe| {
            let network = model.network(sizes, dims);
            match self.augment.test_flip {
                // Whether it can, the check has said.
                true => network.clone().with_test_flip().unwrap_or(network),
                false => network,
            }
        };
        match self.training.bag {
            0 | 1 => network(&self.model),
            members => {
                let bag = |model: &ModelRecipe| vec![network(model); members];
                NetworkConfig::Bag(BagConfig::of(self.models().flat_map(bag).collect()))
            }
        }
    }

    /// The network, and the models beside it.
    pub fn models(&self) -> impl Iterator<Item = &ModelRecipe> {
        std::iter::once(&self.model).chain(&self.blend)
    }

    /// The tables of [`models`](Self::models), as messages call them.
    pub(crate) fn model_tables(&self) -> impl Iterator<Item = (String, &ModelRecipe)> {
        let table = |place: usize| match place.checked_sub(1) {
            None => "model".to_owned(),
            Some(place) => format!("blend[{place}]"),
        };
        self.models().enumerate().map(move |(place, model)| (table(place), model))
    }

    /// Which standard metrics it asks for, told before it is checked.
    ///
    /// # Errors
    /// [`RecipeError::Key`].
    pub fn metrics(&self) -> Result<ChosenMetrics, RecipeError> {
        ChosenMetrics::new(self.data.task, &self.training, Metrics::standard())
    }

    /// Checks every value and fills in the defaults that depend on others.
    ///
    /// # Errors
    /// [`RecipeError::Key`] for the first key with a value that cannot be.
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

    /// What is wrong at a key, with the line that it was written in.
    pub fn located(&self, fault: Fault) -> RecipeError {
        self.places.locate(fault)
    }

    /// The error with the line of its key, where the recipe knows it and the error does not.
    pub(crate) fn locate(&self, error: RecipeError) -> RecipeError {
        match error {
            RecipeError::Key { at: Location { file: None, line: None, key: Some(key), .. }, problem } => {
                self.places.locate(Fault { key, problem })
            }
            other => other,
        }
    }
}

impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = toml::Table::deserialize(deserializer)?;
        old::update(&mut table);
        read::recipe(table).map_err(D::Error::custom)
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
