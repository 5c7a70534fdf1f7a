//! The best trial of a search as a run of its own, judged on the test split and trained again from other seeds.

use std::path::PathBuf;

use brasa_data::Files;
use brasa_run::{Experiment, FinishedRun, RunError, RunFolder, RunObserver, RunScores};
use brasa_train::{CheckedRecipe, Leg, StopReason, TrainError};
use brasa_tune::Unit;
use brasa_tune::study::Trial;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::Tune;
use crate::app::App;
use crate::args::Common;
use crate::confirm::{Confirmed, confirm};
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::output::note;
use crate::progress::Progress;
use crate::studies;
use crate::tracking::SearchTracking;

/// The file of the study's folder that remembers what was made of its best trial.
const BEST: &str = "best.json";

/// What was made of the best trial.
#[derive(Debug, Clone)]
pub(super) struct Best {
    pub(super) run: RunFolder,
    pub(super) scores: RunScores,
    pub(super) confirmed: Confirmed,
    /// How often the study has looked at the test split, each time with another trial.
    pub(super) looks: usize,
}

/// As it is remembered.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    trial: usize,
    run: PathBuf,
    confirmed: Confirmed,
    looks: usize,
}

/// What a trial is made a run from.
pub(super) struct Winner<'a> {
    pub(super) app: &'a App,
    pub(super) common: &'a Common,
    /// Name of the run's recipe.
    pub(super) name: String,
    pub(super) recipe: &'a CheckedRecipe,
    pub(super) files: &'a Files,
    pub(super) device: &'a Device,
    pub(super) trial: &'a Trial,
    pub(super) unit: Unit,
    pub(super) tracking: &'a SearchTracking,
}

impl Tune {
    /// Trains the best trial to its end where it was not, and judges it on the test split; or answers what is remembered of it,
    /// since a study that goes on and finds nothing better is not to look at the test split again.
    pub(super) fn best(&self, winner: &Winner<'_>, folder: &RunFolder, metric: &str) -> Result<Best> {
        let text = std::fs::read(folder.path().join(BEST)).unwrap_or_default();
        let before: Option<Remembered> = serde_json::from_slice(&text).ok();
        let looks = before.as_ref().map_or(0, |before| before.looks);
        if let Some(before) = before
            && before.trial == winner.trial.number
            && before.confirmed.seeds.len() as u64 == self.confirm
            && let Some(scores) =
                RunFolder::at(before.run.clone()).record().ok().and_then(|record| record.scores)
        {
            note(format!("the best trial is the run {} already", before.run.display()));
            let run = RunFolder::at(before.run);
            return Ok(Best { run, scores, confirmed: before.confirmed, looks });
        }
        let finished = self.train_best(winner, folder)?;
        let recipe = winner.recipe;
        let confirmed =
            confirm(recipe, &finished.prepared, winner.app.rule, winner.device, self.confirm, metric)?;
        let looks = looks + 1;
        let (trial, run) = (winner.trial.number, finished.folder.path().to_owned());
        folder.write_json(BEST, &Remembered { trial, run, confirmed: confirmed.clone(), looks })?;
        Ok(Best { run: finished.folder, scores: finished.scores, confirmed, looks })
    }

    fn train_best(&self, winner: &Winner<'_>, folder: &RunFolder) -> Result<FinishedRun> {
        let experiment = Experiment {
            app: winner.app.name,
            recipe_name: &winner.name,
            recipe: winner.recipe,
            files: winner.files,
            device_name: &self.device.device,
            device: winner.device,
            runs: &winner.common.runs,
            rule: winner.app.rule,
        };
        let checkpoints = folder.path().join(studies::TRIALS).join(winner.trial.number.to_string());
        let run = |at| {
            let leg = Leg { from: Some(&checkpoints), at: Some(at), until: None, save: None };
            let (mut progress, mut interrupt) = (Progress::new(), Interrupt::new());
            let mut tracking = winner.tracking.of_best(progress.teller());
            let mut observers: Vec<&mut dyn RunObserver> = vec![&mut interrupt];
            observers.extend(tracking.callback());
            observers.push(&mut progress);
            let outcome = experiment.run_from(leg, &mut observers).map_err(CliError::from);
            tracking.finish(winner.app, outcome).map(|(finished, _)| finished)
        };
        // The checkpoint of a trial of folds is no network.
        let from = if winner.unit == Unit::Epoch { winner.trial.checkpoint } else { 0 };
        let finished = match run(from) {
            Err(CliError::Run(RunError::Train(TrainError::Checkpoint { .. }))) if from > 0 => {
                note("the best trial's checkpoint cannot be read: it is trained again");
                run(0)?
            }
            finished => finished?,
        };
        match finished.outcome.stop {
            StopReason::Interrupted => Err(CliError::stopped_search()),
            _ => Ok(finished),
        }
    }
}
