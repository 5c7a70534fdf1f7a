//! `predict`: raw rows or images to classes with their probabilities, or to numbers.

use std::path::PathBuf;

use brasa_predict::{Answers, SavedModel};
use brasa_run::write_atomic;
use serde_json::json;

use super::Verb;
use super::answers::{Answer, answer, to_csv};
use crate::app::App;
use crate::args::{Common, DeviceArgs, RunArgs, delimiter};
use crate::context;
use crate::error::{CliError, Result};
use crate::output::{Screen, note};
use crate::table::table;
use clap::Args;

/// So many bad inputs are told apart in a message.
const SHOWN: usize = 10;

/// Classify raw rows or image files
#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// CSV files, image files (PNG, JPEG), folders of them, or - for stdin
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Classes to show for each input
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub top: usize,
    /// CSV file for the answers, in the place of the table on the screen
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Field separator of CSV input, one character or "tab"; found out when it is not given
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
}

impl Verb for Predict {
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let (folder, record) = context::model_run(app, &common.runs, &self.run.run)?;
        let device = context::device(&self.device)?;
        let model = SavedModel::load(&folder.model(), &device)?;
        let card = model.card();
        let mut answers = Vec::new();
        for input in &self.inputs {
            answers.extend(answer(input, &card.input, self.delimiter, |raw| Ok(model.predict(raw)?))?);
        }
        let bad = failed(&answers)?;
        let names = card.answers.names();
        let list = answers.iter().map(|answer| answer.json(names)).collect::<Vec<_>>();
        screen.object(
            &json!({ "run": folder.path().display().to_string(), "id": record.id, "predictions": list }),
        )?;
        if let Some(out) = &self.out {
            let classes = matches!(card.answers, Answers::Classes { .. });
            let table = to_csv(&answers, names, classes)?;
            // A pipe or a device is written to; a file is put in the place of another.
            match out.metadata().is_ok_and(|there| !there.is_file()) {
                true => std::fs::write(out, table)
                    .map_err(|source| CliError::Write { path: out.clone(), source })?,
                false => write_atomic(out, &table)?,
            }
            screen.say(format!("{} answers in {}", answers.len(), out.display()));
            bad.into_iter().for_each(note);
            return Ok(());
        }
        let header = match &card.answers {
            Answers::Classes { .. } => vec!["input", "class", "probability", "others"],
            Answers::Numbers { numbers, .. } => {
                std::iter::once("input").chain(numbers.iter().map(String::as_str)).collect()
            }
        };
        let rows = answers.iter().map(|answer| answer.row(names, header.len(), self.top)).collect::<Vec<_>>();
        screen.say(table(&header, &rows));
        if let Some(bad) = bad {
            note(bad);
        }
        Ok(())
    }
}

/// What is to be said of the inputs that there is no prediction for.
///
/// # Errors
/// There is none for any input.
fn failed(answers: &[Answer]) -> Result<Option<String>> {
    let bad = |answer: &Answer| Some(format!("{}: {}", answer.input, answer.problem()?));
    let bad = answers.iter().filter_map(bad).collect::<Vec<_>>();
    let Some(first) = bad.first() else { return Ok(None) };
    if bad.len() < answers.len() {
        return Ok(Some(format!(
            "no prediction for {} of {} inputs; the first: {first}",
            bad.len(),
            answers.len()
        )));
    }
    let mut message = match bad.len() {
        1 => return Err(CliError::Usage(first.clone())),
        count => format!("no prediction for any of {count} inputs:"),
    };
    for line in bad.iter().take(SHOWN) {
        message.push_str("\n  ");
        message.push_str(line);
    }
    if bad.len() > SHOWN {
        message.push_str(&format!("\n  and {} more", bad.len() - SHOWN));
    }
    Err(CliError::Usage(message))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_predict::Prediction;

    use super::*;

    fn good() -> Answer {
        Answer { input: "a".into(), outcome: Ok(Prediction::Numbers { values: vec![1.0] }) }
    }

    fn bad(input: &str) -> Answer {
        Answer { input: input.into(), outcome: Err("is empty".into()) }
    }

    #[test]
    fn some_bad_inputs_are_a_note_and_only_bad_ones_an_error() {
        assert_eq!(failed(&[good()]).unwrap(), None);
        assert_eq!(failed(&[]).unwrap(), None);
        let note = failed(&[good(), bad("b"), good(), bad("c")]).unwrap();
        assert_eq!(note.as_deref(), Some("no prediction for 2 of 4 inputs; the first: b: is empty"));
        assert_eq!(failed(&[bad("b")]).unwrap_err().to_string(), "b: is empty");
        let all = (0..12).map(|number| bad(&number.to_string())).collect::<Vec<_>>();
        let message = failed(&all).unwrap_err().to_string();
        assert!(
            message.starts_with("no prediction for any of 12 inputs:\n  0: is empty\n  1: is empty\n"),
            "{message}"
        );
        assert!(message.ends_with("\n  9: is empty\n  and 2 more"), "{message}");
    }
}
