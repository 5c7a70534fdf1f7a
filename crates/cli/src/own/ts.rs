//! Time series of a person's own in the text form of aeon and sktime.

use std::path::Path;

use brasa_data::formats::ts::{Missing, Pad, TsConfig, labelled_with};
use brasa_data::{DataConfig, DataError, Files, Labelled, Role, SplitFiles, TaskKind, load};
use serde_json::{Value, json};

use super::args::{place, reading};
use super::toml_text::{Toml, inline, one_line};
use super::{Own, ROWS_OF_A_PART, TEST, Targets, VALID, imbalance, kind_of_split, show_questions};
use crate::args::{Effort, OwnArgs};
use crate::error::{CliError, Result};
use crate::output::Screen;

/// More series than this are not all laid out as features at once.
const MOST_AT_ONCE: usize = 5_000;

/// Fewer are not parted for a bag of networks.
const FEWEST_FOR_BEST: usize = 100;

/// Series, looked at.
pub(super) struct OwnTs {
    name: String,
    config: TsConfig,
    targets: Targets,
    /// Series, steps of the longest, channels.
    sizes: [usize; 3],
    questions: Vec<String>,
}

/// Whether a file is of this kind by its name.
pub(super) fn is_ts(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ts"))
}

impl OwnTs {
    pub(super) fn look(args: &OwnArgs, path: &Path) -> Result<Self> {
        let (name, files) = place(path);
        let named = match args.test_file(path)? {
            None => TsConfig { file: Some(name.clone()), ..TsConfig::default() },
            Some(test) => {
                let files = SplitFiles { train: name.clone(), valid: None, test: Some(test) };
                TsConfig { files: Some(files), ..TsConfig::default() }
            }
        };
        let content = files.read(&name).map_err(reading(path))?;
        let task = labelled_with(&content.label, &content.bytes).map_err(reading(path))?.unwrap_or_default();
        let (config, data) = readable(named, task, &files).map_err(reading(path))?;
        let is_test =
            |row: &usize| data.roles.as_ref().is_some_and(|roles| roles.get(*row) == Some(&Role::Test));
        // Those of another file judge, and are not trained on.
        let all: Vec<usize> = (0..data.len()).filter(|row| !is_test(row)).collect();
        let targets = Targets::of(&data, &all);
        let shape = data.samples.shape();
        let mask = usize::from(config.pad.is_some());
        let channels = shape.get(1).copied().unwrap_or(1).saturating_sub(mask);
        let sizes = [all.len(), shape.first().copied().unwrap_or(0), channels];
        let mut questions = Vec::from_iter(imbalance(&targets.classes));
        if config.missing.is_some() {
            let words = "Some readings are missing, and become the mean of the others of their channel in the same series: is that right? \
                         missing = \"previous\" takes the one before";
            questions.push(words.to_owned());
        }
        Ok(Self { name, config, targets, sizes, questions })
    }
}

/// The series with as little done to them as they need: nothing, padding, missing readings filled in, or both.
fn readable(
    named: TsConfig,
    task: TaskKind,
    files: &Files,
) -> std::result::Result<(TsConfig, Labelled), DataError> {
    let read = |missing, pad| {
        let config = TsConfig { pad, missing, ..named.clone() };
        let data = DataConfig { task, ts: Some(config.clone()), ..DataConfig::default() };
        data.check().and_then(|data| load(&data, files)).map(|data| (config, data))
    };
    let (pad, missing) = (Some(Pad::End), Some(Missing::Mean));
    // What the most lenient reading refuses is what is wrong with the file.
    read(None, None)
        .or_else(|_| read(None, pad))
        .or_else(|_| read(missing, None))
        .or_else(|_| read(missing, pad))
}

impl Own for OwnTs {
    fn recipe(&self, args: &OwnArgs) -> Result<String> {
        let (effort, [rows, steps, channels]) = (args.effort.unwrap_or_default(), self.sizes);
        let mut text = Toml::default();
        text.line(format_args!(
            "# {}: {rows} series of up to {steps} steps, {channels} channels, {}. Edit what is wrong here; every key is in the guide.",
            one_line(&self.name),
            self.targets.words()
        ));
        text.questions(&self.questions);
        let what = if self.targets.range.is_some() { "numbers" } else { "classes" };
        let task = self.targets.task();
        text.entry("description", format!("the {what} of {}", self.name));
        text.line(format_args!(
            "\n[data]\n{task}scaling = \"channels\"  # each to mean 0 and deviation 1\n\n[data.ts]"
        ));
        let comment = |key: &str| match key {
            "pad" => {
                "  # series of several lengths: zeros at their ends, and a channel that says which steps are theirs"
            }
            "missing" => "  # readings that are missing: the mean of the others",
            _ => "",
        };
        let data = toml::Table::try_from(&self.config);
        for (key, value) in data.into_iter().flatten() {
            text.line(format_args!("{}{}", inline(&key, &value), comment(&key)));
        }
        let share = match &self.config.files {
            Some(_) => {
                text.given_split("series");
                1.0 - VALID
            }
            None => {
                text.dealt_split(kind_of_split(false, self.targets.smallest()));
                1.0 - VALID - TEST
            }
        };
        let training = (rows as f64 * share) as usize;
        // Features of fixed convolutions, as long as there are not too many; of the best effort, networks beside.
        let at_once = training <= MOST_AT_ONCE && !(effort == Effort::Best && training >= FEWEST_FOR_BEST);
        if !at_once {
            text.inception(args, steps, training, training / ROWS_OF_A_PART);
            return Ok(text.finish());
        }
        if args.time.is_some() {
            let words = "--time bounds the epochs of a training, and this model is fitted at once, in seconds: leave it out";
            return Err(CliError::Usage(words.into()));
        }
        let kind = if effort == Effort::Quick { "minirocket" } else { "hydra-multirocket" };
        text.line(format_args!(
            "\n[model]\nkind = \"{kind}\"  # fixed convolutions and a linear layer, fitted at once"
        ));
        Ok(text.finish())
    }

    fn show(&self, screen: Screen) {
        let [rows, steps, channels] = self.sizes;
        let longest = if self.config.pad.is_some() { "up to " } else { "" };
        screen.say(format!("{}: {rows} series of {longest}{steps} steps, {channels} channels\n", self.name));
        self.targets.show(screen);
        show_questions(&self.questions, screen);
        screen.say("");
    }

    fn facts(&self) -> Value {
        let [series, steps, channels] = self.sizes;
        let Self { targets: Targets { classes, range }, config, .. } = self;
        json!({ "series": series, "steps": steps, "channels": channels, "classes": classes, "range": range, "padded": config.pad.is_some() })
    }

    fn questions(&self) -> &[String] {
        &self.questions
    }
}
