//! Reading tables: what is accepted, and what each fault is called.

use std::io::Write;

use brasa_data::{
    CsvConfig, DataConfig, Files, InputSpec, Labelled, Result, SplitConfig, SplitKind, TableInput, load,
    scan_missing,
};
use proptest::prelude::*;

fn config(edit: impl FnOnce(&mut DataConfig)) -> DataConfig {
    let csv = CsvConfig { file: Some("x.csv".into()), target: Some("y".into()), ..CsvConfig::default() };
    let mut config = DataConfig { csv: Some(csv), ..DataConfig::default() };
    edit(&mut config);
    config
}

fn csv(config: &mut DataConfig) -> &mut CsvConfig {
    config.csv.as_mut().unwrap()
}

fn read_with(bytes: &[u8], config: &DataConfig) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::File::create(folder.path().join("x.csv")).unwrap().write_all(bytes).unwrap();
    load(&config.check()?, &Files::directory(folder.path()))
}

fn read(bytes: &[u8]) -> Result<Labelled> {
    read_with(bytes, &config(|_| {}))
}

fn values(data: &Labelled) -> Vec<Vec<f32>> {
    (0..data.len()).map(|row| data.samples.row_f32(row)).collect()
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

#[test]
fn marks_line_ends_quotes_and_blanks_do_not_matter() {
    for text in [
        "a,b,y\n1,2,n\n3,4,p\n",
        "\u{feff}a,b,y\r\n1,2,n\r\n3,4,p\r\n",
        "\"a\",b,\"y\"\n\n\"1\", 2 ,n\n\n3,4,p",
        "y,a,b\nn,1,2\np,3,4\n",
    ] {
        let data = read(text.as_bytes()).unwrap();
        assert_eq!(values(&data), [[1.0, 2.0], [3.0, 4.0]], "{text:?}");
        assert_eq!(data.feature_names, ["a", "b"]);
        assert_eq!((data.labels(), data.class_names()), ([0, 1].as_slice(), names(["n", "p"]).as_slice()));
    }
}

#[test]
fn without_a_header_columns_are_numbered() {
    let config = config(|c| {
        csv(c).header = Some(false);
        csv(c).target = Some("c0".into());
        csv(c).delimiter = Some(";".into());
    });
    let data = read_with(b"u;1,5;x\nv;2;y\n", &config).unwrap_err();
    assert!(data.to_string().contains("line 1, column `c1`: expected a number, found `1,5`"), "{data}");
    let data = read_with(b"u;1.5\nv;2\n", &config).unwrap();
    assert_eq!(data.feature_names, ["c1"]);
    assert_eq!(values(&data), [[1.5], [2.0]]);
}

#[test]
fn features_groups_and_classes_are_as_the_recipe_says() {
    let config = config(|c| {
        csv(c).features = Some(vec!["b".into(), "a".into()]);
        csv(c).group = Some("g".into());
        csv(c).classes = Some(vec!["p".into(), "n".into(), "unseen".into()]);
        c.split = SplitConfig { kind: SplitKind::Grouped, ..SplitConfig::default() };
    });
    let data = read_with(b"a,b,junk,g,y\n1,2,?,10,n\n3,4,,9,p\n", &config).unwrap();
    assert_eq!(values(&data), [[2.0, 1.0], [4.0, 3.0]]);
    assert_eq!(data.labels(), [1, 0]);
    assert_eq!(data.class_names(), ["p", "n", "unseen"]);
    assert_eq!((data.groups.unwrap(), data.group_names), (vec![1, 0], vec!["9".to_owned(), "10".into()]));
}

#[test]
fn a_threshold_makes_two_classes_of_a_number() {
    let config = config(|c| {
        csv(c).classes = Some(vec!["low".into(), "high".into()]);
        csv(c).threshold = Some(5.7);
    });
    let data = read_with(b"a,y\n1,5\n2,5.7\n3,6\n4,5.6999\n5,-7\n", &config).unwrap();
    assert_eq!(
        (data.labels(), data.class_names()),
        ([0, 1, 1, 0, 0].as_slice(), names(["low", "high"]).as_slice())
    );
    for (bytes, expected) in [
        (b"a,y\n1,5\n2,good\n".as_slice(), "line 3, column `y`: expected a number, found `good`"),
        (b"a,y\n1,5\n2,\n", "line 3, column `y`: expected a number, found nothing"),
        (b"a,y\n1,5\n2,4\n", "all rows are of the class `low`; at least two classes are needed"),
    ] {
        let message = read_with(bytes, &config).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn the_wines_as_they_ship() {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let folder = std::path::Path::new(&root).join("../../datasets/wine");
    let manifest = std::fs::read_to_string(folder.join("manifest.toml")).unwrap();
    brasa_data::Manifest::parse(&manifest).unwrap().verify(&folder).unwrap();
    let config = config(|c| {
        csv(c).file = Some("winequality-red.csv".into());
        csv(c).delimiter = Some(";".into());
        csv(c).target = Some("quality".into());
        csv(c).classes = Some(vec!["low".into(), "high".into()]);
        csv(c).threshold = Some(6.0);
    });
    let data = load(&config.check().unwrap(), &Files::directory(folder)).unwrap();
    assert_eq!((data.len(), data.samples.shape()), (1_599, [11].as_slice()));
    let all = (0..data.len()).collect::<Vec<_>>();
    assert_eq!(data.class_counts(&all), [744, 855]);
    assert_eq!(data.samples.row_f32(3)[0], 11.2);
}

#[test]
fn integer_classes_are_in_numeric_order() {
    let data = read(b"a,y\n1,10\n2,9\n3,10\n").unwrap();
    assert_eq!((data.class_names(), data.labels()), (names(["9", "10"]).as_slice(), [1, 0, 1].as_slice()));
}

#[test]
fn each_fault_names_line_and_column() {
    let cases: &[(&[u8], &str)] = &[
        (b"a,y\n1,n\n2\n", "line 3: expected 2 cells, found 1"),
        (b"a,y\r\n1,n\r\n\r\n2,p,3\r\n", "line 4: expected 2 cells, found 3"),
        (b"a,y\n1,n\n,p\n", "line 3, column `a`: expected a number, found nothing"),
        (b"a,y\n1,n\nabc,p\n", "line 3, column `a`: expected a number, found `abc`"),
        (b"a,y\r\n1,n\r\nNaN,p\r\n", "line 3, column `a`: expected a finite number, found `NaN`"),
        (b"a,y\n1,n\n-inf,p\n", "line 3, column `a`: expected a finite number, found `-inf`"),
        (b"a,y\n1,n\n1e399,p\n", "line 3, column `a`: expected a finite number, found `1e399`"),
        (b"a,y\n\"1\n\",n\n?,p\n", "line 4, column `a`: expected a number, found `?`"),
        (b"a,y\n1,n\n2, \n", "line 3, column `y`: expected a name, found nothing"),
        (
            b"a,y\n1,n\n2,\xFF\n",
            "line 3, column `y`: expected UTF-8 text, found the byte 0xFF as byte 1 of `\u{fffd}`",
        ),
        (b"a,b\n1,n\n", "there is no column `y`; the columns are `a`, `b`"),
        (b"a,b,a,y\n1,2,3,n\n", "columns 1 and 3 are both named `a`; rename one"),
        (b"a,y\n", "there are no rows"),
        (b"", "there are no rows"),
        (b"\xEF\xBB\xBF\n\n", "there are no rows"),
        (b"a,y\n1,n\n2,n\n", "all rows are of the class `n`; at least two classes are needed"),
    ];
    for (bytes, expected) in cases {
        let message = read(bytes).unwrap_err().to_string();
        assert!(message.contains("x.csv: ") && message.contains(expected), "{message}\n{expected}");
    }
}

#[test]
fn a_label_outside_the_fixed_classes_is_named() {
    let config = config(|c| csv(c).classes = Some(vec!["n".into(), "p".into()]));
    let message = read_with(b"a,y\n1,n\n2,q\n", &config).unwrap_err().to_string();
    assert!(message.ends_with("line 3, column `y`: expected one of n, p, found `q`"), "{message}");
}

#[test]
fn a_table_of_the_target_alone_is_refused() {
    let message = read(b"y\nn\np\n").unwrap_err().to_string();
    assert!(message.contains("no column beside it"), "{message}");
}

#[test]
fn missing_cells_are_counted_in_files_that_do_not_load() {
    let checked = config(|_| {}).check().unwrap();
    let found = scan_missing(b"a,b,y\n1,NA,n\n,?,p\n3,4,p\n", &checked).unwrap();
    assert_eq!(found, [("a".into(), 1), ("b".into(), 2), ("y".into(), 0)]);
}

#[test]
fn predict_finds_columns_by_name_or_takes_them_in_order() {
    let spec = InputSpec::Table(TableInput::of(vec!["a".into(), "b".into()]));
    let rows = |text: &str| {
        spec.read("new.csv", text.as_bytes(), None)
            .map(|raw| raw.samples.row_f32(0))
            .map_err(|e| e.to_string())
    };
    assert_eq!(rows("b,x,a\n1,?,2\n"), Ok(vec![2.0, 1.0]));
    assert_eq!(rows("1,2\n3,4\n"), Ok(vec![1.0, 2.0]));
    for (text, expected) in [
        ("1,2,3\n", "new.csv: line 1: expected 2 cells, found 3"),
        ("a,x\n1,2\n", "new.csv: there is no column `b`; the columns are `a`, `x`"),
        ("u,v\n1,2\n", "new.csv: there is no column `a`; the columns are `u`, `v`"),
        ("1,abc\n", "new.csv: line 1, column `c1`: expected a number, found `abc`"),
        (
            "a,b\n1,\n",
            "new.csv: line 2, column `b`: expected a number, found nothing; missing values are not filled in: remove \
             such rows, or train without the column",
        ),
        ("a,b\n", "new.csv: there are no rows"),
    ] {
        assert_eq!(rows(text), Err(expected.to_owned()));
    }
    let numeric = InputSpec::Table(TableInput::of(vec!["0".into(), "1".into()]));
    assert_eq!(numeric.read("n", b"1,0\n5,6\n", None).unwrap().samples.row_f32(0), [6.0, 5.0]);
    assert_eq!(numeric.read("n", b"1,7\n5,6\n", None).unwrap().samples.len(), 2);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let spec = InputSpec::Table(TableInput::of(vec!["a".into()]));
        let _ = spec.read("x", &bytes, None);
    }

    #[test]
    fn nearly_tables_never_panic(text in "[a-y0-9,\"\r\n. ]{0,80}") {
        let _ = read(format!("a,y\n{text}").as_bytes());
    }

    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec((any::<f32>(), -1e9_f32..1e9, 0_u8..3), 2..40),
        crlf in any::<bool>(),
    ) {
        let rows = rows.into_iter().filter(|row| row.0.is_finite()).collect::<Vec<_>>();
        prop_assume!(rows.iter().any(|row| row.2 != rows[0].2));
        let end = if crlf { "\r\n" } else { "\n" };
        let lines = rows.iter().map(|(a, b, y)| format!("{a},\"{b}\",class {y}{end}"));
        let text = format!("a,b,y{end}{}", lines.collect::<String>());
        let data = read(text.as_bytes()).unwrap();
        prop_assert_eq!(data.len(), rows.len());
        for (row, (a, b, y)) in rows.iter().enumerate() {
            prop_assert_eq!(data.samples.row_f32(row), [*a, *b]);
            prop_assert_eq!(&data.class_names()[data.labels()[row] as usize], &format!("class {y}"));
        }
    }
}

#[test]
fn a_column_can_give_the_split() {
    use brasa_data::{Split, make_split};

    let text = b"x,use,y\n1,Training,n\n2,train,p\n3,Validation,n\n4,test,p\n5,val,p\n6,Test,n\n";
    let given = config(|c| {
        csv(c).split = Some("use".into());
        c.split = SplitConfig { kind: SplitKind::Given, ..SplitConfig::default() };
    });
    let data = read_with(text, &given).unwrap();
    assert_eq!(data.feature_names, ["x"]);
    let split = make_split(&data, given.check().unwrap().split()).unwrap();
    assert_eq!(split, Split { train: vec![0, 1], valid: vec![2, 4], test: vec![3, 5] });

    let unknown = read_with(b"x,use,y\n1,train,n\n2,holdout,p\n", &given).unwrap_err().to_string();
    assert!(
        unknown.contains("line 3") && unknown.contains("`use`") && unknown.contains("holdout"),
        "{unknown}"
    );

    let without = config(|c| c.split.kind = SplitKind::Given).check().unwrap_err().to_string();
    assert_eq!(
        without,
        "[data] `split.kind`: \"given\" needs in [data.csv] the key `split`, a column that says which split each row belongs \
         to, or `files`, with a file for each split"
    );
    let stratified = make_split(&data, &SplitConfig::default().check().unwrap()).unwrap_err().to_string();
    assert!(stratified.contains("\"given\""), "{stratified}");
}
