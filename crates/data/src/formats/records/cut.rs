//! Where blocks may end: after a whole record.

use csv_core::{ReadRecordResult, ReaderBuilder};

/// Whether records end exactly at line feeds and cells at delimiters: no quotes, no lone carriage returns.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    memchr::memchr(b'"', bytes).is_none()
        && memchr::memchr_iter(b'\r', bytes).all(|place| bytes.get(place + 1) == Some(&b'\n'))
}

/// The length of the whole records at the start of `bytes`, which begin with a record; `None` when there is not one
/// that has surely ended.
pub(super) fn whole_records(bytes: &[u8], delimiter: u8) -> Option<usize> {
    let last = memchr::memrchr(b'\n', bytes).map(|place| place + 1);
    match last.and_then(|end| bytes.get(..end)) {
        Some(whole) if is_plain(whole) => last,
        _ => quoted_records(bytes, delimiter),
    }
}

/// The same for any text, by the csv crate's own state machine.
fn quoted_records(bytes: &[u8], delimiter: u8) -> Option<usize> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
    let (mut output, mut ends) = ([0; 4096], [0; 64]);
    let (mut place, mut last) = (0, None);
    while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
        let (result, read, _, _) = reader.read_record(rest, &mut output, &mut ends);
        place += read;
        if matches!(result, ReadRecordResult::Record) {
            // A carriage return at the very end may be half of a line break.
            match bytes.get(place - 1..=place) {
                Some(b"\r\n") => {
                    place += 1;
                    reader.reset();
                    last = Some(place);
                }
                None if bytes.get(place - 1) == Some(&b'\r') => {}
                _ => last = Some(place),
            }
        }
    }
    last
}
