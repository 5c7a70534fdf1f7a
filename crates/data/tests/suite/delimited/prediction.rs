//! What is particular to prediction: headers in any order, and files that have none.

use super::{csv, message, read, table, title_input};

#[test]
fn columns_are_found_in_any_order_and_others_ignored() {
    for text in ["a,b\n1,2\n", "b,a\n2,1\n", "x,b,x,a\n?,2,NA,1\n", "\"b\",\"\",\"\",\"a\"\n2,,,1\n", "1,2\n"]
    {
        let raw = table().read("new.csv", text.as_bytes(), None).unwrap();
        assert_eq!(raw.samples.row_f32(0), [1.0, 2.0], "{text:?}");
    }
}

#[test]
fn columns_with_one_name_are_an_error_only_where_they_are_used() {
    let twice = "columns 1 and 3 are both named `a`; rename one";
    assert_eq!(message(table().read("n", b"a,b,a\n1,2,3\n", None)), format!("n: {twice}"));
    assert_eq!(message(read(b"a,y,a\n1,n,2\n", "x.csv", csv(|_| {}))), format!("x.csv: {twice}"));
    let features = Some(vec!["b".into()]);
    let data = read(b"a,y,a,b\n1,n,2,5\n1,p,2,6\n", "x.csv", csv(|c| c.features = features)).unwrap();
    assert_eq!((data.len(), data.feature_names), (2, vec!["b".to_owned()]));
}

#[test]
fn a_table_without_the_column_of_titles_is_refused_with_its_columns() {
    let expected = |label: &str, columns: &str| {
        format!("{label}: there is no column `title`; the columns are {columns}")
    };
    for (label, text, columns) in [
        ("new.csv", "id,name\n1,red cup\n2,blue cup\n", "`id`, `name`"),
        ("new.csv", "name\nred cup\n", "`name`"),
        ("new.tsv", "id\tname\n1\tred\n", "`id`, `name`"),
        ("stdin", "id;name\n1;red cup\n2;blue cup\n", "`id`, `name`"),
        ("new.txt", "id,name\n1,\"red, cup\"\n2,blue\n", "`id`, `name`"),
    ] {
        assert_eq!(
            message(title_input().read(label, text.as_bytes(), None)),
            expected(label, columns),
            "{text:?}"
        );
    }
}

#[test]
fn titles_are_read_from_tables_and_from_plain_lines() {
    for (label, text) in [
        ("new.txt", "red cup\nblue cup, large\n"),
        ("stdin", "red cup, or two\nblue cup, large\n"),
        ("stdin", "[NEW] red cup\nblue cup\n"),
        ("new.txt", "id|title\n1|red cup\n2|blue cup\n"),
        ("new.csv", "title\nred cup\nblue cup\n"),
        ("stdin", "title;id\nred, cup;1\nblue, cup;2\n"),
    ] {
        let raw = title_input().read(label, text.as_bytes(), None).unwrap();
        assert_eq!(raw.samples.len(), 2, "{text:?}");
        let row = raw.samples.row_f32(1);
        assert_eq!(row[..2], [3.0, 1.0], "{text:?}");
    }
}

#[test]
fn rows_of_another_width_are_named_with_their_line() {
    let found = message(table().read("n", b"# three cells\n\n1,2,3\n", None));
    assert_eq!(found, "n: line 3: expected 2 cells, found 3");
    let found = message(table().read("n", b"u,v\n1,2\n", None));
    assert_eq!(found, "n: there is no column `a`; the columns are `u`, `v`");
}
