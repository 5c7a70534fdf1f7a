//! The parallel records against the csv crate's on any text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Read;

use csv::ReaderBuilder;
use proptest::prelude::*;

use super::*;
use crate::formats::delimited::{Dialect, Expected};

type Rows = Vec<(u64, Vec<Vec<u8>>)>;

/// Lines and cells as the csv crate reads them, all rows of `columns` cells.
fn reference(text: &[u8], columns: usize) -> Option<Rows> {
    if crate::formats::delimited::open_quote(text, b',').is_some() {
        return None;
    }
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let records = reader.byte_records().collect::<Result<Vec<_>, _>>().unwrap();
    let row = |record: &csv::ByteRecord| {
        let line = line_of(text, record.position().unwrap().byte() as usize);
        (line, record.iter().map(<[u8]>::to_vec).collect::<Vec<_>>())
    };
    let blank =
        |record: &&csv::ByteRecord| columns > 1 && record.len() == 1 && record[0].trim_ascii().is_empty();
    let rows = records.iter().filter(|record| !blank(record)).map(row).collect::<Rows>();
    rows.iter().all(|(_, cells)| cells.len() == columns).then_some(rows)
}

fn rows_of(blocks: &[Vec<u8>], columns: usize) -> Option<Rows> {
    let (mut rows, mut lines) = (Vec::new(), 0);
    for block in blocks {
        let read = each_record(block, b',', columns, |record| {
            let record = record?;
            let cells = (0..columns).map(|column| record.cell(column).to_vec()).collect();
            rows.push((lines + line_of(block, record.offset), cells));
            Ok(())
        });
        read.ok()?;
        lines += header::line_breaks(block);
    }
    Some(rows)
}

/// Gives one byte less than it is asked for, as pipes do.
struct Sluggish<'a>(&'a [u8]);

impl Read for Sluggish<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().div_ceil(2);
        self.0.read(&mut buffer[..most])
    }
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec!["a", "12", "-0.5", " ", "é"]),
        6 => Just(","),
        4 => Just("\n"),
        2 => Just("\r\n"),
        1 => prop::sample::select(vec!["\"", "\"\"", "\"x\"", "\r", "\"a,\n\"", "\n\n"]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_in_any_blocks_reads_as_the_csv_crate_reads_it(
        text in text(), columns in 1_usize..4, block_len in 1_usize..40,
    ) {
        let expected = reference(&text, columns);
        let streamed = Blocks::new(Sluggish(&text), block_len, b',').collect::<Result<Vec<_>, _>>().unwrap();
        prop_assert_eq!(streamed.concat(), text);
        prop_assert_eq!(rows_of(&streamed, columns), expected);
    }

    #[test]
    fn regular_tables_in_any_blocks_read_as_the_csv_crate_reads_them(
        cells in prop::collection::vec(
            prop::collection::vec(prop::sample::select(vec!["", "1.5", "\"a,b\"", "\"x\ny\"", "w w"]), 3), 1..20),
        crlf in any::<bool>(), last in any::<bool>(), block_len in 1_usize..60,
    ) {
        let line_break = if crlf { "\r\n" } else { "\n" };
        let mut text = cells.iter().map(|row| row.join(",")).collect::<Vec<_>>().join(line_break);
        if last {
            text.push_str(line_break);
        }
        let blocks = Blocks::new(text.as_bytes(), block_len, b',').collect::<Result<Vec<_>, _>>().unwrap();
        let expected = reference(text.as_bytes(), 3);
        prop_assert!(expected.is_some());
        prop_assert_eq!(rows_of(&blocks, 3), expected);
    }
}

#[test]
fn the_header_is_found_after_what_comes_before_it_and_with_any_line_break() {
    let expected = Expected::default();
    let layout = Layout::of(&expected);
    let read = |text: &[u8], start| Header::read("x.csv", text, Dialect { delimiter: b',', start }, &layout);
    for (text, start, len) in [
        (b"# x\na, b\r\n1,2".as_slice(), 4, 10),
        (b"a, b\n1,2", 0, 5),
        (b"\na,\"b\"\r1,2", 0, 7),
        (b"a,b", 0, 3),
    ] {
        let header = read(text, start).unwrap();
        assert_eq!((header.columns.as_slice(), header.len), (["a".to_owned(), "b".into()].as_slice(), len));
    }
    let message = |text: &[u8]| read(text, 0).unwrap_err().to_string();
    assert_eq!(message(b""), "x.csv: there are no rows");
    assert!(
        message(b"\na,\xFF")
            .starts_with("x.csv: line 2, column `c1`: expected UTF-8 text, found the byte 0xFF")
    );
    assert!(message(b"a,\"b\n1,2\n").starts_with("x.csv: line 1: a quote is opened here and never closed"));
    let column = |text: &[u8], name| read(text, 0).unwrap().column(name).map_err(|error| error.to_string());
    let missing = "x.csv: there is no column `c`; the columns are `a`, `b`";
    assert_eq!(column(b"a,b", "c"), Err(missing.to_owned()));
    let twice = "x.csv: columns 1 and 3 are both named `a`; rename one";
    assert_eq!(column(b"a,b,a", "a"), Err(twice.to_owned()));
    assert_eq!(column(b"a,b,a", "b"), Ok(1));
}
