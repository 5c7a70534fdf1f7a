//! A finished run with its data.

use std::path::Path;
use std::sync::Arc;

use brasa_data::{Files, Labelled, Split, make_split, name_list};
use brasa_predict::{Answers, ModelCard, SavedModel};
use brasa_run::RunError;
use brasa_run::{DataFacts, RunFolder, RunRecord};
use brasa_train::{CheckedRecipe, Prepared, TargetScale};
use burn::tensor::Device;

use super::remembered;
use crate::app::App;
use crate::args::DataArgs;
use crate::error::{CliError, Result};
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
    let (folder, record) = super::model_run(app, runs, name)?;
    let model = SavedModel::load(&folder.model(), device)?;
    let recipe = match source {
        Some(wanted) => folder.recipe_on(super::recipe::source(app, wanted)?.table)?,
        None => folder.recipe()?,
    }
    .check()
    .map_err(|error| RunError::BrokenRun {
        path: folder.path().join("recipe.toml"),
        problem: format!("is not a recipe for this version: {error}"),
    })?;
    let files = remembered::files_of(app, &folder, &recipe, data).map_err(|error| match error {
        CliError::NoData { .. } | CliError::NoFiles { .. } if record.app != app.name => CliError::OtherApp {
            run: folder.path().into(),
            made_by: record.app.clone(),
            files: recipe.file_names().into_iter().map(ToString::to_string).collect(),
        },
        other => other,
    })?;
    let data = Prepared::load(&recipe, &files)?;
    if data.class_names() != model.card().classes() {
        let problem = format!(
            "was trained on the classes {}, but these data have {}",
            name_list(model.card().classes()),
            name_list(data.class_names())
        );
        return Err(RunError::BrokenRun { path: folder.path().into(), problem }.into());
    }
    let split = make_split(&data, recipe.data().split())?;
    let prepared = prepared(data, split, model.card(), &files);
    if let (None, Ok(facts)) = (source, folder.data_facts()) {
        if facts.files != prepared.data.files {
            note("these data files are not those that the run was trained on");
        } else if !facts.rows.is_empty() && facts.rows != DataFacts::rows_of(&prepared.split) {
            note(
                "warning: recipe.toml deals the rows otherwise than the run did: rows of this split may have been trained on",
            );
        }
    }
    Ok(LoadedRun { folder, record, recipe, model, prepared })
}

/// Data for the model of this card, which says how features and targets are scaled.
pub(super) fn prepared(data: Labelled, split: Split, card: &ModelCard, files: &Files) -> Prepared {
    let target_scale = match &card.answers {
        Answers::Numbers { mean, std, .. } => TargetScale { mean: mean.clone(), std: std.clone() },
        Answers::Classes { .. } => TargetScale::default(),
    };
    Prepared::for_scoring(Arc::new(data), split, card.scaler.clone(), target_scale, files)
}
