//! A sheet of a spreadsheet as delimited text.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{
    Cell, Data, DataRef, DataType, ExcelDateTime, Range, Reader, Sheets, open_workbook_auto_from_rs,
};

use super::Delimited;
use crate::{DataError, Limit, Result};

/// The cells of the first sheet that holds some; blank rows at its start are passed over.
pub(super) fn text(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let broken = |problem: String| DataError::in_file(label, problem);
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| broken(format!("is a spreadsheet that cannot be read: {error}")))?;
    for name in book.sheet_names() {
        let unreadable = |error: String| broken(format!("its sheet `{name}` cannot be read: {error}"));
        // The rectangle around all cells is held at once: it is looked at before.
        let room = Limit::Unpacked.room();
        let most = room / 4;
        let [rows, columns, bytes] = match &mut book {
            Sheets::Xlsx(book) => {
                let mut reader =
                    book.worksheet_cells_reader(&name).map_err(|error| unreadable(error.to_string()))?;
                extent(most, || reader.next_cell()).map_err(|error| unreadable(error.to_string()))?
            }
            Sheets::Xlsb(book) => {
                let mut reader =
                    book.worksheet_cells_reader(&name).map_err(|error| unreadable(error.to_string()))?;
                extent(most, || reader.next_cell()).map_err(|error| unreadable(error.to_string()))?
            }
            Sheets::Xls(_) | Sheets::Ods(_) => [0, 0, 0],
        };
        // Many cells may name one text.
        if bytes > most {
            let hint = Limit::Unpacked.hint_beyond(room);
            return Err(broken(format!(
                "the texts of its sheet `{name}` take more than {most} bytes; {hint}"
            )));
        }
        if rows * columns > Limit::Cells.most() {
            let problem = format!(
                "its sheet `{name}` reaches over {rows} rows and {columns} columns, too many cells; is there a stray one? {}",
                Limit::Cells.hint()
            );
            return Err(broken(problem));
        }
        let cells = book.worksheet_range(&name).map_err(|error| unreadable(error.to_string()))?;
        if cells.rows().any(|row| row.iter().any(|cell| !cell.is_empty())) {
            return Ok(written(&cells));
        }
    }
    Err(DataError::no_rows(label))
}

/// Rows and columns of the rectangle around all cells that hold something, and the bytes of their texts, as soon as these are
/// too many.
fn extent<'a, E>(
    most: u64,
    mut next: impl FnMut() -> std::result::Result<Option<Cell<DataRef<'a>>>, E>,
) -> std::result::Result<[u64; 3], E> {
    let mut around: Option<[(u32, u32); 2]> = None;
    let mut bytes = 0;
    while let Some(cell) = next()? {
        if matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        bytes += match cell.get_value() {
            DataRef::String(text) => text.len() as u64,
            DataRef::SharedString(text) => text.len() as u64,
            _ => 0,
        };
        if bytes > most {
            return Ok([0, 0, bytes]);
        }
        let (row, column) = cell.get_position();
        let [low, high] = around.get_or_insert([(row, column); 2]);
        (low.0, low.1) = (low.0.min(row), low.1.min(column));
        (high.0, high.1) = (high.0.max(row), high.1.max(column));
    }
    let [low, high] = around.unwrap_or([(1, 1), (0, 0)]);
    let [rows, columns] = [(low.0, high.0), (low.1, high.1)]
        .map(|(low, high)| (u64::from(high) + 1).saturating_sub(u64::from(low)));
    Ok([rows, columns, bytes])
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
        Data::DateTime(moment) if moment.is_datetime() => Cow::Owned(moment_words(moment)),
        Data::DateTime(duration) => Cow::Owned(duration.as_f64().to_string()),
        Data::DateTimeIso(text) => Cow::Owned(text.replacen('T', " ", 1)),
        Data::DurationIso(text) => Cow::Borrowed(text),
        Data::Error(_) | Data::Empty => Cow::Borrowed(""),
    }
}

/// A date, with the time of day where it is not midnight; a time of day alone where there is no day.
fn moment_words(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let part = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    let time = format!("{hour:02}:{minute:02}:{second:02}{part}");
    match (moment.as_f64(), hour, minute, second, milli) {
        (days, ..) if days < 1.0 => time,
        (_, 0, 0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {time}"),
    }
}
