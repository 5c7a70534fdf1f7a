//! How raw samples are read for a saved model.

use std::path::Path;

use super::RawFiles;
use crate::{Result, Samples};

/// Raw samples as a saved model takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct RawSamples {
    /// What each sample is called: the image's file, the row of the table, the id of the series.
    pub names: Vec<String>,
    /// The samples, not scaled.
    pub samples: Samples,
    /// Words that the model's vocabulary lacks, in order of appearance, where samples are numbers of words. They are
    /// numbered on from its last word: with `n` words in the vocabulary, `unknown[0]` is number `n + 1`, for which
    /// the model's table of embeddings needs a further row.
    pub unknown: Vec<String>,
    /// The samples without unknown words, where these differ.
    pub(crate) known: Option<Samples>,
}

impl RawSamples {
    /// Samples with their names.
    #[must_use]
    pub fn named(names: Vec<String>, samples: Samples) -> Self {
        Self { names, samples, unknown: Vec::new(), known: None }
    }

    /// Samples that are called after the rows of `label`, from 1 on.
    #[must_use]
    pub fn rows(label: &str, samples: Samples) -> Self {
        let names = (1..=samples.len()).map(|row| format!("{label}:{row}")).collect();
        Self::named(names, samples)
    }

    /// The samples for a model that has vectors only for the words it was trained on: of each text the first known words,
    /// as many as a sample holds, as in training. The words after an unknown one move up.
    #[must_use]
    pub fn known(&self) -> &Samples {
        self.known.as_ref().unwrap_or(&self.samples)
    }
}

/// How one kind of raw samples looks, and how it is read: what a model keeps of the format that it was trained on.
pub trait RawInput {
    /// What the model takes, in words that end "the model takes ...".
    const WHAT: &'static str;

    /// The endings of files that are looked for in a folder, in lower case.
    const ENDINGS: &'static [&'static str];

    /// The shape of one sample.
    fn shape(&self) -> Vec<usize>;

    /// Reads the samples of one file. `label` names it in messages; `delimiter` separates the cells of a table, and
    /// is found in the file where it is not given.
    ///
    /// # Errors
    /// What is wrong with the file, and where.
    fn read(&self, label: &str, bytes: &[u8], delimiter: Option<u8>) -> Result<RawSamples>;

    /// The files that a path stands for: itself, or those of a folder that end in one of [`ENDINGS`](Self::ENDINGS).
    ///
    /// # Errors
    /// What cannot be listed, or holds no such files.
    fn files(&self, path: &Path) -> Result<RawFiles> {
        RawFiles::of(path, Self::ENDINGS)
    }
}

/// A text without the blank lines at its end, which are no rows. What is compressed or in UTF-16 stays as it is.
pub(crate) fn without_blank_end(text: &[u8]) -> &[u8] {
    let other = [[0x1F, 0x8B], [b'P', b'K'], [0xFE, 0xFF], [0xFF, 0xFE]];
    if other.iter().any(|start| text.starts_with(start)) {
        return text;
    }
    let last = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |last| last + 1);
    let (rows, blank) = text.split_at_checked(last).unwrap_or((text, &[]));
    // The last row may end in empty cells, between tabs.
    let end = memchr::memchr(b'\n', blank).map_or(blank.len(), |end| end + 1);
    text.get(..rows.len() + end).unwrap_or(text)
}

/// Writes [`InputSpec`]: a variant per kind of raw input, all of them dispatched here.
macro_rules! input_spec {
    ($($(#[$doc:meta])* $kind:ident($input:ty),)*) => {
        /// The raw input of a model, saved beside its weights.
        ///
        /// ```
        /// use brasa_data::{InputSpec, TableInput};
        /// let spec = InputSpec::Table(TableInput::of(vec!["height".into(), "width".into()]));
        /// let text = b"width,id,height\n2,a,1\n4,b,3\n";
        /// let raw = spec.read("new.csv", text, None)?;
        /// assert_eq!(raw.samples.row_f32(1), [3.0, 4.0]);
        /// # Ok::<(), brasa_data::DataError>(())
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
        pub enum InputSpec {
            $($(#[$doc])* $kind($input),)*
        }

        impl InputSpec {
            /// The shape of one sample.
            #[must_use]
            pub fn shape(&self) -> Vec<usize> {
                match self {
                    $(Self::$kind(input) => RawInput::shape(input),)*
                }
            }

            /// The endings of files that hold such samples, in lower case.
            #[must_use]
            pub fn endings(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$kind(_) => <$input as RawInput>::ENDINGS,)*
                }
            }

            /// The files that a path stands for: itself, or what a folder holds of such files. For images, a folder
            /// and a zip archive are searched to their depths by the rules that data sets of images are read by.
            ///
            /// # Errors
            /// What cannot be listed, or holds no such files. A file that cannot be read is an error of its own.
            pub fn files(&self, path: &std::path::Path) -> $crate::Result<$crate::RawFiles> {
                match self {
                    $(Self::$kind(input) => input.files(path),)*
                }
            }

            /// What the model takes, in words.
            #[must_use]
            pub fn what(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => <$input as RawInput>::WHAT,)*
                }
            }

            /// Reads the samples of one file, by the rules that the training data were read by. `label` names it in
            /// messages; `delimiter` separates the cells of a table, and is found in the file where it is not given.
            ///
            /// # Errors
            /// What is wrong with the file, and where.
            pub fn read(&self, label: &str, bytes: &[u8], delimiter: Option<u8>) -> $crate::Result<RawSamples> {
                match self {
                    $(Self::$kind(input) => input.read(label, bytes, delimiter),)*
                }
            }
        }
    };
}
pub(crate) use input_spec;

#[cfg(test)]
mod tests {
    use super::without_blank_end;

    #[test]
    fn only_whole_blank_lines_at_the_end_go() {
        let end = |text: &'static str| std::str::from_utf8(without_blank_end(text.as_bytes()));
        for (text, left) in [
            ("a\nb", "a\nb"),
            ("a\n\nb\n", "a\n\nb\n"),
            ("a\r\n\r\n", "a\r\n"),
            ("a\n  \n\t\n", "a\n"),
            ("a\t\t\n\n", "a\t\t\n"),
            ("\n", "\n"),
            ("", ""),
        ] {
            assert_eq!(end(text), Ok(left));
        }
        for packed in [&b"\x1F\x8Bx\n\n"[..], b"\xFE\xFF\0a\0\n"] {
            assert_eq!(without_blank_end(packed), packed);
        }
    }
}
