//! Files of text as UTF-8, read piece by piece: unpacked where they are gzip, decoded where a byte-order mark says UTF-16.

#[cfg(test)]
mod tests;
mod utf16;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use crate::gzip::Gunzip;
use crate::{DataError, Limit, Result};
use utf16::Utf16;

/// So much of a text is looked at before it is read.
const HEAD: usize = 1 << 20;

const BUFFER: usize = 1 << 16;

/// Names a text in messages, and says how it was packed.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub label: String,
    gzip: bool,
}

impl Origin {
    /// The error of a text that broke off after so many bytes.
    pub fn fault(&self, error: io::Error, decoded: u64) -> DataError {
        let file = || self.label.clone();
        match error.get_ref().and_then(|source| source.downcast_ref::<BadText>()) {
            Some(BadText { line, problem }) => DataError::in_line(file(), *line, problem.clone()),
            None if error.kind() == ErrorKind::FileTooLarge => DataError::in_file(file(), error.to_string()),
            None if self.gzip => {
                let problem = match error.kind() {
                    ErrorKind::UnexpectedEof => "the file is cut short".to_owned(),
                    _ => error.to_string(),
                };
                DataError::gzip(file(), decoded, problem)
            }
            None => DataError::Io { action: "read", path: file().into(), source: error },
        }
    }
}

/// Bytes that are not the text they should be.
#[derive(Debug)]
struct BadText {
    line: u64,
    problem: String,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for BadText {}

fn bad_text(line: u64, problem: impl Into<String>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, BadText { line, problem: problem.into() })
}

/// A text without its byte-order mark. Other bytes than UTF-8 go through where no mark names another encoding: who reads
/// them knows the line and the column.
pub(crate) struct Text<'a> {
    origin: Origin,
    /// The start of the text.
    head: Vec<u8>,
    /// How much of it has been read again.
    place: usize,
    whole: bool,
    rest: Box<dyn Read + 'a>,
}

impl<'a> Text<'a> {
    /// What `reader` gives, under the name that messages give it.
    pub fn new(label: &str, reader: impl Read + 'a) -> Result<Self> {
        Self::of_len(label, reader, None)
    }

    /// The same, of so many bytes, where that is known.
    pub fn of_len(label: &str, reader: impl Read + 'a, len: Option<u64>) -> Result<Self> {
        let mut origin = Origin { label: label.to_owned(), gzip: false };
        let mut packed = reader;
        let start = first(&mut packed, 2).map_err(|error| origin.fault(error, 0))?;
        origin.gzip = start == [0x1F, 0x8B];
        let packed = Cursor::new(start).chain(packed);
        let plain: Box<dyn Read + 'a> = match origin.gzip {
            true => Box::new(Gunzip::new(BufReader::with_capacity(BUFFER, packed), len)),
            false => Box::new(packed),
        };
        let mut rest = decoded(plain).map_err(|error| origin.fault(error, 0))?;
        let head = first(&mut rest, HEAD).and_then(check_head).map_err(|error| origin.fault(error, 0))?;
        let whole = head.len() < HEAD;
        Ok(Self { origin, head, place: 0, whole, rest })
    }

    /// For messages.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The start of the text, and whether it is all of it.
    pub fn head(&self) -> (&[u8], bool) {
        (&self.head, self.whole)
    }

    /// All of it.
    pub fn into_bytes(self) -> Result<Vec<u8>> {
        let origin = self.origin.clone();
        let mut bytes = Vec::new();
        let most = Limit::Unpacked.room();
        let read = self.take(most).read_to_end(&mut bytes);
        read.map_err(|error| origin.fault(error, bytes.len() as u64))?;
        match bytes.len() as u64 == most {
            true => {
                let hint = Limit::Unpacked.hint_beyond(most);
                let problem = format!(
                    "the text takes {most} bytes or more, which is all that there is room for; {hint}"
                );
                Err(DataError::in_line(origin.label, 1, problem))
            }
            false => Ok(bytes),
        }
    }
}

impl Read for Text<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut head = self.head.get(self.place..).unwrap_or_default();
        if head.is_empty() {
            return self.rest.read(buffer);
        }
        let read = head.read(buffer)?;
        self.place += read;
        Ok(read)
    }
}

/// A whole file as UTF-8, which is not copied where it is so already.
pub(crate) fn whole<'b>(label: &str, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>> {
    let as_it_is = !matches!(bytes, [0x1F, 0x8B, ..] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    let text = Text::of_len(label, bytes, Some(bytes.len() as u64))?;
    match as_it_is {
        true => Ok(Cow::Borrowed(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))),
        false => text.into_bytes().map(Cow::Owned),
    }
}

/// The first bytes, fewer where there are fewer.
fn first(reader: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes a byte-order mark away, and decodes what it names.
fn decoded<'a>(mut bytes: Box<dyn Read + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    let mark = first(&mut bytes, 4)?;
    let after = |length: usize| Cursor::new(mark.get(length..).unwrap_or_default().to_vec());
    Ok(match mark.as_slice() {
        [0xFF, 0xFE, 0, 0] | [0, 0, 0xFE, 0xFF] => {
            return Err(bad_text(1, "the text is UTF-32; save it as UTF-8"));
        }
        [0xEF, 0xBB, 0xBF, ..] => Box::new(after(3).chain(bytes)),
        [0xFF, 0xFE, ..] => Box::new(Utf16::new(after(2).chain(bytes), u16::from_le_bytes)),
        [0xFE, 0xFF, ..] => Box::new(Utf16::new(after(2).chain(bytes), u16::from_be_bytes)),
        _ => Box::new(after(0).chain(bytes)),
    })
}

/// Finds text of two bytes a character that has no mark: every other byte of it is mostly 0.
fn check_head(head: Vec<u8>) -> io::Result<Vec<u8>> {
    let pairs = head.as_chunks::<2>().0;
    let zeros = |place: usize| pairs.iter().filter(|pair| pair.get(place) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    let mostly = |these: usize, others: usize| these * 3 > pairs.len() && others * 10 < pairs.len();
    match mostly(first, second) || mostly(second, first) {
        true => Err(bad_text(1, "the text looks like UTF-16 without a byte-order mark; save it as UTF-8")),
        false => Ok(head),
    }
}
