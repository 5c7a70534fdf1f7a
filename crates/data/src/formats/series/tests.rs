//! What series are read as, and what is said about bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use super::*;
use crate::{InputSpec, Values};

fn config() -> SeriesConfig {
    SeriesConfig {
        file: Some("x.csv".into()),
        labels: Some("y.csv".into()),
        series: Some("id".into()),
        step: Some("step".into()),
        features: Some(vec!["b".into(), "a".into()]),
        target: Some("surface".into()),
        group: Some("group".into()),
        ..SeriesConfig::default()
    }
}

fn read_with(config: &SeriesConfig, x: &str, y: &str) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.csv"), x).unwrap();
    std::fs::write(folder.path().join("y.csv"), y).unwrap();
    config.read(&Files::directory(folder.path()))
}

/// The error without the folder.
fn message(x: &str, y: &str) -> String {
    message_with(&config(), x, y)
}

fn message_with(config: &SeriesConfig, x: &str, y: &str) -> String {
    let text = read_with(config, x, y).unwrap_err().to_string();
    let words = text.split(' ').map(|word| match Path::new(word).file_name() {
        Some(name) if word.starts_with('/') => name.to_string_lossy().into_owned(),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

const X: &str = "row,id,step,a,b\nr,s2,0,1,2\nr,s1,5,7,8\nr,s2,1,3,4\nr,s1,6,9,10\n";
const Y: &str = "id,group,surface\ns1,9,wood\ns2,10,carpet\n";

#[test]
fn numbers_to_predict_are_those_of_each_series() {
    let folder = tempfile::tempdir().unwrap();
    let load = |y: &str, edit: fn(&mut SeriesConfig)| {
        std::fs::write(folder.path().join("x.csv"), X).unwrap();
        std::fs::write(folder.path().join("y.csv"), y).unwrap();
        let mut series = SeriesConfig { target: Some("age".into()), group: None, ..config() };
        edit(&mut series);
        let config =
            crate::DataConfig { task: TaskKind::Regression, series: Some(series), ..Default::default() };
        crate::load(&config.check()?, &Files::directory(folder.path()))
    };
    let data = load("id,age\ns1,1.5\ns2,-3\n", |_| {}).unwrap();
    let numbers = data.numbers().unwrap();
    assert_eq!(
        (numbers.values.as_slice(), numbers.names.as_slice()),
        ([-3.0, 1.5].as_slice(), ["age".into()].as_slice())
    );
    for (y, part) in [
        ("id,age\ns1,old\ns2,-3\n", "y.csv: line 2, column `age`: expected a number, found `old`"),
        ("id,age\ns1,1\ns2,\n", "y.csv: line 3, column `age`: expected a number, found nothing"),
        ("id,age\ns1,1\ns2,inf\n", "column `age`: expected a finite number, found `inf`"),
    ] {
        let message = load(y, |_| {}).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
    let message = load("id,age\ns1,1\ns2,2\n", |series| series.classes = Some(vec!["1".into(), "2".into()]));
    assert!(message.unwrap_err().to_string().contains("`series.classes`: is for classes"));
}

#[test]
fn rows_that_alternate_are_grouped_in_order_of_first_appearance() {
    let data = read_with(&config(), X, Y).unwrap();
    assert_eq!(data.samples.shape(), [2, 2]);
    assert_eq!(data.samples.values(), &Values::F64(vec![2.0, 1.0, 4.0, 3.0, 8.0, 7.0, 10.0, 9.0].into()));
    assert_eq!(
        (data.class_names(), data.labels()),
        (["carpet", "wood"].map(String::from).as_slice(), [0, 1].as_slice())
    );
    assert_eq!(data.group_names, ["9", "10"]);
    assert_eq!(data.groups, Some(vec![1, 0]));
    assert_eq!(data.feature_names, ["b", "a"]);
    let names = data.files.iter().map(|file| (file.name.as_str(), file.bytes)).collect::<Vec<_>>();
    assert_eq!(names, [("x.csv", X.len() as u64), ("y.csv", Y.len() as u64)]);
}

#[test]
fn labels_may_stand_in_every_row_and_cells_in_quotes() {
    let x = "id,step,a,b,surface,group\r\n\"s,1\",0,1,2,wood,g\r\n\"s,1\",1,3,\"4\",wood,g\r\nt,0,5,6,tiled,h\r\nt,1,7,8,tiled,h\r\n";
    let config =
        SeriesConfig { labels: None, classes: Some(vec!["wood".into(), "tiled".into()]), ..config() };
    let data = read_with(&config, x, "").unwrap();
    assert_eq!((data.labels(), data.groups.clone()), ([0, 1].as_slice(), Some(vec![0, 1])));
    assert_eq!(data.samples.f64_row(0), Some([2.0, 1.0, 4.0, 3.0].as_slice()));
    let two = x.replace("8,tiled", "8,wood");
    assert_eq!(
        message_with(&config, &two, ""),
        "x.csv: line 5: series `t`: labelled or grouped as `tiled` first and as `wood` here"
    );
    let unknown = x.replace("tiled", "lava");
    assert_eq!(
        message_with(&config, &unknown, ""),
        "x.csv: line 4, column `surface`: expected one of wood, tiled, found `lava`"
    );
}

#[test]
fn steps_that_are_missing_repeated_or_unordered_are_named() {
    let cases = [
        (
            "s2,1,3",
            "s2,2,3",
            "x.csv: line 4: series `s2`: expected step 1, found step 2: steps are missing or out of order",
        ),
        (
            "s2,1,3",
            "s2,0,3",
            "x.csv: line 4: series `s2`: expected step 1, found step 0: the step is there twice",
        ),
        (
            "s2,1,3",
            "s2,-1,3",
            "x.csv: line 4: series `s2`: expected step 1, found step -1: steps are out of order",
        ),
        ("s2,1,3", "s2,1.0,3", "x.csv: line 4, column `step`: expected a step, a whole number, found `1.0`"),
        ("s2,1,3", "s2,,3", "x.csv: line 4, column `step`: expected a step, a whole number, found nothing"),
        (
            "r,s2,1,3,4\n",
            "",
            "x.csv: line 3: series `s1`: expected 1 steps (0 to 0) as in series `s2`, found 2 steps (5 to 6)",
        ),
        (
            "r,s1,6,9,10\n",
            "",
            "x.csv: line 3: series `s1`: expected 2 steps (0 to 1) as in series `s2`, found 1 steps (5 to 5)",
        ),
    ];
    for (old, new, expected) in cases {
        assert_eq!(message(&X.replacen(old, new, 1), Y), expected);
    }
}

#[test]
fn readings_that_are_no_finite_numbers_are_named() {
    for (cell, expected) in [
        (
            "nan",
            "a finite number, found `nan`; missing values are not filled in: remove such rows, or train without the column",
        ),
        (
            "NaN",
            "a finite number, found `NaN`; missing values are not filled in: remove such rows, or train without the column",
        ),
        (
            "-inf",
            "a finite number, found `-inf`; missing values are not filled in: remove such rows, or train without the column",
        ),
        ("1e999", "a finite number, found `1e999`, which is beyond what 64 bits hold, 1.8e308"),
        (
            "",
            "a number, found nothing; missing values are not filled in: remove such rows, or train without the column",
        ),
        ("1,5", "4 cells"),
        ("x", "a number, found `x`"),
    ] {
        let text = message(&X.replace("s1,6,9", &format!("s1,6,{cell}")), Y);
        match cell {
            "1,5" => assert_eq!(text, "x.csv: line 5: expected 5 cells, found 6"),
            _ => assert_eq!(text, format!("x.csv: line 5, column `a`: expected {expected}")),
        }
    }
}

#[test]
fn labels_without_series_and_the_reverse_are_named() {
    let cases = [
        (Y.replace("s1,9", "s3,9"), "y.csv: line 2: series `s3`: labelled, but x.csv has no rows of it"),
        (Y.replace("s2,10,carpet\n", ""), "x.csv: line 2: series `s2`: no label in y.csv"),
        (format!("{Y}s1,9,tiled\n"), "y.csv: line 4: series `s1`: labelled twice, on line 2 too"),
        (Y.replace("carpet", ""), "y.csv: line 3, column `surface`: expected a name, found nothing"),
        (
            Y.replace("carpet", "wood"),
            "y.csv: all rows are of the class `wood`; at least two classes are needed",
        ),
        (Y.replace("group", "g"), "y.csv: there is no column `group`; the columns are `id`, `g`, `surface`"),
    ];
    for (y, expected) in cases {
        assert_eq!(message(X, &y), expected);
    }
    assert_eq!(
        message(&X.replace("s1", ""), Y),
        "x.csv: line 3: series ``: a row needs the id of its series"
    );
    assert_eq!(message("row,id,step,a,b\n", Y), "x.csv: there are no rows");
    assert_eq!(message("", Y), "x.csv: there are no rows");
    let no_column = message(&X.replace("row,id", "row,key"), Y);
    assert!(no_column.starts_with("x.csv: there is no column `id`"), "{no_column}");
}

#[test]
fn tables_that_make_no_sense_name_their_key() {
    type Change = fn(&mut SeriesConfig);
    let cases: [(&str, Change); 8] = [
        ("`series.file`: missing", |c| c.file = None),
        ("`series.series`: missing", |c| c.series = None),
        ("`series.step`: missing", |c| c.step = None),
        ("`series.target`: missing", |c| c.target = None),
        ("`series.features`: is empty", |c| c.features = Some(Vec::new())),
        ("`series.step`: `id` is named by `series` already", |c| c.step = Some("id".into())),
        ("`series.features`: `a` is named by `features` already", |c| {
            c.features = Some(vec!["a".into(), "a".into()])
        }),
        ("`series.classes`: names `a` twice", |c| c.classes = Some(vec!["a".into(), "a".into()])),
    ];
    for (expected, change) in cases {
        let mut config = config();
        change(&mut config);
        let message = config.check().unwrap_err().to_string();
        assert!(message.starts_with(&format!("[data] {expected}")), "{message}");
    }
}

#[test]
fn series_to_predict_keep_their_ids() {
    let spec = config().input(&read_with(&config(), X, Y).unwrap()).unwrap();
    assert_eq!(spec.shape(), [2, 2]);
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(json, r#"{"kind":"series","series":"id","step":"step","columns":["b","a"],"steps":2}"#);
    assert_eq!(serde_json::from_str::<InputSpec>(&json).unwrap(), spec);
    let raw = spec.read("new.csv", b"b,a,id,step\n1,2,z,0\n3,4,z,1\n", None).unwrap();
    assert_eq!(
        (raw.names, raw.samples.f64_row(0)),
        (vec!["z".to_owned()], Some([1.0, 2.0, 3.0, 4.0].as_slice()))
    );
    let short = spec.read("new.csv", b"b,a,id,step\n1,2,z,0\n", None).unwrap_err().to_string();
    assert_eq!(short, "new.csv: this model takes series of 2 steps, these have 1");
    let wrong = spec.read("new.csv", b"a\n1\n", None).unwrap_err().to_string();
    assert_eq!(wrong, "new.csv: there is no column `id`; the columns are `a`");
}

fn careercon(x: &str, y: &str) -> SeriesConfig {
    let axes = |name: &str, axes: &str| axes.chars().map(|axis| format!("{name}_{axis}")).collect::<Vec<_>>();
    let channels =
        [axes("orientation", "XYZW"), axes("angular_velocity", "XYZ"), axes("linear_acceleration", "XYZ")];
    SeriesConfig {
        file: Some(x.into()),
        labels: Some(y.into()),
        series: Some("series_id".into()),
        step: Some("measurement_number".into()),
        features: Some(channels.concat()),
        target: Some("surface".into()),
        group: Some("group_id".into()),
        ..SeriesConfig::default()
    }
}

#[test]
fn the_published_sample_has_its_known_counts() {
    let Ok(folder) = std::env::var("BRASA_DATA") else {
        eprintln!("skipped: BRASA_DATA names no folder with data sets");
        return;
    };
    let files = Files::directory(Path::new(&folder).join("careercon-2019"));
    let data = careercon("X_train_sample.csv", "y_train_sample.csv").read(&files).unwrap();
    assert_eq!((data.len(), data.samples.shape()), (156, [128, 10].as_slice()));
    assert_eq!((data.group_names.len(), data.class_count()), (63, 9));
    let counts = data.class_counts(&(0..156).collect::<Vec<_>>());
    let of = |name: &str| counts[data.class_names().iter().position(|class| class == name).unwrap()];
    assert_eq!((of("soft_pvc"), of("hard_tiles")), (31, 3));
    // The first row of the file.
    let row = data.samples.f64_row(0).unwrap();
    assert_eq!(row[..4], [-0.81261, -0.56434, -0.089395, -0.11487]);
    assert_eq!(row[4], -0.010_546_999_999_999_999);
}

#[test]
fn the_line_of_a_fault_is_right_in_every_block() {
    // Some two megabytes, more than one block.
    let steps = 100_000;
    for (wrong, line_break) in [(1, "\n"), (50_000, "\r\n"), (steps - 1, "\n")] {
        let row =
            |step: usize| format!("r,s1,{},1,2{line_break}", if step == wrong { step + 7 } else { step });
        let x = format!("row,id,step,a,b{line_break}{line_break}") + &(0..steps).map(row).collect::<String>();
        let found = wrong + 7;
        assert_eq!(
            message(&x, "id,group,surface\ns1,9,wood\n"),
            format!(
                "x.csv: line {}: series `s1`: expected step {wrong}, found step {found}: steps are missing or out of order",
                wrong + 3
            )
        );
    }
}
