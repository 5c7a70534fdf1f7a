//! Time series in the `.ts` text form of aeon and sktime: a header, then a case per line, channels separated by `:`, their
//! readings by `,`, the label last.
//!
//! # Series of several lengths
//!
//! Samples have one shape, so a series that is shorter than the longest of all files is an error, unless `pad = "end"` is
//! set. Then it gets steps of zeros at its end, and *every* sample one channel more, `mask`, the last: 1 in the steps of the
//! series, 0 in those added. Why so:
//!
//! - Zeros alone would not do: a series may itself end in zeros, and its length would be lost.
//! - NaN would tell the length, but what reaches a network has to be finite, and is checked for it at several places; a
//!   network would have to begin by taking the NaN out, and most do not.
//! - A channel is there for every network there is: one that knows nothing of it reads it like any other, one that wants the
//!   length counts steps by it. Scaling is the same in all steps and keeps the two values apart (`"channels"` makes 0 and -1 of
//!   1 and 0): before and after it, a step is padding exactly where the mask is another than in the first step, which every
//!   series has. Augmentation that adds noise to readings adds it to the mask, too.
//!
//! [`Labelled::lengths`] has the lengths as numbers. `scaling = "channels"` measures by them, so that padding does not
//! move the mean of a channel.

mod cases;
mod config;
mod header;
mod input;
mod lines;
mod pad;
mod readings;
#[cfg(test)]
mod tests;

pub use config::{Missing, Pad, TsConfig};
pub use input::TsInput;

use cases::{Cases, Found, Wanted};
use header::Header;
use lines::Lines;
use pad::{Length, padded};

use crate::config::TaskKind;
use crate::formats::table::check_classes;
use crate::formats::{Features, GivenSplit, Source, join};
use crate::{DataError, Files, InputSpec, LabelEncoder, Labelled, NumberTargets, Result, Role, SourceFile};

/// A `[data.ts]` table that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TsSource {
    pub parts: Vec<(Option<Role>, String)>,
    pub pad: Pad,
    pub steps: Option<usize>,
    pub missing: Missing,
    pub task: TaskKind,
}

impl Source for TsSource {
    fn name(&self) -> &'static str {
        "ts"
    }

    fn file_names(&self) -> Vec<&str> {
        self.parts.iter().map(|(_, file)| file.as_str()).collect()
    }

    fn read(&self, files: &Files) -> Result<Labelled> {
        let mut read: Vec<(Cases, SourceFile)> = Vec::new();
        for (_, file) in &self.parts {
            let content = files.read(file)?;
            let from = read.first().map(|(first, _)| (first.channels, format!("in {}", first.label)));
            let channels = from.as_ref().map(|(channels, from)| (*channels, from.as_str()));
            let wanted = Wanted { missing: self.missing, channels, targets: true };
            let cases = Cases::read(&content.label, &content.bytes, &wanted)?;
            read.push((cases, SourceFile::of(file, &content.bytes)));
        }
        let length = self.length(&read);
        let mut parts = Vec::new();
        for ((role, name), (cases, file)) in self.parts.iter().zip(read) {
            let part = self.labelled(name, cases, &length)?;
            parts.push((role.unwrap_or(Role::Train), Labelled { files: vec![file], ..part }));
        }
        if self.parts.len() > 1 {
            return join(parts, files.cache());
        }
        match parts.pop() {
            Some((_, data)) => {
                let classes = LabelEncoder::with_classes(data.class_names().to_vec());
                check_classes(&data.name, &classes, data.labels())?;
                Ok(data)
            }
            None => Err(DataError::no_rows("ts")),
        }
    }

    fn features(&self) -> Features {
        Features::Steps
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        let (steps, channels) = match *data.samples.shape() {
            [steps, channels] => (steps, channels),
            _ => (0, 0),
        };
        let mask = self.pad.channels(0);
        InputSpec::Ts(TsInput {
            channels: channels.saturating_sub(mask),
            steps,
            pad: self.pad,
            missing: self.missing,
        })
    }

    fn given_split(&self) -> GivenSplit {
        if self.parts.len() > 1 { GivenSplit::Any } else { GivenSplit::None }
    }

    fn split_keys(&self) -> &'static [&'static str] {
        &["files"]
    }
}

/// What the header of a file says that its cases are labelled with; none where they are not. `label` names it in messages.
///
/// # Errors
/// What is wrong with the header.
///
/// ```
/// use brasa_data::{TaskKind, formats::ts::labelled_with};
///
/// let task = labelled_with("rain.ts", b"@targetlabel true\n@data\n1,2,3:0.5\n")?;
/// assert_eq!(task, Some(TaskKind::Regression));
/// # Ok::<(), brasa_data::DataError>(())
/// ```
pub fn labelled_with(label: &str, bytes: &[u8]) -> Result<Option<TaskKind>> {
    let header = Header::read(&mut Lines::of(label, bytes)?)?;
    Ok(match header.targets {
        header::Targets::None => None,
        header::Targets::Classes(_) => Some(TaskKind::Classification),
        header::Targets::Numbers => Some(TaskKind::Regression),
    })
}

impl TsSource {
    /// The steps of all samples: those of the first series, or where they are padded of the longest.
    fn length(&self, read: &[(Cases, SourceFile)]) -> Length {
        let mut all = read.iter().flat_map(|(cases, _)| cases.steps.iter().copied());
        let first = read.first();
        match (self.steps, self.pad, first) {
            (Some(steps), ..) => Length { steps, from: "expected at most".into() },
            (None, Pad::Refuse, Some((first, _))) => {
                let line = first.lines.first().copied().unwrap_or_default();
                let from = format!("the series on line {line} of {} has", first.label);
                Length { steps: all.next().unwrap_or_default(), from }
            }
            _ => Length { steps: all.max().unwrap_or_default(), from: "expected at most".into() },
        }
    }

    fn labelled(&self, name: &str, cases: Cases, length: &Length) -> Result<Labelled> {
        let samples = padded(&cases, self.pad, length)?;
        let no_key = |problem: &str| Err(DataError::in_file(&cases.label, problem));
        let data = match (self.task, cases.found) {
            (_, Found::None) => {
                return no_key(
                    "the header says of no labels, @classLabel true or @targetlabel true, to learn from",
                );
            }
            (TaskKind::Classification, Found::Labels(labels, classes)) => {
                Labelled::new(name, samples, labels, classes)
            }
            (TaskKind::Regression, Found::Numbers(values)) => {
                Labelled::new(name, samples, Vec::new(), Vec::new())
                    .with_numbers(NumberTargets { values, names: vec!["target".into()] })
            }
            (TaskKind::Classification, Found::Numbers(_)) => {
                return no_key("@targetlabel gives numbers to predict; set task = \"regression\" in [data]");
            }
            (TaskKind::Regression, Found::Labels(..)) => {
                return no_key(
                    "@classLabel gives classes, no numbers to predict; remove task = \"regression\"",
                );
            }
        };
        let mut feature_names =
            (1..=cases.channels).map(|channel| format!("channel_{channel}")).collect::<Vec<_>>();
        let lengths = match self.pad {
            Pad::Refuse => None,
            Pad::End => {
                feature_names.push("mask".into());
                Some(cases.steps)
            }
        };
        Ok(Labelled { feature_names, lengths, ..data })
    }
}
