//! Quotes that are never closed.

/// What is said of one.
pub(crate) const OPEN_QUOTE: &str = "a quote is opened here and never closed, so that the rest of the file would be one \
    cell; close it, or write it twice where it is part of a quoted text";

/// Where the quote stands that is still open at the end of some records, as the csv crate understands quotes: one at the
/// start of a cell opens, two in a quoted cell are one of its text.
pub(crate) fn open_quote(records: &[u8], delimiter: u8) -> Option<usize> {
    enum State {
        Start,
        Plain,
        Quoted,
        /// Behind a quote in a quoted cell.
        Quote,
    }
    let (mut state, mut opened) = (State::Start, 0);
    for (place, &byte) in records.iter().enumerate() {
        state = match (state, byte) {
            (State::Start, b'"') => {
                opened = place;
                State::Quoted
            }
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) | (State::Quote, b'"') => State::Quoted,
            (_, b'\n' | b'\r') => State::Start,
            (_, byte) if byte == delimiter => State::Start,
            _ => State::Plain,
        };
    }
    matches!(state, State::Quoted).then_some(opened)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use csv_core::{ReadRecordResult, Reader};
    use proptest::prelude::*;

    use super::*;

    /// Whether csv-core takes a line break behind the text for one of a quoted cell.
    fn reference(text: &[u8]) -> bool {
        let (mut reader, mut output, mut ends) = (Reader::new(), [0; 512], [0; 512]);
        let mut place = 0;
        while place < text.len() {
            place += reader.read_record(&text[place..], &mut output, &mut ends).1;
        }
        // A fresh record, so that a break is not taken for a blank line: `x` begins a cell where none is quoted.
        let mut ended = false;
        for byte in [b"x", b"\n"] {
            ended = matches!(reader.read_record(byte, &mut output, &mut ends).0, ReadRecordResult::Record);
        }
        !ended
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn quotes_are_open_where_csv_core_finds_them_open(text in "[a\", \r\n]{0,24}") {
            prop_assert_eq!(open_quote(text.as_bytes(), b',').is_some(), reference(text.as_bytes()), "{:?}", text);
        }
    }

    #[test]
    fn the_place_is_that_of_the_quote() {
        assert_eq!(open_quote(b"a,\"b\"\n1,\"c", b','), Some(8));
        assert_eq!(open_quote(b"a;\"b", b';'), Some(2));
        assert_eq!(open_quote(b"a;\"b", b','), None, "within a cell");
        assert_eq!(open_quote(b"\"a\"\"", b','), Some(0));
        assert_eq!(open_quote(b"\"a\"", b','), None);
    }
}
