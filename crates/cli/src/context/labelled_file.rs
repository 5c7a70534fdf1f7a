//! A labelled file of the user's own, read as a run read its data.

use std::path::{Path, PathBuf};

use brasa_data::{DataConfig, Files, InputSpec, Split, SplitConfig, TableInput, load, name_list};
use brasa_predict::{ModelCard, SavedModel};
use brasa_train::TrainError;
use burn::tensor::Device;

use super::LoadedRun;
use super::files::cached;
use super::loaded::prepared;
use crate::app::App;
use crate::error::{CliError, Result};

/// The run called `name` with `path` in the place of its data: read with the same columns and target, or as images of
/// the same size. All rows are of the test split.
pub(crate) fn run_on(app: &App, runs: &Path, name: &str, path: &Path, device: &Device) -> Result<LoadedRun> {
    let (folder, record) = super::model_run(app, runs, name)?;
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
    if form(recipe.data().input_of(&data)) != form(model.card().input.clone()) {
        return Err(wrong("its samples are not of the form that the run's model takes".into()));
    }
    let split = Split { test: (0..data.len()).collect(), ..Split::default() };
    let prepared = prepared(data, split, model.card(), &files);
    Ok(LoadedRun { folder, record, recipe, model, prepared })
}

/// What samples look like, however their file is delimited.
fn form(input: InputSpec) -> InputSpec {
    match input {
        InputSpec::Table(table) => InputSpec::Table(TableInput { delimiter: None, ..table }),
        other => other,
    }
}

/// The folder of a file, and its name in there.
pub(crate) fn parts(path: &Path) -> (PathBuf, String) {
    let path = super::absolute(path);
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => (parent.to_path_buf(), name.to_string_lossy().into_owned()),
        _ => (PathBuf::from("."), path.display().to_string()),
    }
}

/// Puts `file` in the place of the data, with the columns and classes or the size of images of `card`: what the file
/// itself holds does not decide these. It needs no column of splits or groups and no votes, and may have a delimiter of its
/// own.
fn put(data: &mut DataConfig, file: String, is_folder: bool, card: &ModelCard) -> Result<()> {
    (data.limit, data.split) = (None, SplitConfig::default());
    let classes = || (!card.classes().is_empty()).then(|| card.classes().to_vec());
    if let Some(csv) = &mut data.csv {
        if let InputSpec::Table(table) = &card.input {
            match csv.columns {
                Some(_) => csv.levels = Some(table.levels()),
                None => csv.features = Some(table.columns.clone()),
            }
        }
        (csv.file, csv.files, csv.classes, csv.drop) = (Some(file), None, classes(), None);
        (csv.group, csv.split, csv.split_names, csv.delimiter) = (None, None, None, None);
    } else if let Some(pixels) = &mut data.pixels {
        (pixels.file, pixels.classes) = (Some(file), classes());
        (pixels.split, pixels.split_names) = (None, None);
        (pixels.votes, pixels.vote_columns) = (None, None);
    } else if let Some(images) = &mut data.images {
        (images.classes, images.group) = (classes(), None);
        if let InputSpec::Image(image) = &card.input {
            (images.size, images.channels) = (Some([image.height, image.width]), Some(image.channels));
        }
        (images.folder, images.archive) = if is_folder { (Some(file), None) } else { (None, Some(file)) };
    } else {
        let format = data.check()?.format();
        return Err(CliError::Usage(format!(
            "--on reads a table or images, for runs on [data.csv], [data.pixels] or [data.images]; this run was trained on \
             [data.{format}]"
        )));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::{
        CsvConfig, ImageInput, ImagesConfig, Labelled, PixelsConfig, PointsConfig, Samples, Scaler, Values,
    };
    use brasa_predict::Answers;

    use super::*;

    fn card(input: InputSpec) -> ModelCard {
        let classes = vec!["a".to_owned(), "b".to_owned()];
        let samples = Samples::new(vec![1], Values::F64(vec![0.0].into())).unwrap();
        let data = Labelled::new("x", samples, vec![0], classes.clone());
        let config = DataConfig { points: Some(PointsConfig::default()), ..DataConfig::default() };
        let scaler = Scaler::fit(config.check().unwrap().scaling(), &data, &[0]).unwrap();
        ModelCard::new("x", input, scaler, Answers::Classes { classes })
    }

    fn columns(delimiter: Option<char>) -> InputSpec {
        InputSpec::Table(TableInput { delimiter, ..TableInput::of(vec!["y".into(), "x".into()]) })
    }

    fn image() -> InputSpec {
        let (resize, crop) = Default::default();
        InputSpec::Image(ImageInput { channels: 3, height: 8, width: 6, resize, crop })
    }

    #[test]
    fn a_table_may_have_a_delimiter_of_its_own() {
        let csv = CsvConfig {
            file: Some("old.csv".into()),
            target: Some("kind".into()),
            delimiter: Some(";".into()),
            ..CsvConfig::default()
        };
        let mut data = DataConfig { csv: Some(csv), ..DataConfig::default() };
        put(&mut data, "new.csv".into(), false, &card(columns(Some(';')))).unwrap();
        let csv = data.csv.unwrap();
        assert_eq!((csv.file.as_deref(), csv.delimiter), (Some("new.csv"), None));
        assert_eq!(csv.features.unwrap(), ["y", "x"]);
        // Cards of format 1 name no delimiter.
        assert_eq!(form(columns(Some(';'))), form(columns(None)));
        assert_ne!(form(columns(None)), form(InputSpec::Table(TableInput::of(vec!["y".into()]))));
    }

    #[test]
    fn pixels_need_no_votes() {
        let text = |text: &str| Some(text.to_owned());
        let pixels = PixelsConfig {
            file: text("old.csv"),
            pixels: text("pixels"),
            label: text("label"),
            split: text("use"),
            size: Some([8, 6]),
            votes: text("votes.csv"),
            vote_columns: Some(vec!["a".into(), "b".into()]),
            ..PixelsConfig::default()
        };
        let mut data = DataConfig { pixels: Some(pixels), ..DataConfig::default() };
        put(&mut data, "new.csv".into(), false, &card(image())).unwrap();
        assert_eq!(data.check().unwrap().file_names(), ["new.csv"]);
    }

    #[test]
    fn images_are_brought_to_the_form_that_the_model_takes() {
        let images = ImagesConfig { folder: Some("old".into()), ..ImagesConfig::default() };
        let mut data = DataConfig { images: Some(images), ..DataConfig::default() };
        put(&mut data, "new.zip".into(), false, &card(image())).unwrap();
        let images = data.images.unwrap();
        assert_eq!((images.folder, images.archive.as_deref()), (None, Some("new.zip")));
        assert_eq!((images.size, images.channels), (Some([8, 6]), Some(3)));
    }

    #[test]
    fn a_format_that_is_no_file_is_named() {
        let mut data = DataConfig { points: Some(PointsConfig::default()), ..DataConfig::default() };
        let error = put(&mut data, "new.csv".into(), false, &card(columns(None))).unwrap_err().to_string();
        assert!(error.ends_with("this run was trained on [data.points]"), "{error}");
    }
}
