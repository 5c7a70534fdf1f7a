//! Reading titles: what comes out, and what each fault is called.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::{ImageInput, InputSpec, Samples, Values};

const JSON: &str = r#"{"title": "Funda Celular AZUL", "category": "CASES", "language": "spanish"}
{"category": "PHONES", "label_quality": "reliable", "title": "Celular azul 64GB celular", "language": "spanish"}

{"title": "capa celular", "category": "CASES", "language": "portuguese"}
{"title": "Termo", "category": "BOTTLES", "language": "spanish"}
"#;

fn config(edit: impl FnOnce(&mut TextConfig)) -> TextConfig {
    let mut config = TextConfig { file: Some("x.jsonl".into()), length: Some(4), ..TextConfig::default() };
    edit(&mut config);
    config
}

fn load_as(name: &str, content: &[u8], config: &TextConfig) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), content).unwrap();
    let config = TextConfig { file: Some(name.into()), ..config.clone() };
    config.load(&Files::directory(folder.path())).map_err(|error| in_folder(error, folder.path()))
}

/// The error with the temporary folder taken out of its message.
fn in_folder(error: DataError, folder: &Path) -> DataError {
    let message = error.to_string().replace(&format!("{}/", folder.display()), "");
    DataError::in_file("manifest", message)
}

fn json(content: &str, config: &TextConfig) -> Result<Labelled> {
    load_as("x.jsonl", content.as_bytes(), config)
}

fn message(result: Result<Labelled>) -> String {
    let text = result.unwrap_err().to_string();
    text.strip_prefix("manifest: ").unwrap().to_owned()
}

fn ids(data: &Labelled) -> Vec<Vec<u32>> {
    (0..data.len()).map(|row| data.samples.u32_row(row).unwrap().to_vec()).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn words_are_numbered_by_frequency_then_text_and_titles_padded() {
    let data = json(JSON, &config(|_| {})).unwrap();
    let text = data.text.as_ref().unwrap();
    assert_eq!(text.vocabulary, ["celular", "azul", "64gb", "capa", "funda", "termo"]);
    assert_eq!(text.counts, [4, 2, 1, 1, 1, 1]);
    assert_eq!(ids(&data), [[5, 1, 2, 0], [1, 2, 3, 1], [4, 1, 0, 0], [6, 0, 0, 0]]);
    assert_eq!(data.class_names(), ["BOTTLES", "CASES", "PHONES"]);
    assert_eq!(data.labels(), [1, 2, 1, 0]);
    assert_eq!((text.cut, text.skipped, text.field.as_str()), (0, 0, "title"));
    assert_eq!(data.files[0].bytes, JSON.len() as u64);
}

#[test]
fn tables_gzip_and_json_lines_are_read_alike() {
    let expected = json(JSON, &config(|_| {})).unwrap();
    let table = "id,\"category\", title\r\n1,CASES,Funda Celular AZUL\r\n2,PHONES,\"Celular azul\n64GB celular\"\r\n\r\n3,CASES,capa celular\r\n4,BOTTLES,Termo";
    let tabs = "title\tcategory\nFunda Celular AZUL\tCASES\nCelular azul 64GB celular\tPHONES\ncapa celular\tCASES\nTermo\tBOTTLES\n";
    let marked = format!("\u{feff}{JSON}");
    for (name, content) in [
        ("x.csv", table.as_bytes().to_vec()),
        ("x.tsv", tabs.as_bytes().to_vec()),
        ("x.csv.gz", gzip(table.as_bytes())),
        ("x.jsonl.gz", gzip(JSON.as_bytes())),
        ("x.json", marked.into_bytes()),
    ] {
        let data = load_as(name, &content, &config(|_| {})).unwrap();
        assert_eq!((ids(&data), &data.labels()), (ids(&expected), &expected.labels()), "{name}");
    }
}

#[test]
fn several_files_are_one_data_set() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = JSON.split_at(JSON.find("\n\n").unwrap() + 1);
    std::fs::write(folder.path().join("a.jsonl"), first).unwrap();
    std::fs::write(folder.path().join("b.jsonl.gz"), gzip(second.as_bytes())).unwrap();
    let config = config(|c| {
        c.file = None;
        c.files = Some(TextFiles::List(vec!["a.jsonl".into(), "b.jsonl.gz".into()]));
    });
    let data = config.load(&Files::directory(folder.path())).unwrap();
    assert_eq!(ids(&data), ids(&json(JSON, &self::config(|_| {})).unwrap()));
    assert_eq!(data.files.len(), 2);
}

#[test]
fn categories_and_languages_are_chosen() {
    let classes = |config: &TextConfig| {
        json(JSON, config).map(|data| (data.class_names().to_vec(), data.labels().to_vec()))
    };
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    let top = classes(&config(|c| c.top = Some(2))).unwrap();
    assert_eq!(top, (names(["BOTTLES", "CASES"]), vec![1, 1, 0]), "of equal ones the first by name");
    let listed = classes(&config(|c| c.classes = Some(names(["PHONES", "CASES"])))).unwrap();
    assert_eq!(listed, (names(["PHONES", "CASES"]), vec![1, 0, 1]));
    let data = json(JSON, &config(|c| c.language = Some("spanish".into()))).unwrap();
    assert_eq!(data.labels(), [1, 2, 0]);
    assert!(!data.text.unwrap().vocabulary.contains(&"capa".to_owned()));
    let data = json(JSON, &config(|c| c.top = Some(2))).unwrap();
    assert_eq!(data.text.unwrap().counts, [2, 1, 1, 1, 1], "words of other categories are not counted");
}

#[test]
fn rare_words_leave_the_titles_and_long_titles_are_cut() {
    let data = json(JSON, &config(|c| c.min_count = Some(2))).unwrap();
    assert_eq!(data.text.as_ref().unwrap().vocabulary, ["celular", "azul"]);
    assert_eq!(ids(&data), [[1, 2, 0, 0], [1, 2, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]);
    let data = json(JSON, &config(|c| c.length = Some(2))).unwrap();
    assert_eq!(ids(&data), [[5, 1], [1, 2], [4, 1], [6, 0]]);
    assert_eq!(data.text.unwrap().cut, 2);
}

#[test]
fn words_are_numbered_before_other_tokens_and_come_first() {
    let data = json(JSON, &config(|c| (c.row, c.length) = (Some(2), Some(8)))).unwrap();
    let text = data.text.as_ref().unwrap();
    assert_eq!(text.vocabulary[..6], ["celular", "azul", "64gb", "capa", "funda", "termo"]);
    assert!(text.vocabulary[6..].iter().all(|token| token.contains(' ')), "{:?}", text.vocabulary);
    assert_eq!(text.plain, Some(PlainWords { words: 6, length: 4 }));
    assert!(ids(&data)[0][..3] == [5, 1, 2] && ids(&data)[0][3..5].iter().all(|&id| id > 6));
    assert_eq!(json(JSON, &config(|_| {})).unwrap().text.unwrap().plain, None);
}

#[test]
fn given_tokens_are_taken_as_they_are() {
    let content = r#"{"title": "no", "words": ["Big", "a b", "\u00e9"], "category": 7}
{"title": "no", "words": "Big é", "category": 10}
"#;
    let data = json(content, &config(|c| c.tokens = Some("words".into()))).unwrap();
    let text = data.text.as_ref().unwrap();
    assert_eq!(text.vocabulary, ["Big", "é", "a", "b"]);
    assert_eq!(ids(&data), [[1, 3, 4, 2], [1, 2, 0, 0]]);
    assert_eq!(data.class_names(), ["7", "10"], "numbers sort as numbers");
    assert!(text.tokens);
}

#[test]
fn bad_lines_are_named_by_file_and_line() {
    let good = "{\"title\": \"a\", \"category\": \"x\"}\n";
    let long = format!("{{\"title\": \"{}\", \"category\": \"x\"}}", "a".repeat(1 << 16));
    for (line, problem) in [
        (
            "{\"title\": \"a\", \"category",
            "not a JSON object: EOF while parsing a string at column 24; each object must end on the line it begins on",
        ),
        (
            "[1, 2]",
            "expected a JSON object, found a list; each line must hold one object, without brackets around all of them (jq -c '.[]' writes a list so)",
        ),
        ("{\"title\": \"a\", \"category\": \"x\"} {}", "not a JSON object: trailing characters at column 33"),
        (long.as_str(), "the line is longer than 65536 bytes; BRASA_LIMITS=text=SIZE takes more"),
        ("{\"category\": \"x\"}", "there is no `title`"),
        ("{\"title\": \"a\"}", "there is no `category`"),
        ("{\"title\": null, \"category\": \"x\"}", "`title`: expected text, found null"),
        ("{\"title\": {\"a\": 1}, \"category\": \"x\"}", "`title`: expected text, found an object"),
        ("{\"title\": [\"a\"], \"category\": \"x\"}", "`title`: expected text, found a list"),
        ("{\"title\": \"\", \"category\": \"x\"}", "`title` is empty"),
        ("{\"title\": \" - ! \", \"category\": \"x\"}", "`title` holds no letter or digit"),
        ("{\"title\": \"a\", \"category\": \"  \"}", "`category` is empty"),
    ] {
        let content = format!("{good}\n{line}\r\n{good}");
        assert_eq!(message(json(&content, &config(|_| {}))), format!("x.jsonl: line 3: {problem}"));
        let other = "{\"title\": \"b\", \"category\": \"y\"}\n";
        let data = json(&format!("{content}{other}"), &config(|c| c.skip_bad = Some(1))).unwrap();
        let text = data.text.as_ref().unwrap();
        assert_eq!((data.len(), text.skipped), (3, 1));
        assert!(text.first_skipped.as_ref().unwrap().ends_with(&format!("line 3: {problem}")));
    }
}

#[test]
fn other_bytes_than_utf8_are_found_in_both_formats() {
    const ADVICE: &str =
        "if the file is Latin-1 or Windows-1252, save it as UTF-8 (iconv -f WINDOWS-1252 -t UTF-8)";
    let error = load_as("x.jsonl", b"{\"title\": \"a\xFF\", \"category\": \"x\"}\n", &config(|_| {}));
    assert_eq!(
        message(error),
        format!(
            "x.jsonl: line 1: expected UTF-8 text, found the byte 0xFF as byte 13 of `{{\"title\": \"a\u{fffd}\", \"category\": \"x\"}}`; {ADVICE}"
        )
    );
    let error = load_as("x.csv", b"title,category\na\xFF,x\n", &config(|_| {}));
    assert_eq!(
        message(error),
        format!(
            "x.csv: line 2: column `title`: expected UTF-8 text, found the byte 0xFF as byte 2 of `a\u{fffd}`; {ADVICE}"
        )
    );
}

#[test]
fn one_bad_line_more_than_allowed_is_an_error_that_says_both() {
    let error = json("{}\n{}\n{}\n", &config(|c| c.skip_bad = Some(2)));
    assert_eq!(
        message(error),
        "x.jsonl: line 3: there is no `category`; 2 bad lines were passed over before it, as skip_bad allows"
    );
}

#[test]
fn bad_rows_of_a_table_are_named_and_passed_over() {
    let long = format!("\"{}\n{}", "a".repeat(70_000), "b".repeat(10));
    for (row, problem, more) in [
        ("a", "expected 2 cells, found 1", 0),
        ("a,b,c", "expected 2 cells, found 3", 0),
        ("\"\",x", "`title` is empty", 0),
        // What follows the line that is too long is a row again, and here one with too few cells.
        (
            long.as_str(),
            "the row is longer than 65536 bytes; is a quote opened and never closed? BRASA_LIMITS=text=SIZE takes more",
            1,
        ),
    ] {
        let content = format!("title,category\na b,x\n{row}\nc,y\n");
        let error = load_as("x.csv", content.as_bytes(), &config(|_| {}));
        assert_eq!(message(error), format!("x.csv: line 3: {problem}"));
        let data = load_as("x.csv", content.as_bytes(), &config(|c| c.skip_bad = Some(1 + more))).unwrap();
        assert_eq!((data.len(), data.text.unwrap().skipped), (2, 1 + more));
    }
    let error = load_as("x.csv", b"name,category\na,x\n", &config(|_| {}));
    assert_eq!(message(error), "x.csv: there is no column `title`; the columns are `name`, `category`");
    assert_eq!(message(load_as("x.csv", b"", &config(|_| {}))), "x.csv: there are no rows");
}

#[test]
fn what_leaves_nothing_to_learn_is_an_error() {
    let error = message(json(JSON, &config(|c| c.min_count = Some(5))));
    let expected = "x.jsonl: no word occurs 5 times, the most frequent one 4 times; lower min_count";
    assert_eq!(error, expected);
    let error = json(JSON, &config(|c| c.classes = Some(vec!["CASES".into(), "SHOES".into()])));
    let expected = "[data] `text.classes`: no title of x.jsonl is of the category `SHOES`";
    assert_eq!(message(error), expected);
    let error = message(json(JSON, &config(|c| c.language = Some("portuguese".into()))));
    assert_eq!(error, "x.jsonl: all rows are of the class `CASES`; at least two classes are needed");
    let error = message(json(JSON, &config(|c| c.language = Some("basque".into()))));
    assert_eq!(error, "x.jsonl: there are no rows");
    assert_eq!(message(json("\n", &config(|_| {}))), "x.jsonl: there are no rows");
    let packed = gzip(JSON.as_bytes());
    let error = message(load_as("x.jsonl.gz", &packed[..packed.len() - 9], &config(|_| {})));
    assert!(error.starts_with("x.jsonl.gz: the gzip stream breaks after"), "{error}");
}

#[test]
fn keys_that_make_no_sense_are_named() {
    let wrong: [(TextConfig, &str); 10] = [
        (TextConfig::default(), "`text.file`: missing"),
        (
            config(|c| c.files = Some(TextFiles::List(vec!["y.csv".into()]))),
            "`text.files`: `file` is there, too",
        ),
        (config(|c| c.file = Some("x.txt".into())), "`text.file`: `x.txt` should end in"),
        (config(|c| c.top = Some(1)), "`text.top`: expected at least 2"),
        (config(|c| c.classes = Some(vec!["a".into()])), "`text.classes`: expected at least 2"),
        (config(|c| c.classes = Some(vec!["a".into(), "a".into()])), "`text.classes`: `a` is there twice"),
        (config(|c| c.length = Some(0)), "`text.length`: expected 1 to 1024"),
        (config(|c| c.language_field = Some("l".into())), "`text.language_field`: it needs `language`"),
        (config(|c| c.target = Some("title".into())), "`text.target`: `title` holds the titles"),
        (
            config(|c| (c.tokens, c.text) = (Some("a".into()), Some("b".into()))),
            "`text.tokens`: `text` is there, too",
        ),
    ];
    for (config, expected) in wrong {
        let error = config.check().unwrap_err().to_string();
        assert!(error.starts_with(&format!("[data] {expected}")), "{error}");
    }
    let text = "file = 'x.csv'\ntop = 5\nskip_bad = 3\n";
    let read: TextConfig = toml::from_str(text).unwrap();
    assert_eq!(toml::from_str::<TextConfig>(&toml::to_string(&read).unwrap()).unwrap(), read);
    assert!(toml::from_str::<TextConfig>("titel = 'x'").is_err());
}

#[test]
fn the_cache_gives_the_same_data_from_a_map() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.jsonl"), JSON).unwrap();
    let plain = Files::directory(folder.path());
    let cache = folder.path().join("cache");
    let expected = config(|_| {}).load(&plain).unwrap();
    let files = plain.cached_in(cache.clone());
    for start in ["first", "second"] {
        let data = config(|_| {}).load(&files).unwrap();
        assert_eq!(data, expected);
        assert!(matches!(data.samples.values(), Values::U32(ids) if ids.is_mapped()), "{start} start");
    }
    assert_eq!(std::fs::read_dir(&cache).unwrap().count(), 1, "temporary files are gone");
    assert_eq!(config(|c| c.top = Some(2)).load(&files).unwrap().class_names().len(), 2);
}

#[test]
fn a_saved_model_reads_titles_in_every_layout_and_numbers_new_words_on() {
    let data = json(JSON, &config(|_| {})).unwrap();
    let spec = config(|_| {}).check().unwrap().input(&data);
    assert_eq!(spec.shape(), [4]);
    let written = serde_json::to_string(&spec).unwrap();
    let spec = serde_json::from_str::<InputSpec>(&written).unwrap();
    for text in [
        "Celular nuevo AZUL\nnuevo, termo rojo\n",
        "{\"title\": \"celular nuevo azul\"}\n{\"title\": \"nuevo termo rojo\", \"category\": 3}",
        "id, title\n1,celular nuevo azul\n2,nuevo-termo-rojo\n",
    ] {
        for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
            let titles = spec.read("new", &bytes, None).unwrap();
            assert_eq!(titles.unknown, ["nuevo", "rojo"], "{text}");
            assert_eq!(titles.samples.u32_row(0), Some([1, 7, 2, 0].as_slice()));
            assert_eq!(titles.samples.u32_row(1), Some([7, 6, 8, 0].as_slice()));
            let known = titles.known();
            assert_eq!(known.u32_row(0), Some([1, 2, 0, 0].as_slice()));
            assert_eq!(known.u32_row(1), Some([6, 0, 0, 0].as_slice()));
        }
    }
    let error = spec.read("new", b"celular\n\nazul\n", None).unwrap_err().to_string();
    assert_eq!(error, "new: line 2: `title` is empty");
    assert_eq!(spec.read("new", b"", None).unwrap_err().to_string(), "new: there are no rows");
    let images = InputSpec::Image(ImageInput::of(
        &Samples::new(vec![1, 2, 2], Values::U8(vec![0; 4].into())).unwrap(),
        crate::Resize::default(),
        crate::Crop::default(),
    ));
    let error = images.read("new", b"a title", None).unwrap_err().to_string();
    assert!(error.starts_with("new: expected a PNG or JPEG image"), "{error}");
}

#[test]
fn a_saved_model_takes_the_words_of_a_text_that_training_took() {
    // `rare` and `seldom` occur once, below `min_count`; with `length = 2` training keeps the first two of the others.
    let text = "rare red seldom cup red";
    let content = format!("title,category\n{text},A\nred cup,B\ncup red,B\n");
    let training = config(|c| (c.length, c.min_count) = (Some(2), Some(2)));
    let data = load_as("x.csv", content.as_bytes(), &training).unwrap();
    let spec = config(|c| (c.length, c.min_count) = (Some(2), Some(2))).check().unwrap().input(&data);
    let raw = spec.read("new", text.as_bytes(), None).unwrap();
    assert_eq!(raw.known().u32_row(0), data.samples.u32_row(0));
    assert_eq!(raw.known().u32_row(0), Some([1, 2].as_slice()), "red, cup");
    // A model with vectors for new words takes the first two tokens.
    assert_eq!(raw.samples.u32_row(0), Some([3, 1].as_slice()));
    assert_eq!(raw.unknown, ["rare"]);
    let InputSpec::Text(input) = &spec else { unreachable!() };
    let typed = input.type_text(text).unwrap().unwrap();
    assert_eq!((typed.known(), &typed.samples), (raw.known(), &raw.samples));
}

proptest! {
    /// No file of bytes panics or is looped over without end, and the lines that remain are as they were.
    #[test]
    fn any_bytes_are_read_or_refused(noise in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..2) {
        let good = ["{\"title\": \"a b\", \"category\": \"x\"}\n", "{\"title\": \"b\", \"category\": \"y\"}\n"];
        let mut content = good[..at].concat().into_bytes();
        content.extend(&noise);
        content.extend(b"\n");
        content.extend(good[at..].concat().bytes());
        let lenient = config(|c| c.skip_bad = Some(1_000));
        // Noise may begin like gzip, or end in what opens a longer line, but only in the first case.
        if let Ok(data) = load_as("x.jsonl", &content, &lenient) {
            prop_assert_eq!(data.len(), 2);
        }
        let mut table = b"title,category\na,x\nb,y\n".to_vec();
        table.extend(&noise);
        let _ = load_as("x.csv", &table, &lenient);
    }
}
