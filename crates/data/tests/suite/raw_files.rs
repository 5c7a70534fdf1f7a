//! The files that a path given to `predict` stands for, and what is read from them.

use std::io::{Cursor, Write};
use std::path::Path;

use brasa_data::{ImageInput, InputSpec, Resize, TableInput, TextInput};
use image::{GrayImage, ImageFormat, Luma};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn images() -> InputSpec {
    let (resize, crop) = (Resize::Nearest, Default::default());
    InputSpec::Image(ImageInput { channels: 1, height: 2, width: 2, resize, crop })
}

fn tables() -> InputSpec {
    InputSpec::Table(TableInput::of(vec!["a".into(), "b".into()]))
}

fn texts() -> InputSpec {
    let vocabulary = vec!["red".into(), "cup".into()];
    InputSpec::Text(TextInput {
        field: "title".into(),
        tokens: false,
        grams: Default::default(),
        length: 2,
        vocabulary,
    })
}

fn encoded(value: u8, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    GrayImage::from_pixel(2, 2, Luma([value])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(value: u8) -> Vec<u8> {
    encoded(value, ImageFormat::Png)
}

fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

/// What a model with that input gets of a path: the name of each sample and its first value, or what is wrong.
fn read(spec: &InputSpec, path: &Path) -> Vec<String> {
    let shown = |text: String| text.replace(&format!("{}/", path.display()), "");
    let files = match spec.files(path) {
        Ok(files) => files,
        Err(error) => return vec![error.to_string().replace(&path.display().to_string(), "PATH")],
    };
    let rows =
        files.flat_map(|file| match file.content.and_then(|bytes| spec.read(&file.label, &bytes, None)) {
            Err(error) => vec![error.to_string()],
            Ok(raw) => {
                let values = (0..raw.samples.len()).map(|row| raw.samples.row_f32(row)[0]);
                raw.names.iter().zip(values).map(|(name, value)| format!("{name} = {value}")).collect()
            }
        });
    rows.map(shown).collect()
}

#[test]
fn images_are_told_by_content_and_files_left_behind_are_passed_over() {
    let jpeg = || encoded(90, ImageFormat::Jpeg);
    let folder = folder(&[
        ("a.PNG", png(1)),
        ("b.jfif", jpeg()),
        ("c.jpe", jpeg()),
        ("d", png(2)),
        ("._x.png", b"x".to_vec()),
        (".DS_Store", b"x".to_vec()),
        ("Thumbs.db", b"x".to_vec()),
        ("Icon\r", b"x".to_vec()),
        ("README.md", b"x".to_vec()),
        ("labels.csv", b"x".to_vec()),
        ("@eaDir/a.PNG/x.jpg", b"x".to_vec()),
    ]);
    assert_eq!(read(&images(), folder.path()), ["a.PNG = 1", "b.jfif = 90", "c.jpe = 90", "d = 2"]);
}

#[test]
fn a_folder_of_class_folders_is_read_to_its_depths() {
    let folder =
        folder(&[("set/train/cat/a.png", png(1)), ("set/test/dog/a.png", png(2)), ("b.png", png(3))]);
    let expected = ["b.png = 3", "set/test/dog/a.png = 2", "set/train/cat/a.png = 1"];
    assert_eq!(read(&images(), folder.path()), expected);
}

#[test]
fn a_bad_file_is_an_error_of_its_own() {
    let folder =
        folder(&[("a.png", png(1)), ("b.png", vec![]), ("c.gif", b"GIF89a;".to_vec()), ("d.png", png(2))]);
    let expected = [
        "a.png = 1",
        "b.png: the file is empty; expected a PNG or JPEG image",
        "c.gif: expected a PNG or JPEG image, found a GIF file",
        "d.png = 2",
    ];
    assert_eq!(read(&images(), folder.path()), expected);
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_an_error_of_its_own_and_one_in_a_circle_ends() {
    let folder = folder(&[("cat/a.png", png(1))]);
    std::os::unix::fs::symlink("nowhere", folder.path().join("b.png")).unwrap();
    std::os::unix::fs::symlink("..", folder.path().join("cat/up")).unwrap();
    let rows = read(&images(), folder.path());
    assert!(rows[0].starts_with("b.png: cannot read: "), "{rows:?}");
    assert!(rows.iter().any(|row| row == "cat/a.png = 1"), "{rows:?}");
    assert!(rows.last().unwrap().ends_with(": expected an image file, found a folder"), "{rows:?}");
}

#[test]
fn a_zip_archive_is_read_as_the_folder_it_was_packed_from() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in
        [("set/dog/b.png", png(2)), ("set/cat/a", png(1)), ("set/cat/c.png", vec![]), ("set/README", vec![])]
    {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    let folder = folder(&[("photos.zip", writer.finish().unwrap().into_inner())]);
    let path = folder.path().join("photos.zip");
    let rows = read(&images(), &path);
    let rows = rows.iter().map(|row| row.rsplit('/').next().unwrap()).collect::<Vec<_>>();
    let bad = "c.png: the file is empty; expected a PNG or JPEG image";
    assert_eq!(rows, ["a = 1", bad, "b.png = 2"]);
    let first = images().files(&path).unwrap().next().unwrap().label;
    assert_eq!(first, format!("{}: set/cat/a", path.display()));
}

#[test]
fn a_folder_or_an_archive_without_anything_to_read() {
    let notes = folder(&[("README.md", vec![]), (".hidden.png", png(1))]);
    assert_eq!(read(&images(), notes.path()), ["PATH: expected PNG or JPEG images in it, found none"]);
    assert_eq!(
        read(&tables(), notes.path()),
        [
            "PATH: expected files that end in .csv, .tsv, .txt, .jsonl, .ndjson, .xlsx, .xls, .ods, .parquet, .zip in it, found none"
        ]
    );
    let broken = folder(&[("a.zip", b"PK\x03\x04".to_vec())]);
    let message = &read(&images(), &broken.path().join("a.zip"))[0];
    assert!(message.starts_with("PATH: expected a zip archive: "), "{message}");
}

#[test]
fn tables_and_texts_of_a_folder_by_their_endings() {
    let folder = folder(&[
        ("b.CSV", b"1,2\n3,4\n".to_vec()),
        ("._b.csv", b"x".to_vec()),
        ("a.tsv.png", b"x".to_vec()),
        ("note.pdf", b"x".to_vec()),
        ("c.csv", b"a,b\nx,1\n".to_vec()),
    ]);
    let rows = read(&tables(), folder.path());
    assert_eq!(rows[..2], ["b.CSV:1 = 1", "b.CSV:2 = 3"]);
    assert!(rows[2].starts_with("c.csv: line 2, column `a`: expected "), "{rows:?}");
    assert_eq!(rows.len(), 3);
}

#[test]
fn blank_last_lines_do_not_count() {
    for end in ["", "\n", "\n\n\n", "\r\n\r\n", "\n  \n\t\n"] {
        let folder =
            folder(&[("a.csv", format!("1,2\n3,4{end}").into()), ("b.txt", format!("red\ncup{end}").into())]);
        assert_eq!(read(&tables(), &folder.path().join("a.csv")).len(), 2, "{end:?}");
        let rows = read(&texts(), &folder.path().join("b.txt"));
        assert_eq!((rows.len(), rows[1].ends_with(":2 = 2")), (2, true), "{end:?} {rows:?}");
    }
}
