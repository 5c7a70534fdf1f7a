//! `look`: pictures of what a run's model has learned and where it errs.

use std::path::{Path, PathBuf};

use brasa_data::{InputSpec, Role, Samples};
use brasa_models::Input;
use brasa_plot::{HeatGrid, ImageSheet, SheetImage};
use brasa_run::look;
use brasa_run::report::mistake_sheet;
use brasa_run::write_atomic;
use burn::tensor::{Device, Int, Tensor};
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DataArgs, DeviceArgs, RunArgs, Split};
use crate::context::{self, LoadedRun};
use crate::error::{CliError, Result};
use crate::output::Screen;
use clap::{Args, ValueEnum};

/// Pictures of what a run's model has learned and where it errs
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// What to show
    #[arg(value_enum)]
    pub what: Show,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Split of the data to take pictures from
    #[arg(long, value_enum, default_value = "test", alias = "side")]
    pub split: Split,
    /// Sample of that split to show, from 0 [default: the first of each class, for features the first]
    #[arg(long, value_name = "N", conflicts_with = "image")]
    pub sample: Option<usize>,
    /// Image files to show instead
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub image: Vec<PathBuf>,
    /// Layer whose maps to show, as the summary numbers or names it [default: the first for features, the last for
    /// grad-cam]
    #[arg(long, value_name = "LAYER")]
    pub layer: Option<String>,
    /// Folder for the pictures [default: the run's folder, under look]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Show {
    /// Kernels of the first convolution
    Kernels,
    /// Feature maps of one picture after a layer
    Features,
    /// Where the network finds the class that it names (Grad-CAM)
    GradCam,
    /// Decision regions of a model of two features
    Regions,
    /// The surest wrong answers
    Mistakes,
    /// Pictures of each class
    Samples,
}

impl Verb for Look {
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let device = context::device(&self.device)?;
        let run = context::loaded_run(app, &common.runs, &self.run.run, None, &self.data, &device)?;
        let (name, files) = draw(&run, self, &device)?;
        let out = self.out.clone().unwrap_or_else(|| run.folder.path().join("look"));
        std::fs::create_dir_all(&out).map_err(|source| CliError::Write { path: out.clone(), source })?;
        let mut pictures = Vec::new();
        for (ending, bytes) in files {
            let path = out.join(format!("{name}.{ending}"));
            write_atomic(&path, &bytes)?;
            pictures.push(path.display().to_string());
        }
        screen.object(&json!({
            "run": run.folder.path().display().to_string(),
            "id": run.record.id,
            "pictures": pictures,
        }))?;
        pictures.iter().for_each(|picture| screen.say(picture));
        Ok(())
    }
}

/// A picture's files: their endings and contents.
type Files = Vec<(&'static str, Vec<u8>)>;

fn draw(run: &LoadedRun, args: &Look, device: &Device) -> Result<(String, Files)> {
    let network = run.model.model();
    let rows = run.prepared.split.rows(Role::from(args.split));
    if rows.is_empty() && !matches!(args.what, Show::Kernels) && args.image.is_empty() {
        return Err(CliError::Usage("that split of the data is empty; choose another with --split".into()));
    }
    let layer = |first: bool| match &args.layer {
        Some(wanted) => look::find_layer(network, wanted),
        None => look::default_layer(network, first),
    };
    Ok(match args.what {
        Show::Kernels => ("kernels".into(), heat(&look::kernels(network)?)?),
        Show::Features => {
            let layer = layer(true)?;
            let (input, pictures) = chosen(run, args, &rows[..rows.len().min(1)])?;
            let mut grid = look::feature_maps(network, input.narrow(0, 0, 1), layer)?;
            if let Some(picture) = pictures.first() {
                grid.title = format!("{} ({})", grid.title, picture.caption.join(", "));
            }
            (format!("features-{layer}"), heat(&grid)?)
        }
        Show::GradCam => {
            let layer = layer(false)?;
            if run.prepared.data.numbers().is_some() {
                return Err(CliError::Usage(
                    "grad-cam asks what speaks for a class; this model predicts numbers".into(),
                ));
            }
            let (input, pictures) = chosen(run, args, &look::first_of_each_class(&run.prepared.data, rows))?;
            let predictions =
                run.model.answer(&Input::numbers(input.clone(), run.prepared.data.samples.shape()))?;
            // A sample without an answer (a network that diverged) has no picture, either.
            let answered = predictions.iter().zip(pictures).enumerate();
            let answered =
                answered.filter_map(|(place, (said, picture))| Some((place as i32, said.class()?, picture)));
            let (mut places, mut classes, mut shown) = (Vec::new(), Vec::new(), Vec::new());
            for (place, answer, mut picture) in answered {
                picture.caption.push(format!("said: {} ({:.2})", answer.class, answer.probability));
                places.push(place);
                classes.push(answer.index as usize);
                shown.push(picture);
            }
            if shown.is_empty() {
                return Err(no_pictures("answers"));
            }
            let input = input.select(0, Tensor::<1, Int>::from_ints(places.as_slice(), device));
            let sheet = look::grad_cam(network, input, shown, &classes, layer)?;
            (format!("grad-cam-{layer}"), sheet_files(&sheet)?)
        }
        Show::Regions => {
            let plane = look::regions(&run.model, &run.prepared, rows)?;
            ("regions".into(), vec![("svg", plane.to_svg()?.into_bytes()), ("png", plane.to_png()?)])
        }
        Show::Mistakes => {
            let mistakes = look::mistakes(network, &run.recipe, &run.prepared, rows, device)?;
            let sheet = mistake_sheet(&mistakes);
            ("mistakes".into(), sheet_files(&sheet.ok_or_else(|| no_pictures("mistakes"))?)?)
        }
        Show::Samples => {
            let sheet = look::sample_sheet(&run.prepared.data, rows);
            ("samples".into(), sheet_files(&sheet.ok_or_else(|| no_pictures("samples"))?)?)
        }
    })
}

fn no_pictures(what: &str) -> CliError {
    CliError::Usage(format!("no {what} to show as pictures in that split of the data"))
}

fn heat(grid: &HeatGrid) -> Result<Files> {
    Ok(vec![("svg", grid.to_svg()?.into_bytes()), ("png", grid.to_png()?)])
}

fn sheet_files(sheet: &ImageSheet) -> Result<Files> {
    Ok(vec![("svg", sheet.to_svg()?.into_bytes()), ("png", sheet.to_png()?)])
}

/// The images that the arguments name, else the sample they name, else `default`: as the network takes them, and as
/// pictures with their names or classes below.
fn chosen(run: &LoadedRun, args: &Look, default: &[usize]) -> Result<(Tensor<2>, Vec<SheetImage>)> {
    if !args.image.is_empty() {
        let read = |path: &PathBuf| image(path, &run.model.card().input);
        let images = args.image.iter().map(read).collect::<Result<Vec<_>>>()?;
        let inputs =
            images.iter().map(|(_, samples)| run.model.input(samples, &[0]).map(|input| input.flat()));
        let input = Tensor::cat(inputs.collect::<Result<Vec<_>, _>>()?, 0);
        return Ok((input, images.into_iter().map(|(picture, _)| picture).collect()));
    }
    let data = &run.prepared.data;
    let split = run.prepared.split.rows(Role::from(args.split));
    let rows = match args.sample {
        Some(sample) => vec![*split.get(sample).ok_or_else(|| {
            CliError::Usage(format!(
                "--sample {sample}: that split has {} samples, counted from 0",
                split.len()
            ))
        })?],
        None => default.to_vec(),
    };
    let class = |row: usize| {
        let label = data.labels().get(row).copied().unwrap_or_default();
        data.class_names().get(label as usize).cloned().unwrap_or_default()
    };
    let picture = |&row: &usize| {
        let picture = look::picture(&data.samples, row).ok_or_else(|| no_pictures("samples"))?;
        Ok(SheetImage { caption: vec![format!("true: {}", class(row))], ..picture })
    };
    let pictures = rows.iter().map(picture).collect::<Result<_>>()?;
    Ok((run.model.input(&data.samples, &rows)?.flat(), pictures))
}

fn image(path: &Path, spec: &InputSpec) -> Result<(SheetImage, Samples)> {
    let failed = |error: std::io::Error| CliError::Input {
        path: path.to_path_buf(),
        problem: format!("cannot be read: {error}"),
    };
    let bytes = std::fs::read(path).map_err(failed)?;
    let samples = spec.read(&path.display().to_string(), &bytes, None)?.samples;
    let picture = look::picture(&samples, 0).ok_or_else(|| no_pictures("samples"))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((SheetImage { caption: vec![name], ..picture }, samples))
}
