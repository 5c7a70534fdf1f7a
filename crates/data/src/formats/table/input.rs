//! Rows of a table for a saved model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::columns::{Encoding, Notation};
use super::opened::Opened;
use super::unpack::Charset;
use crate::formats::delimited::{Expected, is_missing, looks_numeric};
use crate::formats::records::{Fault, Header, Parser, each_record};
use crate::formats::{RawInput, RawSamples};
use crate::{DataError, Result, Samples, Values};

/// Rows of numbers, as a model takes them that was trained on a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableInput {
    /// The columns, in the order the model takes them.
    pub columns: Vec<String>,
    /// The delimiter that the recipe named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What the cells of each column become; numbers all, where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encodings: Vec<Encoding>,
    /// How files are written that are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<Charset>,
    /// How numbers are written.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub notation: Notation,
}

fn is_plain(notation: &Notation) -> bool {
    *notation == Notation::default()
}

impl TableInput {
    /// Rows with these columns, whose delimiter is found in each file.
    #[must_use]
    pub fn of(columns: Vec<String>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// The levels of each column of categories.
    #[must_use]
    pub fn levels(&self) -> BTreeMap<String, Vec<String>> {
        let columns: Vec<_> = self.columns.iter().cloned().zip(self.encodings.iter().cloned()).collect();
        Encoding::levels_by_column(&columns)
    }

    /// Whether the first row names columns: one of the model, or none of its cells is a value.
    fn is_header(&self, cells: &[&str]) -> bool {
        let has = |column: &String| cells.contains(&column.as_str());
        let is_value = |cell: &str| {
            cell.parse::<f64>().is_ok() || looks_numeric(cell) || !cell.is_empty() && is_missing(cell)
        };
        // A column may be named like a number, which then must not be taken for a value.
        self.columns.iter().all(has)
            || self.columns.iter().any(|column| !looks_numeric(column) && has(column))
            || !cells.iter().copied().any(is_value)
    }
}

impl RawInput for TableInput {
    const WHAT: &'static str = "rows of a table, not images";
    const ENDINGS: &'static [&'static str] =
        &["csv", "tsv", "txt", "jsonl", "ndjson", "xlsx", "xls", "ods", "parquet", "zip"];

    fn shape(&self) -> Vec<usize> {
        match self.encodings.as_slice() {
            [] => vec![self.columns.len()],
            encodings => vec![encodings.iter().map(Encoding::width).sum()],
        }
    }

    /// With a header, the columns are found by name, in any order and among others. Without one,
    /// each row holds exactly the model's columns in their order. The first row is a header when
    /// it names a column of the model, or holds no number at all.
    fn read(&self, label: &str, bytes: &[u8], delimiter: Option<u8>) -> Result<RawSamples> {
        let columns = &self.columns;
        let opened = Opened::of_bytes(label, bytes, self.charset)?;
        let expected = Expected {
            delimiter,
            likely: self.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()),
            columns: columns.iter().map(String::as_str).collect(),
            cells: Some(columns.len()),
        };
        let mut values = Vec::new();
        opened.parse(
            &expected,
            &|cells| self.is_header(cells),
            |header| InputParser::of(self, header),
            |_, part: Vec<f64>, _| {
                values.extend(part);
                Ok(())
            },
        )?;
        if values.is_empty() {
            return Err(DataError::no_rows(label));
        }
        let samples = Samples::new(self.shape(), Values::F64(values.into()))?;
        Ok(RawSamples::rows(label, samples))
    }
}

/// How the rows of a file are read for a model.
struct InputParser<'i> {
    delimiter: u8,
    /// Cells of a row.
    count: usize,
    /// The place of each column of the model, and what its cells become.
    columns: Vec<(usize, Encoding)>,
    notation: &'i Notation,
}

impl<'i> InputParser<'i> {
    fn of(input: &'i TableInput, header: &Header) -> Result<Self> {
        let count = header.columns.len();
        let places = match header.named {
            true => input.columns.iter().map(|name| header.column(name)).collect::<Result<Vec<_>>>()?,
            false if count != input.columns.len() => {
                return Err(DataError::ragged_row(&header.file, header.line, input.columns.len(), count));
            }
            false => (0..count).collect(),
        };
        let encoding = |place: usize| match input.encodings.get(place) {
            Some(encoding) => encoding.clone(),
            None => Encoding::Number { optional: false },
        };
        let columns = places.into_iter().enumerate().map(|(place, column)| (column, encoding(place)));
        Ok(Self { delimiter: header.delimiter, count, columns: columns.collect(), notation: &input.notation })
    }
}

impl Parser for InputParser<'_> {
    type Part = Vec<f64>;

    fn parse(&self, rows: &[u8]) -> std::result::Result<Vec<f64>, Fault> {
        let mut values = Vec::new();
        each_record(rows, self.delimiter, self.count, |record| {
            let record = record?;
            self.columns.iter().try_for_each(|(column, encoding)| {
                encoding.push_cell(record, *column, self.notation, &mut values)
            })
        })?;
        Ok(values)
    }
}
