//! A labelled file of the user's own, read as a run read its data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use brasa_data::{DataConfig, Files, InputSpec, Split, SplitConfig, load, name_list};
use brasa_predict::{ModelCard, SavedModel};
use brasa_run::find_run;
use brasa_train::{Prepared, TrainError};
use burn::tensor::Device;

use super::LoadedRun;
use super::files::cached;
use super::loaded::scale_as;
use crate::app::App;
use crate::error::{CliError, Result};

/// The run called `name` with `path` in the place of its data: read with the same columns and target, or as images of
/// the same size. All rows are of the test split.
pub(crate) fn run_on(app: &App, runs: &Path, name: &str, path: &Path, device: &Device) -> Result<LoadedRun> {
    let (folder, record) = find_run(runs, app.name, name)?;
    let model = SavedModel::load(&folder.model(), device)?;
    let wrong = |problem: String| CliError::Input { path: path.into(), problem };
    if !path.exists() {
        return Err(wrong("no such file or folder".into()));
    }
    let mut recipe = folder.recipe()?;
    let (parent, file) = parts(path);
    put(&mut recipe.data, file, path.is_dir(), model.card())?;
    let recipe = recipe.check().map_err(TrainError::from)?;
    let files = cached(Files::directory(parent));
    let data = load(recipe.data(), &files)?;

    let classes = model.card().classes();
    if data.class_names() != classes {
        let (found, wanted) = (name_list(data.class_names()), name_list(classes));
        return Err(wrong(format!("has the classes {found}; the run was trained on {wanted}")));
    }
    if recipe.data().input_of(&data) != model.card().input {
        return Err(wrong("its samples are not of the form that the run's model takes".into()));
    }
    let rows: Vec<usize> = (0..data.len()).collect();
    let split = Split { train: rows.clone(), ..Split::default() };
    let mut prepared = Prepared::from_split(&recipe, Arc::new(data), split, &files)?;
    prepared.split = Split { test: rows, ..Split::default() };
    scale_as(&mut prepared, model.card());
    Ok(LoadedRun { folder, record, recipe, model, prepared })
}

/// The folder of a file, and its name in there.
fn parts(path: &Path) -> (PathBuf, String) {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => (parent.to_path_buf(), name.to_string_lossy().into_owned()),
        _ => (PathBuf::from("."), path.display().to_string()),
    }
}

/// Puts `file` in the place of the data, with the columns and classes of `card`: what the file itself holds does not
/// decide these. It needs no column of splits or groups.
fn put(data: &mut DataConfig, file: String, is_folder: bool, card: &ModelCard) -> Result<()> {
    (data.limit, data.split) = (None, SplitConfig::default());
    let classes = || (!card.classes().is_empty()).then(|| card.classes().to_vec());
    if let Some(csv) = &mut data.csv {
        if let InputSpec::Table(table) = &card.input {
            csv.features = Some(table.columns.clone());
        }
        (csv.file, csv.files, csv.classes, csv.drop) = (Some(file), None, classes(), None);
        (csv.group, csv.split, csv.split_names) = (None, None, None);
    } else if let Some(pixels) = &mut data.pixels {
        (pixels.file, pixels.classes) = (Some(file), classes());
        (pixels.split, pixels.split_names) = (None, None);
    } else if let Some(images) = &mut data.images {
        images.classes = classes();
        (images.folder, images.archive) = if is_folder { (Some(file), None) } else { (None, Some(file)) };
    } else {
        return Err(CliError::Usage(
            "--on reads a table or images; the data of this run are of a format of several files".into(),
        ));
    }
    Ok(())
}
