//! From arguments to recipes, data, devices and runs.

mod files;
mod labelled_file;
mod loaded;
mod network;
mod recipe;
mod remembered;
mod resumed;

use std::path::{Path, PathBuf};

use brasa_data::{Files, Manifest, name_list};
use brasa_models::select_device;
use brasa_run::{Experiment, RunFolder, RunRecord, find_model_run, unreadable_runs};
use burn::tensor::Device;

use crate::app::App;
use crate::args::{DataArgs, DeviceArgs, RecipeArgs};
use crate::error::Result;
use crate::output::note;

pub(crate) use files::{candidate_folders, fetched_folder, files, weights_folder};
pub(crate) use labelled_file::{parts, run_on};
pub(crate) use loaded::{LoadedRun, loaded_run};
pub(crate) use network::network;
pub(crate) use recipe::{NamedRecipe, recipe, recipe_and_files};
pub(crate) use resumed::{Resume, resumed};

pub(crate) fn device(args: &DeviceArgs) -> Result<Device> {
    Ok(select_device(&args.device)?)
}

pub(crate) fn manifest(app: &App) -> Result<Manifest> {
    Ok(Manifest::parse(app.manifest)?)
}

/// All that one training needs, found and checked.
pub(crate) struct Training<'a> {
    app: &'a App,
    runs: &'a Path,
    device_name: &'a str,
    device: Device,
    files: Files,
    pub(crate) named: NamedRecipe,
}

/// From what was typed to a training that can start.
pub(crate) fn training<'a>(
    app: &'a App,
    runs: &'a Path,
    recipe_args: &RecipeArgs,
    data: &DataArgs,
    device_args: &'a DeviceArgs,
) -> Result<Training<'a>> {
    let device = device(device_args)?;
    let (named, files) = recipe_and_files(app, recipe_args, data)?;
    Ok(Training { app, runs, device_name: &device_args.device, device, files, named })
}

impl Training<'_> {
    pub(crate) fn experiment(&self) -> Experiment<'_> {
        Experiment {
            app: self.app.name,
            recipe_name: &self.named.name,
            recipe: &self.named.recipe,
            files: &self.files,
            device_name: self.device_name,
            device: &self.device,
            runs: self.runs,
            rule: self.app.rule,
        }
    }
}

/// The run called `name`, which has a model; says which newer ones `latest` has passed over.
pub(crate) fn model_run(app: &App, runs: &Path, name: &str) -> Result<(RunFolder, RunRecord)> {
    let (folder, record, passed_over) = find_model_run(runs, app.name, name)?;
    if name == "latest" {
        let newer = unreadable_runs(runs, app.name)
            .into_iter()
            .filter(|(path, _)| path.file_name() > folder.path().file_name());
        newer.for_each(|(path, problem)| note(format!("passed over: {} ({problem})", path.display())));
    }
    if !passed_over.is_empty() {
        note(format!("run {}: the newest with a model; {} has none", record.id, name_list(&passed_over)));
    }
    Ok((folder, record))
}

/// As `path` is to be named for a process or a run that may stand elsewhere.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
