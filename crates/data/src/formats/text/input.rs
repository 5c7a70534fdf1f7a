//! Titles for a saved model.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::MAX_WORDS;
use super::builder::tokens;
use super::cells::Fields;
use super::records::{Layout, Records};
use super::tokenise;
use crate::formats::delimited::{Dialect, Expected};
use crate::formats::{RawInput, RawSamples, without_blank_end};
use crate::stream::Stream;
use crate::{DataError, Result, Samples, Values};

/// Short texts, as a model takes them that was trained on such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextInput {
    /// The field with the text, where there are fields.
    pub field: String,
    /// That field holds tokens, which are taken as they are.
    pub tokens: bool,
    /// Tokens of a sample.
    pub length: usize,
    /// The words by number, from 1 on.
    pub vocabulary: Vec<String>,
}

impl RawSamples {
    /// The samples without the unknown words, for a model that has vectors only for the words it was trained on. The
    /// words after them move up.
    ///
    /// # Errors
    /// None for what a [`TextInput`] read.
    pub fn known(&self, vocabulary: usize) -> Result<Samples> {
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

impl RawInput for TextInput {
    const WHAT: &'static str = "titles";
    const ENDINGS: &'static [&'static str] = &["txt", "jsonl", "csv", "tsv"];

    fn shape(&self) -> Vec<usize> {
        vec![self.length]
    }

    /// JSON lines when the first character is `{`; a table when its first line has a column with the name of the field
    /// that the model was trained on, or the file ends in `.csv` or `.tsv` or looks like a table; a text per line
    /// otherwise. Packed or not.
    fn read(&self, label: &str, bytes: &[u8], delimiter: Option<u8>) -> Result<RawSamples> {
        let bytes = without_blank_end(bytes);
        let fields = Fields { words: self.field.clone(), target: None, language: None, split: None };
        let stream = Stream::of_bytes(label, bytes)?;
        let layout = layout(&stream, &self.field, delimiter);
        let mut lines = Records::new(stream, layout, &fields)?;
        let mut numbering = Numbering::new(&self.vocabulary, self.length);
        loop {
            let more = lines.next(|line, cells| {
                let wrong = |problem| DataError::BadLine { file: label.to_owned(), line, problem };
                let cells = cells.map_err(wrong)?;
                let tokens = tokens(&cells.words, &self.field, self.tokens).map_err(wrong)?;
                numbering.take(tokens.into_iter().map(Cow::into_owned));
                Ok(())
            })?;
            if !more {
                break;
            }
        }
        match numbering.ids.is_empty() {
            true => Err(DataError::NoRows { file: label.to_owned() }),
            false => numbering.raw(label),
        }
    }
}

impl TextInput {
    /// Reads one text as a person types it, whatever the model was trained on: it is split by
    /// [`tokenise`](crate::tokenise). `None` for a text without letters and digits.
    ///
    /// # Errors
    /// [`DataError::Vocabulary`] for too many different words.
    ///
    /// ```
    /// use brasa_data::TextInput;
    /// let vocabulary = vec!["red".into(), "cup".into()];
    /// let input = TextInput { field: "title".into(), tokens: false, length: 4, vocabulary };
    /// let raw = input.type_text("Cup, large & red")?.unwrap();
    /// assert_eq!(raw.samples.row_f32(0), [2.0, 3.0, 1.0, 0.0]);
    /// assert_eq!(raw.unknown, ["large"]);
    /// assert_eq!(input.type_text("...")?, None);
    /// # Ok::<(), brasa_data::DataError>(())
    /// ```
    pub fn type_text(&self, text: &str) -> Result<Option<RawSamples>> {
        let mut numbering = Numbering::new(&self.vocabulary, self.length);
        numbering.take(tokenise(text));
        match numbering.ids.iter().all(|&id| id == 0) {
            true => Ok(None),
            false => numbering.raw(text).map(Some),
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

    fn raw(self, label: &str) -> Result<RawSamples> {
        let words = self.numbers.len();
        if words >= MAX_WORDS {
            let problem = format!("{words} different words are too many, expected less than {MAX_WORDS}");
            return Err(DataError::Vocabulary { name: label.to_owned(), problem });
        }
        let samples = Samples::new(vec![self.length], Values::U32(self.ids.into()))?;
        Ok(RawSamples { unknown: self.unknown, ..RawSamples::rows(label, samples) })
    }
}

/// How the input is laid out, by its name and its first lines.
fn layout(stream: &Stream<'_>, field: &str, delimiter: Option<u8>) -> Layout {
    let (head, whole) = stream.head();
    let start = head.trim_ascii_start();
    let in_list = start.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    if start.starts_with(b"{") || in_list.is_some_and(|list| list.starts_with(b"{")) {
        return Layout::JsonLines;
    }
    let expected = Expected { delimiter, columns: vec![field], ..Expected::default() };
    let rows = Dialect::of(head, whole, &expected).first_rows(head, whole);
    // Without the column, an error names those that are there.
    let is_table = rows.has(&[field]) || rows.look_like_a_table();
    match Layout::of_name(stream.label()) {
        Some(Layout::Table(tab)) => Layout::Table(delimiter.or(tab)),
        _ if is_table || delimiter.is_some() => Layout::Table(delimiter),
        _ => Layout::Plain,
    }
}
