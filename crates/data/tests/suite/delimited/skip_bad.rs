//! Bad rows of a table that are passed over.

use super::{csv, message, read};

const TEXT: &[u8] =
    b"a,g,use,y\n1,k,train,n\n2,k,train\nx,k,train,p\n3,l,test,p\n4,l,nowhere,n\n5,,test,n\n6,m,test,?\n";

fn config(skip_bad: Option<usize>) -> brasa_data::DataConfig {
    csv(|c| {
        c.group = Some("g".into());
        c.split = Some("use".into());
        c.classes = Some(vec!["n".into(), "p".into()]);
        c.skip_bad = skip_bad;
    })
}

#[test]
fn bad_rows_of_every_kind_are_counted_and_the_first_is_told() {
    let data = read(TEXT, "x.csv", config(Some(5))).unwrap();
    let rows = (0..data.len()).map(|row| data.samples.row_f32(row)[0]).collect::<Vec<_>>();
    assert_eq!((rows, data.labels()), (vec![1.0, 3.0], [0, 1].as_slice()));
    assert_eq!((data.group_names.len(), data.roles.map(|roles| roles.len())), (2, Some(2)));
    assert_eq!(data.warnings.len(), 1);
    let warning = &data.warnings[0];
    assert!(warning.starts_with("5 bad rows were passed over, as skip_bad allows; the first: "), "{warning}");
    assert!(warning.ends_with("x.csv: line 3: expected 4 cells, found 3"), "{warning}");
}

#[test]
fn one_more_than_allowed_is_an_error() {
    let found = message(read(TEXT, "x.csv", config(Some(4))));
    let expected = "x.csv: line 8, column `y`: expected one of n, p, found `?`; 4 bad lines were passed over before it, as \
                    skip_bad allows";
    assert_eq!(found, expected);
    let found = message(read(TEXT, "x.csv", config(None)));
    assert_eq!(found, "x.csv: line 3: expected 4 cells, found 3");
    let found = message(read(b"a,y\nx,n\nz,p\n", "x.csv", csv(|c| c.skip_bad = Some(9))));
    assert_eq!(found, "x.csv: there are no rows");
}
