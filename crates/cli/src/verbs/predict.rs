//! `predict`: raw rows or images to class names and probabilities.

use std::io::Read;
use std::path::{Path, PathBuf};

use brasa_data::InputSpec;
use brasa_predict::{Answers, ClassAnswer, Prediction, SavedModel};
use brasa_run::find_run;
use serde_json::{Map, Value, json};

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
    let names = model.card().answers.names();
    let list: Vec<_> = answers.iter().map(|(input, prediction)| object(input, prediction, names)).collect();
    screen.object(
        &json!({ "run": folder.path().display().to_string(), "id": record.id, "predictions": list }),
    )?;
    let rows: Vec<Vec<String>> = answers.iter().map(|(input, p)| row(input, p, names, args.top)).collect();
    screen.say(match &model.card().answers {
        Answers::Classes { .. } => table(&["input", "class", "probability", "others"], &rows),
        Answers::Numbers { numbers, .. } => {
            let header: Vec<&str> =
                std::iter::once("input").chain(numbers.iter().map(String::as_str)).collect();
            table(&header, &rows)
        }
    });
    Ok(())
}

/// What is wrong with a row whose outputs say nothing.
const NOT_FINITE: &str = "the network's output is not finite for this row";

fn object(input: &str, prediction: &Prediction, names: &[String]) -> Value {
    match prediction {
        Prediction::Class(answer) => {
            let probabilities: Map<_, _> =
                names.iter().cloned().zip(answer.probabilities.iter().map(|p| json!(p))).collect();
            json!({
                "input": input,
                "class": answer.class,
                "probability": answer.probability,
                "probabilities": probabilities,
            })
        }
        Prediction::Numbers { values } => {
            let values: Map<_, _> =
                names.iter().cloned().zip(values.iter().map(|value| json!(value))).collect();
            json!({ "input": input, "values": values })
        }
        Prediction::NotFinite => json!({ "input": input, "error": NOT_FINITE }),
    }
}

/// The classes with their probabilities, the most probable first.
pub(super) fn ranked<'c>(answer: &ClassAnswer, classes: &'c [String]) -> Vec<(&'c str, f64)> {
    let probabilities = answer.probabilities.iter().copied();
    let mut ranked: Vec<(&str, f64)> = classes.iter().map(String::as_str).zip(probabilities).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

fn row(input: &str, prediction: &Prediction, names: &[String], top: usize) -> Vec<String> {
    let mut cells = vec![input.to_owned()];
    match prediction {
        Prediction::Class(answer) => {
            let ranked = ranked(answer, names);
            let others = ranked.iter().skip(1).take(top.saturating_sub(1));
            let others: Vec<String> =
                others.map(|(class, probability)| format!("{class} {probability:.4}")).collect();
            cells.extend([answer.class.clone(), format!("{:.4}", answer.probability), others.join(", ")]);
        }
        Prediction::Numbers { values } => cells.extend(values.iter().map(|value| format!("{value:.6}"))),
        Prediction::NotFinite => cells.push(NOT_FINITE.into()),
    }
    cells
}

fn answer_input(input: &Path, model: &SavedModel, delimiter: u8) -> Result<Vec<Answered>> {
    if input.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| CliError::Input { path: "stdin".into(), problem: error.to_string() })?;
        return Ok(vec![answer("stdin", &bytes, model, delimiter)?]);
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
            answer(&path.display().to_string(), &bytes, model, delimiter)
        })
        .collect()
}

/// What each sample is called (the image, the row of the table, the id of the series) and what the model says of it.
type Answered = (Vec<String>, Vec<Prediction>);

fn answer(label: &str, bytes: &[u8], model: &SavedModel, delimiter: u8) -> Result<Answered> {
    let raw = model.card().input.read(label, bytes, delimiter)?;
    let predictions = model.predict(&raw)?;
    Ok((raw.names, predictions))
}

/// The files of a folder that the model may take, by their endings, in the order of their names.
fn folder_files(folder: &Path, spec: &InputSpec) -> Result<Vec<PathBuf>> {
    let endings = spec.endings();
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
