//! The folds of a cross-validation in places.

use std::path::Path;

use brasa_run::cross_validation::{CrossValidation, CrossValidationConfig, FoldId, FoldResult};

use crate::error::{CliError, Result};
use crate::interrupt;
use crate::places::Places;
use crate::trial::{Ended, Line, TrialJob, VERSION, Work};

/// Runs all folds that are not among those that are `done`, so many at once, and answers the results of all; `on_done` sees each at
/// once. The first failure, or Ctrl-C, ends all of them.
pub(crate) fn run_folds(
    plan: &CrossValidation,
    config: CrossValidationConfig,
    folder: &Path,
    places: &mut dyn Places,
    at_once: usize,
    done: Vec<FoldResult>,
    on_done: impl FnMut(&FoldResult) -> Result<()>,
) -> Result<Vec<FoldResult>> {
    interrupt::on_first("\nstopping all folds; once more to end at once", || ());
    let outcome = run(plan, config, folder, places, at_once, done, on_done);
    interrupt::no_grace();
    outcome
}

fn run(
    plan: &CrossValidation,
    config: CrossValidationConfig,
    folder: &Path,
    places: &mut dyn Places,
    at_once: usize,
    done: Vec<FoldResult>,
    mut on_done: impl FnMut(&FoldResult) -> Result<()>,
) -> Result<Vec<FoldResult>> {
    let ids = plan.folds();
    let recipe = plan.recipe().recipe();
    // Counted from 1, as folds are.
    let job = |(trial, &id)| TrialJob {
        version: VERSION,
        trial,
        recipe: recipe.clone(),
        folder: folder.to_owned(),
        metric: recipe.training.monitor.clone(),
        from_epoch: 0,
        until_epoch: None,
        work: Work::Fold { config, id },
    };
    let is_left = |id: &FoldId| !done.iter().any(|result| result.summary.id == *id);
    let left: Vec<(usize, &FoldId)> = (1..).zip(&ids).filter(|(_, id)| is_left(id)).collect();
    let mut waiting = left.into_iter().map(job);
    let (mut running, mut results) = (0, done.clone());
    while results.len() < ids.len() {
        while running < at_once.max(1)
            && let Some(job) = waiting.next()
        {
            places.start(job)?;
            running += 1;
        }
        match places.next()? {
            None => return Err(CliError::Interrupted { done: results.len(), wanted: ids.len() }),
            Some(Line::Report { .. } | Line::Checkpoint { .. }) => {}
            Some(Line::Ended(Ended { fold: Some(result), .. })) => {
                running -= 1;
                on_done(&result)?;
                results.push(*result);
            }
            Some(Line::Ended(Ended { trial, message, input, .. })) => {
                let message = message.unwrap_or_else(|| "it ended without a result".into());
                let (fold, repeat) = trial
                    .checked_sub(1)
                    .and_then(|place| ids.get(place))
                    .map_or((0, 0), |id| (id.fold, id.repeat));
                return Err(CliError::Fold { fold, repeat, message, input });
            }
        }
    }
    Ok(results)
}
