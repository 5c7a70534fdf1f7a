//! Folds: one by itself, or one after another as a trial that is judged by all of them.

use std::path::Path;
use std::time::Instant;

use brasa_run::RunFolder;
use brasa_run::cross_validation::{CrossValidation, CrossValidationConfig, FoldId, add_counts};
use brasa_train::CheckedRecipe;
use serde::{Deserialize, Serialize};

use super::{Worker, say, tables_of};
use crate::context;
use crate::error::{CliError, Result};
use crate::trial::{Ended, Ending, Line, Said, TrialJob};

/// What a trial's checkpoint is: its folds so far.
const FOLDS: &str = "folds.json";

/// What a fold says of its trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct FoldFigure {
    value: f64,
    confusion: Option<Vec<Vec<u64>>>,
}

impl Worker<'_> {
    pub(super) fn fold(
        &mut self,
        job: &TrialJob,
        recipe: &CheckedRecipe,
        config: CrossValidationConfig,
        id: FoldId,
    ) -> Result<Ended> {
        let plan = self.plan(recipe, config)?;
        let result = plan.run_fold(id, self.app.rule, &self.device, &mut [])?;
        Ok(Ended { fold: Some(Box::new(result)), ..Ended::new(job.trial, Ending::Completed) })
    }

    pub(super) fn cross_validate(
        &mut self,
        job: &TrialJob,
        recipe: &CheckedRecipe,
        config: CrossValidationConfig,
    ) -> Result<Ended> {
        let plan = self.plan(recipe, config)?;
        let trial = job.trial;
        let mut done = folds_before(&job.folder, job.from_epoch);
        for id in plan.folds().into_iter().skip(done.len()) {
            let started = Instant::now();
            let result = plan.run_fold(id, self.app.rule, &self.device, &mut [])?;
            let scores = &result.summary.scores;
            let confusion = scores.classes().map(|classes| classes.confusion.clone());
            let Some(value) = scores.figure(&job.metric) else {
                let message = format!("fold {} has no value of {}", done.len() + 1, job.metric);
                return Ok(Ended::failed(trial, message));
            };
            if !value.is_finite() {
                let message = format!("{} of fold {} is not finite", job.metric, done.len() + 1);
                return Ok(Ended { ended: Ending::Diverged, ..Ended::failed(trial, message) });
            }
            done.push(FoldFigure { value, confusion });
            let mean = done.iter().map(|fold| fold.value).sum::<f64>() / done.len() as f64;
            let said = self.report(trial, done.len(), mean, started.elapsed().as_secs_f64())?;
            let Some(said @ (Said::Continue | Said::Pause)) = said else { break };
            save(&job.folder, &done)?;
            say(&Line::Checkpoint { trial, checkpoint: done.len() })?;
            if said == Said::Pause {
                return Ok(Ended::new(trial, Ending::Completed));
            }
        }
        Ok(Ended { confusion: sum(&done), ..Ended::new(trial, Ending::Completed) })
    }

    /// The folds of a recipe; data that the last one had, too, are not read again.
    fn plan(&mut self, recipe: &CheckedRecipe, config: CrossValidationConfig) -> Result<CrossValidation> {
        if let Some((of, plan)) = &self.planned
            && *of == config
            && tables_of(plan.recipe()) == tables_of(recipe)
        {
            return Ok(plan.with_recipe(recipe)?);
        }
        let files = context::files(self.app, self.data, recipe)?;
        let plan = CrossValidation::new(recipe, &files, config)?;
        self.planned = Some((config, plan.clone()));
        Ok(plan)
    }
}

/// The first `wanted` folds. Those of a file that cannot be read are trained again: they come to the same.
fn folds_before(folder: &Path, wanted: usize) -> Vec<FoldFigure> {
    let text = std::fs::read(folder.join(FOLDS)).unwrap_or_default();
    let mut folds: Vec<FoldFigure> = serde_json::from_slice(&text).unwrap_or_default();
    folds.truncate(wanted);
    folds
}

fn save(folder: &Path, folds: &[FoldFigure]) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|source| CliError::Write { path: folder.to_owned(), source })?;
    Ok(RunFolder::at(folder.to_owned()).write_json(FOLDS, &folds)?)
}

/// The confusion matrices of all folds in one, where they have such.
fn sum(folds: &[FoldFigure]) -> Option<Vec<Vec<u64>>> {
    let (first, others) = folds.split_first()?;
    let mut sum = first.confusion.clone()?;
    for fold in others {
        add_counts(&mut sum, fold.confusion.as_ref()?);
    }
    Some(sum)
}
