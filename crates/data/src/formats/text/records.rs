//! The lines of a file of titles, one after the other.

use std::borrow::Cow;

use csv_core::ReadRecordResult;

use super::cells::{Cell, Cells, Fields, utf8};
use crate::formats::delimited::{Dialect, Expected, OPEN_QUOTE};
use crate::formats::table::place_of;
use crate::stream::Stream;
use crate::{DataError, Limit, Result};

/// Bytes of a line: a file without line ends must not be read into memory whole.
pub(super) fn longest() -> usize {
    Limit::Text.most_len()
}

/// How a line holds its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    JsonLines,
    /// Separated by the given byte, or one that is found out, below a line with the names.
    Table(Option<u8>),
    /// The line is the title.
    Plain,
}

impl Layout {
    /// What the name of a file promises.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "csv" => Some(Self::Table(None)),
            "tsv" => Some(Self::Table(Some(b'\t'))),
            _ => None,
        }
    }
}

/// Reads line by line. A line that cannot be read does not end it.
pub(super) struct Records<'a> {
    stream: Stream<'a>,
    fields: Fields,
    split: Split,
    /// Lines that were begun; 1-based, the line of the current record.
    line: u64,
    record: Vec<u8>,
}

enum Split {
    JsonLines,
    Plain,
    Table(Box<Table>),
}

struct Table {
    parser: csv_core::Reader,
    /// Line ends passed so far.
    breaks: u64,
    /// Where each cell of the record ends.
    ends: Vec<usize>,
    names: Vec<String>,
    words: usize,
    target: Option<usize>,
    language: Option<usize>,
    split: Option<usize>,
}

impl<'a> Records<'a> {
    /// Starts to read; of a table, this reads the names.
    pub fn new(stream: Stream<'a>, layout: Layout, fields: &Fields) -> Result<Self> {
        let mut records =
            Self { stream, fields: fields.clone(), split: Split::Plain, line: 0, record: Vec::new() };
        match layout {
            Layout::Plain => {}
            Layout::JsonLines => records.split = Split::JsonLines,
            Layout::Table(delimiter) => {
                let (head, whole) = records.stream.head();
                let expected = Expected { delimiter, columns: fields.names(), ..Expected::default() };
                let Dialect { delimiter, start } = Dialect::of(head, whole, &expected);
                let parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
                let mut table = Table {
                    parser,
                    breaks: 0,
                    ends: Vec::new(),
                    names: Vec::new(),
                    words: 0,
                    target: None,
                    language: None,
                    split: None,
                };
                table.pass(&mut records.stream, start)?;
                records.header(&mut table)?;
                records.split = Split::Table(Box::new(table));
            }
        }
        Ok(records)
    }

    /// The file's name in messages.
    pub fn label(&self) -> &str {
        self.stream.label()
    }

    fn header(&mut self, table: &mut Table) -> Result<()> {
        let found = table.read(&mut self.stream, &mut self.line, &mut self.record)?;
        let file = || self.stream.label().to_owned();
        if !found {
            return Err(DataError::no_rows(file()));
        }
        let problem = |problem: String| DataError::in_line(file(), self.line, problem);
        if self.record.len() > longest() {
            return Err(problem(long_row()));
        }
        let text = utf8(&self.record).map_err(problem)?;
        let names = (0..table.ends.len()).map(|column| table.cell(text, column).trim().to_owned());
        let names = names.collect::<Vec<_>>();
        let place = |name: &String| place_of(self.stream.label(), &names, name);
        table.words = place(&self.fields.words)?;
        table.target = self.fields.target.as_ref().map(place).transpose()?;
        table.language = self.fields.language.as_ref().map(place).transpose()?;
        table.split = self.fields.split.as_ref().map(place).transpose()?;
        table.names = names;
        Ok(())
    }

    /// Hands the next record, or what is wrong with it, to `take`; false at the end. An error of the whole file,
    /// or what `take` makes of a wrong line, ends it.
    pub fn next(
        &mut self,
        take: impl FnOnce(u64, std::result::Result<Cells<'_>, String>) -> Result<()>,
    ) -> Result<bool> {
        let Self { stream, fields, split, line, record } = self;
        let found = match split {
            Split::JsonLines | Split::Plain => {
                *line += 1;
                stream.line(record, longest())?
            }
            Split::Table(table) => table.read(stream, line, record)?,
        };
        if !found {
            return Ok(false);
        }
        if record.len() > longest() {
            let problem = if matches!(split, Split::Table(_)) { long_row() } else { long_line() };
            take(*line, Err(problem))?;
            return Ok(true);
        }
        match split {
            Split::JsonLines if record.trim_ascii().is_empty() => {}
            Split::JsonLines => take(*line, Cells::of_json(record, fields))?,
            Split::Plain => take(*line, plain(record))?,
            Split::Table(table)
                if table.names.len() > 1 && table.ends.len() == 1 && record.trim_ascii().is_empty() => {}
            Split::Table(table) => take(*line, table.cells(record))?,
        }
        Ok(true)
    }
}

fn long_line() -> String {
    format!("the line is longer than {} bytes; {}", longest(), Limit::Text.hint())
}

fn long_row() -> String {
    let hint = Limit::Text.hint();
    format!("the row is longer than {} bytes; is a quote opened and never closed? {hint}", longest())
}

fn plain(line: &[u8]) -> std::result::Result<Cells<'_>, String> {
    let words = Some(Cell::Text(Cow::Borrowed(utf8(line)?)));
    Ok(Cells { words, ..Cells::default() })
}

impl Table {
    /// Puts the next record's cells into `record`, one after the other, and its place into `line`. Of one that is too
    /// long only the start is kept, and reading goes on at the next line.
    fn read(&mut self, stream: &mut Stream<'_>, line: &mut u64, record: &mut Vec<u8>) -> Result<bool> {
        // What is left of the last record's line end, and blank lines.
        loop {
            let buffer = stream.buffer()?;
            let blank = buffer.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if blank == 0 {
                break;
            }
            self.pass(stream, blank)?;
        }
        *line = self.breaks + 1;
        if stream.buffer()?.is_empty() {
            return Ok(false);
        }
        record.resize(1 << 10, 0);
        self.ends.resize(64, 0);
        let (mut filled, mut cells) = (0, 0_usize);
        loop {
            // A line break ends the last record as the end of the text does, unless it belongs to a quoted cell.
            let at_end = stream.buffer()?.is_empty();
            let (result, read, wrote, ended) = {
                let buffer = if at_end { b"\n" } else { stream.buffer()? };
                let output = record.get_mut(filled..).unwrap_or_default();
                let ends = self.ends.get_mut(cells..).unwrap_or_default();
                self.parser.read_record(buffer, output, ends)
            };
            if !at_end {
                self.pass(stream, read)?;
            }
            filled += wrote;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty if at_end => {
                    let before = cells.checked_sub(1).and_then(|last| self.ends.get(last)).copied();
                    let before = record.get(..before.unwrap_or_default()).unwrap_or_default();
                    // The quote opened the last cell, after the lines of those before it.
                    let opened = *line + memchr::memchr_iter(b'\n', before).count() as u64;
                    return Err(DataError::in_line(stream.label(), opened, OPEN_QUOTE));
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::OutputFull if record.len() > longest() => {
                    self.parser.reset();
                    let mut rest = Vec::new();
                    stream.line(&mut rest, 0)?;
                    self.breaks += 1;
                    return Ok(true);
                }
                ReadRecordResult::OutputFull => record.resize(record.len() * 2 + 1, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(false),
            }
        }
        record.truncate(filled);
        self.ends.truncate(cells);
        Ok(true)
    }

    fn pass(&mut self, stream: &mut Stream<'_>, mut count: usize) -> Result<()> {
        while count > 0 {
            let buffer = stream.buffer()?;
            let passed = buffer.get(..count).unwrap_or(buffer);
            let len = passed.len();
            if len == 0 {
                break;
            }
            self.breaks += memchr::memchr_iter(b'\n', passed).count() as u64;
            stream.take(len);
            count -= len;
        }
        Ok(())
    }

    fn cell<'t>(&self, text: &'t str, column: usize) -> &'t str {
        let end = self.ends.get(column).copied().unwrap_or_default();
        let start =
            column.checked_sub(1).and_then(|before| self.ends.get(before).copied()).unwrap_or_default();
        text.get(start..end).unwrap_or_default()
    }

    fn cells<'t>(&self, record: &'t [u8]) -> std::result::Result<Cells<'t>, String> {
        let text = utf8(record).map_err(|problem| self.in_column(record, problem))?;
        if self.ends.len() != self.names.len() {
            return Err(format!("expected {} cells, found {}", self.names.len(), self.ends.len()));
        }
        let cell = |column| Some(Cell::Text(Cow::Borrowed(self.cell(text, column))));
        Ok(Cells {
            words: cell(self.words),
            target: self.target.and_then(cell),
            language: self.language.and_then(cell),
            split: self.split.and_then(cell),
        })
    }

    /// What is wrong with the first cell that is no text.
    fn in_column(&self, record: &[u8], problem: String) -> String {
        let starts = std::iter::once(&0).chain(&self.ends);
        let cells = starts.zip(&self.ends).map(|(&start, &end)| record.get(start..end).unwrap_or_default());
        let wrong = cells.zip(&self.names).find_map(|(cell, name)| Some((name, utf8(cell).err()?)));
        wrong.map_or(problem, |(name, problem)| format!("column `{name}`: {problem}"))
    }
}
