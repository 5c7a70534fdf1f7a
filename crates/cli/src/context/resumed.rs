//! A run that is to go on.

use std::path::Path;

use brasa_run::{GoingOn, RunFolder, RunRecord, RunStatus, find_run, list_runs};

use super::{Training, device, recipe, remembered};
use crate::app::App;
use crate::args::{DataArgs, DeviceArgs, RecipeArgs};
use crate::error::{CliError, Result};
use crate::output::note;

/// Which run is to go on, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resume<'a> {
    /// Its name; empty for the newest that is not finished.
    pub(crate) run: &'a str,
    /// Whether a change is no reason to refuse it.
    pub(crate) force: bool,
}

/// The training of a run that was ended, and the run, taken for this process.
pub(crate) fn resumed<'a>(
    app: &'a App,
    runs: &'a Path,
    asked: Resume<'_>,
    recipe_args: &RecipeArgs,
    data: &DataArgs,
    device_args: &'a DeviceArgs,
) -> Result<(Training<'a>, GoingOn)> {
    let device = device(device_args)?;
    let (folder, record) = match asked.run {
        "" => newest_unfinished(app, runs)?,
        name => find_run(runs, app.name, name)?,
    };
    if record.app != app.name {
        let run = folder.path().display();
        return Err(CliError::Usage(format!(
            "--resume: {run} is a run of `{}`: go on with it there",
            record.app
        )));
    }
    let going_on = folder.take(asked.force)?;
    let named = recipe::of_run(&folder, &record, recipe_args)?;
    let files = remembered::files_of(app, &folder, &named.recipe, data)?;
    Ok((Training { app, runs, device_name: &device_args.device, device, files, named }, going_on))
}

fn newest_unfinished(app: &App, runs: &Path) -> Result<(RunFolder, RunRecord)> {
    let unfinished = |record: &RunRecord| !matches!(record.status, RunStatus::Finished | RunStatus::Running);
    let mut found = list_runs(runs, app.name)?.into_iter().rev().filter(|(_, record)| unfinished(record));
    let begun = found.find(|(folder, record)| {
        let begun = folder.recipe_text().is_ok();
        if !begun {
            note(format!("passed over: run {} was ended before it had begun", record.id));
        }
        begun
    });
    begun.ok_or_else(|| {
        CliError::Usage(format!(
            "--resume: no run in {} was ended before its time; to go on with a finished one, name it and raise what ended it: \
             --resume RUN --set training.epochs=N",
            runs.join(app.name).display()
        ))
    })
}
