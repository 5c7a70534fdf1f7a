//! The `[data.text]` table.

use serde::{Deserialize, Serialize};

use super::cells::Fields;
use super::grams::Grams;
use super::records::Layout;
use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source, SplitColumn, SplitFiles, SplitNames};
use crate::{DataError, Files, Labelled, Result, Role};

/// Tokens of a title that are kept when the recipe does not say.
const LENGTH: usize = 20;

/// Longer rows of words are hardly ever met twice.
const MOST_IN_A_ROW: usize = 5;

/// Longer parts of words are words.
const LONGEST_PART: usize = 10;

/// Several files with texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a list of files, or a file for each split")]
pub enum TextFiles {
    /// Read one after the other.
    List(Vec<String>),
    /// Each is a split.
    Splits(SplitFiles),
}

/// The `[data.text]` table of a recipe: titles with a category each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextConfig {
    /// The file: JSON lines (`.jsonl`, `.ndjson`, `.json`) or a table with names in its first line (`.csv`,
    /// `.tsv`), each also as `.gz`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Several such files instead of `file`: a list, read one after the other, or one for each split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<TextFiles>,
    /// The field with the title; `title` when absent. Blanks around the names of columns do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The field with the category; `category` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The field with the title's tokens, which is then read in place of `text`: a list of texts, or a text that
    /// blanks separate. They are taken as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<String>,
    /// Only the so many most frequent categories; of equally frequent ones, the first by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
    /// Only these categories, in this order; sorted by name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// Tokens kept of a title, the first ones; 20 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// Words in a row that are a token together, at most: 2 adds pairs; 1 when absent, which adds none. For networks to which the
    /// order of tokens says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// Parts of words that are tokens, too: the shortest and the longest, in characters, the marks of a word's start and end
    /// counted; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<[usize; 2]>,
    /// Words that occur less often are left out of the titles; 1 when absent, which keeps all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u64>,
    /// Only titles of this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The field with the language; `language` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_field: Option<String>,
    /// The column that says which split each text belongs to: `train`, `valid` or `test`, or a longer form of these.
    #[serde(alias = "side", skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// What the splits are called in that column, where it is otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_names: Option<SplitNames>,
    /// How many bad lines are passed over and counted; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_bad: Option<usize>,
}

/// A [`TextConfig`] that makes sense.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TitlesSource {
    pub(super) files: Vec<(Option<Role>, String)>,
    pub(super) split: Option<SplitColumn>,
    pub(super) fields: Fields,
    /// The words are given as tokens.
    pub(super) tokens: bool,
    pub(super) grams: Grams,
    pub(super) choice: Choice,
    pub(super) language: Option<String>,
    pub(crate) length: usize,
    pub(super) min_count: u64,
    pub(super) skip_bad: usize,
}

/// The categories that are kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Choice {
    All,
    Top(usize),
    Listed(Vec<String>),
}

impl FormatConfig for TextConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        task.only_classes("text")?;
        Ok(Box::new(self.check()?))
    }
}

impl TextConfig {
    /// Checks the table and reads the titles, as [`load`](crate::load) does for a whole `[data]` table.
    ///
    /// # Errors
    /// [`DataError::Config`], and what is wrong with a file, and where.
    pub fn load(&self, files: &Files) -> Result<Labelled> {
        let data = self.check()?.read(files)?;
        data.check()?;
        Ok(data)
    }

    /// Checks every key and the names of the files.
    pub(crate) fn check(&self) -> Result<TitlesSource> {
        let wrong = |key: &str, problem: String| Err(DataError::config(&format!("text.{key}"), problem));
        let files = match (&self.file, &self.files) {
            (Some(file), None) => vec![(None, file.clone())],
            (None, Some(TextFiles::Splits(files))) => {
                files.check("text.files")?;
                files.iter().map(|(role, file)| (Some(role), file.to_owned())).collect()
            }
            (None, Some(TextFiles::List(files))) if !files.is_empty() => {
                files.iter().map(|file| (None, file.clone())).collect()
            }
            (None, Some(_)) => return wrong("files", "the list is empty; name a file".into()),
            (None, None) => {
                return wrong("file", "missing; name a .jsonl or .csv file, or several with `files`".into());
            }
            (Some(_), Some(_)) => return wrong("files", "`file` is there, too; keep one of them".into()),
        };
        if let Some((_, name)) = files.iter().find(|(_, name)| Layout::of_name(name).is_none()) {
            let problem = format!(
                "`{name}` should end in .jsonl, .ndjson, .json, .csv or .tsv, each also with .gz, to say how it is read"
            );
            return wrong("file", problem);
        }
        let choice = match (self.top, &self.classes) {
            (Some(_), Some(_)) => return wrong("top", "`classes` is there, too; keep one of them".into()),
            (Some(top), None) if top < 2 => {
                return wrong("top", format!("expected at least 2 categories, found {top}"));
            }
            (Some(top), None) => Choice::Top(top),
            (None, Some(classes)) if classes.len() < 2 => {
                return wrong("classes", format!("expected at least 2 categories, found {}", classes.len()));
            }
            (None, Some(classes)) => {
                let twice = |(place, class): (usize, &String)| classes.iter().take(place).any(|c| c == class);
                if let Some((place, class)) = classes.iter().enumerate().find(|&pair| twice(pair)) {
                    return wrong(
                        "classes",
                        format!("`{class}` is there twice, at last in place {}", place + 1),
                    );
                }
                Choice::Listed(classes.clone())
            }
            (None, None) => Choice::All,
        };
        let length = self.length.unwrap_or(LENGTH);
        if !(1..=1024).contains(&length) {
            return wrong("length", format!("expected 1 to 1024 tokens, found {length}"));
        }
        let grams = Grams { words: self.row.unwrap_or(1), parts: self.parts };
        if !(1..=MOST_IN_A_ROW).contains(&grams.words) {
            return wrong("row", format!("expected 1 to {MOST_IN_A_ROW} words, found {}", grams.words));
        }
        if let Some([shortest, longest]) = grams.parts
            && !(2 <= shortest && shortest <= longest && longest <= LONGEST_PART)
        {
            let problem = format!(
                "expected the shortest and the longest from 2 to {LONGEST_PART} characters, found [{shortest}, {longest}]"
            );
            return wrong("parts", problem);
        }
        if self.language.is_none() && self.language_field.is_some() {
            return wrong("language_field", "it needs `language`, the value to keep".into());
        }
        if self.tokens.is_some() && self.text.is_some() {
            return wrong("tokens", "`text` is there, too; the titles are read from one of them".into());
        }
        let or = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.to_owned());
        let fields = Fields {
            words: self.tokens.clone().unwrap_or_else(|| or(&self.text, "title")),
            target: Some(or(&self.target, "category")),
            language: self.language.as_ref().map(|_| or(&self.language_field, "language")),
            split: self.split.clone(),
        };
        if fields.target.as_ref() == Some(&fields.words) {
            return wrong("target", format!("`{}` holds the titles", fields.words));
        }
        let split = SplitColumn::checked("text", self.split.as_ref(), self.split_names.as_ref())?;
        if split.is_some() && files.iter().any(|(role, _)| role.is_some()) {
            return wrong("split", "`files` gives the splits, too; keep one of them".into());
        }
        if [fields.target.as_ref(), Some(&fields.words)].contains(&fields.split.as_ref()) {
            return wrong("split", "is the field with the texts or the classes; name another".into());
        }
        Ok(TitlesSource {
            files,
            split,
            fields,
            tokens: self.tokens.is_some(),
            grams,
            choice,
            language: self.language.clone(),
            length,
            min_count: self.min_count.unwrap_or(1).max(1),
            skip_bad: self.skip_bad.unwrap_or(0),
        })
    }
}
