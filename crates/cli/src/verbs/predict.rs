//! `predict`: raw rows or images to class names and probabilities.

use std::io::Read;
use std::path::{Path, PathBuf};

use brasa_data::InputSpec;
use brasa_train::run::find_run;
use brasa_train::{Prediction, SavedModel};
use serde_json::{Map, json};

use crate::app::App;
use crate::args::PredictArgs;
use crate::context;
use crate::error::{CliError, Result};
use crate::output::Screen;
use crate::table::table;

pub(super) fn run(app: &App, runs: &Path, args: &PredictArgs, screen: Screen) -> Result<()> {
    let (folder, record) = find_run(runs, app.name, &args.run.run)?;
    let device = context::device(&args.device)?;
    let model = SavedModel::load(&folder.model(), &device)?;
    let delimiter = u8::try_from(args.delimiter).ok().filter(u8::is_ascii).ok_or_else(|| {
        CliError::Usage(format!("--delimiter {}: give one ASCII character", args.delimiter))
    })?;
    let mut answers: Vec<(String, Prediction)> = Vec::new();
    for input in &args.inputs {
        for (names, predictions) in answer_input(input, &model, delimiter)? {
            answers.extend(names.into_iter().zip(predictions));
        }
    }
    let classes = &model.card().classes;
    let list: Vec<_> = answers
        .iter()
        .map(|(input, prediction)| {
            let probabilities: Map<_, _> =
                classes.iter().cloned().zip(prediction.probabilities.iter().map(|p| json!(p))).collect();
            json!({
                "input": input,
                "class": prediction.class,
                "probability": prediction.probability,
                "probabilities": probabilities,
            })
        })
        .collect();
    screen.object(
        &json!({ "run": folder.path().display().to_string(), "id": record.id, "predictions": list }),
    )?;
    let rows: Vec<Vec<String>> = answers.iter().map(|(input, p)| row(input, p, classes, args.top)).collect();
    screen.say(table(&["input", "class", "probability", "others"], &rows));
    Ok(())
}

/// The classes with their probabilities, the most probable first.
pub(super) fn ranked<'c>(prediction: &Prediction, classes: &'c [String]) -> Vec<(&'c str, f64)> {
    let probabilities = prediction.probabilities.iter().copied();
    let mut ranked: Vec<(&str, f64)> = classes.iter().map(String::as_str).zip(probabilities).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

fn row(input: &str, prediction: &Prediction, classes: &[String], top: usize) -> Vec<String> {
    let ranked = ranked(prediction, classes);
    let others = ranked.iter().skip(1).take(top.saturating_sub(1));
    let others: Vec<String> =
        others.map(|(class, probability)| format!("{class} {probability:.4}")).collect();
    vec![input.into(), prediction.class.clone(), format!("{:.4}", prediction.probability), others.join(", ")]
}

fn answer_input(input: &Path, model: &SavedModel, delimiter: u8) -> Result<Vec<Answers>> {
    if input.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| CliError::Input { path: "stdin".into(), problem: error.to_string() })?;
        return Ok(vec![classify("stdin", &bytes, model, delimiter)?]);
    }
    let files =
        if input.is_dir() { folder_files(input, &model.card().input)? } else { vec![input.to_path_buf()] };
    files
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).map_err(|error| CliError::Input {
                path: path.clone(),
                problem: format!("cannot be read: {error}"),
            })?;
            classify(&path.display().to_string(), &bytes, model, delimiter)
        })
        .collect()
}

/// What each sample is called (the image, the row of the table, the id of the series) and its class.
type Answers = (Vec<String>, Vec<Prediction>);

fn classify(label: &str, bytes: &[u8], model: &SavedModel, delimiter: u8) -> Result<Answers> {
    let spec = &model.card().input;
    let rows = |count: usize| (1..=count).map(|row| format!("{label}:{row}")).collect();
    let (names, samples) = match spec {
        InputSpec::Table { .. } => {
            let samples = spec.read_csv(label, bytes, delimiter)?;
            (rows(samples.len()), samples)
        }
        InputSpec::Image { .. } => (vec![label.to_owned()], spec.decode_image(label, bytes)?),
        InputSpec::Series { .. } => spec.read_series(label, bytes)?,
        InputSpec::Text { .. } => {
            let predictions = model.predict_titles(spec.read_titles(label, bytes)?)?;
            return Ok((rows(predictions.len()), predictions));
        }
    };
    Ok((names, model.predict(&samples)?))
}

/// The files of a folder that the model may take, by their endings, in the order of their names.
fn folder_files(folder: &Path, spec: &InputSpec) -> Result<Vec<PathBuf>> {
    let endings: &[&str] = match spec {
        InputSpec::Table { .. } => &["csv", "tsv", "txt"],
        InputSpec::Series { .. } => &["csv"],
        InputSpec::Image { .. } => &["png", "jpg", "jpeg"],
        InputSpec::Text { .. } => &["txt", "jsonl", "csv", "tsv"],
    };
    let problem = |problem: String| CliError::Input { path: folder.to_path_buf(), problem };
    let entries = std::fs::read_dir(folder).map_err(|error| problem(format!("cannot be listed: {error}")))?;
    let takes = |path: &PathBuf| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        path.is_file() && ending.is_some_and(|ending| endings.contains(&ending.as_str()))
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(takes).collect();
    if files.is_empty() {
        return Err(problem(format!("holds no file ending in .{}", endings.join(", ."))));
    }
    files.sort();
    Ok(files)
}
