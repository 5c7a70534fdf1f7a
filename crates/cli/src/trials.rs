//! The trials of a search in places: from the study's jobs to the lines of trials, and back.

use std::collections::VecDeque;
use std::path::PathBuf;

use brasa_train::Recipe;
use brasa_tune::Values;
use brasa_tune::executor::{Executor, Message};
use brasa_tune::scheduler::Verdict;
use brasa_tune::study::{End, Job};

use crate::error::{CliError, Result};
use crate::places::Places;
use crate::trial::{Ended, Ending, Line, TrialJob, VERSION, Work};

/// What the trials of a search have in common.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Folder of the trials' checkpoints.
    pub(crate) folder: PathBuf,
    pub(crate) metric: String,
    pub(crate) work: Work,
}

/// An [`Executor`] of trials in places.
pub(crate) struct Trials<'a> {
    places: Box<dyn Places>,
    settings: Settings,
    recipe_of: &'a dyn Fn(&Values) -> Result<Recipe>,
    on_confusion: Box<dyn FnMut(usize, Vec<Vec<u64>>) + 'a>,
    /// The ends of trials that never began: their values do not go together, which is not the study's fault.
    refused: VecDeque<Message>,
}

impl<'a> Trials<'a> {
    /// `recipe_of` makes the recipe of a trial's values; `on_confusion` is told the confusion matrix of each that is done.
    pub(crate) fn new(
        places: Box<dyn Places>,
        settings: Settings,
        recipe_of: &'a dyn Fn(&Values) -> Result<Recipe>,
        on_confusion: impl FnMut(usize, Vec<Vec<u64>>) + 'a,
    ) -> Self {
        let refused = VecDeque::new();
        Self { places, settings, recipe_of, on_confusion: Box::new(on_confusion), refused }
    }

    fn message_of(&mut self, line: Line) -> Message {
        match line {
            Line::Report { trial, epoch, value, .. } => Message::Report { trial, epoch, value, saved: false },
            Line::Checkpoint { trial, checkpoint: epoch } => Message::Checkpoint { trial, epoch },
            Line::Ended(Ended { trial, ended, message, confusion, .. }) => {
                if let Some(confusion) = confusion {
                    (self.on_confusion)(trial, confusion);
                }
                let end = match ended {
                    Ending::Completed | Ending::Paused | Ending::Stopped => End::Completed,
                    Ending::Diverged => End::Diverged,
                    Ending::Failed => End::Failed(message.unwrap_or_default()),
                };
                Message::Ended { trial, end }
            }
        }
    }
}

impl Executor for Trials<'_> {
    type Error = CliError;

    fn start(&mut self, job: &Job) -> Result<()> {
        let trial = job.trial;
        match (self.recipe_of)(&job.values) {
            Ok(recipe) => self.places.start(TrialJob {
                version: VERSION,
                trial,
                recipe,
                folder: self.settings.folder.join(trial.to_string()),
                metric: self.settings.metric.clone(),
                from_epoch: job.from_epoch,
                until_epoch: Some(job.until_epoch),
                work: self.settings.work,
            }),
            Err(error) => {
                self.refused.push_back(Message::Ended { trial, end: End::Failed(error.to_string()) });
                Ok(())
            }
        }
    }

    fn wait(&mut self) -> Result<Message> {
        if let Some(message) = self.refused.pop_front() {
            return Ok(message);
        }
        match self.places.next()? {
            Some(line) => Ok(self.message_of(line)),
            None => Err(CliError::stopped_search()),
        }
    }

    fn answer(&mut self, trial: usize, verdict: Verdict) -> Result<()> {
        self.places.answer(trial, verdict.into());
        Ok(())
    }

    fn stop(&mut self, trial: usize) -> Result<()> {
        self.places.stop(trial);
        Ok(())
    }
}
