//! From arguments to recipes, data and devices.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use brasa_data::{Files, Manifest};
use brasa_models::select_device;
use brasa_train::run::{RunFolder, RunRecord, find_run};
use brasa_train::{CheckedRecipe, Experiment, Prepared, Recipe, SavedModel, TrainError};
use burn::tensor::Device;

use crate::app::App;
use crate::args::{DataArgs, DeviceArgs, RecipeArgs};
use crate::error::{CliError, Result};
use crate::output::note;

/// A recipe and its name.
pub(crate) struct NamedRecipe {
    pub(crate) name: String,
    pub(crate) recipe: CheckedRecipe,
}

pub(crate) fn recipe(app: &App, args: &RecipeArgs) -> Result<NamedRecipe> {
    let wanted = args.recipe.as_deref().unwrap_or(app.default_recipe);
    let shipped = app.recipes.iter().find(|recipe| recipe.name == wanted);
    let (name, label, text) = match shipped {
        Some(recipe) => (wanted.to_string(), format!("recipe {wanted}"), recipe.text.to_string()),
        None if wanted.ends_with(".toml") => {
            let path = PathBuf::from(wanted);
            let text = std::fs::read_to_string(&path)
                .map_err(|source| CliError::ReadRecipe { path: path.clone(), source })?;
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            (stem.unwrap_or_else(|| "recipe".into()), wanted.to_string(), text)
        }
        None => {
            let known = app.recipes.iter().map(|recipe| recipe.name).collect();
            return Err(CliError::NoRecipe { name: wanted.into(), known });
        }
    };
    let mut overrides = args.overrides.clone();
    overrides.extend(args.seed.map(|seed| format!("training.seed={seed}")));
    let recipe = Recipe::parse(&label, &text, &overrides)?.check()?;
    Ok(NamedRecipe { name, recipe })
}

pub(crate) fn device(args: &DeviceArgs) -> Result<Device> {
    Ok(select_device(&args.device)?)
}

pub(crate) fn manifest(app: &App) -> Result<Manifest> {
    Ok(Manifest::parse(app.manifest)?)
}

/// Folder that `data fetch` fills.
pub(crate) fn fetched_folder(app: &App) -> Option<PathBuf> {
    Some(dirs::data_dir()?.join("brasa").join(app.name))
}

/// Folders that may hold the app's data, in the order they are tried: those of `--data` alone where it is given,
/// else those of `BRASA_DATA` and what was fetched.
pub(crate) fn candidate_folders(app: &App, args: &DataArgs) -> Vec<PathBuf> {
    let of = |root: &Path| [root.join(app.name), root.to_path_buf()];
    match &args.data {
        Some(given) => of(given).to_vec(),
        None => {
            let from_env = std::env::var_os("BRASA_DATA").map(PathBuf::from);
            from_env.iter().flat_map(|root| of(root)).chain(fetched_folder(app)).collect()
        }
    }
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
    let named = recipe(app, recipe_args)?;
    let device = device(device_args)?;
    let files = files(app, data, &named.recipe)?;
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
        }
    }
}

/// The folder or the binary itself, whichever holds the app's data: `--data`, then `BRASA_DATA`, then what was
/// fetched, then what the binary carries.
pub(crate) fn files(app: &App, args: &DataArgs, recipe: &CheckedRecipe) -> Result<Files> {
    let needed = recipe.data().file_names();
    let complete = |folder: &Path| needed.iter().all(|name| folder.join(name).exists());
    if let Some(given) = &args.data {
        if !given.is_dir() {
            let problem = if given.exists() { "is a file; --data takes a folder" } else { "no such folder" };
            return Err(CliError::Input { path: given.clone(), problem: problem.into() });
        }
        let below = given.join(app.name);
        // Where neither is complete, reading from the given folder names the file that is missing.
        return Ok(Files::directory(if complete(&below) { &below } else { given }));
    }
    if let Some(place) = candidate_folders(app, args).into_iter().find(|place| complete(place)) {
        return Ok(Files::directory(&place));
    }
    if !app.embedded.is_empty() && needed.iter().all(|name| app.embedded.iter().any(|(file, _)| file == name))
    {
        return Ok(Files::embedded(app.embedded));
    }
    Err(CliError::NoData { app: app.name, files: needed.iter().map(ToString::to_string).collect() })
}

/// A finished run's model with the data that it was trained on.
pub(crate) struct LoadedRun {
    pub(crate) folder: RunFolder,
    pub(crate) record: RunRecord,
    pub(crate) recipe: CheckedRecipe,
    pub(crate) model: SavedModel,
    /// Split as the run split them, scaled as its model takes them.
    pub(crate) prepared: Prepared,
}

/// The run called `name` and its data; says so where the files have changed since.
pub(crate) fn loaded_run(
    app: &App,
    runs: &Path,
    name: &str,
    data: &DataArgs,
    device: &Device,
) -> Result<LoadedRun> {
    let (folder, record) = find_run(runs, app.name, name)?;
    let model = SavedModel::load(&folder.model(), device)?;
    let recipe = folder.recipe()?.check()?;
    let files = files(app, data, &recipe)?;
    let mut prepared = Prepared::new(&recipe, &files)?;
    if prepared.data.class_names != model.card().classes {
        let problem = format!(
            "was trained on the classes {}, but these data have {}",
            model.card().classes.join(", "),
            prepared.data.class_names.join(", ")
        );
        return Err(TrainError::BrokenRun { path: folder.path().into(), problem }.into());
    }
    prepared.scaler = Arc::new(model.card().scaler.clone());
    if folder.data_facts().is_ok_and(|facts| facts.files != prepared.data.files) {
        note("these data files are not those that the run was trained on");
    }
    Ok(LoadedRun { folder, record, recipe, model, prepared })
}
