//! Rows of a table for a saved model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Table;
use super::columns::{Encoding, Notation};
use super::unpack::{self, Charset};
use crate::formats::delimited::{BadRows, Expected, is_missing, looks_numeric};
use crate::formats::{RawInput, RawSamples};
use crate::{Result, Samples, Values};

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
        let bytes = unpack::text(label, bytes, self.charset)?;
        let expected = Expected {
            delimiter,
            likely: self.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()),
            columns: columns.iter().map(String::as_str).collect(),
            cells: Some(columns.len()),
        };
        let seen = std::cell::Cell::new(false);
        let has_header = |cells: &[&str]| {
            seen.set(bytes.named || self.is_header(cells));
            seen.get()
        };
        let dialect = bytes.dialect(&expected);
        let table = Table::read(label, &bytes.text, dialect, has_header, &mut BadRows::default())?;
        let places = match (seen.get(), table.rows.first()) {
            (true, _) => columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?,
            (false, Some(first)) if first.len() != columns.len() => {
                return Err(table.ragged(first.place() as usize, first.len(), columns.len()));
            }
            (false, _) => (0..columns.len()).collect(),
        };
        let plain = vec![Encoding::Number { optional: false }; columns.len()];
        let encodings = if self.encodings.is_empty() { &plain } else { &self.encodings };
        let mut values = Vec::new();
        for record in table.rows.iter() {
            for (&place, encoding) in places.iter().zip(encodings) {
                table.push(record, place, encoding, &self.notation, &mut values)?;
            }
        }
        let samples = Samples::new(self.shape(), Values::F64(values.into()))?;
        Ok(RawSamples::rows(label, samples))
    }
}
