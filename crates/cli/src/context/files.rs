//! Where an app's data are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use brasa_data::Files;
use brasa_train::{CheckedRecipe, Recipe};

use crate::app::App;
use crate::args::DataArgs;
use crate::error::{CliError, Result};

/// Folder that `data fetch` fills.
pub(crate) fn fetched_folder(app: &App) -> Option<PathBuf> {
    Some(dirs::data_dir()?.join("brasa").join(app.name))
}

/// Folder that `weights fetch` fills, for all apps.
pub(crate) fn weights_folder() -> Option<PathBuf> {
    Some(dirs::data_dir()?.join("brasa").join("weights"))
}

/// Folders that may hold the app's data, in the order they are tried: those of `--data` alone where it is given,
/// else those of `BRASA_DATA` and what was fetched. Below a root, the folder of the app's name comes first, then those
/// of its other names, then the root itself.
pub(crate) fn candidate_folders(app: &App, args: &DataArgs) -> Vec<PathBuf> {
    let of = |root: &Path| {
        let named = std::iter::once(&app.name).chain(app.folders).map(|name| root.join(name));
        named.chain([root.to_path_buf()]).collect::<Vec<_>>()
    };
    match &args.data {
        Some(given) => of(given),
        None => {
            let from_env = std::env::var_os("BRASA_DATA").map(PathBuf::from);
            from_env.iter().flat_map(|root| of(root)).chain(fetched_folder(app)).collect()
        }
    }
}

/// The folder or the binary itself, whichever holds the app's data: `--data`, then `BRASA_DATA`, then what was
/// fetched, then what the binary carries.
pub(crate) fn files(app: &App, args: &DataArgs, recipe: &CheckedRecipe) -> Result<Files> {
    if let Some(given) = args.data.as_ref().filter(|given| !given.is_dir()) {
        let problem = if given.exists() { "is a file; --data takes a folder" } else { "no such folder" };
        return Err(CliError::Input { path: given.clone(), problem: problem.into() });
    }
    if let Some(found) = find(app, args, recipe) {
        return Ok(found);
    }
    match &args.data {
        // Reading from the given folder names the file that is missing.
        Some(given) => Ok(placed(app, args, Files::directory(given))),
        None => {
            let files: Vec<String> = recipe.file_names().into_iter().map(ToString::to_string).collect();
            let own = own_files(app);
            Err(match files.iter().all(|file| own.contains(file)) {
                true => CliError::NoData { app: app.name, files },
                false => CliError::NoFiles { app: app.name, files },
            })
        }
    }
}

/// The place that holds all files of the recipe's data, if there is one.
pub(super) fn find(app: &App, args: &DataArgs, recipe: &CheckedRecipe) -> Option<Files> {
    let needed = recipe.file_names();
    let complete = |folder: &PathBuf| needed.iter().all(|name| folder.join(name).exists());
    let carried = |name: &&str| app.embedded.iter().any(|(file, _)| file == name);
    let found = match candidate_folders(app, args).into_iter().find(complete) {
        Some(folder) => Files::directory(folder),
        None if args.data.is_none() && needed.iter().all(carried) => Files::embedded(app.embedded),
        None => return None,
    };
    Some(placed(app, args, found))
}

/// Files with the folders that may hold weights, and with the user's cache folder.
pub(super) fn placed(app: &App, args: &DataArgs, files: Files) -> Files {
    // Weights of one name are the same for all data: they need not be in the folder of these.
    let elsewhere = candidate_folders(app, &DataArgs { data: None });
    let folders = candidate_folders(app, args).into_iter().chain(elsewhere).chain(weights_folder());
    cached(files).weights_in(folders)
}

/// Files with the user's cache folder for what is made of them.
pub(super) fn cached(files: Files) -> Files {
    match dirs::cache_dir() {
        Some(cache) => files.cached_in(cache.join("brasa")),
        None => files,
    }
}

/// Files of the app's own data set: of its manifest, its recipes and its sources.
fn own_files(app: &App) -> BTreeSet<String> {
    let manifest = super::manifest(app).map(|manifest| manifest.files).unwrap_or_default();
    let mut own: BTreeSet<String> = manifest.into_iter().map(|file| file.name).collect();
    let sources = || app.sources.iter().map(|source| Some(source.table)).chain([None]);
    for (recipe, source) in
        app.recipes.iter().flat_map(|recipe| sources().map(move |source| (recipe, source)))
    {
        let parsed = match source {
            Some(source) => Recipe::parse_on(recipe.name, recipe.text, source, &[]),
            None => Recipe::parse(recipe.name, recipe.text, &[]),
        };
        if let Ok(checked) = parsed.and_then(Recipe::check) {
            own.extend(checked.file_names().into_iter().map(ToString::to_string));
        }
    }
    own
}
