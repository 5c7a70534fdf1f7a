//! The first record, which names the columns.

use csv::ReaderBuilder;

use crate::formats::delimited::{Dialect, OPEN_QUOTE, not_utf8, open_quote};
use crate::formats::table::place_of;
use crate::{DataError, Result};

/// The columns of a file, and where the rows begin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// Names the file in messages.
    pub file: String,
    pub columns: Vec<String>,
    pub delimiter: u8,
    /// Bytes up to the first row, in the block that was read.
    pub len: usize,
}

impl Header {
    /// Reads the first record of a block that begins the file.
    pub fn read(file: &str, block: &[u8], dialect: Dialect) -> Result<Self> {
        let Dialect { delimiter, start } = dialect;
        let text = block.get(start..).unwrap_or_default();
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
        let mut record = csv::ByteRecord::new();
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            return Err(DataError::no_rows(file));
        }
        let mut len = start + reader.position().byte() as usize;
        if let Some(place) = (len >= block.len()).then(|| open_quote(text, delimiter)).flatten() {
            let problem = OPEN_QUOTE.to_owned();
            return Err(DataError::in_line(file, line_of(block, start + place), problem));
        }
        if block.get(len.saturating_sub(1)..=len) == Some(b"\r\n") {
            len += 1;
        }
        let name = |(place, cell): (usize, &[u8])| {
            std::str::from_utf8(cell).map(|cell| cell.trim().to_owned()).map_err(|error| {
                DataError::cell(
                    file,
                    line_of(block, start),
                    format!("c{place}"),
                    "UTF-8 text",
                    not_utf8(cell, &error),
                )
            })
        };
        let columns = record.iter().enumerate().map(name).collect::<Result<Vec<_>>>()?;
        Ok(Self { file: file.to_owned(), columns, delimiter, len })
    }

    /// The place of a column, of which there must be one.
    pub fn column(&self, name: &str) -> Result<usize> {
        place_of(&self.file, &self.columns, name)
    }
}

/// The 1-based line that the byte at `offset` stands on; blank lines there are stepped over. Lines end in LF, CR LF or CR.
pub(crate) fn line_of(bytes: &[u8], offset: usize) -> u64 {
    1 + line_breaks(bytes.get(..first_of_line(bytes, offset)).unwrap_or_default())
}

/// `offset` without the blank lines there, or the rest of a line break.
pub(crate) fn first_of_line(bytes: &[u8], offset: usize) -> usize {
    offset + bytes.iter().skip(offset).take_while(|b| matches!(b, b'\n' | b'\r')).count()
}

/// How many lines end in the text.
pub(crate) fn line_breaks(bytes: &[u8]) -> u64 {
    let lone = |&place: &usize| bytes.get(place + 1) != Some(&b'\n');
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    (feeds + memchr::memchr_iter(b'\r', bytes).filter(lone).count()) as u64
}
