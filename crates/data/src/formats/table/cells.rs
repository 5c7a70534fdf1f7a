//! The cells of a table.

use csv::{ByteRecord, ReaderBuilder};

use super::columns::Notation;
use super::records::{Record, Records};
use crate::formats::delimited::{BadRows, Dialect, NUL_BYTE, NotNumber, OPEN_QUOTE, not_utf8, open_quote};
use crate::formats::records::{line_of, long_row};
use crate::limits::check_memory;
use crate::{DataError, LabelEncoder, Limit, Result};

/// Refuses a table of more columns than are read.
pub(crate) fn check_columns(columns: u64) -> std::result::Result<(), String> {
    match columns > Limit::Columns.most() {
        true => Err(format!(
            "{columns} columns are too many, expected at most {}; {}",
            Limit::Columns.most(),
            Limit::Columns.hint()
        )),
        false => Ok(()),
    }
}

/// All rows of a file, with the column names.
pub(crate) struct Table<'a> {
    pub file: &'a str,
    bytes: &'a [u8],
    /// Bytes before the first row.
    start: usize,
    pub columns: Vec<String>,
    pub rows: Records,
}

impl<'a> Table<'a> {
    /// Splits a [whole](crate::decode::whole) text into cells; every row has as many cells as there are columns, or is
    /// one of the bad ones. `has_header` decides by the first row.
    pub fn read(
        file: &'a str,
        bytes: &'a [u8],
        dialect: Dialect,
        has_header: impl Fn(&[&str]) -> bool,
        bad: &mut BadRows,
    ) -> Result<Self> {
        let Dialect { delimiter, start } = dialect;
        let text = bytes.get(start..).unwrap_or_default();
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
        let mut table = Self { file, bytes, start, columns: Vec::new(), rows: Records::default() };
        let mut record = ByteRecord::new();
        loop {
            let more = reader
                .read_byte_record(&mut record)
                .map_err(|error| table.syntax(table.place(&record), error.to_string()))?;
            // What is longer is no table, or lacks its line breaks.
            if record.as_slice().len() as u64 > Limit::Row.most() {
                return Err(table.syntax(table.place(&record), long_row()));
            }
            if !more {
                break;
            }
            if reader.position().byte() as usize >= text.len() {
                let place = table.place(&record);
                if let Some(quote) = open_quote(bytes.get(place..).unwrap_or_default(), delimiter) {
                    return Err(table.syntax(place + quote, OPEN_QUOTE));
                }
            }
            if table.columns.is_empty() {
                check_columns(record.len() as u64)
                    .map_err(|problem| table.syntax(table.place(&record), problem))?;
                let mut first = Records::of_width(record.len(), [0; 3]);
                first.push(&record, table.place(&record) as u64);
                let first = first.first().map(|first| {
                    (0..first.len())
                        .map(|column| Ok(table.text(first, column)?.to_owned()))
                        .collect::<Result<Vec<_>>>()
                });
                let cells = first.transpose()?.unwrap_or_default();
                let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                let header = has_header(&cells);
                table.columns = match header {
                    true => cells.into_iter().map(str::to_owned).collect(),
                    false => (0..cells.len()).map(|column| format!("c{column}")).collect(),
                };
                let count = |byte: u8| memchr::memchr_iter(byte, text).count();
                let sizes = [text.len(), count(b'\n') + 1, count(delimiter)];
                check_memory(Records::memory(sizes)).map_err(|problem| DataError::in_file(file, problem))?;
                table.rows = Records::of_width(table.columns.len(), sizes);
                if header {
                    continue;
                }
            }
            let blank = record.len() == 1 && record.as_slice().trim_ascii().is_empty();
            if blank && table.columns.len() > 1 {
                continue;
            }
            match record.len() == table.columns.len() {
                true => drop(table.rows.push(&record, table.place(&record) as u64)),
                false => bad.pass(table.ragged(table.place(&record), record.len(), table.columns.len()))?,
            }
        }
        match table.rows.is_empty() {
            true => Err(DataError::no_rows(file)),
            false => Ok(table),
        }
    }

    /// Of records that are at hand, whose lines are not known.
    pub fn of_records(file: &'a str, columns: Vec<String>, rows: Records) -> Self {
        Self { file, bytes: &[], start: 0, columns, rows }
    }

    fn syntax(&self, place: usize, problem: impl Into<String>) -> DataError {
        let line = line_of(self.bytes, place);
        DataError::in_line(self.file, line, problem)
    }

    /// A row at `place` of another number of cells than it should have.
    pub fn ragged(&self, place: usize, found: usize, expected: usize) -> DataError {
        DataError::ragged_row(self.file, line_of(self.bytes, place), expected, found)
    }

    /// Where a record starts in the text.
    fn place(&self, record: &ByteRecord) -> usize {
        self.start + record.position().map_or(0, csv::Position::byte) as usize
    }

    /// The place of a column, of which there must be one.
    pub fn column(&self, name: &str) -> Result<usize> {
        place_of(self.file, &self.columns, name)
    }

    /// The 1-based line a record starts on. The reader's own count is off after blank lines and
    /// lines that end in CR LF.
    pub fn line(&self, record: Record<'_>) -> u64 {
        line_of(self.bytes, record.place() as usize)
    }

    /// A cell that does not hold what it should.
    pub fn cell_error(&self, record: Record<'_>, column: usize, expected: &str) -> DataError {
        let cell = String::from_utf8_lossy(record.get(column).unwrap_or_default());
        let found = match cell.trim() {
            "" => "nothing".to_owned(),
            cell => format!("`{}`", cell.chars().take(40).collect::<String>()),
        };
        self.cell_error_of(record, column, expected, found)
    }

    fn cell_error_of(&self, record: Record<'_>, column: usize, expected: &str, found: String) -> DataError {
        DataError::cell(
            self.file,
            self.line(record),
            self.columns.get(column).cloned().unwrap_or_else(|| format!("c{column}")),
            expected.to_owned(),
            found,
        )
    }

    /// A cell as text, which may be empty, without the blanks around it.
    pub fn text<'r>(&self, record: Record<'r>, column: usize) -> Result<&'r str> {
        let cell = record.get(column).unwrap_or_default();
        match std::str::from_utf8(cell) {
            Ok(text) if !text.contains('\0') => Ok(text.trim()),
            Ok(_) => Err(self.cell_error_of(record, column, "text", NUL_BYTE.to_owned())),
            Err(error) => Err(self.cell_error_of(record, column, "UTF-8 text", not_utf8(cell, &error))),
        }
    }

    /// A cell of text that is not blank.
    pub fn name<'r>(&self, record: Record<'r>, column: usize) -> Result<&'r str> {
        match self.text(record, column)? {
            "" => Err(self.cell_error(record, column, "a name")),
            text => Ok(text),
        }
    }

    /// Cells of text, none of them blank.
    pub fn names(&self, column: usize) -> Result<Vec<&str>> {
        self.rows.iter().map(|record| self.name(record, column)).collect()
    }

    /// A cell as a finite number, written with a decimal point and nothing else.
    pub fn number(&self, record: Record<'_>, column: usize) -> Result<f64> {
        Notation::default()
            .number(self.text(record, column)?)
            .map_err(|NotNumber { expected, advice }| self.cell_error(record, column, expected).and(advice))
    }

    /// The cells of the given columns as finite numbers, row by row.
    pub fn numbers(&self, columns: &[usize]) -> Result<Vec<f64>> {
        let cells = self.rows.iter().flat_map(|record| columns.iter().map(move |&column| (record, column)));
        cells.map(|(record, column)| self.number(record, column)).collect()
    }
}

/// There must be at least two classes among the labels.
pub(crate) fn check_classes(file: &str, encoder: &LabelEncoder, labels: &[u32]) -> Result<()> {
    match labels.first().filter(|&first| labels.iter().all(|label| label == first)) {
        Some(&class) => {
            let class = encoder.decode(class).unwrap_or_default().to_owned();
            Err(DataError::one_class(file, class))
        }
        None => Ok(()),
    }
}

/// The place of a column among those of a file, where no other may have its name.
pub(crate) fn place_of(file: &str, columns: &[String], name: &str) -> Result<usize> {
    let mut places = columns.iter().enumerate().filter(|(_, column)| *column == name);
    match (places.next(), places.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some((first, _)), Some((second, _))) => {
            let (first, second) = (first + 1, second + 1);
            let problem = format!("columns {first} and {second} are both named `{name}`; rename one");
            Err(DataError::in_file(file, problem))
        }
        (None, _) => Err(DataError::missing_column(file, name, columns)),
    }
}
