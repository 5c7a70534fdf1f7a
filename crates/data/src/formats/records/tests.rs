//! The parallel records against the csv crate's on any text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Read;

use crate::decode::Text;
use csv::ReaderBuilder;
use proptest::prelude::*;

use super::*;
use crate::formats::delimited::Expected;

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
fn the_header_ends_with_any_line_break() {
    let expected = Expected::default();
    let layout = Layout::of(&expected);
    let read = |text: &[u8]| Header::read("x.csv", text, b',', 0, &layout);
    for (text, len) in
        [(b"a, b\r\n1,2".as_slice(), 6), (b"a, b\n1,2", 5), (b"\na,\"b\"\r1,2", 7), (b"a,b", 3)]
    {
        let header = read(text).unwrap();
        assert_eq!((header.columns.as_slice(), header.len), (["a".to_owned(), "b".into()].as_slice(), len));
    }
    let unnamed = Layout { has_header: &|_| false, ..Layout::of(&expected) };
    let header = Header::read("x.csv", b"\n1,2\n", b',', 3, &unnamed).unwrap();
    assert_eq!(
        (header.columns.as_slice(), header.len, header.line),
        (["c0".to_owned(), "c1".into()].as_slice(), 0, 5)
    );
    let message = |text: &[u8]| read(text).unwrap_err().to_string();
    assert_eq!(message(b""), "x.csv: there are no rows");
    assert!(
        message(b"\na,\xFF")
            .starts_with("x.csv: line 2, column `c1`: expected UTF-8 text, found the byte 0xFF")
    );
    assert!(message(b"a,\"b\n1,2\n").starts_with("x.csv: line 1: a quote is opened here and never closed"));
    let column = |text: &[u8], name| read(text).unwrap().column(name).map_err(|error| error.to_string());
    let missing = "x.csv: there is no column `c`; the columns are `a`, `b`";
    assert_eq!(column(b"a,b", "c"), Err(missing.to_owned()));
    let twice = "x.csv: columns 1 and 3 are both named `a`; rename one";
    assert_eq!(column(b"a,b,a", "a"), Err(twice.to_owned()));
    assert_eq!(column(b"a,b,a", "b"), Ok(1));
}

/// The rows of a block, each as it stands there.
struct Cells(Header);

impl Parser for Cells {
    type Part = Vec<Vec<String>>;

    fn parse(&self, rows: &[u8]) -> Result<Self::Part, Fault> {
        let mut part = Vec::new();
        each_record(rows, self.0.delimiter, self.0.columns.len(), |record| {
            let record = record?;
            let cells = (0..self.0.columns.len()).map(|column| record.text(column).map(str::to_owned));
            part.push(cells.collect::<Result<Vec<_>, Fault>>()?);
            Ok(())
        })?;
        Ok(part)
    }
}

fn parsed(text: &[u8]) -> crate::Result<(Vec<String>, Vec<Vec<String>>)> {
    let expected = Expected::default();
    let (mut columns, mut rows) = (Vec::new(), Vec::new());
    parse_blocks(
        "x.csv",
        &Layout::of(&expected),
        |feed| feed.take(Text::new("x.csv", text)?),
        |header| {
            columns = header.columns.clone();
            Ok(Cells(header.clone()))
        },
        |_, part, _| {
            rows.extend(part);
            Ok(())
        },
    )?;
    Ok((columns, rows))
}

#[test]
fn what_stands_before_a_header_is_passed_over_however_long_that_is() {
    let names: Vec<String> = (0..150_000).map(|column| format!("name {column}")).collect();
    assert!(names.join(",").len() > BLOCK_LEN);
    let row = vec!["1"; names.len()].join(",");
    for before in ["", "# made by hand\n", "sep=,\n", "\n\n"] {
        let text = format!("{before}{}\n{row}\n{row},x\n", names.join(","));
        let message = parsed(text.as_bytes()).unwrap_err().to_string();
        let line = before.lines().count() + 3;
        assert!(
            message.starts_with(&format!("x.csv: line {line}: expected 150000 cells")),
            "{before:?} {message}"
        );
        let (columns, rows) = parsed(&text.as_bytes()[..text.len() - row.len() - 3]).unwrap();
        assert_eq!((columns.len(), rows.len()), (150_000, 1), "{before:?}");
    }
}

#[test]
fn blanks_of_every_alphabet_around_a_cell_are_none_of_it() {
    let (columns, rows) =
        parsed("a\u{a0},b\n\u{202f}1\u{a0}, x \u{3000}\n\u{a0},\u{b}2\u{b}\n".as_bytes()).unwrap();
    assert_eq!(
        (columns, rows),
        (
            vec!["a".into(), "b".into()],
            vec![vec!["1".to_owned(), "x".into()], vec![String::new(), "2".into()]]
        )
    );
}
