//! The best trial of a search as a run of its own, judged on the test split and trained again from other seeds.

use std::collections::BTreeSet;
use std::path::PathBuf;

use brasa_data::Files;
use brasa_run::{Experiment, FinishedRun, RunError, RunFolder, RunObserver, RunScores};
use brasa_train::{CheckedRecipe, Prepared, StopReason, TrainError};
use brasa_tune::Unit;
use brasa_tune::study::Trial;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::Tune;
use crate::app::App;
use crate::args::Common;
use crate::confirm::{Confirmed, confirm};
use crate::context;
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::output::note;
use crate::progress::Progress;
use crate::studies;
use crate::tracking::{SearchTracking, tell_what_is_left};

/// The file of the study's folder that remembers what was made of its best trial.
const BEST: &str = "best.json";

/// What was made of the best trial.
#[derive(Debug, Clone)]
pub(super) struct Best {
    pub(super) run: RunFolder,
    pub(super) scores: RunScores,
    pub(super) confirmed: Confirmed,
    /// Trials with which the study has looked at the test split.
    pub(super) looks: usize,
}

/// As it is remembered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Remembered {
    trial: usize,
    run: PathBuf,
    #[serde(default)]
    confirmed: Confirmed,
    /// The trials that the test split was looked at with.
    looked: BTreeSet<usize>,
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
        let mut known: Remembered = serde_json::from_slice(&text).unwrap_or_default();
        let before = known.looked.contains(&winner.trial.number) && known.trial == winner.trial.number;
        let scores = || RunFolder::at(known.run.clone()).record().ok()?.scores;
        let (scores, prepared) = match before.then(scores).flatten() {
            Some(scores) => {
                note(format!("the best trial is a run already: {}", known.run.display()));
                (scores, None)
            }
            None => {
                let finished = self.train_best(winner, folder)?;
                known.run = context::absolute(finished.folder.path());
                known.trial = winner.trial.number;
                known.confirmed = Confirmed::default();
                known.looked.insert(known.trial);
                folder.write_json(BEST, &known)?;
                (finished.scores, Some(finished.prepared))
            }
        };
        if known.confirmed.tried() as u64 != self.confirm {
            let prepared = match prepared {
                Some(prepared) => prepared,
                None => Prepared::new(winner.recipe, winner.files)?,
            };
            let (app, recipe) = (winner.app, winner.recipe);
            known.confirmed = confirm(recipe, &prepared, app.rule, winner.device, self.confirm, metric)?;
            folder.write_json(BEST, &known)?;
        }
        // As it is written elsewhere, for who looks on.
        let here = std::env::current_dir().ok();
        let near = here.and_then(|here| Some(known.run.strip_prefix(here).ok()?.to_owned()));
        let run = RunFolder::at(near.unwrap_or(known.run));
        Ok(Best { run, scores, confirmed: known.confirmed, looks: known.looked.len() })
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
        let run = |at| -> Result<FinishedRun> {
            let (mut progress, mut interrupt) = (Progress::new(), Interrupt::new());
            let mut tracking = winner.tracking.of_best(progress.teller());
            let mut observers: Vec<&mut dyn RunObserver> = vec![&mut interrupt];
            observers.extend(tracking.callback());
            observers.push(&mut progress);
            let outcome = experiment.run_from(&checkpoints, at, &mut observers).map_err(CliError::from);
            let (finished, tracked) = tracking.finish(winner.app, outcome)?;
            tracked.iter().for_each(|ending| tell_what_is_left(winner.app, ending));
            Ok(finished)
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
