//! The first record, which names the columns.

use csv::ReaderBuilder;

use super::parallel::Layout;
use crate::formats::delimited::{OPEN_QUOTE, open_quote, text_of};
use crate::formats::table::{check_columns, place_of};
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
    /// Whether the first record names the columns; where it does not, they are `c0`, `c1`, ...
    pub named: bool,
    /// The line of the first record, from 1.
    pub line: u64,
}

impl Header {
    /// Reads the first record of a block, before which there are so many lines of the file.
    pub fn read(
        file: &str,
        block: &[u8],
        delimiter: u8,
        lines_before: u64,
        layout: &Layout<'_>,
    ) -> Result<Self> {
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(block);
        let mut record = csv::ByteRecord::new();
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            return Err(DataError::no_rows(file));
        }
        let mut len = reader.position().byte() as usize;
        let line_at = |place| lines_before + line_of(block, place);
        if let Some(place) = (len >= block.len()).then(|| open_quote(block, delimiter)).flatten() {
            return Err(DataError::in_line(file, line_at(place), OPEN_QUOTE.to_owned()));
        }
        if block.get(len.saturating_sub(1)..=len) == Some(b"\r\n") {
            len += 1;
        }
        let line = line_at(0);
        check_columns(record.len() as u64).map_err(|problem| DataError::in_line(file, line, problem))?;
        let name = |(place, cell): (usize, &[u8])| {
            let wrong = |(expected, found)| DataError::cell(file, line, format!("c{place}"), expected, found);
            text_of(cell).map(|text| text.trim().to_owned()).map_err(wrong)
        };
        let cells = record.iter().enumerate().map(name).collect::<Result<Vec<_>>>()?;
        let named = (layout.has_header)(&cells.iter().map(String::as_str).collect::<Vec<_>>());
        let (columns, len) = match named {
            true => (cells, len),
            false => ((0..cells.len()).map(|column| format!("c{column}")).collect(), 0),
        };
        Ok(Self { file: file.to_owned(), columns, delimiter, len, named, line })
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
