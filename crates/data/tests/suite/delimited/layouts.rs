//! Delimiters, and what comes before the header.

use brasa_data::{InputSpec, SeriesConfig, TableInput, TargetColumns, TaskKind};

use super::{READERS, assert_same, csv, message, read, table, titles};

#[test]
fn every_delimiter_is_found_out() {
    for reader in &READERS {
        for delimiter in [";", "\t", "|"] {
            assert_same(reader, reader.text.replace(',', delimiter).as_bytes(), delimiter);
        }
    }
}

#[test]
fn comments_a_separator_line_and_blank_lines_are_passed_over() {
    for reader in &READERS {
        let text = reader.text;
        let spread = text.replace('\n', ";\n").replace(',', ";").replace(";\n", "\n");
        for before in ["# a note, with commas\n", "\n\n", "#\n\n# two; notes\n"] {
            assert_same(reader, format!("{before}{text}").as_bytes(), before);
        }
        assert_same(reader, format!("sep=;\n{spread}").as_bytes(), "sep=;");
        assert_same(
            reader,
            format!("\"sep=;\"\r\n{}", spread.replace('\n', "\r\n")).as_bytes(),
            "quoted sep",
        );
        assert_same(reader, text.replace('\n', "\n\n").as_bytes(), "blank lines");
        assert_same(reader, format!("{text}\n\r\n\n").as_bytes(), "blank lines at the end");
        assert_same(reader, text.replace('\n', "\n  \n").as_bytes(), "lines of blanks");
        assert_same(reader, format!("{text}  \n\t\n").as_bytes(), "lines of blanks at the end");
    }
}

#[test]
fn the_lines_of_faults_count_what_was_passed_over() {
    let text = b"# note\n\nsep=;\na;y\n1;n\nx;p\n";
    let expected = "x.csv: line 6, column `a`: expected a number, found `x`";
    assert_eq!(message(read(text, "x.csv", csv(|_| {}))), expected);
    let found = message(table().read("new.csv", b"# note\nsep=;\na;b\n1;2\n3;x\n", None));
    assert_eq!(found, "new.csv: line 5, column `b`: expected a number, found `x`");
    let found = message(read(b"# note\ntitle,category\n...,x\n", "x.csv", titles("x.csv", |_| {})));
    assert_eq!(found, "x.csv: line 3: `title` holds no letter or digit");
}

#[test]
fn a_column_that_begins_like_a_comment_is_one() {
    let data = read(b"#,y\n1,n\n2,p\n", "x.csv", csv(|_| {})).unwrap();
    assert_eq!(data.feature_names, ["#"]);
    let raw = InputSpec::Table(TableInput::of(vec!["#".into()])).read("new", b"#,y\n7,n\n", None).unwrap();
    assert_eq!(raw.samples.row_f32(0), [7.0]);
}

#[test]
fn the_delimiter_of_a_recipe_is_one_character_or_tab() {
    for (delimiter, text) in
        [("tab", "a\ty\n1\tn\n2\tp\n"), ("\\t", "a\ty\n1\tn\n2\tp\n"), (":", "a:y\n1:n\n2:p\n")]
    {
        let data = read(text.as_bytes(), "x.csv", csv(|c| c.delimiter = Some(delimiter.into()))).unwrap();
        assert_eq!(data.feature_names, ["a"], "{delimiter:?}");
    }
    let error = message(read(b"a,y\n", "x.csv", csv(|c| c.delimiter = Some("tabs".into()))));
    let expected = "expected one ASCII character that is no quote or line break, or \"tab\"";
    assert_eq!(error, format!("[data] `csv.delimiter`: {expected}"));
}

#[test]
fn a_model_remembers_the_delimiter_and_reads_files_with_another() {
    let config = csv(|c| c.delimiter = Some(":".into()));
    let checked = config.check().unwrap();
    let data = read(b"a:b:y\n1:2:n\n3:4:p\n", "x.csv", config).unwrap();
    let input = checked.input_of(&data);
    let saved = serde_json::to_string(&input).unwrap();
    let input: InputSpec = serde_json::from_str(&saved).unwrap();
    for text in ["a:b\n5:6\n", "5:6\n", "b;a\n6;5\n", "5;6\n", "5\t6\n", "a,b\n5,6\n", "sep=|\nb|a\n6|5\n"] {
        let raw = input.read("new.csv", text.as_bytes(), None).unwrap();
        assert_eq!(raw.samples.row_f32(0), [5.0, 6.0], "{text:?}");
    }
    let raw = input.read("new.csv", b"5/6\n", Some(b'/')).unwrap();
    assert_eq!(raw.samples.row_f32(0), [5.0, 6.0], "a delimiter that is given");
    let old: InputSpec = serde_json::from_str(r#"{"kind":"table","columns":["a","b"]}"#).unwrap();
    assert_eq!(old, table(), "a model of an earlier version");
}

#[test]
fn the_channels_of_series_may_be_left_out() {
    let read = |text: &[u8], group: Option<&str>| {
        let series = SeriesConfig {
            file: Some("x.csv".into()),
            series: Some("id".into()),
            step: Some("step".into()),
            target: Some("y".into()),
            group: group.map(String::from),
            ..SeriesConfig::default()
        };
        let config = brasa_data::DataConfig { series: Some(series), ..Default::default() };
        let checked = config.check()?;
        read(text, "x.csv", config).map(|data| (checked.input_of(&data), data))
    };
    let text = b"u,id,step,y,v,g\n1,r,0,cat,2,k\n3,s,0,dog,4,l\n";
    let (input, data) = read(text, Some("g")).unwrap();
    assert_eq!(
        (data.feature_names.as_slice(), data.samples.shape()),
        (["u".into(), "v".into()].as_slice(), [1, 2].as_slice())
    );
    let raw = input.read("new.csv", b"v,u,id,step\n4,3,s,0\n", None).unwrap();
    assert_eq!(raw.samples.row_f32(0), [3.0, 4.0]);
    assert!(message(read(text, None)).contains("line 2, column `g`: expected a number, found `k`"));
    assert!(
        message(read(b"id,step,y\nr,0,cat\n", None)).contains("has no column beside those of the other keys")
    );
}

#[test]
fn numbers_that_are_taken_for_many_classes_are_warned_of() {
    let table = |values: usize, row: fn(usize) -> String| {
        let rows = (0..300).map(|i| format!("{},{}\n", i * 7 % 11, row(i % values))).collect::<String>();
        format!("a,y\n{rows}").into_bytes()
    };
    let warnings = |bytes: &[u8], edit: fn(&mut brasa_data::CsvConfig)| {
        read(bytes, "x.csv", csv(edit)).unwrap().warnings
    };
    let found = warnings(&table(250, |i| format!("{i}.5")), |_| {});
    assert!(
        found[0].contains("250 different numbers") && found[0].contains("task = \"regression\""),
        "{found:?}"
    );
    assert_eq!(warnings(&table(9, |i| i.to_string()), |_| {}), [""; 0]);
    assert_eq!(warnings(&table(250, |i| format!("n{i}")), |_| {}), [""; 0]);
    let mut regression = csv(|c| c.target = Some(TargetColumns::One("y".into())));
    regression.task = TaskKind::Regression;
    assert_eq!(read(&table(250, |i| i.to_string()), "x.csv", regression).unwrap().warnings, [""; 0]);
}
