//! A recipe whose every value has been checked.

use brasa_data::keys::Fault;
use brasa_data::{CheckedData, DataError, seed};
use brasa_models::{ModelError, NetworkConfig, Summary};

use super::{
    ChosenMetrics, DataSizes, EmbeddingRecipe, Recipe, RecipeError, at_once, decision, perceptron, text,
    transfer,
};
use crate::metrics::{Direction, Metrics};
use crate::schedule::{Mode, ScheduleError, Scheduler};

/// Steps per epoch that a schedule is checked with before the data are read; enough for any warm-up.
const STEPS_TO_CHECK: usize = 1_000_000;

/// Purpose of the seed of a network of a bag, for [`seed::derive`].
const MEMBER: u64 = 0x0062_6167; // "bag"

/// A recipe that can be run: every table checked, every default that depends on another value filled in.
#[derive(Debug, Clone)]
pub struct CheckedRecipe {
    recipe: Recipe,
    data: CheckedData,
    metrics: ChosenMetrics,
}

impl CheckedRecipe {
    pub(super) fn new(recipe: Recipe, metrics: Metrics) -> Result<Self, RecipeError> {
        let places = recipe.places.clone();
        Self::checked(recipe, metrics).map_err(|fault| places.locate(fault))
    }

    fn checked(mut recipe: Recipe, metrics: Metrics) -> Result<Self, Fault> {
        let data = recipe.data.check().map_err(data_fault)?;
        recipe.loss.check(recipe.data.task).map_err(|fault| fault.within("loss"))?;
        recipe.training.check().map_err(fault)?;
        if i64::try_from(recipe.training.seed).is_err() {
            let expected = format!("a number from 0 to {}", i64::MAX);
            return Err(Fault::value("training.seed", expected, recipe.training.seed));
        }
        for (table, model) in recipe.model_tables() {
            model.check().map_err(|fault| fault.within(&table))?;
        }
        recipe.optimizer.check().map_err(|fault| fault.within("optimizer"))?;
        text::resolve(&mut recipe)?;
        perceptron::check(&recipe)?;
        at_once::check(&recipe)?;
        transfer::check(&recipe)?;
        decision::check(&recipe)?;
        let metrics = ChosenMetrics::new(recipe.data.task, &recipe.training, metrics).map_err(fault)?;
        let checked = Self { recipe, data, metrics };
        // What can be said before the data are read is said now: sizes, dropout, schedule.
        let outputs = checked.declared_outputs().unwrap_or(2);
        perceptron::check_classes(&checked.recipe, outputs)?;
        let augment = &checked.recipe.augment;
        match checked.declared_shape() {
            Some(shape) => augment.check(&shape).map(|_| ()),
            None => augment.check_values(),
        }
        .map_err(data_fault)?;
        checked.check_test_flip()?;
        if let Some(shape) = checked.declared_shape() {
            for (table, model) in checked.recipe.model_tables() {
                let fits = model.architecture.kind().check_shape(&shape);
                fits.map_err(|fault| fault.within(&table))?;
            }
        }
        let any = checked.recipe.model.architecture.kind().takes_any_shape().then(|| vec![1]);
        if let Some(shape) = checked.declared_shape().or(any) {
            // How many words there are, the files tell.
            let network =
                checked.recipe.network(&DataSizes { shape, outputs, words: 1, ..DataSizes::default() });
            network.summary().map_err(model_fault)?;
        }
        checked.fitted_scheduler(STEPS_TO_CHECK)?;
        Ok(checked)
    }

    /// Refuses a flip of images that the network would not look at.
    fn check_test_flip(&self) -> Result<(), Fault> {
        if !self.recipe.augment.test_flip {
            return Ok(());
        }
        let shape = self.declared_shape().unwrap_or_else(|| vec![3, 8, 8]);
        let sizes = DataSizes { shape, outputs: 2, words: 1, ..DataSizes::default() };
        match self.recipe.models().find(|model| model.network(&sizes, 1).with_test_flip().is_none()) {
            Some(model) => {
                let words = format!("is for networks of layers over images; \"{}\" is none", model.name());
                Err(Fault::refused("augment.test_flip", words))
            }
            None => Ok(()),
        }
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

    /// The recipe of one member of a bag: of the network (0) or of a model beside it, and of a part of the rows, from 0.
    pub(crate) fn member(&self, kind: usize, part: usize) -> Self {
        let purpose = [MEMBER, part as u64, kind as u64];
        let purpose = if kind == 0 { &purpose[..2] } else { &purpose };
        let mut recipe = self.with_seed(seed::derive(self.recipe.training.seed, purpose) >> 1);
        if let Some(model) = self.recipe.models().nth(kind) {
            recipe.recipe.model = model.clone();
        }
        recipe.recipe.blend.clear();
        recipe.recipe.training.bag = 1;
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

    /// The files that it reads beside one another: those of the data, and that of the vectors of words. Weights that it begins with
    /// may be elsewhere.
    pub fn file_names(&self) -> Vec<&str> {
        let vectors = self.recipe.embedding.as_ref().and_then(EmbeddingRecipe::file);
        self.data.file_names().into_iter().chain(vectors).collect()
    }

    /// Shape of one sample as far as the recipe tells it without reading data.
    pub fn declared_shape(&self) -> Option<Vec<usize>> {
        match &self.recipe.model.input[..] {
            [] => self.data.declared_shape(),
            shape => Some(shape.to_vec()),
        }
    }

    /// Number of outputs, classes or numbers to predict, as far as the recipe tells it without reading data.
    pub fn declared_outputs(&self) -> Option<usize> {
        self.data.declared_outputs()
    }

    /// Whether the network can tell so many classes apart.
    ///
    /// # Errors
    /// [`RecipeError::Key`] for a perceptron and other than two.
    pub(crate) fn check_classes(&self, classes: usize) -> Result<(), RecipeError> {
        perceptron::check_classes(&self.recipe, classes).map_err(|fault| self.recipe.places.locate(fault))
    }

    /// The network, where the recipe tells its input and output sizes.
    ///
    /// # Errors
    /// [`RecipeError::Key`] naming the key that would tell them.
    pub fn declared_network(&self) -> Result<NetworkConfig, RecipeError> {
        let shape = self.declared_shape().ok_or_else(|| {
            RecipeError::value(
                "model.input",
                "the shape of one sample, as the data are not read here",
                "none",
            )
        })?;
        let outputs = self.declared_outputs().ok_or_else(|| {
            RecipeError::value(
                "the classes of the data",
                "the names of the classes, as the data are not read here",
                "none",
            )
        })?;
        if self.recipe.model.reads_titles() {
            let expected = "the words of the titles, as the data are not read here";
            return Err(RecipeError::value("the vocabulary of the data", expected, "none"));
        }
        Ok(self.recipe.network(&DataSizes { shape, outputs, ..DataSizes::default() }))
    }

    /// The summary of [`declared_network`](Self::declared_network).
    ///
    /// # Errors
    /// As there.
    pub fn summary(&self) -> Result<Summary, RecipeError> {
        let network = self.declared_network()?;
        network.summary().map_err(|error| self.recipe.places.locate(model_fault(error)))
    }

    /// The learning rate of a run of so many steps per epoch.
    ///
    /// # Errors
    /// [`RecipeError::Key`] where the schedule does not fit the run.
    pub fn scheduler(&self, steps_per_epoch: usize) -> Result<Scheduler, RecipeError> {
        self.fitted_scheduler(steps_per_epoch).map_err(|fault| self.recipe.places.locate(fault))
    }

    fn fitted_scheduler(&self, steps_per_epoch: usize) -> Result<Scheduler, Fault> {
        let Recipe { optimizer, schedule, training, .. } = &self.recipe;
        let lr = optimizer.base_lr() * self.recipe.model.rate;
        let schedule = schedule.check(lr, steps_per_epoch, training.epochs).map_err(|error| match error {
            ScheduleError::Key(fault) => fault.within("schedule"),
            other => Fault::refused("schedule", other.to_string()),
        })?;
        let mode = match self.metrics.monitor().direction() {
            Direction::HigherIsBetter => Mode::Max,
            Direction::LowerIsBetter => Mode::Min,
        };
        Ok(Scheduler::new(schedule, mode))
    }

    /// Steps of an epoch for a training split of `rows`.
    pub fn steps(&self, rows: usize) -> usize {
        rows.div_ceil(self.batch_size(rows))
    }

    /// The recipe as it runs on a training split of `rows`, the schedule's defaults filled in, too.
    ///
    /// # Errors
    /// [`RecipeError::Key`] where the schedule does not fit the run.
    pub fn resolved(&self, rows: usize) -> Result<Recipe, RecipeError> {
        let schedule = self.scheduler(self.steps(rows))?.schedule().config();
        Ok(Recipe { schedule, ..self.recipe.clone() })
    }

    /// Samples per step for a training split of `rows`.
    pub fn batch_size(&self, rows: usize) -> usize {
        match self.recipe.training.batch_size {
            0 => rows.max(1),
            size => size,
        }
    }
}

/// The fault of a table that checks itself.
fn fault(error: RecipeError) -> Fault {
    match error {
        RecipeError::Key { at, problem } => Fault { key: at.key.unwrap_or_default(), problem },
        other => Fault::refused("", other.to_string()),
    }
}

fn data_fault(error: DataError) -> Fault {
    match error {
        DataError::Config { table, at, problem } => {
            Fault::refused(&format!("{table}.{}", at.key.unwrap_or_default()), problem)
        }
        other => Fault::refused("", other.to_string()),
    }
}

fn model_fault(error: ModelError) -> Fault {
    match error {
        ModelError::Config { key, expected, found } => Fault::value(&format!("model.{key}"), expected, found),
        other => Fault::refused("model", other.to_string()),
    }
}
