//! What a model says of each sample of the inputs, or why it says nothing.

use std::path::Path;

use brasa_data::{DataError, InputSpec, RawFile, RawSamples};
use brasa_predict::Prediction;
use serde_json::{Map, Value, json};

use crate::error::{CliError, Result};

/// What is said of a sample whose logits or numbers overflowed.
const NOT_FINITE: &str = "the network's output is not finite for this row";

/// One sample, or one file that holds none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// What the sample is called: its file, the row of the table, the id of the series.
    pub input: String,
    /// What the model says, or why there is nothing to say.
    pub outcome: std::result::Result<Prediction, String>,
}

impl Answer {
    fn fault(input: &str, error: &DataError) -> Self {
        // The message of a file begins with its name, which stands beside it already.
        let message = error.to_string();
        let problem =
            message.strip_prefix(input).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&message);
        Self { input: input.to_owned(), outcome: Err(problem.to_owned()) }
    }

    /// Why there is nothing to say, if there is not.
    pub fn problem(&self) -> Option<&str> {
        match &self.outcome {
            Err(problem) => Some(problem),
            Ok(Prediction::NotFinite) => Some(NOT_FINITE),
            Ok(_) => None,
        }
    }

    /// The answer for a program. `names` are those of the outputs: of the classes, or of the numbers.
    pub fn json(&self, names: &[String]) -> Value {
        let named = |values: &[f64]| {
            names.iter().cloned().zip(values.iter().map(|v| json!(v))).collect::<Map<_, _>>()
        };
        let fault = |problem: &str| json!({ "input": self.input, "error": problem });
        match &self.outcome {
            Ok(Prediction::Class(answer)) => json!({
                "input": self.input,
                "class": answer.class,
                "probability": answer.probability,
                "probabilities": named(&answer.probabilities),
            }),
            Ok(Prediction::Numbers { values }) => json!({ "input": self.input, "numbers": named(values) }),
            Ok(Prediction::NotFinite) => fault(NOT_FINITE),
            Err(problem) => fault(problem),
        }
    }

    /// The answer in a table of so many columns: the input, the class, its probability and the next `top - 1` classes, or
    /// the input and the numbers. A problem stands in the last column.
    pub fn row(&self, names: &[String], columns: usize, top: usize) -> Vec<String> {
        let fault = |problem: &str| {
            let mut cells = vec!["-".to_owned(); columns.saturating_sub(2)];
            cells.push(format!("error: {problem}"));
            cells
        };
        let cells = match &self.outcome {
            Ok(prediction @ Prediction::Class(answer)) => {
                let ranked = ranked(prediction, names);
                let others = ranked.iter().skip(1).take(top.saturating_sub(1));
                let others = others.map(|(class, probability)| format!("{class} {probability:.4}"));
                let others = others.collect::<Vec<_>>().join(", ");
                vec![answer.class.clone(), format!("{:.4}", answer.probability), others]
            }
            Ok(Prediction::Numbers { values }) => values.iter().map(ToString::to_string).collect(),
            Ok(Prediction::NotFinite) => fault(NOT_FINITE),
            Err(problem) => fault(problem),
        };
        std::iter::once(self.input.clone()).chain(cells).collect()
    }
}

/// The answers as a table of text: what was asked about, the class with its probability and those of all classes, or the
/// numbers; and why there is no answer.
pub(super) fn to_csv(answers: &[Answer], names: &[String], classes: bool) -> Result<Vec<u8>> {
    let head = match classes {
        true => ["input".to_owned(), "class".into(), "probability".into()]
            .into_iter()
            .chain(names.iter().map(|name| format!("probability of {name}")))
            .collect::<Vec<_>>(),
        false => std::iter::once("input".to_owned()).chain(names.iter().cloned()).collect(),
    };
    let width = head.len();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| CliError::Failure(format!("the answers cannot be written: {error}"));
    writer.write_record(head.into_iter().chain(["error".to_owned()])).map_err(failed)?;
    for answer in answers {
        let mut cells = vec![answer.input.clone()];
        match &answer.outcome {
            Ok(Prediction::Class(said)) => {
                cells.extend([said.class.clone(), said.probability.to_string()]);
                cells.extend(said.probabilities.iter().map(f64::to_string));
            }
            Ok(Prediction::Numbers { values }) => cells.extend(values.iter().map(f64::to_string)),
            Ok(Prediction::NotFinite) | Err(_) => {}
        }
        cells.resize(width, String::new());
        cells.push(answer.problem().unwrap_or_default().to_owned());
        writer.write_record(cells).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| failed(error.into_error().into()))
}

/// The classes with their probabilities, the most probable first; none where no class was predicted.
pub(super) fn ranked<'c>(prediction: &Prediction, classes: &'c [String]) -> Vec<(&'c str, f64)> {
    let probabilities = prediction.class().map_or(&[][..], |answer| &answer.probabilities);
    let mut ranked =
        classes.iter().map(String::as_str).zip(probabilities.iter().copied()).collect::<Vec<_>>();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}

/// Answers for all that a path stands for, `-` being stdin. A file that cannot be read is an answer of its own, and so is
/// a path that holds nothing; only a failure of `predict` itself ends the reading.
pub(super) fn answer(
    input: &Path,
    spec: &InputSpec,
    delimiter: Option<u8>,
    mut predict: impl FnMut(&RawSamples) -> Result<Vec<Prediction>>,
) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    let mut take = |RawFile { label, content }: RawFile| -> Result<()> {
        match content.and_then(|bytes| spec.read(&label, &bytes, delimiter)) {
            Err(error) => answers.push(Answer::fault(&label, &error)),
            Ok(raw) => {
                let predictions = predict(&raw)?;
                let said = raw.names.into_iter().zip(predictions);
                answers.extend(said.map(|(input, prediction)| Answer { input, outcome: Ok(prediction) }));
            }
        }
        Ok(())
    };
    if input.as_os_str() == "-" {
        let content = brasa_data::read_all(std::io::stdin().lock());
        let content =
            content.map_err(|source| DataError::Io { action: "read", path: "stdin".into(), source });
        take(RawFile { label: "stdin".into(), content })?;
        return Ok(answers);
    }
    match spec.files(input) {
        Ok(mut files) => files.try_for_each(take)?,
        Err(error) => answers.push(Answer::fault(&input.display().to_string(), &error)),
    }
    Ok(answers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::TextInput;
    use brasa_predict::ClassAnswer;

    use super::*;

    const NAMES: [&str; 2] = ["cat", "dog"];

    fn names() -> Vec<String> {
        NAMES.map(str::to_owned).to_vec()
    }

    fn texts() -> InputSpec {
        let vocabulary = vec!["red".into(), "cup".into()];
        InputSpec::Text(TextInput {
            field: "title".into(),
            tokens: false,
            grams: Default::default(),
            length: 2,
            vocabulary,
        })
    }

    /// The first word's number decides: 1 is a cat, 2 is nothing that can be said.
    fn model(raw: &RawSamples) -> Result<Vec<Prediction>> {
        let said = |row| match raw.samples.row_f32(row)[0] {
            1.0 => Prediction::Class(ClassAnswer {
                class: "cat".into(),
                index: 0,
                probability: 0.75,
                probabilities: vec![0.75, 0.25],
            }),
            _ => Prediction::NotFinite,
        };
        Ok((0..raw.samples.len()).map(said).collect())
    }

    #[test]
    fn a_bad_file_and_a_row_that_says_nothing_are_answers_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        for (name, content) in [("a.txt", "red\ncup\n"), ("b.jsonl", "{}\n"), ("c.txt", "red cup\n")] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let answers = answer(folder.path(), &texts(), None, model).unwrap();
        let json = answers.iter().map(|answer| answer.json(&names())).collect::<Vec<_>>();
        let said = |input: String| {
            let probabilities = json!({ "cat": 0.75, "dog": 0.25 });
            json!({ "input": input, "class": "cat", "probability": 0.75, "probabilities": probabilities })
        };
        assert_eq!(json[0], said(format!("{}:1", at("a.txt"))));
        let nothing = "the network's output is not finite for this row";
        assert_eq!(answers[1].problem(), Some(nothing));
        assert_eq!(json[1], json!({ "input": format!("{}:2", at("a.txt")), "error": nothing }));
        assert_eq!(json[2]["input"], json!(at("b.jsonl")));
        let problem = json[2]["error"].as_str().unwrap();
        assert!(problem.starts_with("line 1: "), "{problem}");
        assert_eq!(json[3], said(format!("{}:1", at("c.txt"))));
        let rows = answers.iter().map(|answer| answer.row(&names(), 4, 3)[1..].join("|")).collect::<Vec<_>>();
        assert_eq!(rows[..2], ["cat|0.7500|dog 0.2500".to_owned(), format!("-|-|error: {nothing}")]);
        assert_eq!(rows[2], format!("-|-|error: {problem}"));
    }

    #[test]
    fn a_path_that_is_not_there_or_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [empty] = &answer(folder.path(), &texts(), None, model).unwrap()[..] else { unreachable!() };
        assert_eq!(
            empty.outcome,
            Err("expected files that end in .txt, .jsonl, .ndjson, .json, .csv, .tsv in it, found none"
                .into())
        );
        let missing = folder.path().join("no.txt");
        let [missing] = &answer(&missing, &texts(), None, model).unwrap()[..] else { unreachable!() };
        assert!(
            missing.outcome.as_ref().is_err_and(|problem| problem.starts_with("cannot read: ")),
            "{missing:?}"
        );
    }

    #[test]
    fn numbers_are_told_by_their_names() {
        let prediction = Prediction::Numbers { values: vec![1.5, -2.0] };
        let answer = Answer { input: "a.csv:1".into(), outcome: Ok(prediction) };
        assert_eq!(
            answer.json(&names()),
            json!({ "input": "a.csv:1", "numbers": { "cat": 1.5, "dog": -2.0 } })
        );
        assert_eq!(answer.row(&names(), 3, 3), ["a.csv:1", "1.5", "-2"]);
    }
}
