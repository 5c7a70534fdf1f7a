//! The cells of a table.

use super::columns::Notation;
use super::records::{Record, Records};
use crate::formats::delimited::{BadRows, Dialect, Expected, NotNumber, shown, text_of};
use crate::formats::records::{Header, Layout, Lines, each_record, line_breaks, line_of};
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
    pub columns: Vec<String>,
    /// Whether the first row names them.
    pub named: bool,
    pub rows: Records,
}

impl<'a> Table<'a> {
    /// Splits a [whole](crate::decode::whole) text into cells; every row has as many cells as there are columns, or is
    /// one of the bad ones. `has_header` decides by the first row.
    pub fn read(
        file: &'a str,
        bytes: &'a [u8],
        dialect: Dialect,
        has_header: &(dyn Fn(&[&str]) -> bool + Sync),
        bad: &mut BadRows,
    ) -> Result<Self> {
        let Dialect { delimiter, start } = dialect;
        let (before, text) = bytes.split_at_checked(start).unwrap_or_default();
        let expected = Expected::default();
        let layout = Layout { has_header, ..Layout::of(&expected) };
        let header = Header::read(file, text, delimiter, line_breaks(before), &layout)?;
        let count = |byte: u8| memchr::memchr_iter(byte, text).count();
        let sizes = [text.len(), count(b'\n') + 1, count(delimiter)];
        check_memory(Records::memory(sizes)).map_err(|problem| DataError::in_file(file, problem))?;
        let mut rows = Records::of_width(header.columns.len(), sizes);
        let start = start + header.len;
        let (before, text) = bytes.split_at_checked(start).unwrap_or_default();
        let (lines_before, mut lines) = (line_breaks(before), Lines::of(text));
        let mut failed = None;
        let read = each_record(text, delimiter, header.columns.len(), |record| {
            match record {
                _ if failed.is_some() => {}
                Ok(record) => drop(rows.push(record.cells(), (start + record.offset) as u64)),
                Err(fault) => {
                    failed = bad.pass(fault.at_line(&mut lines).into_error(&header, lines_before)).err();
                }
            }
            Ok(())
        });
        if let Some(error) = failed {
            return Err(error);
        }
        read.map_err(|fault| fault.at_line(&mut Lines::of(text)).into_error(&header, lines_before))?;
        match rows.is_empty() {
            true => Err(DataError::no_rows(file)),
            false => Ok(Self { file, bytes, columns: header.columns, named: header.named, rows }),
        }
    }

    /// Of records that are at hand, whose lines are not known.
    pub fn of_records(file: &'a str, columns: Vec<String>, rows: Records) -> Self {
        Self { file, bytes: &[], columns, named: true, rows }
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
        self.cell_error_of(record, column, expected, shown(record.get(column).unwrap_or_default()))
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
        let wrong = |(expected, found)| self.cell_error_of(record, column, expected, found);
        text_of(record.get(column).unwrap_or_default()).map(str::trim).map_err(wrong)
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
