//! A sheet of a spreadsheet as delimited text.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{Data, DataType, Range, Reader, open_workbook_auto_from_rs};

use super::Delimited;
use crate::{DataError, Result};

/// The cells of the first sheet that holds some; blank rows at its start are passed over.
pub(super) fn text(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let broken = |problem: String| DataError::in_file(label, problem);
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| broken(format!("is a spreadsheet that cannot be read: {error}")))?;
    for name in book.sheet_names() {
        let cells = book
            .worksheet_range(&name)
            .map_err(|error| broken(format!("its sheet `{name}` cannot be read: {error}")))?;
        if cells.rows().any(|row| row.iter().any(|cell| !cell.is_empty())) {
            return Ok(written(&cells));
        }
    }
    Err(DataError::no_rows(label))
}

fn written(cells: &Range<Data>) -> Vec<u8> {
    let mut text = Delimited::new();
    let filled = |row: &&[Data]| row.iter().any(|cell| !cell.is_empty());
    cells.rows().filter(filled).for_each(|row| text.row(row.iter().map(cell)));
    text.finish()
}

/// A cell as it would be typed. An error such as `#DIV/0!` is blank.
fn cell(cell: &Data) -> Cow<'_, str> {
    match cell {
        Data::String(text) => Cow::Borrowed(text.trim()),
        Data::Float(number) => Cow::Owned(number.to_string()),
        Data::Int(number) => Cow::Owned(number.to_string()),
        Data::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            Cow::Owned(match (hour, minute, second) {
                (0, 0, 0) => date,
                _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
            })
        }
        Data::DateTime(duration) => Cow::Owned(duration.as_f64().to_string()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Cow::Borrowed(text),
        Data::Error(_) | Data::Empty => Cow::Borrowed(""),
    }
}
