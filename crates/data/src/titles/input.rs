//! Titles for a saved model.

use std::borrow::Cow;
use std::collections::HashMap;

use super::MAX_WORDS;
use super::builder::tokens;
use super::cells::Fields;
use super::records::{Layout, Records};
use super::tokenise;
use crate::stream::Stream;
use crate::{DataError, InputSpec, Result, Samples, Values};

/// Titles as a saved model takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Titles {
    /// Numbers of tokens, `[length]` each.
    pub samples: Samples,
    /// The words that the vocabulary lacks, in order of appearance. They are numbered on from its last word: with `n`
    /// words in the vocabulary, `unknown[0]` is number `n + 1`, for which the model's table of embeddings needs a
    /// further row.
    pub unknown: Vec<String>,
}

impl Titles {
    /// The samples without the unknown words, for a model that has vectors only for the words it was trained on. The
    /// words after them move up.
    ///
    /// # Errors
    /// None for what [`InputSpec::read_titles`] returned.
    pub fn known(self, vocabulary: usize) -> Result<Samples> {
        let length = self.samples.sample_len();
        let mut ids = Vec::with_capacity(self.samples.len() * length);
        for row in 0..self.samples.len() {
            let row_ids = self.samples.u32_row(row).unwrap_or_default();
            ids.extend(row_ids.iter().filter(|&&id| id > 0 && id as usize <= vocabulary));
            ids.resize((row + 1) * length, 0);
        }
        Samples::new(vec![length], Values::U32(ids.into()))
    }
}

impl InputSpec {
    /// Reads titles: JSON lines when the first character is `{`, a table when its first line has a column with the
    /// name of the field that the model was trained on, a title per line otherwise; gzip or not. `label` names the
    /// input in messages.
    ///
    /// # Errors
    /// [`DataError::BadLine`] for a line that holds no title, [`DataError::NoRows`] for none at all,
    /// [`DataError::Gzip`], and [`DataError::WrongInput`] when the model takes no titles.
    pub fn read_titles(&self, label: &str, bytes: &[u8]) -> Result<Titles> {
        let Self::Text { field, tokens: given, length, vocabulary } = self else {
            return Err(self.wrong_input(label));
        };
        let fields = Fields { words: field.clone(), target: None, language: None };
        let layout = layout(label, bytes, field)?;
        let mut lines = Records::new(Stream::of_bytes(label, bytes)?, layout, &fields)?;
        let mut numbering = Numbering::new(vocabulary, *length);
        loop {
            let more = lines.next(|line, cells| {
                let wrong = |problem| DataError::BadLine { file: label.to_owned(), line, problem };
                let cells = cells.map_err(wrong)?;
                let tokens = tokens(&cells.words, field, *given).map_err(wrong)?;
                numbering.take(tokens.into_iter().map(Cow::into_owned));
                Ok(())
            })?;
            if !more {
                break;
            }
        }
        match numbering.ids.is_empty() {
            true => Err(DataError::NoRows { file: label.to_owned() }),
            false => numbering.titles(label),
        }
    }

    /// Reads one title as a person types it, whatever the model was trained on: it is split by
    /// [`tokenise`](crate::tokenise). `None` for a text without letters and digits.
    ///
    /// # Errors
    /// [`DataError::WrongInput`] when the model takes no titles.
    ///
    /// ```
    /// use brasa_data::InputSpec;
    /// let vocabulary = vec!["red".into(), "cup".into()];
    /// let spec = InputSpec::Text { field: "title".into(), tokens: false, length: 4, vocabulary };
    /// let titles = spec.type_title("Cup, large & red")?.unwrap();
    /// assert_eq!(titles.samples.row_f32(0), [2.0, 3.0, 1.0, 0.0]);
    /// assert_eq!(titles.unknown, ["large"]);
    /// assert_eq!(spec.type_title("...")?, None);
    /// # Ok::<(), brasa_data::DataError>(())
    /// ```
    pub fn type_title(&self, title: &str) -> Result<Option<Titles>> {
        let Self::Text { length, vocabulary, .. } = self else {
            return Err(DataError::WrongInput { label: title.to_owned(), expected: "no titles" });
        };
        let mut numbering = Numbering::new(vocabulary, *length);
        numbering.take(tokenise(title));
        match numbering.ids.iter().all(|&id| id == 0) {
            true => Ok(None),
            false => numbering.titles(title).map(Some),
        }
    }
}

/// Numbers the words of titles, new ones after those of the vocabulary.
struct Numbering {
    numbers: HashMap<String, u32>,
    length: usize,
    ids: Vec<u32>,
    unknown: Vec<String>,
}

impl Numbering {
    fn new(vocabulary: &[String], length: usize) -> Self {
        let numbers = (1..).zip(vocabulary).map(|(number, word)| (word.clone(), number)).collect();
        Self { numbers, length, ids: Vec::new(), unknown: Vec::new() }
    }

    fn take(&mut self, tokens: impl Iterator<Item = String>) {
        let start = self.ids.len();
        for token in tokens.take(self.length) {
            let next = self.numbers.len() as u32 + 1;
            let number = *self.numbers.entry(token).or_insert_with_key(|token| {
                self.unknown.push(token.clone());
                next
            });
            self.ids.push(number);
        }
        self.ids.resize(start + self.length, 0);
    }

    fn titles(self, label: &str) -> Result<Titles> {
        let words = self.numbers.len();
        if words >= MAX_WORDS {
            let problem = format!("{words} different words are too many, expected less than {MAX_WORDS}");
            return Err(DataError::Vocabulary { name: label.to_owned(), problem });
        }
        let samples = Samples::new(vec![self.length], Values::U32(self.ids.into()))?;
        Ok(Titles { samples, unknown: self.unknown })
    }
}

/// How the input is laid out, by its first line.
fn layout(label: &str, bytes: &[u8], field: &str) -> Result<Layout> {
    let mut line = Vec::new();
    Stream::of_bytes(label, bytes)?.line(&mut line, super::records::MAX_LINE)?;
    let line = String::from_utf8_lossy(&line);
    let named = |delimiter| line.split(delimiter).any(|cell| cell.trim().trim_matches('"').trim() == field);
    Ok(match line.trim_start().starts_with('{') {
        true => Layout::JsonLines,
        false if named('\t') && !named(',') => Layout::Table(b'\t'),
        false if named(',') => Layout::Table(b','),
        false => Layout::Plain,
    })
}
