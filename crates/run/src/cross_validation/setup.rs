//! What is cross-validated, and the training of one fold.

use std::sync::Arc;
use std::time::Instant;

use brasa_data::keys::Fault;
use brasa_data::{Files, FoldPlan, FoldRows, Labelled, Role, Split, absent_classes, seed};
use brasa_train::{MakeRule, TrainError, train_network};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::{CrossValidated, FoldId, FoldLeaks, FoldResult, FoldSummary, HeldOut};
use brasa_train::Callback;
use brasa_train::score_outputs;

use crate::{Result, RunError};
use brasa_train::Prepared;
use brasa_train::recipe::CheckedRecipe;

/// Purpose of the training seed of a fold, for [`seed::derive`].
const FOLD_SEED: u64 = 0x666f6c64; // "fold"

/// More repeats than this tell nothing new.
const MOST_REPEATS: usize = 1000;

/// How often the data are dealt to how many folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossValidationConfig {
    /// Folds of each repeat, at least 2.
    pub folds: usize,
    /// Repeats, from 1 to 1000.
    pub repeats: usize,
    /// Which rows are dealt to the folds.
    #[serde(default)]
    pub rows: FoldRows,
}

impl Default for CrossValidationConfig {
    fn default() -> Self {
        Self { folds: 5, repeats: 1, rows: FoldRows::default() }
    }
}

/// Cross-validation that can be run: data read, folds known to be possible.
#[derive(Debug, Clone)]
pub struct CrossValidation {
    recipe: CheckedRecipe,
    data: Arc<Labelled>,
    files: Files,
    plan: FoldPlan,
    repeats: usize,
}

impl CrossValidation {
    /// Reads the data and plans the folds.
    ///
    /// # Errors
    /// As [`Prepared::new`]; [`RunError::Train`] for a number of folds that the data do not allow, and
    /// [`RunError::Repeats`].
    pub fn new(recipe: &CheckedRecipe, files: &Files, config: CrossValidationConfig) -> Result<Self> {
        if !(1..=MOST_REPEATS).contains(&config.repeats) {
            return Err(RunError::Repeats { most: MOST_REPEATS, found: config.repeats });
        }
        Prepared::check_files(recipe, files)?;
        let data = Prepared::load(recipe, files)?;
        let split = recipe.data().split();
        let plan = match split.folds_from().filter(|_| config.rows == FoldRows::All) {
            Some(name) => {
                if config.repeats > 1 {
                    let problem = "names the folds, which are the same in every repeat; leave --repeats out";
                    let fault = Fault::refused("data.split.folds_from", problem);
                    return Err(TrainError::from(recipe.recipe().located(fault)).into());
                }
                let file = files.read(name)?;
                FoldPlan::given(&data, split, &file.label, &file.bytes)?
            }
            None => FoldPlan::new(&data, split, config.rows, config.folds)?,
        };
        let planned = Self {
            recipe: recipe.clone(),
            data: Arc::new(data),
            files: files.clone(),
            plan,
            repeats: config.repeats,
        };
        planned.check()?;
        Ok(planned)
    }

    /// The same folds of the same data for another recipe whose `[data]` and `[embedding]` are the same.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_recipe(&self, recipe: &CheckedRecipe) -> Result<Self> {
        Prepared::check_data(recipe, &self.data)?;
        let planned = Self { recipe: recipe.clone(), ..self.clone() };
        planned.check()?;
        Ok(planned)
    }

    fn check(&self) -> Result<()> {
        let split = self.split(FoldId { repeat: 1, fold: 1 })?;
        self.recipe.scheduler(self.recipe.steps(split.train.len()))?;
        Ok(())
    }

    /// Every fold of every repeat, in order.
    pub fn folds(&self) -> Vec<FoldId> {
        let folds = 1..=self.plan.folds();
        (1..=self.repeats).flat_map(|repeat| folds.clone().map(move |fold| FoldId { repeat, fold })).collect()
    }

    /// Repeats of the whole.
    pub fn repeats(&self) -> usize {
        self.repeats
    }

    /// Which rows are dealt to the folds, and how.
    pub fn plan(&self) -> &FoldPlan {
        &self.plan
    }

    /// The data.
    pub fn data(&self) -> &Labelled {
        &self.data
    }

    /// The recipe, with the seed that those of the folds derive from.
    pub fn recipe(&self) -> &CheckedRecipe {
        &self.recipe
    }

    /// The rows of one fold: those it trains on, those that choose its weights, and as test split those it holds out.
    ///
    /// # Errors
    /// [`RunError::Train`] for a fold that there is not.
    pub fn split(&self, id: FoldId) -> Result<Split> {
        let from_zero = |number: usize| number.wrapping_sub(1);
        Ok(self.plan.split(&self.data, from_zero(id.repeat), from_zero(id.fold))?)
    }

    /// Trains one fold, keeps the weights that are best by the monitored figure of its validation split, and scores
    /// them on the held-out rows. The scaler is fitted on the rows it trains on alone.
    ///
    /// # Errors
    /// As [`split`](Self::split) and [`train`](brasa_train::train).
    pub fn run_fold(
        &self,
        id: FoldId,
        rule: Option<MakeRule>,
        device: &Device,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<FoldResult> {
        let started = Instant::now();
        let base = self.recipe.recipe().training.seed;
        let recipe =
            self.recipe.with_seed(seed::derive(base, &[FOLD_SEED, id.repeat as u64, id.fold as u64]));
        let prepared = Prepared::from_split(&recipe, self.data.clone(), self.split(id)?, &self.files)?;
        let outcome = train_network(&recipe, &prepared, rule, device, callbacks)?;

        let held_out = &prepared.split.test;
        let (scores, outputs) = score_outputs(&outcome.model, &recipe, &prepared, held_out, device)?;
        let width = outputs.len() / held_out.len().max(1);
        let predictions = outputs
            .chunks(width.max(1))
            .zip(held_out)
            .filter_map(|(outputs, &row)| HeldOut::of(&prepared, row, outputs));
        let shared = prepared.leaks.pair(Role::Train, Role::Test).map_or(0, |pair| pair.shared_groups);
        Ok(FoldResult {
            predictions: predictions.collect(),
            summary: FoldSummary {
                id,
                train_rows: prepared.split.train.len(),
                valid_rows: prepared.split.valid.len(),
                epochs: outcome.history.len(),
                best_epoch: outcome.best_epoch,
                stop: outcome.stop,
                seconds: started.elapsed().as_secs_f64(),
                leaks: FoldLeaks { duplicates: prepared.leaks.test_duplicates.len(), shared_groups: shared },
                absent_classes: absent_classes(&self.data, &prepared.split)
                    .iter()
                    .map(|absent| absent.sentence(part_name))
                    .collect(),
                scores,
            },
        })
    }

    /// Puts the results of all folds together; their order does not matter.
    ///
    /// # Errors
    /// [`RunError::FoldResults`] unless there is one result for each fold.
    pub fn summarise(&self, results: Vec<FoldResult>) -> Result<CrossValidated> {
        CrossValidated::new(self, results)
    }
}

/// What the parts of a fold are called.
fn part_name(role: Role) -> &'static str {
    match role {
        Role::Train => "training",
        Role::Valid => "validation",
        Role::Test => "held-out",
    }
}
