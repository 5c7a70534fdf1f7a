//! The records of one block, cell by cell.

use std::ops::Range;

use csv::{ByteRecord, ReaderBuilder};

use super::cut::is_plain;
use super::header::{Header, first_of_line, line_breaks};
use crate::formats::delimited::{NotNumber, OPEN_QUOTE, open_quote, shown, text_of};
use crate::{DataError, Limit};

/// A blank to Unicode, and none to ASCII's own rule.
const VERTICAL_TAB: u8 = 0x0B;

/// One row. Cells are bytes without quotes, not trimmed.
pub(crate) struct Record<'r> {
    /// Where it starts in the block.
    pub offset: usize,
    bytes: &'r [u8],
    bounds: &'r [Range<usize>],
}

impl<'r> Record<'r> {
    /// A cell, empty when there is none.
    pub fn cell(&self, column: usize) -> &'r [u8] {
        self.bounds.get(column).and_then(|bounds| self.bytes.get(bounds.clone())).unwrap_or_default()
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &'r [u8]> + '_ {
        (0..self.bounds.len()).map(|column| self.cell(column))
    }

    /// A cell without the blanks around it, those of other alphabets among them.
    pub fn trimmed(&self, column: usize) -> &'r [u8] {
        let cell = self.cell(column).trim_ascii();
        let plain = |end: Option<&u8>| end.is_none_or(|byte| byte.is_ascii() && *byte != VERTICAL_TAB);
        match plain(cell.first()) && plain(cell.last()) {
            true => cell,
            false => std::str::from_utf8(cell).map_or(cell, |cell| cell.trim().as_bytes()),
        }
    }

    /// Whether it is a line of blanks, where rows have several cells.
    fn is_blank(&self, columns: usize) -> bool {
        columns > 1 && self.bounds.len() == 1 && self.cell(0).trim_ascii().is_empty()
    }

    /// What is wrong with a cell.
    pub fn fault(&self, column: usize, expected: impl Into<String>) -> Fault {
        self.fault_of(column, expected, shown(self.trimmed(column)))
    }

    /// What is wrong with a cell that would not help to be quoted.
    pub fn fault_of(&self, column: usize, expected: impl Into<String>, found: impl Into<String>) -> Fault {
        let problem = Problem::Cell { column, expected: expected.into(), found: found.into() };
        Fault { offset: self.offset, problem }
    }

    /// A cell that is no number.
    pub fn not_a_number(&self, column: usize, wrong: NotNumber) -> Fault {
        self.fault(column, wrong.expected).and(wrong.advice)
    }

    /// A cell as text, without the blanks around it.
    pub fn text(&self, column: usize) -> Result<&'r str, Fault> {
        text_of(self.trimmed(column)).map_err(|(expected, found)| self.fault_of(column, expected, found))
    }

    /// A cell of text that is not blank.
    pub fn name(&self, column: usize) -> Result<&'r str, Fault> {
        match self.text(column)? {
            "" => Err(self.fault(column, "a name")),
            text => Ok(text),
        }
    }
}

/// What is wrong with a record, before its file and line are known.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Where the record starts in its block.
    offset: usize,
    problem: Problem,
}

/// What is wrong with a record of a known line.
#[derive(Debug)]
pub(crate) struct LineFault {
    /// The line of its block, from 1.
    line: u64,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Cells(usize),
    Cell { column: usize, expected: String, found: String },
    Syntax(String),
}

/// Counts the lines of a block, from place to later place.
pub(crate) struct Lines<'b> {
    block: &'b [u8],
    place: usize,
    breaks: u64,
}

impl<'b> Lines<'b> {
    pub fn of(block: &'b [u8]) -> Self {
        Self { block, place: 0, breaks: 0 }
    }

    /// The 1-based line at `offset`, which is not before the one asked for last.
    pub fn at(&mut self, offset: usize) -> u64 {
        let start = first_of_line(self.block, offset);
        self.breaks += line_breaks(self.block.get(self.place..start).unwrap_or_default());
        self.place = start;
        1 + self.breaks
    }
}

impl Fault {
    /// With the line of its block.
    pub fn at_line(self, lines: &mut Lines<'_>) -> LineFault {
        LineFault { line: lines.at(self.offset), problem: self.problem }
    }

    /// With more words behind what was found.
    pub fn and(mut self, advice: &str) -> Self {
        if let Problem::Cell { found, .. } = &mut self.problem {
            found.push_str(advice);
        }
        self
    }

    fn too_long(offset: usize) -> Self {
        Self { offset, problem: Problem::Syntax(long_row()) }
    }
}

impl LineFault {
    /// The error, given how many lines come before the block.
    pub fn into_error(self, header: &Header, lines_before: u64) -> DataError {
        let file = header.file.clone();
        let line = lines_before + self.line;
        match self.problem {
            Problem::Cells(found) => DataError::ragged_row(file, line, header.columns.len(), found),
            Problem::Cell { column, expected, found } => {
                let column = header.columns.get(column).cloned().unwrap_or_else(|| format!("c{column}"));
                DataError::cell(file, line, column, expected, found)
            }
            Problem::Syntax(problem) => DataError::in_line(file, line, problem),
        }
    }
}

/// What is wrong with a row that is no row, or lacks its end.
pub(super) fn long_row() -> String {
    let (most, hint) = (Limit::Row.most(), Limit::Row.hint());
    format!("a row takes more than {most} bytes; is a quote or a line break missing? {hint}")
}

/// Calls `visit` with each record of the block, or with what is wrong with one that has not `columns` cells between delimiters.
pub(crate) fn each_record(
    block: &[u8],
    delimiter: u8,
    columns: usize,
    visit: impl FnMut(Result<&Record<'_>, Fault>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    match is_plain(block) {
        true => plain_records(block, delimiter, columns, visit),
        false => quoted_records(block, delimiter, columns, visit),
    }
}

fn plain_records(
    block: &[u8],
    delimiter: u8,
    columns: usize,
    mut visit: impl FnMut(Result<&Record<'_>, Fault>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let longest = Limit::Row.most_len();
    let mut bounds: Vec<Range<usize>> = Vec::with_capacity(columns);
    let (mut offset, mut start) = (0, 0);
    // The end of the text ends its last record, too.
    for end in memchr::memchr2_iter(delimiter, b'\n', block).chain(std::iter::once(block.len())) {
        match block.get(end) {
            Some(&byte) if byte == delimiter => {
                bounds.push(start..end);
                start = end + 1;
                continue;
            }
            Some(_) if end > start && block.get(end - 1) == Some(&b'\r') => bounds.push(start..end - 1),
            _ => bounds.push(start..end),
        }
        if end - offset > longest {
            return Err(Fault::too_long(offset));
        }
        let record = Record { offset, bytes: block, bounds: &bounds };
        let blank = record.is_blank(columns) || matches!(bounds.as_slice(), [only] if only.is_empty());
        if !blank {
            visit(match bounds.len() == columns {
                true => Ok(&record),
                false => Err(Fault { offset, problem: Problem::Cells(bounds.len()) }),
            })?;
        }
        bounds.clear();
        start = end + 1;
        offset = start;
    }
    Ok(())
}

fn quoted_records(
    block: &[u8],
    delimiter: u8,
    columns: usize,
    mut visit: impl FnMut(Result<&Record<'_>, Fault>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let longest = Limit::Row.most_len();
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(block);
    let mut record = ByteRecord::new();
    let mut bounds = Vec::with_capacity(columns);
    loop {
        let offset = reader.position().byte() as usize;
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(Fault { offset, problem: Problem::Syntax(error.to_string()) }),
        }
        if reader.position().byte() as usize >= block.len() {
            // Blocks are cut outside of quotes, so that only the last one of a file can end within them.
            let rest = block.get(offset..).unwrap_or_default();
            if let Some(place) = open_quote(rest, delimiter) {
                let problem = Problem::Syntax(OPEN_QUOTE.to_owned());
                return Err(Fault { offset: offset + place, problem });
            }
        }
        if record.len() == 1 && columns > 1 && record.as_slice().trim_ascii().is_empty() {
            continue;
        }
        if record.as_slice().len() > longest {
            return Err(Fault::too_long(offset));
        }
        if record.len() != columns {
            visit(Err(Fault { offset, problem: Problem::Cells(record.len()) }))?;
            continue;
        }
        bounds.clear();
        bounds.extend((0..columns).filter_map(|column| record.range(column)));
        visit(Ok(&Record { offset, bytes: record.as_slice(), bounds: &bounds }))?;
    }
}
