//! What a folder of images becomes.

use brasa_data::Role;
use image::{ImageFormat, Luma, Rgb, RgbImage};
use sha2::{Digest, Sha256};

use super::*;

#[test]
fn each_folder_is_a_class_and_numbers_are_in_their_order() {
    let folder = photos(&[("10/b.png", png(3)), ("10/a.png", png(2)), ("9/z.png", png(1))]);
    let data = read("", &folder).unwrap();
    assert_eq!(data.class_names(), ["9", "10"]);
    assert_eq!(data.labels(), [0, 1, 1]);
    assert_eq!(firsts(&data), [1, 2, 3]);
    assert_eq!(data.samples.shape(), [1, 2, 3]);
    assert_eq!((data.name.as_str(), data.roles), ("photos", None));
}

#[test]
fn folders_named_like_splits_give_the_split() {
    let folder = photos(&[
        ("train/cat/a.png", png(1)),
        ("train/dog/a.png", png(2)),
        ("train/dog/b.png", png(3)),
        ("Validation/cat/a.png", png(4)),
        ("Validation/dog/a.png", png(5)),
        ("testing/cat/a.png", png(6)),
        ("testing/dog/a.png", png(7)),
    ]);
    let data = read("", &folder).unwrap();
    use Role::{Test, Train, Valid};
    assert_eq!(data.roles.as_deref(), Some([Train, Train, Train, Valid, Valid, Test, Test].as_slice()));
    assert_eq!(data.labels(), [0, 1, 1, 0, 1, 0, 1]);
    assert_eq!(firsts(&data), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_class_may_be_called_train() {
    let folder = photos(&[("train/a.png", png(1)), ("tram/a.png", png(2))]);
    let data = read("", &folder).unwrap();
    assert_eq!((data.class_names().join(" ").as_str(), data.roles), ("train tram", None));
}

/// What systems leave behind, and notes, in places of every kind.
fn clutter() -> Vec<(&'static str, Vec<u8>)> {
    let left = [
        "set/cat/Thumbs.db",
        "set/cat/ehthumbs.db",
        "set/cat/._a.png",
        "set/cat/@eaDir/a.png/SYNOPHOTO_THUMB_M.jpg",
        "set/cat/labels.csv",
        "set/cat/a.txt",
        "set/dog/.DS_Store",
        "set/dog/Icon\r",
        "set/dog/desktop.ini",
        "set/dog/README",
        "set/dog/a.json",
        "set/.hidden/x.png",
        "set/README.md",
        "set/LICENSE",
        "$RECYCLE.BIN/S-1-5-21/x.png",
        "System Volume Information/IndexerVolumeGuid",
        "__MACOSX/set/cat/._a.png",
        "labels.csv",
    ];
    left.map(|path| (path, b"x".to_vec())).to_vec()
}

#[test]
fn what_systems_leave_behind_notes_and_one_folder_around_are_passed_over() {
    let folder = photos(&[clutter(), vec![("set/cat/a.png", png(1)), ("set/dog/a.png", png(2))]].concat());
    let data = read("", &folder).unwrap();
    assert_eq!((data.class_names().join(" ").as_str(), firsts(&data)), ("cat dog", vec![1, 2]));
    assert_eq!(data.warnings, Vec::<String>::new());
    // The training split alone is no split.
    let folder = photos(&[("train/cat/a.png", png(1)), ("train/dog/a.png", png(2))]);
    assert_eq!(read("", &folder).unwrap().roles, None);
}

#[test]
fn the_order_of_classes_can_be_given() {
    let folder = photos(&[("cat/a.png", png(1)), ("dog/a.png", png(2))]);
    let data = read("classes = [\"dog\", \"cat\"]", &folder).unwrap();
    assert_eq!((data.class_names().join(" ").as_str(), firsts(&data)), ("dog cat", vec![2, 1]));
    assert_eq!(data.labels(), [0, 1]);
}

#[test]
fn channels_are_those_of_the_files_unless_given() {
    let red = encode(RgbImage::from_pixel(3, 2, Rgb([200, 0, 0])), ImageFormat::Png);
    let folder = photos(&[("a/1.png", png(50)), ("b/1.png", red)]);
    let data = read("", &folder).unwrap();
    assert_eq!(data.samples.shape(), [3, 2, 3]);
    assert_eq!(data.samples.u8_row(0).unwrap()[6], 50);
    assert_eq!(data.samples.u8_row(1).unwrap()[4..8], [200, 200, 0, 0]);
    let data = read("channels = 1", &folder).unwrap();
    assert_eq!(data.samples.shape(), [1, 2, 3]);
    assert_eq!(firsts(&data), [50, 60]);
}

#[test]
fn images_are_brought_to_one_size() {
    let square = encode(GrayImage::from_pixel(4, 4, Luma([40])), ImageFormat::Png);
    let wide = encode(GrayImage::from_fn(8, 4, |x, _| Luma([if x < 2 { 255 } else { 7 }])), ImageFormat::Png);
    let folder = photos(&[("a/1.png", square), ("b/1.png", wide)]);
    let stretched = read("size = [2, 2]\nresize = \"area\"", &folder).unwrap();
    assert_eq!(stretched.samples.shape(), [1, 2, 2]);
    assert_eq!(stretched.samples.u8_row(1), Some([131, 7, 131, 7].as_slice()));
    let cut = read("size = [2, 2]\nresize = \"area\"\ncrop = \"center\"", &folder).unwrap();
    assert_eq!(cut.samples.u8_row(1), Some([7; 4].as_slice()));
    assert_eq!(cut.samples.u8_row(0), Some([40; 4].as_slice()));
}

#[test]
fn the_content_and_not_the_extension_tells_the_format() {
    let jpeg = encode(GrayImage::from_pixel(3, 2, Luma([90])), ImageFormat::Jpeg);
    let folder = photos(&[("a/1.jpg", png(1)), ("b/1.png", jpeg), ("b/2", png(3))]);
    let data = read("", &folder).unwrap();
    assert_eq!(data.len(), 3);
    assert!(firsts(&data)[1].abs_diff(90) <= 2);
}

#[test]
fn the_record_is_the_checksum_of_the_sorted_checksums() {
    let folder = photos(&[("a/1.png", png(1)), ("b/1.png", png(2))]);
    let record = read("", &folder).unwrap().files.remove(0);
    let [one, two] = [png(1), png(2)].map(|bytes| sha256(&bytes));
    let lines = format!("{one}  a/1.png\n{two}  b/1.png\n");
    assert_eq!(record.sha256, sha256(lines.as_bytes()));
    assert_eq!((record.name.as_str(), record.bytes), ("photos", (png(1).len() + png(2).len()) as u64));
}

#[test]
fn the_cache_gives_the_same_and_sees_a_changed_image() {
    let folder = photos(&[("a/1.png", png(1)), ("b/1.png", png(2))]);
    let files = Files::directory(folder.path()).cached_in(folder.path().join("cache"));
    let read = |settings: &str| read_with(&format!("folder = \"photos\"\n{settings}"), &files).unwrap();
    let kept = || std::fs::read_dir(folder.path().join("cache")).unwrap().count();
    let first = read("");
    assert_eq!((read(""), kept()), (first, 1));
    assert_eq!((read("channels = 3").samples.shape(), kept()), ([3, 2, 3].as_slice(), 2));
    std::fs::write(folder.path().join("photos/b/1.png"), png(9)).unwrap();
    assert_eq!((firsts(&read("")), kept()), (vec![1, 9], 3));
    std::fs::create_dir(folder.path().join("photos/c")).unwrap();
    let message = read_with("folder = \"photos\"", &files).unwrap_err().to_string();
    assert!(message.ends_with("c: expected PNG or JPEG images of a class, found none"), "{message}");
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn each_sample_is_called_after_its_file() {
    let folder = photos(&[("b/caf\u{e9} 1.png", png(1)), ("a/2.png", png(2)), ("a/1.png", png(3))]);
    let data = read("", &folder).unwrap();
    let names = data.sample_names.unwrap();
    assert_eq!(names.iter().collect::<Vec<_>>(), ["a/1.png", "a/2.png", "b/caf\u{e9} 1.png"]);
}

#[test]
fn class_folders_whose_names_look_alike() {
    let read = |names: &[&str]| {
        let files = names.iter().map(|name| (format!("{name}/a.png"), png(1))).collect::<Vec<_>>();
        let files = files.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect::<Vec<_>>();
        let data = read("", &photos(&files)).unwrap();
        let warnings = data.find_warnings().iter().map(ToString::to_string).collect::<Vec<_>>();
        (data.class_names().to_vec(), warnings)
    };
    // What may be an accident is said.
    let (classes, warnings) = read(&["Cat", "cat", "dog"]);
    assert_eq!((classes.len(), warnings.len()), (3, 1));
    assert!(
        warnings[0].starts_with("The classes `Cat` (1 row) and `cat` (1 row) may be one"),
        "{warnings:?}"
    );
    // What cannot be seen is no difference.
    assert_eq!(
        read(&["caf\u{e9}", "cafe\u{301}", "dog"]),
        (vec!["caf\u{e9}".into(), "dog".into()], Vec::new())
    );
    // A folder whose only spelling is another than the class's is that class's.
    let decomposed = (vec!["caf\u{e9}".into(), "dog".into()], Vec::new());
    assert_eq!(read(&["cafe\u{301}", "dog"]), decomposed);
    assert_eq!(read(&["cafe\u{301} ", "dog"]), decomposed);
    assert_eq!(read(&["cat ", "cat", "dog"]), (vec!["cat".into(), "dog".into()], Vec::new()));
    assert_eq!(read(&["cat", "cats"]).1, Vec::<String>::new());
}
