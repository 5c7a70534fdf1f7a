//! Numbers to predict, and numbers that single precision would round.

use brasa_data::{
    CsvConfig, DataConfig, Files, Labelled, Result, Scaler, Split, TargetColumns, TaskKind, Values,
    check_leaks, describe, load,
};

fn config(task: TaskKind, edit: impl FnOnce(&mut CsvConfig)) -> DataConfig {
    let mut csv = CsvConfig { file: Some("x.csv".into()), target: Some("y".into()), ..CsvConfig::default() };
    edit(&mut csv);
    DataConfig { csv: Some(csv), task, ..DataConfig::default() }
}

fn read(text: &str, config: &DataConfig) -> Result<Labelled> {
    let file: &'static [u8] = text.as_bytes().to_vec().leak();
    let files: &'static [(&str, &[u8])] = vec![("x.csv", file)].leak();
    load(&config.check()?, &Files::embedded(files))
}

fn regression(text: &str) -> Result<Labelled> {
    read(text, &config(TaskKind::Regression, |_| {}))
}

#[test]
fn the_recipe_says_that_a_column_holds_numbers_to_predict() {
    let text = "task = \"regression\"\n[csv]\nfile = \"x.csv\"\ntarget = \"price\"\n";
    let config: DataConfig = toml::from_str(text).unwrap();
    let data = read("rooms,price\n3,250000.5\n4,310000\n4,310000\n", &config).unwrap();
    let numbers = data.numbers().unwrap();
    assert_eq!(
        (numbers.values.as_slice(), numbers.names.as_slice()),
        ([250_000.5, 310_000.0, 310_000.0].as_slice(), ["price".to_owned()].as_slice())
    );
    assert_eq!(
        (data.labels().len(), data.class_count(), data.feature_names.as_slice()),
        (0, 0, ["rooms".to_owned()].as_slice())
    );
    assert_eq!(numbers.row(1), [310_000.0]);
    assert_eq!(numbers.row(3), [0.0; 0]);
}

#[test]
fn several_columns_are_predicted_together() {
    let text = "task = \"regression\"\n[csv]\nfile = \"x.csv\"\ntarget = [\"v\", \"u\"]\n";
    let data = read("u,a,v\n1,2,3\n4,5,6\n", &toml::from_str(text).unwrap()).unwrap();
    assert_eq!(data.numbers().unwrap().values, [3.0, 1.0, 6.0, 4.0]);
    assert_eq!(data.numbers().unwrap().names, ["v", "u"]);
    assert_eq!(data.feature_names, ["a"]);
}

#[test]
fn keys_of_classes_do_not_go_with_numbers() {
    let several = TargetColumns::Several(vec!["y".into(), "z".into()]);
    let classes = Some(vec!["low".into(), "high".into()]);
    let cases = [
        (
            config(TaskKind::Regression, |csv| csv.classes = classes),
            "[data] `csv.classes`: is for classes; remove it, or the key `task` with \"regression\"",
        ),
        (
            config(TaskKind::Regression, |csv| csv.threshold = Some(1.0)),
            "[data] `csv.threshold`: is for classes; remove it, or the key `task` with \"regression\"",
        ),
        (
            config(TaskKind::Classification, |csv| csv.target = Some(several)),
            "[data] `csv.target`: several columns can be predicted only where they hold numbers: task = \"regression\"",
        ),
        (
            config(TaskKind::Regression, |csv| {
                csv.target = Some(TargetColumns::Several(vec!["y".into(); 2]))
            }),
            "[data] `csv.target`: names `y` twice",
        ),
        (
            config(TaskKind::Regression, |csv| csv.target = Some(TargetColumns::Several(Vec::new()))),
            "[data] `csv.target`: is an empty list; name a column",
        ),
    ];
    for (config, expected) in cases {
        assert_eq!(config.check().unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_cell_that_is_no_number_is_named() {
    for (cell, expected) in [
        ("dear", "x.csv (embedded): line 3, column `y`: expected a number, found `dear`"),
        (
            "",
            "x.csv (embedded): line 3, column `y`: expected a number, found nothing; missing values are not filled in",
        ),
        ("inf", "x.csv (embedded): line 3, column `y`: expected a finite number, found `inf`"),
    ] {
        let error = regression(&format!("a,y\n1,2\n3,{cell}\n")).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn numbers_that_differ_by_one_near_a_hundred_million_are_told_apart() {
    // The nearest single-precision number of all of these is 100,000,000.
    let text = "a,b,y\n100000000,100000001,100000002\n100000001,100000001,100000003\n100000001,100000001,100000002\n";
    let data = regression(text).unwrap();
    assert_eq!(data.numbers().unwrap().values, [100_000_002.0, 100_000_003.0, 100_000_002.0]);
    let found = describe(&data, &Split { train: vec![0, 1], valid: vec![2], test: Vec::new() });
    assert_eq!((found.duplicates, found.constant.as_slice()), (1, ["b".to_owned()].as_slice()));
    assert_eq!((found.features[0].min, found.features[0].max), (100_000_000.0, 100_000_001.0));
    let leaks = check_leaks(&data, &Split { train: vec![0], valid: vec![1], test: vec![2] });
    assert_eq!(leaks.test_duplicates, [2], "equal to the row in valid, not to the one in train");
    assert_eq!(
        leaks.pairs.iter().map(|pair| (pair.duplicates, pair.conflicting)).collect::<Vec<_>>(),
        [(0, 0), (0, 0), (1, 1)]
    );

    let threshold = config(TaskKind::Classification, |csv| {
        csv.classes = Some(vec!["below".into(), "not".into()]);
        csv.threshold = Some(100_000_003.0);
    });
    assert_eq!(read(text, &threshold).unwrap().labels(), [0, 1, 0]);
}

#[test]
fn times_of_a_day_keep_their_seconds_when_they_are_scaled() {
    // Seconds since 1970, one apart; numpy: (t - t.mean()) / t.std().
    let text = "t,y\n1760000000,1\n1760000001,2\n1760000002,3\n1760000003,4\n";
    let data = regression(text).unwrap();
    assert!(matches!(data.samples.values(), Values::F64(values) if values[3] == 1_760_000_003.0));
    let scaler = Scaler::standard(&data.samples, &[0, 1, 2, 3]).unwrap().prepare(&[1]).unwrap();
    let mut scaled = [0.0; 4];
    for (row, scaled) in scaled.chunks_mut(1).enumerate() {
        scaler.transform_into(&data.samples, row, scaled);
    }
    let expected = [-1.341_640_7_f32, -0.447_213_6, 0.447_213_6, 1.341_640_7];
    for (found, expected) in scaled.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{scaled:?}");
    }
}

#[test]
fn numbers_that_networks_cannot_take_are_refused_where_they_are_scaled() {
    let fitted = |text: &str, scaling: &str| {
        let scaling =
            toml::from_str(&format!("scaling = \"{scaling}\"\ncsv = {{ file = \"x.csv\", target = \"y\" }}"));
        let config: DataConfig = scaling.unwrap();
        let data = read(text, &config).unwrap();
        Scaler::fit(config.check().unwrap().scaling(), &data, &[0, 1]).map_err(|error| error.to_string())
    };
    let text = "a,b,y\n1,2,n\n2,1e39,p\n3,4,p\n";
    let error = fitted(text, "none").unwrap_err();
    assert!(error.contains("column `b`, row 2: 1e39 is beyond 32 bits"), "{error}");
    assert!(fitted(text, "standard").is_ok());
    // Only the last row, which does not train, is far out.
    let error = fitted("a,b,y\n1,2,n\n2,3,p\n3,-1e40,p\n", "standard").unwrap_err();
    assert!(error.contains("column `b`, row 3: -1e40 is beyond 32 bits"), "{error}");
    let error = fitted("a,b,y\n1,2,n\n1e300,3,p\n", "standard").unwrap_err();
    assert!(
        error.contains("column `a` has numbers so large that their deviation is beyond 64 bits"),
        "{error}"
    );
}
