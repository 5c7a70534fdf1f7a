//! Titles for a saved model.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::MAX_WORDS;
use super::builder::tokens;
use super::cells::Fields;
use super::grams::Grams;
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
    /// What is a token beside words.
    #[serde(default, skip_serializing_if = "Grams::is_none")]
    pub grams: Grams,
    /// Tokens of a sample.
    pub length: usize,
    /// The words by number, from 1 on.
    pub vocabulary: Vec<String>,
}

impl RawInput for TextInput {
    const WHAT: &'static str = "titles";
    const ENDINGS: &'static [&'static str] = &["txt", "jsonl", "ndjson", "json", "csv", "tsv"];

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
        let mut numbering = Numbering::new(self);
        loop {
            let more = lines.next(|line, cells| {
                let wrong = |problem: String| DataError::in_line(label, line, problem);
                let cells = cells.map_err(wrong)?;
                let tokens = tokens(&cells.words, &self.field, self.tokens).map_err(wrong)?;
                numbering.take(self.grams.add(tokens).into_iter().map(Cow::into_owned));
                Ok(())
            })?;
            if !more {
                break;
            }
        }
        match numbering.ids.is_empty() {
            true => Err(DataError::no_rows(label)),
            false => numbering.raw(label),
        }
    }
}

impl TextInput {
    /// Reads one text as a person types it, whatever the model was trained on: it is split by
    /// [`tokenise`](crate::tokenise). `None` for a text without letters and digits.
    ///
    /// # Errors
    /// [`DataError::Content`] for too many different words.
    ///
    /// ```
    /// use brasa_data::TextInput;
    /// let vocabulary = vec!["red".into(), "cup".into()];
    /// let (field, grams) = ("title".into(), Default::default());
    /// let input = TextInput { field, tokens: false, grams, length: 4, vocabulary };
    /// let raw = input.type_text("Cup, large & red")?.unwrap();
    /// assert_eq!(raw.samples.row_f32(0), [2.0, 3.0, 1.0, 0.0]);
    /// assert_eq!(raw.unknown, ["large"]);
    /// assert_eq!(input.type_text("...")?, None);
    /// # Ok::<(), brasa_data::DataError>(())
    /// ```
    pub fn type_text(&self, text: &str) -> Result<Option<RawSamples>> {
        let mut numbering = Numbering::new(self);
        let tokens = self.grams.add(tokenise(text).map(Cow::Owned).collect());
        numbering.take(tokens.into_iter().map(Cow::into_owned));
        match numbering.ids.iter().all(|&id| id == 0) {
            true => Ok(None),
            false => numbering.raw(text).map(Some),
        }
    }
}

/// Numbers the words of titles, new ones after those of the vocabulary.
struct Numbering {
    numbers: HashMap<String, u32>,
    vocabulary: u32,
    length: usize,
    /// The first `length` tokens of each text, for a model that has vectors for new words.
    ids: Vec<u32>,
    /// The first `length` known words of each text, for one that has none: what training keeps of a text.
    known: Vec<u32>,
    unknown: Vec<String>,
    /// Whether new words count: not where a text is a set of tokens, most of them parts of words.
    takes_new: bool,
}

impl Numbering {
    fn new(input: &TextInput) -> Self {
        let (vocabulary, length) = (&input.vocabulary, input.length);
        let numbers = (1..).zip(vocabulary).map(|(number, word)| (word.clone(), number)).collect();
        let (ids, known, unknown) = (Vec::new(), Vec::new(), Vec::new());
        let takes_new = input.grams.is_none();
        Self { numbers, vocabulary: vocabulary.len() as u32, length, ids, known, unknown, takes_new }
    }

    fn take(&mut self, tokens: impl Iterator<Item = String>) {
        let end = self.ids.len() + self.length;
        for token in tokens {
            let mut number = self.numbers.get(&token).copied();
            if number.is_none() && !self.takes_new {
                continue;
            }
            if self.ids.len() < end {
                let id = number.unwrap_or_else(|| {
                    let next = self.numbers.len() as u32 + 1;
                    self.unknown.push(token.clone());
                    self.numbers.insert(token, next);
                    next
                });
                self.ids.push(id);
                number = Some(id);
            }
            self.known.extend(number.filter(|&number| number <= self.vocabulary));
            if self.known.len() == end {
                break;
            }
        }
        self.ids.resize(end, 0);
        self.known.resize(end, 0);
    }

    fn raw(self, label: &str) -> Result<RawSamples> {
        let words = self.numbers.len();
        if words >= MAX_WORDS {
            let problem = format!("{words} different words are too many, expected less than {MAX_WORDS}");
            return Err(DataError::in_file(label, problem));
        }
        let samples = |ids: Vec<u32>| Samples::new(vec![self.length], Values::U32(ids.into()));
        let known = (!self.unknown.is_empty()).then(|| samples(self.known)).transpose()?;
        Ok(RawSamples { unknown: self.unknown, known, ..RawSamples::rows(label, samples(self.ids)?) })
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
