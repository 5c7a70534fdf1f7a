//! A recipe as it is written line by line, with comments.

use std::fmt::{Arguments, Write};

use super::{TEST, VALID, epochs};
use crate::args::{Effort, OwnArgs};
use crate::printable::is_hidden;

/// Text of a recipe.
#[derive(Default)]
pub(super) struct Toml(String);

impl Toml {
    /// A line as it is.
    pub(super) fn line(&mut self, words: Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{words}");
    }

    /// Comments with what should be asked.
    pub(super) fn questions(&mut self, questions: &[String]) {
        questions.iter().for_each(|question| self.line(format_args!("# ? {}", one_line(question))));
    }

    /// How long the training of `[training]` may take, where that was typed.
    pub(super) fn time_limit(&mut self, time: Option<u64>) {
        if let Some(seconds) = time {
            self.line(format_args!("time_limit = {seconds}  # seconds; the epoch that is begun ends"));
        }
    }

    /// So many networks, each without one of as many parts of the samples, which are called `what`; whether there is more than one.
    pub(super) fn bag(&mut self, bag: usize, what: &str) -> bool {
        if bag > 1 {
            self.line(format_args!(
                "bag = {bag}  # of each model, trained without one of as many parts of the {what}"
            ));
        }
        bag > 1
    }

    /// The network for series of so many steps, and its training over `training` of them; of the best effort a bag of it, where they make
    /// several `parts`, with features of fixed convolutions beside.
    pub(super) fn inception(&mut self, args: &OwnArgs, steps: usize, training: usize, parts: usize) {
        self.line(format_args!("\n[model]\nkind = \"inception-time\""));
        // A filter is not longer than the series.
        if steps < 40 {
            self.line(format_args!("kernel = {}", steps.max(8) / 2 * 2));
        }
        let effort = args.effort.unwrap_or_default();
        let (samples, most) = match effort {
            Effort::Quick => (2_000_000 / steps.max(1), 20),
            Effort::Normal | Effort::Best => (8_000_000 / steps.max(1), 120),
        };
        self.line(format_args!(
            "\n[optimizer]\nkind = \"adamw\"\nlr = 1e-3\nweight_decay = 1e-2\n\n[schedule]\nkind = \"one-cycle\"\n\n\
             [training]\nepochs = {}\nbatch_size = {}\nmonitor = \"loss\"",
            epochs(samples, training, [5, most]),
            if training < 500 { 16 } else { 64 }
        ));
        self.time_limit(args.time);
        if effort == Effort::Best && self.bag(5.min(parts), "series") {
            self.blend("hydra-multirocket");
        }
    }

    /// A model beside the network.
    pub(super) fn blend(&mut self, kind: &str) {
        self.line(format_args!(
            "\n[[blend]]  # answers beside, in shares that are chosen on rows which a model was not trained on\nkind = \"{kind}\""
        ));
    }

    /// The split of data that bring a test split, of samples that are called `what`.
    pub(super) fn given_split(&mut self, what: &str) {
        self.line(format_args!(
            "\n[data.split]\nkind = \"given\"\nvalid = {VALID}  # cut from the training {what}; chooses the weights"
        ));
    }

    /// A split of this kind.
    pub(super) fn dealt_split(&mut self, kind: &str) {
        self.line(format_args!(
            "\n[data.split]\nkind = \"{kind}\"\nvalid = {VALID}  # chooses the weights\ntest = {TEST}  # looked at once"
        ));
    }

    /// A key with its value.
    pub(super) fn entry(&mut self, key: &str, value: impl Into<toml::Value>) {
        self.line(format_args!("{}", entry(key, value)));
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A line of TOML, whatever the key and the value hold.
pub(super) fn entry(key: &str, value: impl Into<toml::Value>) -> String {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) && !key.is_empty();
    let key = if plain { key.to_owned() } else { quoted(key) };
    inline(&key, &value.into())
}

/// A line of TOML with a plain key, tables within braces.
pub(super) fn inline(key: &str, value: &toml::Value) -> String {
    format!("{key} = {}", shown(value))
}

/// A value as TOML, in which nothing is hidden: what a terminal would obey is escaped, so that what is printed is what is read.
fn shown(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => quoted(text),
        toml::Value::Array(values) => {
            format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(table) => {
            let entries = table.iter().map(|(key, value)| entry(key, value.clone()));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        c if is_hidden(c) => format!("\\U{:08X}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// What a comment can hold.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::printable::printable;

    proptest! {
        #[test]
        fn what_is_written_is_read_and_hides_nothing(key in ".{1,8}", text in ".{0,12}", number in any::<i64>()) {
            let text = format!("{text}\u{202e}\u{9b}\n");
            let inner = toml::Table::from_iter([(key.clone(), toml::Value::from(number))]);
            let value = toml::Value::Array(vec![text.into(), toml::Value::Table(inner)]);
            let line = entry(&key, value.clone());
            let read: toml::Table = line.parse().unwrap();
            prop_assert_eq!(read.get(&key), Some(&value));
            prop_assert_eq!(printable(&line), line.as_str());
        }
    }
}
