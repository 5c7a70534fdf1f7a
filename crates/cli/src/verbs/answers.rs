//! What a model says of each sample of the inputs, or why it says nothing.

use std::path::Path;

use brasa_data::{DataError, InputSpec, RawFile, RawSamples};
use brasa_predict::{Certainty, Coverage, HeldOut, Prediction};
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
    /// What holds the truth with the probability that was asked for.
    pub certainty: Option<Certainty>,
}

/// How answers are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    /// Of the outputs: of the classes, or of the numbers.
    pub names: &'a [String],
    /// Whether they are classes.
    pub classes: bool,
    /// Classes to show for each input.
    pub top: usize,
    /// The coverage of the sets or the intervals beside, where that was asked for.
    pub coverage: Option<Coverage>,
}

impl Shown<'_> {
    /// The heads of the table on the screen.
    pub fn header(&self) -> Vec<String> {
        let mut header = vec!["input".to_owned()];
        match self.classes {
            true => header.extend(["class", "probability", "others"].map(str::to_owned)),
            false => header.extend(self.names.iter().cloned()),
        }
        match (self.coverage, self.classes) {
            (Some(coverage), true) => header.push(format!("{coverage} set")),
            (Some(coverage), false) => {
                header.extend(self.names.iter().map(|name| format!("{name}, {coverage} interval")));
            }
            (None, _) => {}
        }
        header
    }

    /// The heads of a file.
    fn csv_header(&self) -> Vec<String> {
        let mut header = vec!["input".to_owned()];
        match self.classes {
            true => {
                header.extend(["class", "probability"].map(str::to_owned));
                header.extend(self.names.iter().map(|name| format!("probability of {name}")));
                header.extend(self.coverage.map(|coverage| format!("{coverage} set")));
            }
            false => {
                header.extend(self.names.iter().cloned());
                let ends = |name: &String| ["from", "to"].map(|end| format!("{name} {end}"));
                header.extend(self.names.iter().filter(|_| self.coverage.is_some()).flat_map(ends));
            }
        }
        header
    }

    /// The names of a set's classes.
    fn set(&self, classes: &[u32]) -> Vec<&str> {
        let name = |class: &u32| self.names.get(*class as usize).map(String::as_str);
        classes.iter().filter_map(name).collect()
    }
}

impl Answer {
    fn fault(input: &str, error: &DataError) -> Self {
        // The message of a file begins with its name, which stands beside it already.
        let message = error.to_string();
        let problem =
            message.strip_prefix(input).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&message);
        Self { input: input.to_owned(), outcome: Err(problem.to_owned()), certainty: None }
    }

    /// Why there is nothing to say, if there is not.
    pub fn problem(&self) -> Option<&str> {
        match &self.outcome {
            Err(problem) => Some(problem),
            Ok(Prediction::NotFinite) => Some(NOT_FINITE),
            Ok(_) => None,
        }
    }

    /// The answer for a program.
    pub fn json(&self, shown: &Shown<'_>) -> Value {
        let mut said = self.said(shown.names);
        match &self.certainty {
            Some(Certainty::Classes(classes)) => said["set"] = json!(shown.set(classes)),
            Some(Certainty::Intervals(intervals)) => {
                let named = shown.names.iter().cloned().zip(intervals.iter().map(|ends| json!(ends)));
                said["intervals"] = Value::Object(named.collect());
            }
            None => {}
        }
        said
    }

    fn said(&self, names: &[String]) -> Value {
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

    /// The answer in a table under [`Shown::header`]: the input, the class, its probability and the next `top - 1` classes, or
    /// the input and the numbers; then what was asked for beside. A problem stands in the last column.
    pub fn row(&self, shown: &Shown<'_>) -> Vec<String> {
        let (names, top, columns) = (shown.names, shown.top, shown.header().len());
        let fault = |problem: &str| {
            let mut cells = vec!["-".to_owned(); columns.saturating_sub(2)];
            cells.push(format!("error: {problem}"));
            cells
        };
        let cells = match &self.outcome {
            Ok(prediction @ Prediction::Class(answer)) => {
                let ranked = ranked(prediction, names);
                // The class that is answered need not be the most probable one.
                let others =
                    ranked.iter().filter(|(class, _)| *class != answer.class).take(top.saturating_sub(1));
                let others = others.map(|(class, probability)| format!("{class} {probability:.4}"));
                let others = others.collect::<Vec<_>>().join(", ");
                vec![answer.class.clone(), format!("{:.4}", answer.probability), others]
            }
            Ok(Prediction::Numbers { values }) => values.iter().map(ToString::to_string).collect(),
            Ok(Prediction::NotFinite) => fault(NOT_FINITE),
            Err(problem) => fault(problem),
        };
        let certainty = match &self.certainty {
            Some(Certainty::Classes(classes)) => vec![shown.set(classes).join(" | ")],
            Some(Certainty::Intervals(intervals)) => {
                intervals.iter().map(|[from, to]| format!("{from:.4} to {to:.4}")).collect()
            }
            None => Vec::new(),
        };
        std::iter::once(self.input.clone()).chain(cells).chain(certainty).collect()
    }
}

/// The answers as a table of text: what was asked about, the class with its probability and those of all classes, or the
/// numbers; what was asked for beside; and why there is no answer.
pub(super) fn to_csv(answers: &[Answer], shown: &Shown<'_>) -> Result<Vec<u8>> {
    let head = shown.csv_header();
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
        match &answer.certainty {
            Some(Certainty::Classes(classes)) => cells.push(shown.set(classes).join(" | ")),
            Some(Certainty::Intervals(intervals)) => {
                cells.extend(intervals.iter().flatten().map(f64::to_string))
            }
            None => {}
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
    sureness: Option<(&HeldOut, Coverage)>,
    mut predict: impl FnMut(&RawSamples) -> Result<Vec<Prediction>>,
) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    let mut take = |RawFile { label, content }: RawFile| -> Result<()> {
        match content.and_then(|bytes| spec.read(&label, &bytes, delimiter)) {
            Err(error) => answers.push(Answer::fault(&label, &error)),
            Ok(raw) => {
                let predictions = predict(&raw)?;
                let said = raw.names.into_iter().zip(predictions);
                answers.extend(said.map(|(input, prediction)| {
                    let certainty =
                        sureness.and_then(|(held_out, coverage)| held_out.certainty(&prediction, coverage));
                    Answer { input, outcome: Ok(prediction), certainty }
                }));
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

    fn shown(names: &[String], classes: bool) -> Shown<'_> {
        Shown { names, classes, top: 3, coverage: None }
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
        let answers = answer(folder.path(), &texts(), None, None, model).unwrap();
        let names = names();
        let shown = shown(&names, true);
        let json = answers.iter().map(|answer| answer.json(&shown)).collect::<Vec<_>>();
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
        let rows = answers.iter().map(|answer| answer.row(&shown)[1..].join("|")).collect::<Vec<_>>();
        assert_eq!(rows[..2], ["cat|0.7500|dog 0.2500".to_owned(), format!("-|-|error: {nothing}")]);
        assert_eq!(rows[2], format!("-|-|error: {problem}"));
    }

    #[test]
    fn a_path_that_is_not_there_or_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [empty] = &answer(folder.path(), &texts(), None, None, model).unwrap()[..] else {
            unreachable!()
        };
        assert_eq!(
            empty.outcome,
            Err("expected files that end in .txt, .jsonl, .ndjson, .json, .csv, .tsv in it, found none"
                .into())
        );
        let missing = folder.path().join("no.txt");
        let [missing] = &answer(&missing, &texts(), None, None, model).unwrap()[..] else { unreachable!() };
        assert!(
            missing.outcome.as_ref().is_err_and(|problem| problem.starts_with("cannot read: ")),
            "{missing:?}"
        );
    }

    #[test]
    fn numbers_are_told_by_their_names() {
        let prediction = Prediction::Numbers { values: vec![1.5, -2.0] };
        let mut answer = Answer { input: "a.csv:1".into(), outcome: Ok(prediction), certainty: None };
        let names = names();
        let mut shown = shown(&names, false);
        assert_eq!(
            answer.json(&shown),
            json!({ "input": "a.csv:1", "numbers": { "cat": 1.5, "dog": -2.0 } })
        );
        assert_eq!(answer.row(&shown), ["a.csv:1", "1.5", "-2"]);

        answer.certainty = Some(Certainty::Intervals(vec![[1.0, 2.0], [-4.0, 0.0]]));
        shown.coverage = "0.9".parse().ok();
        assert_eq!(answer.json(&shown)["intervals"], json!({ "cat": [1.0, 2.0], "dog": [-4.0, 0.0] }));
        assert_eq!(answer.row(&shown)[3..], ["1.0000 to 2.0000", "-4.0000 to 0.0000"]);
        assert_eq!(shown.header()[3..], ["cat, 90 % interval", "dog, 90 % interval"]);
        let csv = String::from_utf8(to_csv(&[answer], &shown).unwrap()).unwrap();
        let expected = "input,cat,dog,cat from,cat to,dog from,dog to,error\na.csv:1,1.5,-2,1,2,-4,0,\n";
        assert_eq!(csv, expected);
    }

    #[test]
    fn the_others_are_those_that_are_not_answered() {
        let names = names();
        let said =
            ClassAnswer { class: "dog".into(), index: 1, probability: 0.3, probabilities: vec![0.7, 0.3] };
        let answer = Answer { input: "a".into(), outcome: Ok(Prediction::Class(said)), certainty: None };
        assert_eq!(answer.row(&shown(&names, true)), ["a", "dog", "0.3000", "cat 0.7000"]);
    }

    #[test]
    fn sets_are_told_by_the_names_of_their_classes() {
        let names = names();
        let shown = Shown { coverage: "0.95".parse().ok(), ..shown(&names, true) };
        let said =
            ClassAnswer { class: "cat".into(), index: 0, probability: 0.6, probabilities: vec![0.6, 0.4] };
        let answer = Answer {
            input: "a".into(),
            outcome: Ok(Prediction::Class(said)),
            certainty: Some(Certainty::Classes(vec![0, 1])),
        };
        assert_eq!(answer.json(&shown)["set"], json!(["cat", "dog"]));
        assert_eq!(answer.row(&shown), ["a", "cat", "0.6000", "dog 0.4000", "cat | dog"]);
        let csv = String::from_utf8(to_csv(&[answer], &shown).unwrap()).unwrap();
        let head = "input,class,probability,probability of cat,probability of dog,95 % set,error";
        assert_eq!(csv, format!("{head}\na,cat,0.6,0.6,0.4,cat | dog,\n"));
    }
}
