//! `predict`: raw rows or images to classes with their probabilities, or to numbers.

use std::path::PathBuf;

use brasa_data::RawSamples;
use brasa_predict::{Answers, Beyond, Coverage, HeldOut, ModelCard, Outside, SavedModel};
use brasa_run::write_atomic;
use serde_json::{Value, json};

use super::Verb;
use super::answers::{Answer, Shown, answer, to_csv};
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
    /// Beside each answer what holds the truth of this share of rows: an interval for each number, a set of classes
    #[arg(long, value_name = "SHARE")]
    pub coverage: Option<Coverage>,
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
        let sureness = self.coverage.map(|coverage| sureness(card, coverage)).transpose()?;
        let mut answers = Vec::new();
        let mut unlike = Unlike::default();
        for input in &self.inputs {
            answers.extend(answer(input, &card.input, self.delimiter, sureness, |raw| {
                unlike.add(raw, model.outside(raw));
                Ok(model.predict(raw)?)
            })?);
        }
        let bad = failed(&answers)?;
        let shown = Shown {
            names: card.answers.names(),
            classes: matches!(card.answers, Answers::Classes { .. }),
            top: self.top,
            coverage: self.coverage,
        };
        let list = answers.iter().map(|answer| answer.json(&shown)).collect::<Vec<_>>();
        screen.object(&json!({
            "run": folder.path().display().to_string(),
            "id": record.id,
            "predictions": list,
            "outside": unlike.json(),
        }))?;
        unlike.words().into_iter().for_each(note);
        if let Some(out) = &self.out {
            let table = to_csv(&answers, &shown)?;
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
        let header = shown.header();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let rows = answers.iter().map(|answer| answer.row(&shown)).collect::<Vec<_>>();
        screen.say(table(&header, &rows));
        if let Some(bad) = bad {
            note(bad);
        }
        Ok(())
    }
}

/// What a coverage is kept by, where the model knows it.
fn sureness(card: &ModelCard, coverage: Coverage) -> Result<(&HeldOut, Coverage)> {
    let refused = |words: String| Err(CliError::Usage(format!("--coverage {}: {words}", coverage.share())));
    let Some(held_out) = &card.held_out else {
        return refused(
            "the model does not know how far off it was; runs of this version do, train it again".into(),
        );
    };
    match held_out.most() {
        Some(most) if most >= coverage => Ok((held_out, coverage)),
        most => refused(format!(
            "needs {} rows that the model was judged on in training, there were {}, enough for {}",
            coverage.rows_needed(),
            held_out.rows,
            most.map_or_else(|| "none".into(), |most| format!("at most {}", most.share()))
        )),
    }
}

/// Columns in which rows hold what no training row does, with the first such row's name.
#[derive(Default)]
struct Unlike(Vec<(Outside, String)>);

impl Unlike {
    fn add(&mut self, raw: &RawSamples, found: Vec<Outside>) {
        for outside in found {
            match self.0.iter_mut().find(|(known, _)| known.column == outside.column) {
                Some((known, _)) => known.rows += outside.rows,
                None => {
                    let row = raw.names.get(outside.first).cloned().unwrap_or_default();
                    self.0.push((outside, row));
                }
            }
        }
    }

    /// For a program: the first such row of each column, and how many there are.
    fn json(&self) -> Vec<Value> {
        let of = |(outside, row): &(Outside, String)| {
            let Outside { column, rows, beyond, .. } = outside;
            match beyond {
                Beyond::Number { value, least, most } => json!({
                    "column": column, "least": least, "most": most, "rows": rows, "row": row, "value": value
                }),
                Beyond::Level => json!({ "column": column, "rows": rows, "row": row, "unknown_level": true }),
            }
        };
        self.0.iter().map(of).collect()
    }

    /// A sentence for each column.
    fn words(&self) -> Vec<String> {
        let line = |(outside, row): &(Outside, String)| {
            let Outside { column, rows, beyond, .. } = outside;
            let rows = if *rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
            match beyond {
                Beyond::Number { value, least, most } => format!(
                    "{rows} with a `{column}` beyond the training rows' {least} to {most}, the first {value} ({row}): the model has seen \
                     nothing like it"
                ),
                Beyond::Level => format!(
                    "{rows} whose `{column}` no row of the training has, or that lack it, the first {row}: the model has seen nothing like it"
                ),
            }
        };
        let mut lines: Vec<String> = self.0.iter().take(SHOWN).map(line).collect();
        if self.0.len() > SHOWN {
            lines.push(format!("and {} more columns with such rows", self.0.len() - SHOWN));
        }
        lines
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
        Answer { input: "a".into(), outcome: Ok(Prediction::Numbers { values: vec![1.0] }), certainty: None }
    }

    fn bad(input: &str) -> Answer {
        Answer { input: input.into(), outcome: Err("is empty".into()), certainty: None }
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
