//! Titles with a category each: JSON lines or tables, tokenised and numbered while they are read.

mod builder;
mod cells;
mod config;
mod grams;
mod input;
mod records;
mod stats;
mod tokenise;

#[cfg(test)]
mod tests;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cache::{CacheKey, cached};
use crate::formats::{Features, GivenSplit, Source};
use crate::stream::{self, Stream};
use crate::{DataError, Files, InputSpec, Labelled, Result, SourceFile};

use builder::Builder;
pub(crate) use config::TitlesSource;
pub use config::{TextConfig, TextFiles};
pub use grams::Grams;
pub use input::TextInput;
use records::{Layout, Records};
pub use stats::TextStats;
pub use tokenise::tokenise;

/// `f32` holds all smaller numbers exactly.
const MAX_WORDS: usize = 1 << 24;

/// Rises when the same files and settings come out otherwise.
const VERSION: u32 = 3;

/// What the numbers of tokens mean, and what reading the titles met with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFacts {
    /// The word of each number, from 1 on: `vocabulary[0]` is number 1. Words before other tokens, by frequency, then by text.
    pub vocabulary: Vec<String>,
    /// How often each word occurs in the titles, whole ones, before they are cut.
    pub counts: Vec<u64>,
    /// Tokens of a sample; shorter titles end in 0, longer ones are cut.
    pub length: usize,
    /// Titles that were cut.
    pub cut: usize,
    /// Bad lines that were passed over.
    pub skipped: usize,
    /// What was wrong with the first of them, with its place.
    pub first_skipped: Option<String>,
    /// The field that the titles were read from.
    pub field: String,
    /// That field holds tokens, which are taken as they are.
    pub tokens: bool,
    /// What is a token beside words.
    #[serde(default)]
    pub grams: Grams,
    /// The words among the tokens, where there are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<PlainWords>,
}

/// Words among tokens of several kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainWords {
    /// How many of the vocabulary are words: its first ones.
    pub words: usize,
    /// How many of a title are words, its first ones: no more but in one title of twenty.
    pub length: usize,
}

impl Source for TitlesSource {
    fn name(&self) -> &'static str {
        "text"
    }

    fn file_names(&self) -> Vec<&str> {
        self.files.iter().map(|(_, file)| file.as_str()).collect()
    }

    fn features(&self) -> Features {
        Features::Words
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        let facts = data.text.clone().unwrap_or_default();
        let TextFacts { field, tokens, grams, length, vocabulary, .. } = facts;
        InputSpec::Text(TextInput { field, tokens, grams, length, vocabulary })
    }

    fn given_split(&self) -> GivenSplit {
        let by_file = self.files.iter().any(|(role, _)| role.is_some());
        if self.split.is_some() || by_file { GivenSplit::Any } else { GivenSplit::None }
    }

    fn split_keys(&self) -> &'static [&'static str] {
        &["split", "files"]
    }

    fn shape(&self) -> Option<Vec<usize>> {
        Some(vec![self.length])
    }

    /// Reads the titles once, line by line. With a cache folder their numbers are in a file there, which is
    /// mapped; without one they are in memory, `length` numbers each.
    fn read(&self, files: &Files) -> Result<Labelled> {
        let records = stream::records(files, &self.file_names())?;
        let key = CacheKey::new("titles", VERSION, self, &records);
        cached(files, &key, || self.build(files, records.clone()))
    }
}

impl TitlesSource {
    fn build(&self, files: &Files, records: Vec<SourceFile>) -> Result<Labelled> {
        let folder = files.cache();
        match self.build_in(folder, files, records.clone()) {
            // The cache has no room: what is read is kept in memory.
            Err(DataError::Io { action: "write", .. }) if folder.is_some() => {
                self.build_in(None, files, records)
            }
            built => built,
        }
    }

    fn build_in(&self, folder: Option<&Path>, files: &Files, records: Vec<SourceFile>) -> Result<Labelled> {
        let mut builder = Builder::new(self, folder);
        for (role, name) in &self.files {
            let Some(layout) = Layout::of_name(name) else {
                return Err(DataError::config("text.file", format!("`{name}` is of no known format")));
            };
            let mut lines = Records::new(Stream::open(files, name)?, layout, &self.fields)?;
            let label = lines.label().to_owned();
            while lines.next(|line, cells| builder.take(&label, line, *role, cells))? {}
        }
        builder.finish(folder, records)
    }
}
