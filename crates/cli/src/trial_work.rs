//! What the executors of a search share: from the study's jobs to the lines of trials, and back.

use std::collections::VecDeque;
use std::path::PathBuf;

use brasa_train::Recipe;
use brasa_tune::Values;
use brasa_tune::executor::Message;
use brasa_tune::study::{End, Job};

use crate::error::Result;
use crate::own_processes::OwnProcesses;
use crate::trial::{Ending, Line, TrialJob, VERSION};

/// How trials are run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) processes: OwnProcesses,
    /// Folder of the trials' checkpoints.
    pub(crate) folder: PathBuf,
    pub(crate) metric: String,
    /// The most memory of one process, in MiB.
    pub(crate) memory: Option<u64>,
}

/// The work of a search.
pub(crate) struct TrialWork<'a> {
    pub(crate) settings: Settings,
    recipe_of: &'a dyn Fn(&Values) -> Result<Recipe>,
    on_confusion: Box<dyn FnMut(usize, Vec<Vec<u64>>) + 'a>,
    /// The ends of trials that never began.
    refused: VecDeque<Message>,
}

impl<'a> TrialWork<'a> {
    /// `recipe_of` makes the recipe of a trial's values; `on_confusion` is told the confusion matrix of each that is done.
    pub(crate) fn new(
        settings: Settings,
        recipe_of: &'a dyn Fn(&Values) -> Result<Recipe>,
        on_confusion: impl FnMut(usize, Vec<Vec<u64>>) + 'a,
    ) -> Self {
        Self { settings, recipe_of, on_confusion: Box::new(on_confusion), refused: VecDeque::new() }
    }

    /// The line of a job. Values that do not go together are the trial's fault, not the study's: there is none then, and
    /// [`refused`](Self::refused) says why.
    pub(crate) fn job(&mut self, job: &Job) -> Option<TrialJob> {
        let trial = job.trial;
        match (self.recipe_of)(&job.values) {
            Ok(recipe) => Some(TrialJob {
                version: VERSION,
                trial,
                recipe,
                folder: self.settings.folder.join(trial.to_string()),
                metric: self.settings.metric.clone(),
                from_epoch: job.from_epoch,
                until_epoch: Some(job.until_epoch),
            }),
            Err(error) => {
                self.refused.push_back(Message::Ended { trial, end: End::Failed(error.to_string()) });
                None
            }
        }
    }

    /// The end of the next trial that never began.
    pub(crate) fn refused(&mut self) -> Option<Message> {
        self.refused.pop_front()
    }

    /// What a line says to the study.
    pub(crate) fn message_of(&mut self, line: Line) -> Message {
        match line {
            Line::Report { trial, epoch, value, .. } => Message::Report { trial, epoch, value, saved: false },
            Line::Checkpoint { trial, checkpoint: epoch } => Message::Checkpoint { trial, epoch },
            Line::Ended { trial, ended, message, confusion } => {
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
