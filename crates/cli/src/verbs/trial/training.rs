//! A trial that is one training.

use brasa_data::{Files, Role};
use brasa_train::{
    Callback, CheckedRecipe, Control, EpochRecord, Leg, Prepared, StopReason, TrainError, score,
    train_network_leg,
};

use super::{Worker, say, tables_of};
use crate::context;
use crate::error::{CliError, Result};
use crate::trial::{Ended, Ending, Line, Said, TrialJob};

impl Worker<'_> {
    pub(super) fn train(&mut self, job: &TrialJob, recipe: &CheckedRecipe) -> Result<Ended> {
        let files = context::files(self.app, self.data, recipe)?;
        let prepared = self.prepare(recipe, &files)?;
        let (rule, device) = (self.app.rule, self.device.clone());
        let mut reporter = Reporter { worker: self, trial: job.trial, metric: &job.metric };
        // Where it pauses is for the verdicts to say.
        let folder = Some(job.folder.as_path());
        let leg = |at| Leg { from: folder, at: Some(at), save: folder, ..Leg::default() };
        let mut train =
            |at| train_network_leg(recipe, &prepared, rule, &device, &mut [&mut reporter], leg(at));
        let outcome = match train(job.from_epoch) {
            // As after a power cut: the epochs are the same when they are done again.
            Err(TrainError::Checkpoint { .. }) if job.from_epoch > 0 => train(0)?,
            outcome => outcome?,
        };
        if let Some(error) = outcome.unsaved {
            return Err(error.into());
        }
        say(&Line::Checkpoint { trial: job.trial, checkpoint: outcome.history.len() })?;
        let ended = Ended::new(job.trial, Ending::Completed);
        if outcome.stop == StopReason::Paused {
            return Ok(ended);
        }
        let scores = score(&outcome.model, recipe, &prepared, Role::Valid, &device)?;
        Ok(Ended { confusion: scores.classes().map(|classes| classes.confusion.clone()), ..ended })
    }

    /// The data of a recipe, read once for all recipes that name the same.
    fn prepare(&mut self, recipe: &CheckedRecipe, files: &Files) -> Result<Prepared> {
        let key = tables_of(recipe);
        if let Some((of, prepared)) = &self.prepared
            && *of == key
        {
            prepared.check(recipe)?;
            return Ok(prepared.clone());
        }
        let prepared = Prepared::new(recipe, files)?;
        self.prepared = Some((key, prepared.clone()));
        Ok(prepared)
    }
}

/// Reports each epoch, and does as it is told.
struct Reporter<'w, 'a> {
    worker: &'w mut Worker<'a>,
    trial: usize,
    metric: &'w str,
}

impl Callback for Reporter<'_, '_> {
    fn on_epoch(&mut self, record: &EpochRecord) -> brasa_train::Result<Control> {
        let value = record.valid.get(self.metric).unwrap_or(f64::NAN);
        if !value.is_finite() {
            return Err(TrainError::NotFinite { epoch: record.epoch, step: 0, lr: record.lr, found: None });
        }
        let seconds = record.train_seconds + record.valid_seconds;
        let said = self.worker.report(self.trial, record.epoch, value, seconds);
        Ok(match said.map_err(|error: CliError| TrainError::refusal(error.to_string()))? {
            None => Control::Stop(StopReason::Interrupted),
            Some(Said::Continue) => Control::Continue,
            Some(Said::Pause) => Control::Stop(StopReason::Paused),
            Some(Said::Stop) => Control::Stop(StopReason::Other("the search stopped it".into())),
        })
    }
}
