//! The rows of a Parquet file as delimited text.

mod footer;

use std::borrow::Cow;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, NaiveTime, Utc};
use parquet::basic::{
    Compression, ConvertedType, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical,
};
use parquet::column::page::Page;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::Delimited;
use crate::limits::check_ratio;
use crate::{DataError, Limit, Result};

/// A cell takes so much as text, and a table of such cells may be many times the file.
const FEW_BYTES_OF_A_CELL: u64 = 32;

/// What stands in every cell of a column that a table of text cannot hold: a list, a struct, an interval.
const NOT_READ: &str = "(not read)";

/// A row for each of its rows, a column for each of its columns; what is null is blank.
pub(super) fn text(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    // What is known to make the library panic on a damaged file is looked for before; this is for what is not known.
    let read = catch_unwind(AssertUnwindSafe(|| rows(label, bytes)));
    read.unwrap_or_else(|_| Err(DataError::in_file(label, "is a damaged Parquet file")))
}

fn rows(label: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let wrong = |problem: String| {
        DataError::in_file(label, format!("is a Parquet file that cannot be read: {problem}"))
    };
    let unreadable = |error: ParquetError| wrong(error.to_string());
    footer::check(bytes).map_err(wrong)?;
    let file = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).map_err(unreadable)?;
    let most = Limit::Unpacked.room();
    let (size, cells) = check_size(file.metadata(), most).map_err(wrong)?;
    let packed = bytes.len() as u64;
    check_ratio(packed, size).map_err(wrong)?;
    check_pages(&file).map_err(unreadable)?;
    let schema = file.metadata().file_metadata().schema();
    let columns: Vec<Column> = schema.get_fields().iter().map(|field| Column::of(field)).collect();
    let fields = schema.get_fields().iter().zip(&columns);
    let read: Vec<_> = fields
        .filter(|(_, column)| **column != Column::NotRead)
        .map(|(field, _)| Arc::clone(field))
        .collect();
    let mut written = Delimited::new();
    written.row(schema.get_fields().iter().map(|field| Cow::Borrowed(field.name())));
    if read.is_empty() {
        return Err(wrong("it has lists and structs alone, no column of values".into()));
    }
    let wanted = Type::group_type_builder(schema.name()).with_fields(read).build().map_err(unreadable)?;
    for row in file.get_row_iter(Some(wanted)).map_err(unreadable)? {
        let row = row.map_err(unreadable)?;
        let mut fields = row.get_column_iter().map(|(_, field)| field);
        written.row(columns.iter().map(|column| match column {
            Column::NotRead => Cow::Borrowed(NOT_READ),
            column => fields.next().map_or(Cow::Borrowed(""), |field| cell(field, *column)),
        }));
        // A value of a dictionary may be long, and stand in every row.
        if written.len() > most {
            let hint = Limit::Unpacked.hint_beyond(most);
            return Err(wrong(format!("its rows take more than {most} bytes as text; {hint}")));
        }
        // Many rows of few different values are long as text; a few that are very long each are something else.
        if written.len() > FEW_BYTES_OF_A_CELL.saturating_mul(cells) {
            check_ratio(packed, written.len()).map_err(wrong)?;
        }
    }
    Ok(written.finish())
}

/// What the values of a column are, beside what the library says of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Plain,
    /// Moments in nanoseconds, which the library takes for numbers.
    Nanoseconds,
    /// Times of day in nanoseconds, likewise.
    NanosecondsOfDay,
    /// Something else than values, or of a type that the library has no value for.
    NotRead,
}

impl Column {
    fn of(field: &Type) -> Self {
        use ConvertedType as C;

        let info = field.get_basic_info();
        if !field.is_primitive() || info.has_repetition() && info.repetition() == Repetition::REPEATED {
            return Self::NotRead;
        }
        let (physical, converted) = (field.get_physical_type(), info.converted_type());
        let known = match physical {
            Physical::BOOLEAN | Physical::INT96 | Physical::FLOAT | Physical::DOUBLE => true,
            Physical::INT32 => matches!(
                converted,
                C::NONE
                    | C::INT_8
                    | C::INT_16
                    | C::INT_32
                    | C::UINT_8
                    | C::UINT_16
                    | C::UINT_32
                    | C::DATE
                    | C::TIME_MILLIS
                    | C::DECIMAL
            ),
            Physical::INT64 => matches!(
                converted,
                C::NONE
                    | C::INT_64
                    | C::UINT_64
                    | C::TIME_MICROS
                    | C::TIMESTAMP_MILLIS
                    | C::TIMESTAMP_MICROS
                    | C::DECIMAL
            ),
            Physical::BYTE_ARRAY => {
                matches!(converted, C::NONE | C::UTF8 | C::ENUM | C::JSON | C::BSON | C::DECIMAL)
            }
            Physical::FIXED_LEN_BYTE_ARRAY => matches!(converted, C::NONE | C::DECIMAL),
        };
        match info.logical_type_ref() {
            _ if !known => Self::NotRead,
            Some(LogicalType::Timestamp(kind)) if kind.unit == TimeUnit::NANOS => Self::Nanoseconds,
            Some(LogicalType::Time(kind)) if kind.unit == TimeUnit::NANOS => Self::NanosecondsOfDay,
            _ => Self::Plain,
        }
    }
}

/// The bytes and the cells of a file by what it says of itself, or what speaks against it where they would not fit into memory.
fn check_size(metadata: &ParquetMetaData, most: u64) -> std::result::Result<(u64, u64), String> {
    let columns = metadata.file_metadata().schema().get_fields().len() as u64;
    if columns == 0 {
        return Err("it has no columns".into());
    }
    let (mut rows, mut size) = (0_u64, 0_u64);
    for group in metadata.row_groups() {
        let [own_rows, own_size] = [group.num_rows(), group.total_byte_size()].map(u64::try_from);
        let (Ok(own_rows), Ok(own_size)) = (own_rows, own_size) else {
            return Err("it is damaged: a part has a size below 0".into());
        };
        (rows, size) = (rows.saturating_add(own_rows), size.saturating_add(own_size));
        for chunk in group.columns() {
            let begins = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
            if begins < 0 || chunk.compressed_size() < 0 {
                return Err("it is damaged: a column begins or ends nowhere".into());
            }
            if matches!(chunk.compression(), Compression::GZIP(_)) {
                let problem = "its columns are packed by gzip, which says nowhere how large they become; write it with snappy or zstd";
                return Err(problem.into());
            }
        }
    }
    let cells = rows.saturating_mul(columns);
    if cells > Limit::Cells.most() {
        let (most, hint) = (Limit::Cells.most(), Limit::Cells.hint());
        return Err(format!(
            "its {rows} rows of {columns} columns are too many cells: at most {most}; {hint}"
        ));
    }
    match size < most {
        true => Ok((size, cells)),
        false => Err(format!("its rows take at least {size} bytes; there is room for {most}")),
    }
}

/// Refuses values that point into a dictionary which is not there.
fn check_pages(file: &SerializedFileReader<bytes::Bytes>) -> std::result::Result<(), ParquetError> {
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
fn cell(field: &Field, column: Column) -> Cow<'_, str> {
    let moment = |moment: Option<DateTime<Utc>>| moment.map(moment_words).unwrap_or_default();
    Cow::Owned(match field {
        Field::Null => return Cow::Borrowed(""),
        Field::Str(text) => return Cow::Borrowed(text),
        Field::Bool(value) => return Cow::Borrowed(if *value { "true" } else { "false" }),
        Field::Float(number) if number.is_nan() => return Cow::Borrowed(""),
        Field::Double(number) if number.is_nan() => return Cow::Borrowed(""),
        Field::Float16(number) => f32::from(*number).to_string(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Long(nanos) if column == Column::Nanoseconds => {
            moment_words(DateTime::from_timestamp_nanos(*nanos))
        }
        Field::Long(nanos) if column == Column::NanosecondsOfDay => time_words(*nanos),
        Field::TimeMillis(millis) => time_words(i64::from(*millis) * 1_000_000),
        Field::TimeMicros(micros) => time_words(micros.saturating_mul(1_000)),
        Field::Date(days) => moment(DateTime::from_timestamp(i64::from(*days) * 86_400, 0)),
        Field::TimestampMillis(millis) => moment(DateTime::from_timestamp_millis(*millis)),
        Field::TimestampMicros(micros) => moment(DateTime::from_timestamp_micros(*micros)),
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) if !text.contains('\0') => return Cow::Borrowed(text),
            _ => hex(bytes.data()),
        },
        // Whole numbers and decimals.
        other => other.to_string(),
    })
}

/// Bytes that are no text, such as a UUID's.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A date, with the time of day where it is not midnight.
fn moment_words(moment: DateTime<Utc>) -> String {
    let pattern = match (moment.time() == NaiveTime::MIN, moment.timestamp_subsec_nanos()) {
        (true, _) => "%Y-%m-%d",
        (false, 0) => "%Y-%m-%d %H:%M:%S",
        (false, _) => "%Y-%m-%d %H:%M:%S%.6f",
    };
    moment.format(pattern).to_string()
}

/// A time of day; blank beyond a day.
fn time_words(nanos: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    let seconds = u32::try_from(nanos / SECOND).ok().filter(|_| nanos >= 0);
    let time = seconds.and_then(|seconds| {
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, u32::try_from(nanos % SECOND).ok()?)
    });
    time.map_or_else(String::new, |time| time.format("%H:%M:%S%.f").to_string())
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
        let expected = "size,count,town,lift,built,seen,price,parts,at,day,small,key,code\n\
                        40.5,1,Rome,true,2001-05-09,2024-02-29 13:05:00,12.50,(not read),2024-02-29 13:05:00,07:08:09,0.5,00ff10,Ab1\n\
                        ,-2,\"a, \"\"b\"\"\",false,,2024-02-29,-0.07,(not read),2024-02-29,23:59:59.250,-2,,\n\
                        -0.001,9007199254740993,,,1969-12-31,2024-02-29 13:05:00.250000,,(not read),2024-02-29 13:05:00.250000,,,ab,\n";
        for name in ["plain", "snappy", "zstd", "lz4"] {
            let text = String::from_utf8(rows("t", &made(name)).unwrap()).unwrap();
            assert_eq!(text, expected, "{name}");
        }
    }

    #[test]
    fn a_damaged_file_is_a_message() {
        for name in ["plain", "snappy", "zstd"] {
            let whole = made(name);
            for length in 0..whole.len() {
                assert!(rows("t", &whole[..length]).is_err(), "{name}, {length} bytes");
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
    fn columns_packed_by_gzip_and_files_of_lists_alone_are_a_message() {
        let message = rows("t", &made("gzip")).unwrap_err().to_string();
        assert!(message.contains("packed by gzip") && message.contains("write it with snappy"), "{message}");
        let message = rows("t", &made("lists")).unwrap_err().to_string();
        assert!(message.contains("no column of values"), "{message}");
    }

    #[test]
    fn a_dictionary_does_not_unpack_to_more_than_there_is_room_for() {
        let file = SerializedFileReader::new(bytes::Bytes::from(made("plain"))).unwrap();
        assert!(check_size(file.metadata(), 1 << 30).is_ok());
        let message = check_size(file.metadata(), 100).unwrap_err();
        assert!(message.contains("there is room for 100"), "{message}");
    }
}
