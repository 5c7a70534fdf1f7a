//! A study, run to its end.

use std::ops::ControlFlow;

use brasa_run::RunFolder;
use brasa_train::Recipe;
use brasa_tune::Values;
use brasa_tune::executor::{self, DriveError, Progress};
use brasa_tune::study::{Study, StudyError};

use super::Tune;
use crate::error::{CliError, Result};
use crate::interrupt::{self, Interrupt};
use crate::places::Places;
use crate::studies;
use crate::trials::{Settings, Trials};

impl Tune {
    /// Runs the study to its end, and keeps the confusion matrices of the trials that come to theirs.
    pub(super) fn search(
        &self,
        study: &mut Study,
        (places, at_once): (Box<dyn Places>, usize),
        settings: Settings,
        folder: &RunFolder,
        recipe_of: &dyn Fn(&Values) -> Result<Recipe>,
        watch: &mut dyn FnMut(&Study, &Progress<'_>),
    ) -> Result<()> {
        let trials = settings.folder.clone();
        interrupt::on_first("\nstopping the search; once more to end at once", || ());
        let keep =
            |trial: usize, confusion: Vec<Vec<u64>>| studies::keep_confusion(folder, trial, &confusion);
        let observe = |study: &mut Study, step: Progress<'_>| {
            watch(study, &step);
            // Not while a trial may still be saving: it has left, or said that it has saved.
            if matches!(step, Progress::Left { .. } | Progress::Saved { .. }) {
                studies::forget(study, self.keep.into(), &trials)?;
            }
            Ok(Interrupt::asked())
        };
        let outcome = run_on(study, Trials::new(places, settings, recipe_of, keep), at_once, observe);
        interrupt::no_grace();
        match outcome? {
            true if !Interrupt::asked() => Ok(()),
            _ => Err(CliError::stopped_search()),
        }
    }
}

/// Runs the study, until it is over, the observer fails, or it asks for the end; whether it is over.
fn run_on(
    study: &mut Study,
    mut trials: Trials<'_>,
    at_once: usize,
    mut observe: impl FnMut(&mut Study, Progress<'_>) -> Result<bool>,
) -> Result<bool> {
    let mut failure = None;
    let done = executor::drive(study, &mut trials, at_once, |study, step| match observe(study, step) {
        Ok(false) => ControlFlow::Continue(()),
        Ok(true) => ControlFlow::Break(()),
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    });
    failure.map_or(done.map_err(failed), Err)
}

fn failed(error: DriveError<CliError>) -> CliError {
    match error {
        DriveError::Study(error) => error.into(),
        DriveError::Executor(error) => error,
    }
}

impl From<StudyError> for CliError {
    fn from(error: StudyError) -> Self {
        match error.is_input() {
            true => Self::Usage(error.to_string()),
            false => Self::Failure(error.to_string()),
        }
    }
}
