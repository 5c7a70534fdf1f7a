//! Numbers: none is rounded, and what is none is told with what to do.

use brasa_data::{DataConfig, Labelled, Values};

use super::{READERS, Reader, assert_refused, csv, message, read, table};

/// The text of the series or the table with a number of its own.
fn with_number(reader: &Reader, number: &str) -> String {
    let (from, to) = match reader.name {
        "csv" => ("\n3,4.5,", format!("\n3,{number},")),
        _ => ("\ns,0,3,", format!("\ns,0,{number},")),
    };
    reader.text.replacen(from, &to, 1)
}

fn numeric() -> impl Iterator<Item = &'static Reader> {
    READERS[..2].iter()
}

#[test]
fn what_is_no_number_is_told_with_line_column_and_advice() {
    for reader in numeric() {
        let (line, column) =
            if reader.name == "csv" { ("line 3", "column `b`") } else { ("line 4", "column `a`") };
        for (cell, found, advice) in [
            ("", "expected a number, found nothing", "missing values are not filled in"),
            ("NA", "expected a number, found `NA`", "train without the column"),
            ("NaN", "expected a finite number, found `NaN`", "remove such rows"),
            ("-inf", "expected a finite number, found `-inf`", "remove such rows"),
            ("1e999", "expected a finite number, found `1e999`", "beyond what 64 bits hold"),
            ("\"1,5\"", "expected a number, found `1,5`", "with a decimal point"),
            ("\"1,234,567\"", "expected a number, found `1,234,567`", "nothing between their thousands"),
            ("1.234.567", "expected a number, found `1.234.567`", "nothing between their thousands"),
            ("0x1F", "expected a number, found `0x1F`", ""),
            ("abc", "expected a number, found `abc`", ""),
        ] {
            assert_refused(reader, with_number(reader, cell).as_bytes(), &[line, column, found, advice]);
        }
    }
}

#[test]
fn numbers_are_read_to_the_last_bit() {
    let values = |data: Labelled| match data.samples.values() {
        Values::F64(values) => values.clone(),
        other => panic!("{other:?}"),
    };
    for number in [
        "0.1",
        "16777217",
        "-1.0000000000000002",
        "123456789.123456789",
        "4.9e-324",
        "1.7976931348623157e308",
    ] {
        for reader in numeric() {
            let text = with_number(reader, number);
            let expected = number.parse::<f64>().unwrap();
            let trained = values((reader.train)(text.as_bytes()).unwrap());
            assert!(trained.contains(&expected), "{}: {number} in {trained:?}", reader.name);
            let raw = reader.predict.unwrap()(text.as_bytes()).unwrap();
            let Values::F64(predicted) = raw.samples.values() else { panic!("rounded") };
            assert!(predicted.contains(&expected), "{}: {number} in {predicted:?}", reader.name);
        }
    }
}

#[test]
fn a_threshold_and_a_regression_refuse_what_a_feature_refuses() {
    let threshold = csv(|c| {
        c.classes = Some(vec!["low".into(), "high".into()]);
        c.threshold = Some(5.0);
    });
    let regression = DataConfig { task: brasa_data::TaskKind::Regression, ..csv(|_| {}) };
    for config in [threshold, regression] {
        for cell in ["NaN", "", "inf", "1e999"] {
            let text = format!("a,y\n1,2\n2,{cell}\n3,9\n");
            let found = message(read(text.as_bytes(), "x.csv", config.clone()));
            assert!(found.starts_with("x.csv: line 3, column `y`: expected a "), "{found}");
        }
    }
}

#[test]
fn a_first_row_of_numbers_in_any_notation_is_no_header() {
    for row in ["-1,-2", "-.5,+3.", "1e-3,-2E5", "1,2"] {
        let raw = table().read("new.csv", format!("{row}\n3,4\n").as_bytes(), None).unwrap();
        assert_eq!(raw.samples.len(), 2, "{row}");
    }
    for (row, problem) in [
        ("NaN,inf", "line 1, column `c0`: expected a finite number, found `NaN`"),
        ("NA,1", "line 1, column `c0`: expected a number, found `NA`"),
        ("1.5.2,x", "line 1, column `c0`: expected a number, found `1.5.2`"),
    ] {
        let found = message(table().read("new.csv", format!("{row}\n3,4\n").as_bytes(), None));
        assert!(found.starts_with(&format!("new.csv: {problem}")), "{found}");
    }
    let found = message(table().read("new.csv", b"1,5;2,5\n", None));
    assert!(
        found.starts_with("new.csv: line 1, column `c0`: expected a number, found `1,5`; write numbers"),
        "{found}"
    );
}
