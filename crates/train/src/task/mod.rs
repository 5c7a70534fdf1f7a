//! What is predicted, and how that is judged.

mod classes;
mod numbers;

use brasa_data::{Batch, BatchTargets, Targets};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::metrics::{ClassCounts, Figures, Metrics, Scores, TaskKind};
use crate::prepared::Prepared;
use crate::recipe::CheckedRecipe;

pub use classes::ClassTask;
pub use numbers::NumberTask;

/// What a model is to predict of each sample: it owns the objective and the judging.
pub trait Task: std::fmt::Debug + Send + Sync {
    /// Which metrics apply.
    fn kind(&self) -> TaskKind;

    /// Outputs that a model needs.
    fn outputs(&self) -> usize;

    /// The objective, mean over a batch.
    ///
    /// # Shapes
    /// `outputs [rows, outputs]` to `[1]`.
    fn loss(&self, outputs: Tensor<2>, batch: &Batch, device: &Device) -> Tensor<1>;

    /// What gathers the rows of one split; `rows` keeps each of them, as far as memory allows, for the metrics that need
    /// them.
    ///
    /// # Errors
    /// [`TrainError::Metrics`](crate::TrainError::Metrics) for a task that cannot be judged.
    fn judge(&self, rows: bool) -> Result<Box<dyn Judge>>;
}

/// Gathers the outputs of one split, batch by batch, and judges them as a whole.
pub trait Judge {
    /// Adds a batch and returns the sum of its rows' losses, the plain ones that figures are quoted in.
    ///
    /// # Shapes
    /// `outputs [rows, outputs]`, row-major.
    ///
    /// # Errors
    /// [`TrainError::Metrics`](crate::TrainError::Metrics) for outputs that do not go with the targets.
    fn push(&mut self, outputs: &[f32], targets: &BatchTargets) -> Result<f64>;

    /// The values of `metrics` over all rows so far.
    ///
    /// # Errors
    /// [`TrainError::Metrics`](crate::TrainError::Metrics) without rows.
    fn figures(&self, metrics: &Metrics) -> Result<Figures>;

    /// All that can be said of the rows so far.
    ///
    /// # Errors
    /// As [`figures`](Self::figures).
    fn scores(&self, metrics: &Metrics) -> Result<Scores>;

    /// What it has gathered, to go on with another time; rows that it keeps for metrics are not among it.
    fn tallied(&self) -> Tallied;

    /// Goes on with what another one had gathered.
    ///
    /// # Errors
    /// [`TrainError::Metrics`](crate::TrainError::Metrics) where that is of another task.
    fn restore(&mut self, tallied: Tallied) -> Result<()>;

    /// Why rows that were wanted were not kept; `None` where they were, and where they were not wanted.
    fn row_limit_words(&self) -> Option<String>;
}

/// What a [`Judge`] has gathered, as a checkpoint keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tallied {
    /// Of classes.
    Classes(ClassCounts),
    /// Of numbers.
    Numbers {
        /// What was predicted of each row, row-major, in the units of the data.
        predicted: Vec<f64>,
        /// What was right.
        targets: Vec<f64>,
        /// Sum of the rows' losses.
        loss_sum: f64,
    },
}

/// The task of a recipe on these data.
///
/// # Errors
/// [`TrainError`](crate::TrainError) where the loss does not fit the targets.
pub fn task(recipe: &CheckedRecipe, prepared: &Prepared) -> Result<Box<dyn Task>> {
    let recipe = recipe.recipe();
    Ok(match &prepared.data.targets {
        Targets::Classes(_) => Box::new(ClassTask::new(recipe, prepared)?),
        Targets::Numbers(_) => Box::new(NumberTask::new(&recipe.loss, prepared)),
    })
}
