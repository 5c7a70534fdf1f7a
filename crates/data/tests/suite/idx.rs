//! Reading IDX files: what is accepted, and what each fault is called.

use std::io::Write;

use brasa_data::formats::idx::{parse_images, parse_labels};
use brasa_data::{DataConfig, DataError, Files, IdxConfig, Labelled, Result, Role, load};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

fn idx(magic: u32, dims: &[u32], data: &[u8]) -> Vec<u8> {
    let words = std::iter::once(magic).chain(dims.iter().copied());
    words.flat_map(u32::to_be_bytes).chain(data.iter().copied()).collect()
}

fn images(count: u32, height: u32, width: u32) -> Vec<u8> {
    let data = (0..count * height * width).map(|i| i as u8).collect::<Vec<_>>();
    idx(0x803, &[count, height, width], &data)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx(0x801, &[labels.len() as u32], labels)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read(parts: [&[u8]; 4]) -> Result<Labelled> {
    let folder = tempfile::tempdir().unwrap();
    let names = ["train-images", "train-labels", "test-images", "test-labels"];
    for (name, bytes) in names.iter().zip(parts) {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let [train_images, train_labels, test_images, test_labels] = names.map(|name| Some(name.into()));
    let idx = IdxConfig {
        classes: Some(vec!["a".into(), "b".into()]),
        train_images,
        train_labels,
        test_images,
        test_labels,
        resize: None,
    };
    let config = DataConfig { idx: Some(idx), ..DataConfig::default() };
    load(&config.check()?, &Files::directory(folder.path()))
}

#[test]
fn plain_and_gzipped_parts_become_one_data_set_with_roles() {
    let (train, train_labels) = (images(3, 2, 2), labels(&[0, 1, 1]));
    let (test, test_labels) = (images(1, 2, 2), labels(&[1]));
    let data = read([&gzip(&train), &train_labels, &test, &gzip(&test_labels)]).unwrap();
    assert_eq!(data.samples.shape(), [1, 2, 2]);
    assert_eq!(data.samples.u8_row(2), Some([8, 9, 10, 11].as_slice()));
    assert_eq!(data.samples.u8_row(3), Some([0, 1, 2, 3].as_slice()));
    assert_eq!(data.labels(), [0, 1, 1, 1]);
    assert_eq!(data.roles.unwrap(), [Role::Train, Role::Train, Role::Train, Role::Test]);
    assert_eq!(data.files.iter().map(|f| f.name.as_str()).next_back(), Some("test-labels"));
    assert_eq!(data.files[1].bytes, 11);
}

#[test]
fn gzip_of_several_members_is_read_whole() {
    let whole = images(3, 2, 2);
    let joined = [gzip(&whole[..20]), gzip(&whole[20..])].concat();
    assert_eq!(parse_images("x", &joined).unwrap(), parse_images("x", &whole).unwrap());
}

#[test]
fn zeros_that_pad_a_gzip_file_are_passed_over() {
    let whole = images(3, 2, 2);
    for zeros in [1, 512, 10_240 - 7] {
        let padded = [gzip(&whole), vec![0; zeros]].concat();
        assert_eq!(parse_images("x", &padded).unwrap(), parse_images("x", &whole).unwrap());
    }
    let other = [gzip(&whole), b"\0\0more".to_vec()].concat();
    assert!(matches!(parse_images("x", &other), Err(DataError::Content { .. })));
}

#[test]
fn wrong_headers_and_lengths_are_named() {
    let good = images(2, 3, 4);
    let mut long = good.clone();
    long.push(0);
    let huge = idx(0x803, &[u32::MAX, u32::MAX, u32::MAX], &[0; 9]);
    let many = gzip(&idx(0x803, &[60_000, 2_000, 2_000], &[0; 9]));
    let cases: &[(&[u8], &str)] = &[
        (b"", "x: the header promises 16 bytes, the file has 0"),
        (&good[..9], "x: the header promises 16 bytes, the file has 9"),
        (
            &labels(&[1; 20]),
            "x: expected the IDX magic number 0x00000803 (unsigned bytes, 3 dimensions: images), found 0x00000801 \
             (unsigned bytes, 1 dimension)",
        ),
        (b"\x00\x00\x0D\x03----", "found 0x00000d03 (32-bit floats, 3 dimensions)"),
        (b"\x00\x00\x0C\x01----", "found 0x00000c01 (32-bit integers, 1 dimension)"),
        (b"\x00\x00\x09\x04----", "found 0x00000904 (signed bytes, 4 dimensions)"),
        (b"\x00\x00\x07\x03----", "found 0x00000703; IDX knows no such type of values"),
        (
            b"\x03\x08\x00\x00\x02\x00\x00\x00",
            "found 0x03080000; the numbers of the header are little-endian, IDX has them big-endian: write the file \
             again that way",
        ),
        (b"PK\x03\x04", "found 0x504b0304; this is no IDX file"),
        (&good[..39], "x: the header promises 40 bytes, the file has 39"),
        (&gzip(&good[..39]), "x: the header promises 40 bytes, the file has 39"),
        (&long, "x: the header promises 40 bytes, the file has more than 40"),
        (&gzip(&long), "x: the header promises 40 bytes, the file has more than 40"),
        (&images(0, 3, 4), "x: there are no rows"),
        (&huge, "the file has 25"),
        (&many, "the header promises 240000000016 bytes, the file has at most "),
        (
            &idx(0x803, &[2, 0, 4], &[]),
            "cannot make samples of the shape [1, 0, 4]: there are 0 values for them",
        ),
    ];
    for (bytes, expected) in cases {
        let message = parse_images("x", bytes).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\n{expected}");
    }
    assert!(parse_labels("x", &good).unwrap_err().to_string().contains("1 dimension: labels"));
}

#[test]
fn broken_gzip_streams_say_what_broke() {
    let data = (0..40_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>();
    let whole = gzip(&idx(0x803, &[10, 40, 100], &data));
    parse_images("x", &whole).unwrap();
    for cut in [5, 30, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let error = parse_images("x", &whole[..cut]).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, DataError::Content { .. }), "{message}");
        assert!(message.ends_with("the file is cut short"), "cut at {cut}: {message}");
    }
    let mut wrong_checksum = whole.clone();
    let crc = whole.len() - 8;
    wrong_checksum[crc] ^= 1;
    let error = parse_images("x", &wrong_checksum).unwrap_err();
    assert!(matches!(error, DataError::Content { .. }), "{error}");
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let (i3, l3, i1, l1) = (images(3, 2, 2), labels(&[0, 1, 1]), images(1, 2, 2), labels(&[1]));
    fn message(parts: [&[u8]; 4]) -> String {
        read(parts).unwrap_err().to_string()
    }
    let counts = message([&i3, &labels(&[0, 1]), &i1, &l1]);
    assert!(counts.ends_with("train-images, found 2") && counts.contains("train-labels: expected 3 labels"));
    let range = message([&i3, &labels(&[0, 1, 2]), &i1, &l1]);
    assert!(range.ends_with("train-labels: row 2: expected a label below 2, found 2"), "{range}");
    let shape = message([&i3, &l3, &images(1, 2, 3), &l1]);
    assert!(shape.ends_with("test-images: expected samples of the shape [1, 2, 2], found [1, 2, 3]"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = parse_images("x", &bytes);
        let _ = parse_labels("x", &bytes);
        let _ = parse_images("x", &gzip(&bytes));
        let _ = parse_images("x", &[&[0x1F, 0x8B, 8, 0], bytes.as_slice()].concat());
        let _ = parse_images("x", &[&[0, 0, 8, 3, 0, 0, 0], bytes.as_slice()].concat());
    }

    #[test]
    fn one_damaged_byte_never_panics(at in 0_usize..60, flip in 1_u8..) {
        let mut bytes = gzip(&images(5, 3, 2));
        if let Some(byte) = bytes.get_mut(at) { *byte ^= flip; }
        let _ = parse_images("x", &bytes);
    }

    #[test]
    fn what_is_written_is_read(count in 1_u32..6, height in 1_u32..5, width in 1_u32..5, zip in any::<bool>()) {
        let bytes = images(count, height, width);
        let stored = if zip { gzip(&bytes) } else { bytes.clone() };
        let samples = parse_images("x", &stored).unwrap();
        prop_assert_eq!(samples.shape(), [1, height as usize, width as usize]);
        let read = (0..samples.len()).flat_map(|row| samples.u8_row(row).unwrap()).copied();
        prop_assert_eq!(read.collect::<Vec<_>>(), &bytes[16..]);
    }
}
