//! The first record, which names the columns.

use csv::ReaderBuilder;

use crate::formats::table::{check_columns, place_of};
use crate::{DataError, Result};

/// The columns of a file, and where the rows begin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// Names the file in messages.
    pub file: String,
    pub columns: Vec<String>,
    /// Bytes up to the first row, in the block that was read.
    pub len: usize,
}

impl Header {
    /// Reads the first record of a block that begins the file.
    pub fn read(file: &str, block: &[u8]) -> Result<Self> {
        let mark = if block.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let text = block.get(mark..).unwrap_or_default();
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        let mut record = csv::ByteRecord::new();
        let read = reader.read_byte_record(&mut record);
        if !matches!(read, Ok(true)) {
            return Err(DataError::NoRows { file: file.to_owned() });
        }
        let mut len = mark + reader.position().byte() as usize;
        if block.get(len.saturating_sub(1)..=len) == Some(b"\r\n") {
            len += 1;
        }
        let name = |(place, cell): (usize, &[u8])| {
            std::str::from_utf8(cell).map(|cell| cell.trim().to_owned()).map_err(|_| DataError::Cell {
                file: file.to_owned(),
                line: 1,
                column: format!("c{place}"),
                expected: "UTF-8 text".into(),
                found: String::from_utf8_lossy(cell).chars().take(40).collect(),
            })
        };
        let columns = record.iter().enumerate().map(name).collect::<Result<Vec<_>>>()?;
        check_columns(file, &columns)?;
        Ok(Self { file: file.to_owned(), columns, len })
    }

    /// The place of a column.
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
