//! word2vec's text format, `.vec`: a line with the number of words and of values, then a word and its values per
//! line, separated by blanks.

use std::io::{BufRead, Read, Write};

use crate::{EmbedError, Embedding, Result};

/// Longer lines are refused, as a file without line ends must not be read into memory whole.
const MAX_LINE: u64 = 1 << 20;

/// The most values of a vector.
const MAX_DIMS: usize = 4096;

impl Embedding {
    /// Reads the words for which `keep` holds; large files have millions, of which a vocabulary needs few. Words may
    /// hold blanks. `label` names the file in messages.
    ///
    /// # Errors
    /// [`EmbedError::Line`] for a line that is not as it should be, too long, or missing, and [`EmbedError::Io`].
    ///
    /// ```
    /// use brasa_embed::Embedding;
    /// let text = "3 2\nthe 0.5 1\ncat -1 2e-1\ndog 0 0\n";
    /// let embedding = Embedding::read_vec("a.vec", text.as_bytes(), |word| word != "dog")?;
    /// assert_eq!(embedding.words(), ["the", "cat"]);
    /// assert_eq!(embedding.vector("cat"), [-1.0, 0.2]);
    /// # Ok::<(), brasa_embed::EmbedError>(())
    /// ```
    pub fn read_vec(label: &str, reader: impl BufRead, mut keep: impl FnMut(&str) -> bool) -> Result<Self> {
        let mut lines = Lines { label, reader, number: 0, line: Vec::new() };
        let expected = "the number of words and of values";
        let (count, dims) = {
            let header = lines.next()?;
            let numbers = header.and_then(|header| {
                let mut numbers = header.split_ascii_whitespace().map(str::parse::<usize>);
                let pair = (numbers.next()?.ok()?, numbers.next()?.ok()?);
                numbers.next().is_none().then_some(pair)
            });
            let found = header.map(cut);
            numbers.ok_or_else(|| lines.error(expected.to_owned(), found))?
        };
        if !(1..=MAX_DIMS).contains(&dims) {
            let expected = format!("vectors of 1 to {MAX_DIMS} values");
            return Err(lines.error(expected, Some(dims.to_string())));
        }
        let (mut words, mut vectors) = (Vec::new(), Vec::new());
        for read in 0..count {
            let Some(line) = lines.next()? else {
                return Err(lines.error(format!("{count} words, as line 1 says"), Some(format!("{read}"))));
            };
            let mut values = line.trim_ascii_end().rsplitn(dims + 1, ' ');
            let start = vectors.len();
            let mut problem = None;
            for place in (1..=dims).rev() {
                let text = values.next().unwrap_or_default();
                match text.parse::<f32>() {
                    Ok(value) if value.is_finite() => vectors.push(value),
                    _ => {
                        problem = Some((format!("a finite number as value {place} of {dims}"), cut(text)));
                        break;
                    }
                }
            }
            if let Some((expected, found)) = problem {
                return Err(lines.error(expected, Some(found)));
            }
            match values.next() {
                Some(word) if !word.is_empty() => match keep(word) {
                    true => {
                        words.push(word.to_owned());
                        if let Some(vector) = vectors.get_mut(start..) {
                            vector.reverse();
                        }
                    }
                    false => vectors.truncate(start),
                },
                _ => {
                    let expected = format!("a word and {dims} values");
                    return Err(lines.error(expected, Some(format!("{dims} values"))));
                }
            }
        }
        match lines.next()?.map(cut) {
            Some(more) => {
                Err(lines.error(format!("the end after {count} words, as line 1 says"), Some(more)))
            }
            None => Ok(Self::new(dims, words, vectors, None)),
        }
    }

    /// Writes all words in the same format, such that reading gives the same values. Vectors of n-grams have no place
    /// in it.
    ///
    /// # Errors
    /// [`EmbedError::Io`]; `label` names the file in it.
    pub fn write_vec(&self, label: &str, mut writer: impl Write) -> Result<()> {
        let mut write = || -> std::io::Result<()> {
            writeln!(writer, "{} {}", self.words.len(), self.dims)?;
            for (word, vector) in self.words.iter().zip(self.vectors.chunks_exact(self.dims)) {
                writer.write_all(word.as_bytes())?;
                vector.iter().try_for_each(|value| write!(writer, " {value}"))?;
                writer.write_all(b"\n")?;
            }
            writer.flush()
        };
        write().map_err(|source| EmbedError::Io { file: label.to_owned(), action: "write", source })
    }
}

struct Lines<'l, R> {
    label: &'l str,
    reader: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<'_, R> {
    /// The next line that is not blank.
    fn next(&mut self) -> Result<Option<&str>> {
        loop {
            self.line.clear();
            self.number += 1;
            let read = self.reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut self.line);
            let io = |source| EmbedError::Io { file: self.label.to_owned(), action: "read", source };
            let read = read.map_err(io)?;
            if read == 0 {
                return Ok(None);
            }
            if read as u64 > MAX_LINE {
                let expected = format!("a line of at most {MAX_LINE} bytes");
                return Err(self.error(expected, Some("a longer one".to_owned())));
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some(line.trim_end_matches(['\r', '\n']))),
            Err(error) => {
                let found = format!("another byte at {}", error.valid_up_to() + 1);
                Err(self.error("UTF-8 text".to_owned(), Some(found)))
            }
        }
    }

    fn error(&self, expected: String, found: Option<String>) -> EmbedError {
        let found = found.unwrap_or_else(|| "the end of the file".to_owned());
        EmbedError::Line { file: self.label.to_owned(), line: self.number, expected, found }
    }
}

/// As much as a message can take.
fn cut(text: &str) -> String {
    match text.trim() {
        "" => "nothing".to_owned(),
        text => format!("`{}`", text.chars().take(40).collect::<String>()),
    }
}
