//! A finished run with its data.

use std::path::Path;
use std::sync::Arc;

use brasa_predict::SavedModel;
use brasa_run::RunError;
use brasa_run::{RunFolder, RunRecord, find_run};
use brasa_train::{CheckedRecipe, Prepared};
use burn::tensor::Device;

use super::files;
use crate::app::App;
use crate::args::DataArgs;
use crate::error::Result;
use crate::output::note;

/// A finished run's model with the data that it was trained on.
pub(crate) struct LoadedRun {
    pub(crate) folder: RunFolder,
    pub(crate) record: RunRecord,
    pub(crate) recipe: CheckedRecipe,
    pub(crate) model: SavedModel,
    /// Split as the run split them, scaled as its model takes them.
    pub(crate) prepared: Prepared,
}

/// The run called `name` and its data, or those of another `source`; says so where the files have changed since.
pub(crate) fn loaded_run(
    app: &App,
    runs: &Path,
    name: &str,
    source: Option<&str>,
    data: &DataArgs,
    device: &Device,
) -> Result<LoadedRun> {
    let (folder, record) = find_run(runs, app.name, name)?;
    let model = SavedModel::load(&folder.model(), device)?;
    let recipe = match source {
        Some(wanted) => folder.recipe_on(super::recipe::source(app, wanted)?.table)?,
        None => folder.recipe()?,
    }
    .check()?;
    let files = files(app, data, &recipe)?;
    let mut prepared = Prepared::new(&recipe, &files)?;
    if prepared.data.class_names() != model.card().classes() {
        let problem = format!(
            "was trained on the classes {}, but these data have {}",
            model.card().classes().join(", "),
            prepared.data.class_names().join(", ")
        );
        return Err(RunError::BrokenRun { path: folder.path().into(), problem }.into());
    }
    prepared.scaler = Arc::new(model.card().scaler.clone());
    if source.is_none() && folder.data_facts().is_ok_and(|facts| facts.files != prepared.data.files) {
        note("these data files are not those that the run was trained on");
    }
    Ok(LoadedRun { folder, record, recipe, model, prepared })
}
