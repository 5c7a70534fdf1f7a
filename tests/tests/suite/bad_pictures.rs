//! Broken IDX files and folders: one message with the file, exit code 2, no run begun.

use std::path::PathBuf;

use brasa_tests::{FASHION_FILES, Home, Idx, gzip, write_fashion};

const TRAIN: &str = "train --recipe proper-split --data pictures";
const IMAGES: &str = FASHION_FILES[0];
const LABELS: &str = FASHION_FILES[1];
const TEST_LABELS: &str = FASHION_FILES[3];

/// Good files, of which `spoil` then spoils the one called `name`; training refuses them in a message with all of
/// `parts`.
fn refuses(name: &str, spoil: impl FnOnce(PathBuf), parts: &[&str]) {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 40, 20);
    spoil(home.path("pictures").join(name));
    home.refuses(home.fashion(TRAIN), &[&[name], parts].concat());
}

fn rewrite(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> impl FnOnce(PathBuf) {
    move |path| std::fs::write(&path, change(std::fs::read(&path).unwrap())).unwrap()
}

#[test]
fn one_of_the_four_files_is_missing() {
    for name in FASHION_FILES {
        refuses(name, |path| std::fs::remove_file(path).unwrap(), &["not found", "pictures"]);
    }
}

#[test]
fn a_folder_where_a_file_should_be() {
    let spoil = |path: PathBuf| {
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
    };
    refuses(LABELS, spoil, &["expected a file, found a folder"]);
}

#[test]
fn a_gzip_file_that_is_cut_short() {
    refuses(IMAGES, rewrite(|bytes| bytes[..bytes.len() / 2].to_vec()), &["gzip", "cut short"]);
    refuses(IMAGES, rewrite(|bytes| bytes[..bytes.len() - 3].to_vec()), &["gzip", "cut short"]);
    refuses(LABELS, rewrite(|bytes| bytes[..12].to_vec()), &["gzip"]);
}

#[test]
fn a_gzip_file_that_is_corrupt() {
    let flipped = |mut bytes: Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xFF;
        bytes
    };
    refuses(IMAGES, rewrite(flipped), &[]);
    let wrong_checksum = |mut bytes: Vec<u8>| {
        let place = bytes.len() - 8;
        bytes[place] ^= 1;
        bytes
    };
    refuses(TEST_LABELS, rewrite(wrong_checksum), &["gzip"]);
}

#[test]
fn an_empty_file() {
    refuses(LABELS, rewrite(|_| Vec::new()), &["8 bytes", "has 0"]);
    refuses(IMAGES, rewrite(|_| gzip(&[])), &["16 bytes", "has 0"]);
}

#[test]
fn a_wrong_magic_number() {
    let floats = Idx { magic: 0x0D03, ..Idx::images(0, 40) };
    refuses(IMAGES, |path| floats.write(&path), &["0x00000803", "0x00000d03"]);
    // Two files changed places.
    refuses(IMAGES, |path| Idx::labels(0, 40).write(&path), &["0x00000803", "0x00000801"]);
    refuses(LABELS, rewrite(|_| b"<html>not found</html>".to_vec()), &["magic"]);
}

#[test]
fn a_header_that_promises_another_size() {
    let mut short = Idx::images(0, 40);
    short.data.truncate(39 * 784);
    refuses(IMAGES, |path| short.write(&path), &["31376 bytes", "30592"]);
    let mut long = Idx::labels(0, 40);
    long.data.push(0);
    refuses(LABELS, |path| long.write(&path), &["48 bytes", "more than 48"]);
    // A promise that no memory could keep.
    let mut huge = Idx::images(0, 40);
    huge.dims = vec![u32::MAX; 3];
    refuses(IMAGES, |path| huge.write(&path), &["bytes"]);
}

#[test]
fn a_label_that_no_class_has() {
    let mut labels = Idx::labels(0, 40);
    labels.data[17] = 10;
    refuses(LABELS, |path| labels.write(&path), &["row 17", "below 10", "found 10"]);
}

#[test]
fn other_numbers_of_images_and_labels() {
    refuses(
        LABELS,
        |path| Idx::labels(0, 39).write(&path),
        &["expected 40 labels, one for each image", "found 39", IMAGES],
    );
}

#[test]
fn no_pictures_at_all() {
    refuses(IMAGES, |path| Idx::images(0, 0).write(&path), &["no rows"]);
}

#[test]
fn test_pictures_of_another_size() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 40, 20);
    let small = Idx { dims: vec![20, 14, 56], ..Idx::images(40, 20) };
    small.write(&home.path("pictures").join(FASHION_FILES[2]));
    home.refuses(home.fashion(TRAIN), &[FASHION_FILES[2], "[1, 28, 28]", "[1, 14, 56]"]);
}

#[test]
fn pictures_of_another_size_than_the_recipe_says() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 40, 20);
    home.refuses(
        home.fashion(TRAIN).set("model.input", "[1, 32, 32]"),
        &["model.input", "[1, 32, 32]", "[1, 28, 28]"],
    );
}

#[test]
fn files_that_are_not_compressed_are_read_under_the_same_name() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 40, 20);
    home.write(&format!("pictures/{IMAGES}"), Idx::images(0, 40).bytes());
    let _ = home.fashion(TRAIN).set("training.epochs", 1).run().succeeds();
}

#[test]
fn the_data_folder_is_missing_or_a_file() {
    let home = Home::new();
    home.refuses(home.fashion("train --data nowhere"), &["nowhere", "no such folder"]);
    home.write("pictures.zip", "PK");
    home.refuses(
        home.fashion("train --data pictures.zip"),
        &["pictures.zip", "is a file; --data takes a folder"],
    );
    std::fs::create_dir(home.path("empty")).unwrap();
    home.refuses(home.fashion("train --data empty"), &[IMAGES, "empty"]);
}

#[test]
fn without_data_one_message_says_both_ways_to_get_them() {
    let home = Home::new();
    let finished =
        home.refuses(home.fashion("train"), &["fashion-mnist data fetch", "--data", "BRASA_DATA", LABELS]);
    assert_eq!(finished.stderr.lines().count(), 1, "{finished}");
    // A variable that leads nowhere is no data either.
    home.refuses(
        home.fashion("train").env("BRASA_DATA", home.path("nowhere")),
        &["data fetch", "BRASA_DATA"],
    );
}

#[test]
fn the_same_message_comes_as_an_object() {
    let home = Home::new();
    let finished = home.refuses(home.fashion("train --json"), &["data fetch"]);
    let message = finished.json();
    assert!(brasa_tests::text(&message, "/error").contains("data fetch"), "{message}");
}

#[test]
fn inspect_and_bench_refuse_as_train_does() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 40, 20);
    Idx::labels(0, 39).write(&home.path("pictures").join(LABELS));
    for verb in ["inspect", "bench --loader"] {
        let invocation = home.fashion(verb).args(["--recipe", "proper-split", "--data", "pictures"]);
        home.refuses(invocation, &["expected 40 labels, one for each image", "found 39"]);
    }
}
