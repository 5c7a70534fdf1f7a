//! The rows of a Parquet file as delimited text.

use std::borrow::Cow;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use parquet::basic::Encoding;
use parquet::column::page::Page;
use parquet::data_type::Decimal;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::{Delimited, MAX_CELLS, MAX_UNPACKED};
use crate::{DataError, Result, available_memory};

/// Bytes of a cell as text, at least, with what separates it.
const LEAST_CELL: u64 = 2;

/// A row for each of its rows, a column for each of its columns; what is null is blank, a list or a struct is one cell.
pub(super) fn text(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    // What is known to make the library panic on a damaged file is looked for before; this is for what is not known.
    let read = catch_unwind(AssertUnwindSafe(|| rows(label, bytes)));
    read.unwrap_or_else(|_| Err(DataError::in_file(label, "is a damaged Parquet file")))
}

fn rows(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let broken = |problem: String| DataError::in_file(label, problem);
    let unreadable = |error: ParquetError| broken(format!("is a Parquet file that cannot be read: {error}"));
    let file = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).map_err(unreadable)?;
    check_size(file.metadata()).map_err(broken)?;
    check_dictionaries(&file).map_err(unreadable)?;
    let columns = file.metadata().file_metadata().schema().get_fields();
    let mut written = Delimited::new();
    written.row(columns.iter().map(|column| Cow::Borrowed(column.name())));
    for row in file.get_row_iter(None).map_err(unreadable)? {
        let row = row.map_err(unreadable)?;
        written.row(row.get_column_iter().map(|(_, field)| cell(field)));
    }
    Ok(written.finish())
}

/// What speaks against a file whose rows would not fit into memory, by what it says of itself.
fn check_size(metadata: &ParquetMetaData) -> std::result::Result<(), String> {
    let columns = metadata.file_metadata().schema().get_fields().len() as u64;
    let count = |number: i64| u64::try_from(number).unwrap_or(u64::MAX);
    let chunks = metadata.row_groups().iter().flat_map(|group| group.columns());
    for chunk in chunks {
        let begins = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        if begins < 0 || chunk.compressed_size() < 0 {
            return Err("is a damaged Parquet file: a column begins or ends nowhere".into());
        }
    }
    let rows = count(metadata.file_metadata().num_rows());
    let cells = rows.saturating_mul(columns);
    if cells > MAX_CELLS {
        return Err(format!("its {rows} rows of {columns} columns are too many cells: at most {MAX_CELLS}"));
    }
    let sizes = metadata.row_groups().iter().map(|group| count(group.total_byte_size()));
    let size = sizes.fold(LEAST_CELL * cells, u64::saturating_add);
    let most = available_memory().map_or(MAX_UNPACKED, |available| MAX_UNPACKED.min(available as u64));
    match size < most {
        true => Ok(()),
        false => Err(format!("its rows take at least {size} bytes; there is room for {most}")),
    }
}

/// Refuses values that point into a dictionary which is not there.
fn check_dictionaries(file: &SerializedFileReader<bytes::Bytes>) -> std::result::Result<(), ParquetError> {
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group)?;
        for column in 0..group.num_columns() {
            let mut pages = group.get_column_page_reader(column)?;
            let mut dictionary = false;
            while let Some(page) = pages.get_next_page()? {
                dictionary |= matches!(page, Page::DictionaryPage { .. });
                let needs = matches!(page.encoding(), Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
                if needs && !dictionary {
                    return Err(ParquetError::General("a dictionary is missing".into()));
                }
            }
        }
    }
    Ok(())
}

/// A value as it would be typed.
fn cell(field: &Field) -> Cow<'_, str> {
    let moment = |moment: Option<DateTime<Utc>>| match moment {
        Some(moment) => moment_words(moment),
        None => String::new(),
    };
    Cow::Owned(match field {
        Field::Null => return Cow::Borrowed(""),
        Field::Str(text) => return Cow::Borrowed(text),
        Field::Bool(value) => return Cow::Borrowed(if *value { "true" } else { "false" }),
        Field::Float(number) if number.is_nan() => return Cow::Borrowed(""),
        Field::Double(number) if number.is_nan() => return Cow::Borrowed(""),
        Field::Byte(number) => number.to_string(),
        Field::Short(number) => number.to_string(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        Field::UByte(number) => number.to_string(),
        Field::UShort(number) => number.to_string(),
        Field::UInt(number) => number.to_string(),
        Field::ULong(number) => number.to_string(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Decimal(number) => decimal(number),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Date(days) => moment(DateTime::from_timestamp(i64::from(*days) * 86_400, 0)),
        Field::TimestampMillis(millis) => moment(DateTime::from_timestamp_millis(*millis)),
        Field::TimestampMicros(micros) => moment(DateTime::from_timestamp_micros(*micros)),
        // Times of day, and what has parts of its own.
        other => other.to_string(),
    })
}

/// A date, with the time of day where it is not midnight.
fn moment_words(moment: DateTime<Utc>) -> String {
    let time = moment.time();
    let pattern = match (time == chrono::NaiveTime::MIN, moment.timestamp_subsec_micros()) {
        (true, _) => "%Y-%m-%d",
        (false, 0) => "%Y-%m-%d %H:%M:%S",
        (false, _) => "%Y-%m-%d %H:%M:%S%.6f",
    };
    moment.format(pattern).to_string()
}

/// A number of the digits that are written, of which the last `scale` are behind the point.
fn decimal(number: &Decimal) -> String {
    let bytes = number.data();
    if bytes.len() > size_of::<i128>() {
        return String::new();
    }
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1_i128 } else { 0 };
    let digits = bytes.iter().fold(sign, |digits, byte| (digits << 8) | i128::from(*byte));
    let scale = usize::try_from(number.scale()).unwrap_or(0).min(40);
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, behind) = text.split_at(text.len() - scale);
    let point = if behind.is_empty() { "" } else { "." };
    format!("{}{whole}{point}{behind}", if digits < 0 { "-" } else { "" })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The file that fixture_parquet.py made so.
    fn made(name: &str) -> Vec<u8> {
        let root = env!("CARGO_MANIFEST_DIR");
        std::fs::read(format!("{root}/../../tests/fixtures/parquet/{name}.parquet")).unwrap()
    }

    #[test]
    fn what_others_wrote_is_read_however_it_is_packed() {
        let expected = "size,count,town,lift,built,seen,price,parts\n\
                        40.5,1,Rome,true,2001-05-09,2024-02-29 13:05:00,12.50,\"[1, 2]\"\n\
                        ,-2,\"a, \"\"b\"\"\",false,,2024-02-29,-0.07,[]\n\
                        -0.001,9007199254740993,,,1969-12-31,2024-02-29 13:05:00.250000,,\n";
        for name in ["plain", "snappy", "zstd", "gzip", "lz4"] {
            let text = String::from_utf8(text("t", &made(name)).unwrap()).unwrap();
            assert_eq!(text, expected, "{name}");
        }
    }

    #[test]
    fn a_damaged_file_is_a_message() {
        for name in ["plain", "snappy", "zstd"] {
            let whole = made(name);
            for length in 0..whole.len() {
                assert!(text("t", &whole[..length]).is_err(), "{name}, {length} bytes");
            }
            // Whatever byte is another: rows, or a message.
            for place in 0..whole.len() {
                for change in [0x01, 0x80, 0xFF] {
                    let mut changed = whole.clone();
                    changed[place] ^= change;
                    let _ = rows("t", &changed);
                }
            }
        }
    }

    #[test]
    fn decimals_keep_their_digits() {
        for (bytes, scale, expected) in [
            (vec![0x04, 0xE2], 2, "12.50"),
            (vec![0xF9], 2, "-0.07"),
            (vec![0x07], 0, "7"),
            (vec![0x00], 3, "0.000"),
        ] {
            assert_eq!(decimal(&Decimal::from_bytes(bytes.into(), 38, scale)), expected);
        }
    }
}
