//! What a `[data]` table must and must not say.

use brasa_data::{DataConfig, Scaling};

const CSV: &str = "csv.file = \"a.csv\"\ncsv.target = \"y\"\n";
const IDX: &str = "idx.classes = [\"a\", \"b\"]\nidx.train_images = \"1\"\nidx.train_labels = \"2\"\n\
                   idx.test_images = \"3\"\nidx.test_labels = \"4\"\n";

fn check(text: &str) -> String {
    let config: DataConfig = toml::from_str(text).unwrap();
    config.check().map_or_else(|error| error.to_string(), |_| "ok".into())
}

#[test]
fn complete_tables_pass() {
    for rest in ["", "scaling = \"standard\"\nlimit = 3", "csv.group = \"g\"\nsplit.kind = \"grouped\""] {
        assert_eq!(check(&format!("{CSV}{rest}")), "ok");
    }
    for rest in [
        "",
        "scaling = \"pixels\"",
        "split.valid_from = \"test\"\nsplit.valid = 0.5",
        "split.kind = \"given\"",
    ] {
        assert_eq!(check(&format!("{IDX}{rest}")), "ok");
    }
}

#[test]
fn there_is_one_table_that_says_where_the_data_are() {
    let message = check("scaling = \"none\"");
    assert!(message.contains("[data.csv]") && message.contains("missing"), "{message}");
    let message = check(&format!("{CSV}{IDX}"));
    assert_eq!(message, "[data] `idx`: [data.csv] is there, too; keep one of them");
}

#[test]
fn each_wrong_table_names_its_key() {
    let csv = [
        ("csv.delimiter = \"ab\"", "`csv.delimiter`: expected one ASCII"),
        ("csv.delimiter = \"\"", "`csv.delimiter`: expected one ASCII"),
        ("csv.delimiter = '\"'", "`csv.delimiter`: expected one ASCII"),
        ("csv.group = \"y\"", "`csv.group`: is the target"),
        ("csv.features = []", "`csv.features`: is empty"),
        ("csv.features = [\"a\", \"a\"]", "`csv.features`: names `a` twice"),
        ("csv.features = [\"y\"]", "`csv.features`: contains the target"),
        ("csv.group = \"g\"\ncsv.features = [\"g\"]", "`csv.features`: contains the group"),
        ("csv.classes = [\"a\"]", "`csv.classes`: expected at least two"),
        ("csv.classes = [\"a\", \"a\"]", "`csv.classes`: names `a` twice"),
        ("csv.threshold = 6.0", "`csv.threshold`: needs `classes` with two names"),
        (
            "csv.threshold = 6.0\ncsv.classes = [\"a\", \"b\", \"c\"]",
            "`csv.threshold`: needs `classes` with two names",
        ),
        (
            "csv.threshold = nan\ncsv.classes = [\"a\", \"b\"]",
            "`csv.threshold`: expected a finite number, found NaN",
        ),
        ("scaling = \"pixels\"", "`scaling`: does not apply to [data.csv]"),
        ("mean = [0.5]", "`mean`: applies only to"),
        ("std = [0.5]", "`std`: applies only to"),
        ("limit = 0", "`limit`: 0 leaves nothing"),
        ("split.valid = 1.0", "`split.valid`: expected a fraction"),
        ("split.valid = -0.1", "`split.valid`: expected a fraction"),
        ("split.test = nan", "`split.test`: expected a fraction"),
        ("split.valid = 0.0", "`split.valid`: 0 leaves no validation"),
        ("split.valid = 0.5\nsplit.test = 0.5", "`split.valid`: with split.test it adds up to 1"),
        ("split.kind = \"grouped\"", "`split.kind`: \"grouped\" needs the key `group`"),
        ("split.kind = \"given\"", "`split.kind`: \"given\" needs in [data.csv] the key `split`, a column"),
        ("split.valid_from = \"test\"", "`split.valid_from`: \"test\" applies only"),
    ];
    let idx = [
        ("scaling = \"standard\"", "`scaling`: does not apply to [data.idx]"),
        ("scaling = \"pixels\"\nmean = [0.5]", "`std`: missing; `mean` is given"),
        ("scaling = \"pixels\"\nstd = [0.5]", "`mean`: missing; `std` is given"),
        ("scaling = \"pixels\"\nmean = [0.5]\nstd = [0.1, 0.2]", "`mean`: 1 values against 2"),
        ("scaling = \"pixels\"\nmean = [0.5]\nstd = [0.0]", "`std`: expected numbers above 0"),
        ("scaling = \"pixels\"\nmean = [inf]\nstd = [1.0]", "`mean`: expected finite"),
        ("split.test = 0.1", "`split.test`: [data.idx] gives test rows"),
        ("split.kind = \"grouped\"", "`split.kind`: \"grouped\" needs data with groups"),
    ];
    let cases = csv.iter().map(|case| (CSV, case)).chain(idx.iter().map(|case| (IDX, case)));
    for (base, (rest, expected)) in cases {
        let message = check(&format!("{base}{rest}"));
        assert!(message.starts_with(&format!("[data] {expected}")), "{rest}: {message}");
    }
}

#[test]
fn each_missing_key_is_named() {
    for base in [CSV, IDX] {
        for missing in base.lines() {
            let rest = base.lines().filter(|line| *line != missing).collect::<Vec<_>>();
            let key = missing.split(' ').next().unwrap();
            assert_eq!(check(&rest.join("\n")), format!("[data] `{key}`: missing"));
        }
    }
}

#[test]
fn the_checked_table_gives_back_what_was_written() {
    let config: DataConfig = toml::from_str(&format!("{IDX}scaling = \"pixels\"\nlimit = 9")).unwrap();
    let checked = config.check().unwrap();
    assert_eq!(checked.config(), &config);
    assert_eq!(checked.config().scaling, Scaling::Pixels);
    assert_eq!(checked.split().limit(), Some(9));
    assert_eq!(checked.file_names(), ["1", "2", "3", "4"]);
}
