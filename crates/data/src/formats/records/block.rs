//! The records of one block, cell by cell.

use std::ops::Range;

use csv::{ByteRecord, ReaderBuilder};

use super::cut::is_plain;
use super::header::{Header, line_of};
use crate::DataError;

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

    /// A cell without the blanks around it.
    pub fn trimmed(&self, column: usize) -> &'r [u8] {
        self.cell(column).trim_ascii()
    }

    /// What is wrong with a cell.
    pub fn fault(&self, column: usize, expected: impl Into<String>) -> Fault {
        let cell = String::from_utf8_lossy(self.trimmed(column)).into_owned();
        let found = match cell.as_str() {
            "" => "nothing".to_owned(),
            cell => format!("`{}`", cell.chars().take(40).collect::<String>()),
        };
        self.fault_of(column, expected, found)
    }

    /// What is wrong with a cell that would not help to be quoted.
    pub fn fault_of(&self, column: usize, expected: impl Into<String>, found: impl Into<String>) -> Fault {
        let problem = Problem::Cell { column, expected: expected.into(), found: found.into() };
        Fault { offset: self.offset, problem }
    }
}

/// What is wrong with a record, before its file and line are known.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Where the record starts in its block.
    offset: usize,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Cells(usize),
    Cell { column: usize, expected: String, found: String },
    Syntax(String),
}

impl Fault {
    /// The error, given the block and how many lines come before it.
    pub fn into_error(self, header: &Header, block: &[u8], lines_before: u64) -> DataError {
        let file = header.file.clone();
        let line = lines_before + line_of(block, self.offset);
        match self.problem {
            Problem::Cells(found) => {
                DataError::RaggedRow { file, line, expected: header.columns.len(), found }
            }
            Problem::Cell { column, expected, found } => {
                let column = header.columns.get(column).cloned().unwrap_or_else(|| format!("c{column}"));
                DataError::Cell { file, line, column, expected, found }
            }
            Problem::Syntax(problem) => DataError::CsvSyntax { file, line, problem },
        }
    }
}

/// Calls `visit` with each record of the block; each has `columns` cells.
pub(crate) fn each_record(
    block: &[u8],
    columns: usize,
    visit: impl FnMut(&Record<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    match is_plain(block) {
        true => plain_records(block, columns, visit),
        false => quoted_records(block, columns, visit),
    }
}

fn plain_records(
    block: &[u8],
    columns: usize,
    mut visit: impl FnMut(&Record<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut bounds: Vec<Range<usize>> = Vec::with_capacity(columns);
    let (mut offset, mut start) = (0, 0);
    // The end of the text ends its last record, too.
    for end in memchr::memchr2_iter(b',', b'\n', block).chain(std::iter::once(block.len())) {
        match block.get(end) {
            Some(b',') => {
                bounds.push(start..end);
                start = end + 1;
                continue;
            }
            Some(_) if end > start && block.get(end - 1) == Some(&b'\r') => bounds.push(start..end - 1),
            _ => bounds.push(start..end),
        }
        let blank = matches!(bounds.as_slice(), [only] if only.is_empty());
        if !blank {
            if bounds.len() != columns {
                return Err(Fault { offset, problem: Problem::Cells(bounds.len()) });
            }
            visit(&Record { offset, bytes: block, bounds: &bounds })?;
        }
        bounds.clear();
        start = end + 1;
        offset = start;
    }
    Ok(())
}

fn quoted_records(
    block: &[u8],
    columns: usize,
    mut visit: impl FnMut(&Record<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(block);
    let mut record = ByteRecord::new();
    let mut bounds = Vec::with_capacity(columns);
    loop {
        let offset = reader.position().byte() as usize;
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(Fault { offset, problem: Problem::Syntax(error.to_string()) }),
        }
        if record.len() != columns {
            return Err(Fault { offset, problem: Problem::Cells(record.len()) });
        }
        bounds.clear();
        bounds.extend((0..columns).filter_map(|column| record.range(column)));
        visit(&Record { offset, bytes: record.as_slice(), bounds: &bounds })?;
    }
}
