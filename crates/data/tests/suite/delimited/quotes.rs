//! Quotes that are opened and never closed.

use super::{READERS, assert_refused, assert_same, csv, gzip, message, read};

const OPEN: &str = "a quote is opened here and never closed";

#[test]
fn a_quote_that_is_never_closed_is_an_error_with_its_line_in_every_reader() {
    for reader in &READERS {
        // Before the last cell of the third line, and before the first one.
        let lines = reader.text.lines().collect::<Vec<_>>();
        let last_cell = lines[2].rfind(',').unwrap() + 1;
        for place in [0, last_cell] {
            let mut opened = lines.clone();
            let line = format!("{}\"{}", &lines[2][..place], &lines[2][place..]);
            opened[2] = &line;
            let text = opened.join("\n") + "\n";
            assert_refused(reader, text.as_bytes(), &["line 3: ", OPEN]);
            assert_refused(reader, &gzip(text.as_bytes()), &["line 3: ", OPEN]);
            assert_refused(reader, text.replace('\n', "\r\n").as_bytes(), &["line 3: ", OPEN]);
        }
        let in_header = format!("\"{}", reader.text);
        assert_refused(reader, in_header.as_bytes(), &["line 1: ", OPEN]);
        let at_the_end = format!("{}\"", reader.text);
        let line = reader.text.lines().count() + 1;
        assert_refused(reader, at_the_end.as_bytes(), &[&format!("line {line}: "), OPEN]);
    }
}

#[test]
fn the_line_counts_the_lines_of_quoted_cells_before_the_quote() {
    for reader in READERS.iter().filter(|reader| matches!(reader.name, "csv" | "text")) {
        let lines = reader.text.lines().collect::<Vec<_>>();
        let text = format!("{},y,z\n{},\"one\ntwo\",\"three\n", lines[0].replace(",y", ",x"), lines[1]);
        assert_refused(reader, text.as_bytes(), &["line 3: ", OPEN]);
    }
}

#[test]
fn closed_quotes_of_all_kinds_are_none_of_it() {
    for reader in &READERS {
        let quoted =
            |line: &str| line.split(',').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",");
        let text = reader.text.lines().map(quoted).collect::<Vec<_>>().join("\n");
        assert_same(reader, text.as_bytes(), "quoted, without a line break at the end");
        assert_same(reader, (text + "\n\n").as_bytes(), "quoted");
    }
}

#[test]
fn a_quote_is_found_behind_blocks_of_a_megabyte() {
    let rows = (0..60_000).map(|id| format!("r{id},0,1.5,cat\nr{id},1,2.5,cat\n")).collect::<String>();
    let text = format!("id,step,a,y\n{rows}s,0,1,\"dog\ns,1,2,dog\n");
    assert_refused(&READERS[1], text.as_bytes(), &["line 120002: ", OPEN]);
}

#[test]
fn bad_rows_that_may_be_passed_over_do_not_hide_it() {
    let result = read(b"a,y\n1,n\n2,\"p\n3,n\n", "x.csv", csv(|c| c.skip_bad = Some(5)));
    assert!(message(result).starts_with("x.csv: line 3: a quote is opened here"));
}
