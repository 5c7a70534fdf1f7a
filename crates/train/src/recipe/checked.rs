//! A recipe whose every value has been checked.

use brasa_data::CheckedData;
use brasa_models::{NetworkConfig, Summary};

use super::{ChosenMetrics, DataSizes, ModelKind, Recipe, RecipeError, perceptron, text};
use crate::metrics::{Direction, Metrics};
use crate::schedule::{Mode, Scheduler};

/// Steps per epoch that a schedule is checked with before the data are read; enough for any warm-up.
const STEPS_TO_CHECK: usize = 1_000_000;

/// A recipe that can be run: every table checked, every default that depends on another value filled in.
#[derive(Debug, Clone)]
pub struct CheckedRecipe {
    recipe: Recipe,
    data: CheckedData,
    metrics: ChosenMetrics,
}

impl CheckedRecipe {
    pub(super) fn new(mut recipe: Recipe, metrics: Metrics) -> Result<Self, RecipeError> {
        let data = recipe.data.check().map_err(|error| RecipeError::Refused(error.to_string()))?;
        recipe.loss.check()?;
        recipe.training.check()?;
        recipe.model = recipe.model.resolve()?;
        recipe.optimizer = recipe.optimizer.resolve()?;
        text::resolve(&mut recipe)?;
        perceptron::check(&recipe)?;
        let metrics = ChosenMetrics::new(&recipe.training, metrics)?;
        let checked = Self { recipe, data, metrics };
        // What can be said before the data are read is said now: sizes, dropout, schedule.
        let classes = checked.declared_classes().unwrap_or(2);
        checked.check_classes(classes)?;
        let shape = match (checked.declared_shape(), checked.recipe.model.kind) {
            (None, ModelKind::Mlp | ModelKind::Perceptron) => Some(vec![1]),
            (shape, _) => shape,
        };
        let augment = &checked.recipe.augment;
        match checked.declared_shape() {
            Some(shape) => augment.check(&shape).map(|_| ()),
            None => augment.check_values(),
        }
        .map_err(|error| RecipeError::Refused(error.to_string()))?;
        if let Some(shape) = shape {
            // How many words there are, the files tell.
            let network = checked.recipe.network(&DataSizes { shape, classes, words: 1 });
            network.summary().map_err(|error| RecipeError::Refused(error.to_string()))?;
        }
        checked.scheduler(STEPS_TO_CHECK)?;
        Ok(checked)
    }

    /// The recipe with its defaults filled in.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The same recipe with another `training.seed`.
    #[must_use]
    pub fn with_seed(&self, seed: u64) -> Self {
        let mut recipe = self.clone();
        recipe.recipe.training.seed = seed;
        recipe
    }

    /// Which metrics judge the recipe, and which of them decides.
    pub fn metrics(&self) -> &ChosenMetrics {
        &self.metrics
    }

    /// The checked `[data]` table.
    pub fn data(&self) -> &CheckedData {
        &self.data
    }

    /// The files that it reads: those of the data, and that of the vectors of words.
    pub fn file_names(&self) -> Vec<&str> {
        let vectors = self.recipe.embedding.as_ref().and_then(|embedding| embedding.file.as_deref());
        self.data.file_names().into_iter().chain(vectors).collect()
    }

    /// Shape of one sample as far as the recipe tells it without reading data.
    pub fn declared_shape(&self) -> Option<Vec<usize>> {
        match &self.recipe.model.input[..] {
            [] => self.data.declared_shape(),
            shape => Some(shape.to_vec()),
        }
    }

    /// Number of classes as far as the recipe tells it without reading data.
    pub fn declared_classes(&self) -> Option<usize> {
        self.data.declared_classes().map(<[String]>::len)
    }

    /// Whether the network can tell so many classes apart.
    ///
    /// # Errors
    /// [`RecipeError::Value`] for a perceptron and other than two.
    pub(crate) fn check_classes(&self, classes: usize) -> Result<(), RecipeError> {
        perceptron::check_classes(&self.recipe, classes)
    }

    /// The network, where the recipe tells its input and output sizes.
    ///
    /// # Errors
    /// [`RecipeError::Value`] naming the key that would tell them.
    pub fn declared_network(&self) -> Result<NetworkConfig, RecipeError> {
        let shape = self.declared_shape().ok_or_else(|| {
            RecipeError::value(
                "model.input",
                "the shape of one sample, as the data are not read here",
                "none",
            )
        })?;
        let classes = self.declared_classes().ok_or_else(|| {
            RecipeError::value(
                "the classes of the data",
                "the names of the classes, as the data are not read here",
                "none",
            )
        })?;
        if self.recipe.model.kind.reads_titles() {
            let expected = "the words of the titles, as the data are not read here";
            return Err(RecipeError::value("the vocabulary of the data", expected, "none"));
        }
        Ok(self.recipe.network(&DataSizes { shape, classes, words: 0 }))
    }

    /// The summary of [`declared_network`](Self::declared_network).
    ///
    /// # Errors
    /// As there.
    pub fn summary(&self) -> Result<Summary, RecipeError> {
        self.declared_network()?.summary().map_err(|error| RecipeError::Refused(error.to_string()))
    }

    /// The learning rate of a run of so many steps per epoch.
    ///
    /// # Errors
    /// [`RecipeError::Refused`] in the schedule's words.
    pub fn scheduler(&self, steps_per_epoch: usize) -> Result<Scheduler, RecipeError> {
        let Recipe { optimizer, schedule, training, .. } = &self.recipe;
        let schedule = schedule
            .check(optimizer.base_lr(), steps_per_epoch, training.epochs)
            .map_err(|error| RecipeError::Refused(error.to_string()))?;
        let mode = match self.metrics.monitor().direction() {
            Direction::HigherIsBetter => Mode::Max,
            Direction::LowerIsBetter => Mode::Min,
        };
        Ok(Scheduler::new(schedule, mode))
    }

    /// Steps of an epoch for a training side of `rows`.
    pub fn steps(&self, rows: usize) -> usize {
        rows.div_ceil(self.batch_size(rows))
    }

    /// The recipe as it runs on a training side of `rows`, the schedule's defaults filled in, too.
    ///
    /// # Errors
    /// [`RecipeError::Refused`] in the schedule's words.
    pub fn resolved(&self, rows: usize) -> Result<Recipe, RecipeError> {
        let schedule = self.scheduler(self.steps(rows))?.schedule().config().clone();
        Ok(Recipe { schedule, ..self.recipe.clone() })
    }

    /// Samples per step for a training side of `rows`.
    pub fn batch_size(&self, rows: usize) -> usize {
        match self.recipe.training.batch_size {
            0 => rows.max(1),
            size => size,
        }
    }
}
