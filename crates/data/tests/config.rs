//! What a `[data]` table must and must not say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_data::{DataConfig, Scaling};

const CSV: &str = "file = \"a.csv\"\ntarget = \"y\"\n";
const IDX: &str = "format = \"idx\"\nclasses = [\"a\", \"b\"]\ntrain_images = \"1\"\n\
                   train_labels = \"2\"\ntest_images = \"3\"\ntest_labels = \"4\"\n";

fn check(text: &str) -> String {
    let config: DataConfig = toml::from_str(text).unwrap();
    config.check().map_or_else(|error| error.to_string(), |_| "ok".into())
}

#[test]
fn complete_tables_pass() {
    for rest in ["", "scaling = \"standard\"\nlimit = 3", "group = \"g\"\n[split]\nkind = \"grouped\""] {
        assert_eq!(check(&format!("{CSV}{rest}")), "ok");
    }
    for rest in ["", "scaling = \"pixels\"", "[split]\nvalid_from = \"test\"\nvalid = 0.5"] {
        assert_eq!(check(&format!("{IDX}{rest}")), "ok");
    }
}

#[test]
fn each_wrong_table_names_its_key() {
    let csv = [
        ("train_images = \"x\"", "`train_images`: does not apply to format \"csv\""),
        ("resize = \"nearest\"", "`resize`: does not apply"),
        ("delimiter = \"ab\"", "`delimiter`: expected one ASCII"),
        ("delimiter = \"\"", "`delimiter`: expected one ASCII"),
        ("delimiter = '\"'", "`delimiter`: expected one ASCII"),
        ("group = \"y\"", "`group`: is the target"),
        ("features = []", "`features`: is empty"),
        ("features = [\"a\", \"a\"]", "`features`: names `a` twice"),
        ("features = [\"y\"]", "`features`: contains the target"),
        ("group = \"g\"\nfeatures = [\"g\"]", "`features`: contains the group"),
        ("classes = [\"a\"]", "`classes`: expected at least two"),
        ("classes = [\"a\", \"a\"]", "`classes`: names `a` twice"),
        ("threshold = 6.0", "`threshold`: needs `classes` with two names"),
        ("threshold = 6.0\nclasses = [\"a\", \"b\", \"c\"]", "`threshold`: needs `classes` with two names"),
        ("threshold = nan\nclasses = [\"a\", \"b\"]", "`threshold`: expected a finite number, found NaN"),
        ("scaling = \"pixels\"", "`scaling`: does not apply to format \"csv\""),
        ("mean = [0.5]", "`mean`: applies only to"),
        ("std = [0.5]", "`std`: applies only to"),
        ("limit = 0", "`limit`: 0 leaves nothing"),
        ("[split]\nvalid = 1.0", "`split.valid`: expected a fraction"),
        ("[split]\nvalid = -0.1", "`split.valid`: expected a fraction"),
        ("[split]\ntest = nan", "`split.test`: expected a fraction"),
        ("[split]\nvalid = 0.0", "`split.valid`: 0 leaves no validation"),
        ("[split]\nvalid = 0.5\ntest = 0.5", "`split.valid`: with split.test it adds up to 1"),
        ("[split]\nkind = \"grouped\"", "`split.kind`: \"grouped\" needs the key `group`"),
        ("[split]\nkind = \"given\"", "`split.kind`: \"given\" needs the key `side`"),
        ("[split]\nvalid_from = \"test\"", "`split.valid_from`: \"test\" applies only"),
    ];
    let idx = [
        ("file = \"x\"", "`file`: does not apply to format \"idx\""),
        ("header = true", "`header`: does not apply"),
        ("threshold = 6.0", "`threshold`: does not apply"),
        ("scaling = \"standard\"", "`scaling`: does not apply to format \"idx\""),
        ("scaling = \"pixels\"\nmean = [0.5]", "`std`: missing; `mean` is given"),
        ("scaling = \"pixels\"\nstd = [0.5]", "`mean`: missing; `std` is given"),
        ("scaling = \"pixels\"\nmean = [0.5]\nstd = [0.1, 0.2]", "`mean`: 1 values against 2"),
        ("scaling = \"pixels\"\nmean = [0.5]\nstd = [0.0]", "`std`: expected numbers above 0"),
        ("scaling = \"pixels\"\nmean = [inf]\nstd = [1.0]", "`mean`: expected finite"),
        ("[split]\ntest = 0.1", "`split.test`: format \"idx\" gives a test side"),
        ("[split]\nkind = \"grouped\"", "`split.kind`: format \"idx\" gives neither"),
    ];
    let cases = csv.iter().map(|case| (CSV, case)).chain(idx.iter().map(|case| (IDX, case)));
    for (base, (rest, expected)) in cases {
        let message = check(&format!("{base}{rest}"));
        assert!(message.starts_with(&format!("[data] {expected}")), "{rest}: {message}");
    }
}

#[test]
fn each_missing_key_is_named() {
    for (base, keys) in [
        (CSV, vec!["file", "target"]),
        (IDX, vec!["classes", "train_images", "train_labels", "test_images", "test_labels"]),
    ] {
        for key in keys {
            let rest = base.lines().filter(|line| !line.starts_with(key)).collect::<Vec<_>>();
            let message = check(&rest.join("\n"));
            assert!(message.starts_with(&format!("[data] `{key}`: missing; format")), "{message}");
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
