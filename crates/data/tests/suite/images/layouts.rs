//! Folders that are no classes and splits, and what the message says of them.

use super::*;

const CLASSES: &str = "expected a folder per class that holds its images and no more";

#[test]
fn a_folder_without_classes() {
    let folder = photos(&[("a.png", png(1)), ("b.png", png(2))]);
    assert_eq!(message("", &folder), format!("photos/a.png: {CLASSES}, found a file outside of one"));
    let empty = photos::<&[u8]>(&[]);
    let expected = "photos: expected a folder of PNG or JPEG images per class, found none";
    assert_eq!(message("", &empty), expected);
}

#[test]
fn a_file_beside_the_classes_and_a_folder_within_one() {
    let folder = photos(&[("cat/a.png", png(1)), ("dog/a.png", png(2)), ("note.png", png(3))]);
    assert_eq!(message("", &folder), format!("photos/note.png: {CLASSES}, found a file outside of one"));
    let folder = photos(&[("cat/a.png", png(1)), ("dog/old/a.png", png(2))]);
    assert_eq!(message("", &folder), format!("photos/dog/old/a.png: {CLASSES}, found a folder within one"));
}

#[test]
fn a_folder_that_is_far_too_deep() {
    let folder = photos(&[("a/b/c/d/e/f.png", png(1)), ("g/a.png", png(1))]);
    assert_eq!(message("", &folder), "photos/a/b/c/d/e: expected an image file, found a folder");
}

#[test]
fn an_empty_class() {
    let folder = photos(&[("cat/a.png", png(1)), ("dog/a.png", png(2)), ("owl/", vec![])]);
    assert_eq!(message("", &folder), "photos/owl: expected PNG or JPEG images of a class, found none");
    let folder = photos(&[("cat/a.png", png(1)), ("dog/.keep", vec![])]);
    assert_eq!(message("", &folder), "photos/dog: expected PNG or JPEG images of a class, found none");
}

#[test]
fn one_class() {
    let folder = photos(&[("cat/a.png", png(1))]);
    let expected = "photos: all rows are of the class `cat`; at least two classes are needed";
    assert_eq!(message("", &folder), expected);
}

#[test]
fn a_class_on_one_split_only() {
    let both = [("train/cat/a.png", png(1)), ("train/dog/a.png", png(2)), ("test/dog/a.png", png(3))];
    let expected = "expected a folder of images for every class in every split, found none for";
    assert_eq!(message("", &photos(&both)), format!("photos/test: {expected} `cat`"));
    let [cat, _, dog] = &both;
    let test = photos(&[cat, dog, &("test/cat/a.png", png(4))].map(Clone::clone));
    assert_eq!(message("", &test), format!("photos/train: {expected} `dog`"));
}

#[test]
fn classes_other_than_those_given() {
    let folder = photos(&[("cat/a.png", png(1)), ("dog/a.png", png(2))]);
    assert_eq!(
        message("classes = [\"cat\", \"owl\"]", &folder),
        "photos/dog: expected one of the classes cat, owl, found another"
    );
    assert_eq!(
        message("classes = [\"cat\", \"dog\", \"owl\"]", &folder),
        "photos: expected a folder of images for every class in every split, found none for `owl`"
    );
}

#[test]
fn splits_that_are_unknown_double_or_without_training() {
    let (cat, dog) = (("train/cat/a.png", png(1)), ("train/dog/a.png", png(2)));
    let folder = photos(&[cat.clone(), dog.clone(), ("extra/cat/a.png", png(3))]);
    let expected = "photos/extra: expected only the folders train, valid and test here, found another";
    assert_eq!(message("", &folder), expected);
    let folder = photos(&[cat, dog, ("val/cat/a.png", png(3)), ("valid/cat/a.png", png(4))]);
    let expected = "photos/valid: expected one folder for the valid split, found `val` and `valid`";
    assert_eq!(message("", &folder), expected);
    let folder = photos(&[("val/cat/a.png", png(3)), ("test/cat/a.png", png(4))]);
    let expected = "photos: expected a folder `train` beside the others, found only `val` and `test`";
    assert_eq!(message("", &folder), expected);
}

#[test]
fn a_missing_folder_and_a_file_instead() {
    let folder = tempfile::tempdir().unwrap();
    let message = |folder: &TempDir| read("", folder).unwrap_err().to_string();
    let expected = format!("`photos` was not found; looked in the folder {}", folder.path().display());
    assert_eq!(message(&folder), expected);
    std::fs::write(folder.path().join("photos"), "x").unwrap();
    let expected = "photos: expected a folder, found a file; for a zip archive use the key `archive`";
    assert!(message(&folder).ends_with(expected), "{}", message(&folder));
}
