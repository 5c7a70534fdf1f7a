//! A recipe as it is written line by line, with comments.

use std::fmt::{Arguments, Write};

use super::{TEST, VALID};

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
    toml::Table::from_iter([(key.to_owned(), value.into())]).to_string().trim_end().to_owned()
}

/// A line of TOML with a plain key, tables within braces.
pub(super) fn inline(key: &str, value: &toml::Value) -> String {
    format!("{key} = {value}")
}

/// What a comment can hold.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
