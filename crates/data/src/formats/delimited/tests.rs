//! How files of all kinds are laid out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

fn dialect(text: &str, expected: &Expected<'_>) -> (char, usize) {
    let Dialect { delimiter, start } = Dialect::of(text.as_bytes(), true, expected);
    (char::from(delimiter), start)
}

fn delimiter(text: &str) -> char {
    dialect(text, &Expected::default()).0
}

#[test]
fn the_delimiter_is_the_one_that_rows_agree_about() {
    assert_eq!(delimiter("a,b\n1,2\n"), ',');
    assert_eq!(delimiter("a;b\n1,5;2,5\n3,5;4,5\n"), ';');
    assert_eq!(delimiter("a\tb\n1,5\t2\n"), '\t');
    assert_eq!(delimiter("a|b|c\n1|2|3\n"), '|');
    assert_eq!(delimiter("text;class\n\"red, blue\";x\n\"one, two\";y\n"), ';', "outside quotes");
    assert_eq!(delimiter("a,b;c\n1,2;3\n"), ',', "ambiguous");
    assert_eq!(delimiter("a\n1\n2\n"), ',', "one column");
    assert_eq!(delimiter("a;b;c\n1;2;3\n1;2\n4;5;6\n"), ';', "with a bad row");
    assert_eq!(delimiter(""), ',');
}

#[test]
fn expected_columns_and_cells_settle_what_is_ambiguous() {
    let columns = |columns: &[&'static str]| Expected { columns: columns.to_vec(), ..Expected::default() };
    assert_eq!(dialect("a,b;c\n1,2;3\n", &columns(&["c"])).0, ';');
    assert_eq!(dialect("a,b;c\n1,2;3\n", &columns(&["a"])).0, ',');
    assert_eq!(dialect("y;a\nn;1\n", &columns(&["y"])).0, ';');
    let cells = |cells| Expected { cells: Some(cells), ..Expected::default() };
    assert_eq!(dialect("1,5;2,5\n", &cells(2)).0, ';');
    assert_eq!(dialect("1,5;2,5\n", &cells(3)).0, ',');
    let likely = Expected { likely: Some(b':'), ..Expected::default() };
    assert_eq!(dialect("a:b\n1:2\n", &likely).0, ':');
    assert_eq!(dialect("a;b\n1;2\n", &likely).0, ';');
    let given = Expected { delimiter: Some(b'|'), ..Expected::default() };
    assert_eq!(dialect("sep=;\na;b\n", &given), ('|', 6), "what is given counts");
}

#[test]
fn comments_and_a_separator_line_come_before_the_rows() {
    let y = Expected { columns: vec!["y"], ..Expected::default() };
    for (text, found) in [
        ("sep=;\na;y\n", (';', 6)),
        ("\"sep=;\"\r\na;y\r\n", (';', 9)),
        ("SEP=\t\na\ty\n", ('\t', 6)),
        ("# made by hand, twice\n\n#\na,y\n", (',', 25)),
        ("# note\nsep=|\n# note\na|y\n", ('|', 20)),
        ("#,y\n1,n\n", (',', 0)),
        ("#;\"y\"\n1;n\n", (';', 0)),
        ("a,y\n#1,n\n", (',', 0)),
        ("septum,y\n1,n\n", (',', 0)),
    ] {
        assert_eq!(dialect(text, &y), found, "{text:?}");
    }
    assert_eq!(dialect("# only\n# notes", &y), (',', 14));
}

proptest! {
    #[test]
    fn tables_of_every_delimiter_are_told_apart(
        cells in prop::collection::vec(prop::collection::vec("[a-z]{0,3}[0-9]{1,3}", 3), 2..30),
        place in 0_usize..4,
    ) {
        let delimiter = [",", ";", "\t", "|"][place];
        let text = cells.iter().map(|row| row.join(delimiter) + "\n").collect::<String>();
        prop_assert_eq!(dialect(&text, &Expected::default()), (delimiter.chars().next().unwrap(), 0));
    }

    #[test]
    fn any_text_has_a_layout_within_it(text in "[#a\",;=sep\t\r\n|]{0,40}", whole in any::<bool>()) {
        let found = Dialect::of(text.as_bytes(), whole, &Expected::default());
        prop_assert!(found.start <= text.len());
    }
}
