//! What faces are read as, and what is said about bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::{Role, SplitNames};

fn config(file: &str) -> PixelsConfig {
    PixelsConfig {
        file: Some(file.into()),
        pixels: Some("pixels".into()),
        label: Some("emotion".into()),
        split: Some("Usage".into()),
        split_names: Some(SplitNames {
            train: "Training".into(),
            valid: Some("PublicTest".into()),
            test: Some("PrivateTest".into()),
        }),
        size: Some([1, 3]),
        classes: Some(vec!["Angry".into(), "Happy".into()]),
        ..PixelsConfig::default()
    }
}

fn in_folder(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Files) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let files = Files::directory(folder.path());
    (folder, files)
}

/// The error without the folder.
fn message_of(config: &PixelsConfig, files: &[(&str, &[u8])]) -> String {
    let (folder, files) = in_folder(files);
    let text = config.read(&files).unwrap_err().to_string();
    text.replace(&format!("{}/", folder.path().display()), "")
}

fn message(text: &str) -> String {
    message_of(&config("f.csv"), &[("f.csv", text.as_bytes())])
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const TEXT: &str = "emotion,pixels,Usage\n0,1 2 3,Training\n1,0 255 010,PublicTest\n1, 7  8 9 ,PrivateTest\n";

#[test]
fn plain_gzip_and_zip_give_the_same_images() {
    let (gz, archive) = (gzip(TEXT.as_bytes()), zip(&[("readme.txt", b"x"), ("sub/f.CSV", TEXT.as_bytes())]));
    let quoted = TEXT.replace("1 2 3", "\"1 2 3\"").replace('\n', "\r\n");
    let (_folder, files) =
        in_folder(&[("a", TEXT.as_bytes()), ("b", &gz), ("c", &archive), ("d", quoted.as_bytes())]);
    for name in ["a", "b", "c", "d"] {
        let data = config(name).read(&files).unwrap();
        assert_eq!(data.samples.shape(), [1, 1, 3]);
        assert_eq!(data.samples.values(), &Values::U8(vec![1, 2, 3, 0, 255, 10, 7, 8, 9].into()), "{name}");
        assert_eq!(data.labels(), [0, 1, 1]);
        assert_eq!(data.roles, Some(vec![Role::Train, Role::Valid, Role::Test]));
        assert!(data.is_image() && data.soft_labels().is_none());
    }
    let no_split = PixelsConfig { split: None, split_names: None, ..config("a") };
    assert_eq!(no_split.read(&files).unwrap().roles, None);
}

#[test]
fn pixels_that_are_too_few_too_many_or_none_are_named_with_their_line() {
    let cases = [
        ("0 255", "2 numbers"),
        ("0 255 1 2", "4 numbers"),
        ("0 256 1", "`256` as number 2"),
        ("-1 2 3", "`-1` as number 1"),
        ("1 2.5 3", "`2.5` as number 2"),
        ("1 x 3", "`x` as number 2"),
        ("1 2 99999999999999999999", "`99999999999999999999` as number 3"),
        ("", "nothing"),
        ("  ", "nothing"),
    ];
    for (pixels, found) in cases {
        let text = TEXT.replace("0 255 010", pixels);
        let expected = "f.csv: line 3, column `pixels`: expected 3 whole numbers from 0 to 255, found";
        assert_eq!(message(&text), format!("{expected} {found}"));
    }
}

#[test]
fn other_bad_cells_and_files_are_named() {
    let cases = [
        (
            TEXT.replace("PublicTest", "Validation"),
            "f.csv: line 3, column `Usage`: expected Training, PublicTest or PrivateTest, found `Validation`",
        ),
        (
            TEXT.replace("PublicTest", ""),
            "f.csv: line 3, column `Usage`: expected Training, PublicTest or PrivateTest, found nothing",
        ),
        (
            TEXT.replace("\n0,", "\n2,"),
            "f.csv: line 2, column `emotion`: expected a class number from 0 to 1, found `2`",
        ),
        (
            TEXT.replace("\n0,", "\nHappy,"),
            "f.csv: line 2, column `emotion`: expected a class number from 0 to 1, found `Happy`",
        ),
        (TEXT.replace(",Training", ""), "f.csv: line 2: expected 3 cells, found 2"),
        (
            TEXT.replace("Usage", "usage"),
            "f.csv: there is no column `Usage`; the columns are `emotion`, `pixels`, `usage`",
        ),
        (
            TEXT.replace("\n0,", "\n1,"),
            "f.csv: all rows are of the class `Happy`; at least two classes are needed",
        ),
        ("emotion,pixels,Usage\n".into(), "f.csv: there are no rows"),
        (String::new(), "f.csv: there are no rows"),
    ];
    for (text, expected) in cases {
        assert_eq!(message(&text), expected);
    }
}

#[test]
fn the_line_of_a_fault_is_right_in_every_block_and_the_first_fault_is_told() {
    // Several blocks of a megabyte.
    let image = vec!["17"; 2_304].join(" ");
    let mut rows = (0..1_000).map(|i| format!("{},{image},Training", i % 2)).collect::<Vec<_>>();
    let size = Some([48, 48]);
    let text = |rows: &[String]| format!("emotion,pixels,Usage\n{}\n", rows.join("\n"));
    let (_folder, files) = in_folder(&[("good", &gzip(text(&rows).as_bytes()))]);
    assert_eq!(PixelsConfig { size, ..config("good") }.read(&files).unwrap().len(), 1_000);
    for bad in [999, 640, 333, 0] {
        rows[bad] = format!("0,{image} 1,Training");
        let message =
            message_of(&PixelsConfig { size, ..config("f") }, &[("f", &gzip(text(&rows).as_bytes()))]);
        let expected = "column `pixels`: expected 2304 whole numbers from 0 to 255, found 2305 numbers";
        assert_eq!(message, format!("f: line {}, {expected}", bad + 2));
    }
}

#[test]
fn archives_and_streams_that_are_damaged_are_named() {
    let two = zip(&[("a.csv", TEXT.as_bytes()), ("b.csv", TEXT.as_bytes())]);
    let none = zip(&[("a.txt", TEXT.as_bytes())]);
    let broken = &two[..two.len() - 30];
    let gz = gzip(TEXT.as_bytes());
    let mut wrong_sum = gz.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 1;
    let cases: [(&[u8], &str); 5] = [
        (&two, "f: expected an archive with one .csv file, found 2"),
        (&none, "f: expected an archive with one .csv file, found 0"),
        (broken, "f: expected an archive with one .csv file, found "),
        (&gz[..gz.len() - 12], "f: the gzip stream breaks after "),
        (&wrong_sum, "f: the gzip stream breaks after "),
    ];
    for (content, expected) in cases {
        let message = message_of(&config("f"), &[("f", content)]);
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn votes_become_shares_and_must_be_of_the_same_rows() {
    let config = PixelsConfig {
        votes: Some("v".into()),
        vote_columns: Some(vec!["anger".into(), "happiness".into()]),
        ..config("f")
    };
    const VOTES: &str = "Usage,happiness,NF,anger\nTraining,1,0,3\nPublicTest,0,10,0\nPrivateTest,4,0,4\n";
    let read = |votes: &[u8]| {
        let (_folder, files) = in_folder(&[("f", TEXT.as_bytes()), ("v", votes)]);
        config.read(&files).unwrap()
    };
    let expected = Some([0.75, 0.25, 0.0, 1.0, 0.5, 0.5].as_slice());
    assert_eq!(read(VOTES.as_bytes()).soft_labels(), expected);
    assert_eq!(read(&gzip(VOTES.as_bytes())).soft_labels(), expected);
    let cases = [
        (VOTES.replace("PrivateTest,4,0,4\n", ""), "v: expected 3 labels, one for each image of f, found 2"),
        (
            VOTES.replace("PrivateTest", "PublicTest"),
            "v: line 4, column `Usage`: expected the test split, as in f, found `PublicTest`",
        ),
        (
            VOTES.replace(",4\n", ",-4\n"),
            "v: line 4, column `anger`: expected a number of votes, 0 or more, found `-4`",
        ),
        (VOTES.replace(",4\n", ",x\n"), "v: line 4, column `anger`: expected a number, found `x`"),
        (
            VOTES.replace("anger", "rage"),
            "v: there is no column `anger`; the columns are `Usage`, `happiness`, `NF`, `rage`",
        ),
    ];
    for (votes, expected) in cases {
        assert_eq!(message_of(&config, &[("f", TEXT.as_bytes()), ("v", votes.as_bytes())]), expected);
    }
}

#[test]
fn the_cache_gives_the_same_data_until_file_or_settings_change() {
    let votes = "Usage,a,h\nTraining,1,0\nPublicTest,0,1\nPrivateTest,1,3\n";
    let (folder, files) = in_folder(&[("f", TEXT.as_bytes()), ("v", votes.as_bytes())]);
    let files = files.cached_in(folder.path().join("cache"));
    let columns = Some(vec!["a".into(), "h".into()]);
    let config = PixelsConfig { votes: Some("v".into()), vote_columns: columns, ..config("f") };
    let data = config.read(&files).unwrap();
    let kept = || std::fs::read_dir(folder.path().join("cache")).unwrap().count();
    assert_eq!((config.read(&files).unwrap(), kept()), (data.clone(), 1));
    let other = PixelsConfig { size: Some([3, 1]), ..config.clone() };
    assert_eq!((other.read(&files).unwrap().samples.shape(), kept()), ([1, 3, 1].as_slice(), 2));
    std::fs::write(folder.path().join("f"), TEXT.replace("1 2 3", "1 2 4")).unwrap();
    assert_ne!(config.read(&files).unwrap().samples, data.samples);
    assert_eq!(kept(), 3);
}

#[test]
fn tables_that_make_no_sense_name_their_key() {
    type Change = fn(&mut PixelsConfig);
    let cases: [(&str, Change); 12] = [
        ("`pixels.file`: missing", |c| c.file = None),
        ("`pixels.pixels`: missing", |c| c.pixels = None),
        ("`pixels.label`: missing", |c| c.label = None),
        ("`pixels.size`: missing", |c| c.size = None),
        ("`pixels.classes`: missing", |c| c.classes = None),
        ("`pixels.label`: is the pixels' column", |c| c.label = Some("pixels".into())),
        ("`pixels.split`: is the pixels' or the label's", |c| c.split = Some("emotion".into())),
        ("`pixels.size`: expected height and width from 1 to 8192, found [0, 3]", |c| c.size = Some([0, 3])),
        ("`pixels.classes`: expected at least two", |c| c.classes = Some(vec!["a".into()])),
        ("`pixels.vote_columns`: missing", |c| c.votes = Some("v".into())),
        ("`pixels.votes`: missing", |c| c.vote_columns = Some(vec!["a".into(), "b".into()])),
        ("`pixels.vote_columns`: expected 2 columns, one per class, found 1", |c| {
            c.votes = Some("v".into());
            c.vote_columns = Some(vec!["a".into()]);
        }),
    ];
    for (expected, change) in cases {
        let mut config = config("f");
        change(&mut config);
        let message = config.check().unwrap_err().to_string();
        assert!(message.starts_with(&format!("[data] {expected}")), "{message}");
    }
}

#[test]
fn fer2013_has_its_known_counts() {
    let Ok(folder) = std::env::var("BRASA_DATA") else {
        eprintln!("skipped: BRASA_DATA names no folder with data sets");
        return;
    };
    let classes = ["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"].map(String::from);
    let columns =
        ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"].map(String::from);
    let config = PixelsConfig {
        size: Some([48, 48]),
        classes: Some(classes.to_vec()),
        votes: Some("ferplus_fer2013new.csv.gz".into()),
        vote_columns: Some(columns.to_vec()),
        ..config("fer2013.csv.gz")
    };
    let data = config.read(&Files::directory(Path::new(&folder).join("fer2013"))).unwrap();
    let roles = data.roles.as_ref().unwrap();
    let count = |wanted: Role| roles.iter().filter(|&&role| role == wanted).count();
    assert_eq!([Role::Train, Role::Valid, Role::Test].map(count), [28_709, 3_589, 3_589]);
    assert_eq!(
        data.class_counts(&(0..data.len()).collect::<Vec<_>>()),
        [4_953, 547, 5_121, 8_989, 6_077, 4_002, 6_198]
    );
    assert_eq!(data.samples.u8_row(0).unwrap()[..6], [70, 80, 82, 72, 58, 58]);
    let soft = data.soft_labels().unwrap();
    assert_eq!(soft[..7], [0.3, 0.2, 0.0, 0.0, 0.1, 0.0, 0.4]);
    assert!(soft.chunks(7).all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-5));
}
