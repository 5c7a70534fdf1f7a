//! The data of a run, which remembers where it read them.

use std::path::PathBuf;

use brasa_data::Files;
use brasa_run::RunFolder;
use brasa_train::CheckedRecipe;

use super::files;
use crate::app::App;
use crate::args::DataArgs;
use crate::error::{CliError, Result};

/// Where the files of a run's `recipe` are: below `--data` where it is given, else where the run read them, else where
/// a training would look.
pub(super) fn files_of(app: &App, run: &RunFolder, recipe: &CheckedRecipe, data: &DataArgs) -> Result<Files> {
    // Runs of older versions do not say.
    let folder = run.environment().ok().and_then(|environment| environment.data).map(PathBuf::from);
    let (None, Some(folder)) = (&data.data, folder) else { return files::files(app, data, recipe) };
    let complete = recipe.file_names().iter().all(|name| folder.join(name).exists());
    if complete {
        return Ok(files::placed(app, data, Files::directory(folder)));
    }
    files::find(app, data, recipe).ok_or_else(|| CliError::MovedData {
        run: run.path().into(),
        files: recipe.file_names().into_iter().map(ToString::to_string).collect(),
        folder,
    })
}
