//! Rows of a table for a saved model.

use serde::{Deserialize, Serialize};

use super::Table;
use crate::formats::{RawInput, RawSamples, without_blank_end};
use crate::{DataError, Result, Samples, Values};

/// Rows of numbers, as a model takes them that was trained on a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableInput {
    /// The columns, in the order the model takes them.
    pub columns: Vec<String>,
}

impl RawInput for TableInput {
    const WHAT: &'static str = "rows of a table, not images";
    const ENDINGS: &'static [&'static str] = &["csv", "tsv", "txt"];

    fn shape(&self) -> Vec<usize> {
        vec![self.columns.len()]
    }

    /// With a header, the columns are found by name, in any order and among others. Without one,
    /// each row holds exactly the model's columns in their order. The first row is a header when
    /// it names a column of the model, or holds no number at all.
    fn read(&self, label: &str, bytes: &[u8], delimiter: u8) -> Result<RawSamples> {
        let bytes = without_blank_end(bytes);
        let columns = &self.columns;
        let is_number = |cell: &str| cell.parse::<f64>().is_ok();
        let has_header = |cells: &[&str]| {
            let has = |column: &String| cells.contains(&column.as_str());
            // A column may be named like a number, which then must not be taken for a value.
            columns.iter().all(has)
                || columns.iter().any(|column| !is_number(column) && has(column))
                || !cells.iter().copied().any(is_number)
        };
        let seen = std::cell::Cell::new(false);
        let table = Table::read(label, bytes, delimiter, |cells| {
            seen.set(has_header(cells));
            seen.get()
        })?;
        let places = match seen.get() {
            true => columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?,
            false if table.columns.len() == columns.len() => (0..columns.len()).collect(),
            false => {
                return Err(DataError::RaggedRow {
                    file: label.to_owned(),
                    line: 1,
                    expected: columns.len(),
                    found: table.columns.len(),
                });
            }
        };
        let samples = Samples::new(vec![columns.len()], Values::F64(table.numbers(&places)?))?;
        Ok(RawSamples::rows(label, samples))
    }
}
