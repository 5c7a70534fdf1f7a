#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::{DataConfig, load};

/// An `.npy` file, version 1.0, as NumPy writes it.
fn npy(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, file) in arrays {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(format!("{name}.npy"), options).unwrap();
        writer.write_all(file).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read(arrays: &[(&str, Vec<u8>)], config: NpzConfig, task: TaskKind) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.npz"), npz(arrays)).unwrap();
    let npz = NpzConfig { file: Some("a.npz".into()), ..config };
    let checked = DataConfig { npz: Some(npz), task, ..DataConfig::default() }.check()?;
    load(&checked, &Files::directory(folder.path()))
}

fn classes(arrays: &[(&str, Vec<u8>)], config: NpzConfig) -> Result<Labelled> {
    read(arrays, config, TaskKind::Classification)
}

#[test]
fn brackets_within_brackets_are_refused_at_once() {
    // Found by fuzzing: 33 of them took the parser for ever.
    for shape in [
        "(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(2,(), }",
        "((((((2, 2))))))",
    ] {
        let message = refused(
            &[("x", npy("<f4", shape, &[0; 16])), ("y", npy("<i8", "(2,)", &[0; 16]))],
            NpzConfig::default(),
        );
        assert!(message.contains("nested too deep"), "{message}");
    }
}

fn refused(arrays: &[(&str, Vec<u8>)], config: NpzConfig) -> String {
    let message = classes(arrays, config).unwrap_err().to_string();
    message.rsplit_once("a.npz: ").map(|(_, problem)| problem.to_owned()).unwrap_or(message)
}

fn floats(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn square() -> Vec<u8> {
    npy("<f8", "(4, 2)", &floats(&[0.0, 0.0, 0.0, 1.5, 1e8 + 1.0, 0.0, 1.0, 1.0]))
}

#[test]
fn numbers_of_every_type_are_read_as_they_are() {
    let labels = |kind: &str, data: &[u8]| {
        classes(&[("x", square()), ("y", npy(kind, "(4,)", data))], NpzConfig::default()).unwrap()
    };
    for (kind, data) in [
        ("|u1", vec![0, 1, 1, 0]),
        ("|b1", vec![0, 1, 1, 0]),
        ("|i1", vec![0, 1, 1, 0]),
        ("<i4", [0_i32, 1, 1, 0].iter().flat_map(|n| n.to_le_bytes()).collect()),
        (">i2", [0_i16, 1, 1, 0].iter().flat_map(|n| n.to_be_bytes()).collect()),
        ("<u8", [0_u64, 1, 1, 0].iter().flat_map(|n| n.to_le_bytes()).collect()),
        ("|S3", b"0\0\x001\0\x001\0\x000\0\0".to_vec()),
        ("<U1", ['0', '1', '1', '0'].iter().flat_map(|c| (*c as u32).to_le_bytes()).collect()),
    ] {
        let data = labels(kind, &data);
        assert_eq!(
            (data.labels(), data.class_names()),
            (&[0, 1, 1, 0][..], &["0".to_owned(), "1".into()][..])
        );
        assert_eq!(data.samples.f64_row(2), Some([1e8 + 1.0, 0.0].as_slice()), "{kind}");
        assert_eq!(data.feature_names, ["x[0]", "x[1]"]);
    }
    let singles: Vec<u8> = [1.5_f32, -2.0, 0.25, 4.0].iter().flat_map(|n| n.to_be_bytes()).collect();
    let data = read(
        &[("x", square()), ("y", npy(">f4", "(4,)", &singles))],
        NpzConfig::default(),
        TaskKind::Regression,
    );
    let numbers = data.unwrap().numbers().unwrap().clone();
    assert_eq!((numbers.values, numbers.names), (vec![1.5, -2.0, 0.25, 4.0], vec!["y".to_owned()]));
}

#[test]
fn images_get_their_channels_first() {
    let config = || NpzConfig { kind: Some(ArrayKind::Images), ..NpzConfig::default() };
    let y = npy("|u1", "(2,)", &[0, 1]);
    let grey = classes(&[("x", npy("|u1", "(2, 1, 2)", &[1, 2, 3, 4])), ("y", y.clone())], config()).unwrap();
    assert_eq!((grey.samples.shape(), grey.samples.row_f32(1)), (&[1, 1, 2][..], vec![3.0, 4.0]));
    let pixels: Vec<u8> = (0..12).collect();
    let colour = classes(&[("x", npy("|u1", "(2, 1, 2, 3)", &pixels)), ("y", y)], config()).unwrap();
    assert_eq!(colour.samples.shape(), [3, 1, 2]);
    assert_eq!(colour.samples.row_f32(1), [6.0, 9.0, 7.0, 10.0, 8.0, 11.0]);
    let InputSpec::Image(input) = source(config()).input(&colour) else { panic!("images") };
    assert_eq!((input.channels, input.height, input.width), (3, 1, 2));
}

fn source(config: NpzConfig) -> Box<dyn Source> {
    use crate::formats::FormatConfig;
    NpzConfig { file: Some("a.npz".into()), ..config }.source(TaskKind::Classification).unwrap()
}

#[test]
fn classes_are_named_by_number_or_ordered_by_name() {
    let names = |names: &[&str]| NpzConfig {
        classes: Some(names.iter().map(ToString::to_string).collect()),
        ..NpzConfig::default()
    };
    let numbers = npy("|u1", "(4,)", &[0, 1, 1, 0]);
    let data = classes(&[("x", square()), ("y", numbers.clone())], names(&["no", "yes"])).unwrap();
    assert_eq!((data.labels(), &data.class_names()[1]), (&[0, 1, 1, 0][..], &"yes".to_owned()));
    let texts = npy("|S3", "(4,)", b"no\0yesyesno\0");
    let data = classes(&[("x", square()), ("y", texts.clone())], names(&["yes", "no"])).unwrap();
    assert_eq!(data.labels(), [1, 0, 0, 1]);
    let one = npy("|u1", "(4,)", &[0, 1, 2, 0]);
    assert_eq!(
        refused(&[("x", square()), ("y", one)], names(&["no", "yes"])),
        "array `y`, row 2: expected whole numbers below 2, as many as `classes` names, found 2"
    );
    assert!(
        refused(&[("x", square()), ("y", texts)], names(&["maybe", "no"])).contains("row 1: expected one of")
    );
}

#[test]
fn a_model_reads_what_it_was_trained_on() {
    let data =
        classes(&[("x", square()), ("y", npy("|u1", "(4,)", &[0, 1, 1, 0]))], NpzConfig::default()).unwrap();
    let spec = source(NpzConfig::default()).input(&data);
    let archive = npz(&[("other", square()), ("x", square())]);
    for file in [&archive[..], &square()] {
        let raw = spec.read("new", file, None).unwrap();
        assert_eq!((raw.samples, raw.names[3].as_str()), (data.samples.clone(), "new:4"));
    }
    let narrow = spec.read("new.npy", &npy("<f8", "(1, 1)", &floats(&[1.0])), None).unwrap_err().to_string();
    assert_eq!(
        narrow,
        "new.npy: array `x`: expected the shape [rows, 2], as in training, found numbers with fractions of the shape [1, 1]"
    );
}

#[test]
fn what_does_not_fit_is_told_with_its_array() {
    let y = || npy("|u1", "(4,)", &[0, 1, 1, 0]);
    let plain = NpzConfig::default;
    for (arrays, problem) in [
        (vec![("x", square())], "there is no array `y`; it has x"),
        (
            vec![("x", square()), ("y", npy("|u1", "(3,)", &[0, 1, 1]))],
            "expected a label for each of 4 samples",
        ),
        (
            vec![("x", square()), ("y", npy("<f8", "(4,)", &floats(&[0.5; 4])))],
            "expected whole numbers or text as labels",
        ),
        (
            vec![("x", npy("<f8", "(4,)", &floats(&[0.5; 4]))), ("y", y())],
            "expected numbers of the shape [rows, columns]",
        ),
        (
            vec![("x", npy("<f8", "(4, 1)", &floats(&[1.0, f64::NAN, 1.0, 1.0]))), ("y", y())],
            "row 1: expected finite numbers, found NaN",
        ),
        (
            vec![("x", npy("<f8", "(4, 2)", &floats(&[1.0; 7]))), ("y", y())],
            "the header promises 64 bytes, the file has 56",
        ),
        (vec![("x", npy("<f8", "(1099511627776, 2)", &[])), ("y", y())], "more values than can be"),
        (vec![("x", npy("<f8", "(0xffffffffffff, 2)", &[])), ("y", y())], "more values than can be"),
        (
            vec![("x", npy("<f8', \"shape\": (4294967296, 4294967296), 'x': '", "(2,)", &[])), ("y", y())],
            "more values",
        ),
        (vec![("x", npy("|O", "(4, 2)", &[])), ("y", y())], "holds Python objects"),
        (vec![("x", npy("<c16", "(4, 2)", &[0; 128])), ("y", y())], "found the type `<c16`"),
        (vec![("x", square()), ("y", npy("|u1", "(4,)", &[1; 4]))], "at least two classes are needed"),
    ] {
        let message = refused(&arrays, plain());
        assert!(message.contains(problem), "{problem}: {message}");
    }
    let images = NpzConfig { kind: Some(ArrayKind::Images), ..plain() };
    assert!(
        refused(&[("x", square()), ("y", y())], images)
            .contains("unsigned bytes of the shape [rows, height, width]")
    );
    let resized = NpzConfig { resize: Some(crate::config::Resize::default()), ..plain() };
    assert!(refused(&[("x", square()), ("y", y())], resized).contains("kind = \"images\""));
}

#[test]
fn what_numpy_writes_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures");
    let files = Files::directory(folder);
    let read = |config: NpzConfig, task| {
        let npz = NpzConfig { file: Some("arrays.npz".into()), ..config };
        load(&DataConfig { npz: Some(npz), task, ..DataConfig::default() }.check()?, &files)
    };
    let named = |samples: &str, target: &str| NpzConfig {
        samples: Some(samples.into()),
        target: Some(target.into()),
        ..NpzConfig::default()
    };
    let text = read(NpzConfig::default(), TaskKind::Classification).unwrap();
    assert_eq!(
        (text.labels(), text.class_names()),
        (&[0, 1, 1, 0][..], &["no".to_owned(), "s\u{ed}".into()][..])
    );
    assert_eq!(text.samples.f64_row(1), Some([3.0, 100_000_001.0].as_slice()));
    let single = read(named("single", "y_number"), TaskKind::Classification).unwrap();
    assert_eq!(
        (single.samples.f64_row(0), single.class_names()[1].as_str()),
        (Some([0.5, -1.25].as_slice()), "1")
    );
    let prices = read(named("x", "price"), TaskKind::Regression).unwrap();
    assert_eq!(prices.numbers().unwrap().values, [1.5, 2.5, -3.0, 1e-3]);
    let pictures = NpzConfig { kind: Some(ArrayKind::Images), ..named("pictures", "y") };
    let pictures = read(pictures, TaskKind::Classification).unwrap();
    assert_eq!(pictures.samples.shape(), [3, 1, 2]);
    assert_eq!(pictures.samples.row_f32(0), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    let refused = |config| read(config, TaskKind::Classification).unwrap_err().to_string();
    assert!(refused(named("columns", "y")).contains("in Fortran's order"));
    assert!(refused(named("x", "objects")).contains("holds Python objects"));
}

#[test]
fn a_changed_byte_is_noticed() {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("x.npy", options).unwrap();
    writer.write_all(&square()).unwrap();
    let mut archive = writer.finish().unwrap().into_inner();
    let spec = InputSpec::Npz(NpzInput { array: "x".into(), columns: 2 });
    spec.read("x", &archive, None).unwrap();
    let place = archive.windows(8).position(|bytes| bytes == 1.5_f64.to_le_bytes()).unwrap();
    archive[place] ^= 1;
    assert!(spec.read("x", &archive, None).is_err());
}

proptest! {
    /// No header panics, whatever it promises, nor does any data behind it.
    #[test]
    fn any_array_is_read_or_refused(
        kind in prop::sample::select(vec!["|u1", "|i1", "<i4", ">i8", "<u8", "<f4", ">f8", "|b1", "|S3", "<U2", "|O", "<c8", "<f2", "|V4"]),
        shape in proptest::collection::vec(prop::sample::select(vec![0_u64, 1, 2, 3, 1 << 40]), 0..5),
        data in proptest::collection::vec(any::<u8>(), 0..120),
        images: bool,
    ) {
        let shape = shape.iter().map(|axis| format!("{axis},")).collect::<String>();
        let file = npy(kind, &format!("({shape})"), &data);
        let config = NpzConfig { kind: images.then_some(ArrayKind::Images), ..NpzConfig::default() };
        let _ = classes(&[("x", file.clone()), ("y", file)], config);
    }

    #[test]
    fn any_bytes_are_read_or_refused(noise in proptest::collection::vec(any::<u8>(), 0..200), keep in 0_usize..200) {
        let mut file = square();
        file.truncate(keep);
        file.extend(noise);
        let spec = InputSpec::Npz(NpzInput { array: "x".into(), columns: 2 });
        if let Ok(raw) = spec.read("x", &file, None) {
            prop_assert_eq!(raw.samples.sample_len(), 2);
        }
    }
}
