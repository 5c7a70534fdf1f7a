//! Files that are no image as they should be: the message names the file.

use super::*;

fn with_bad(name: &str, bytes: Vec<u8>) -> String {
    let bad = format!("dog/{name}");
    let folder = photos(&[("cat/a.png", png(1)), ("dog/a.png", png(2)), (&bad, bytes)]);
    let probed = message("", &folder);
    // The same words when the header is first seen on decoding.
    assert_eq!(message("size = [2, 3]\nchannels = 1", &folder), probed);
    probed
}

#[test]
fn an_empty_file_and_other_files() {
    let problem = "expected a PNG or JPEG image";
    assert_eq!(with_bad("b.png", vec![]), format!("photos/dog/b.png: the file is empty; {problem}"));
    let text = b"not a picture".to_vec();
    assert_eq!(with_bad("b.jpg", text.clone()), format!("photos/dog/b.jpg: {problem}, found something else"));
    assert_eq!(with_bad("b", text), format!("photos/dog/b: {problem}, found something else"));
    let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec();
    assert_eq!(with_bad("b.gif", gif), format!("photos/dog/b.gif: {problem}, found a GIF file"));
}

fn cut() -> Vec<u8> {
    let whole = grey(1, 40, 40);
    whole[..whole.len() - 20].to_vec()
}

#[test]
fn all_bad_images_are_listed_whether_the_header_is_wrong_or_the_rest() {
    let folder = photos(&[
        ("cat/a.png", grey(1, 40, 40)),
        ("cat/b.png", vec![]),
        ("dog/b.png", cut()),
        ("dog/c.png", grey(2, 40, 40)),
        ("dog/d.jpg", b"no picture".to_vec()),
    ]);
    let problem = "expected a PNG or JPEG image";
    let message = message("", &folder);
    let lines = message.lines().collect::<Vec<_>>();
    assert_eq!(lines[0], "photos: 3 of 5 images cannot be read:");
    assert_eq!(lines[1], format!("  photos/cat/b.png: the file is empty; {problem}"));
    assert!(lines[2].starts_with("  photos/dog/b.png: cannot decode the image: "), "{message}");
    assert_eq!(lines[3], format!("  photos/dog/d.jpg: {problem}, found something else"));
    let end = "mend or remove them, or write `skip_bad = 3` in [data.images] to pass over them";
    assert_eq!(lines[4..], [end]);
}

#[test]
fn ten_bad_images_are_listed_and_the_others_counted() {
    let mut files = (0..12).map(|i| (format!("cat/{i:02}.png"), vec![])).collect::<Vec<_>>();
    files.extend([("cat/x.png".to_owned(), png(1)), ("dog/x.png".to_owned(), png(2))]);
    let files = files.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect::<Vec<_>>();
    let message = message("skip_bad = 3", &photos(&files));
    let lines = message.lines().collect::<Vec<_>>();
    assert_eq!(lines[0], "photos: 12 of 14 images cannot be read, and skip_bad allows 3:");
    assert!(lines[10].starts_with("  photos/cat/09.png: "), "{message}");
    assert_eq!((lines[11], lines.len()), ("  and 2 more", 13));
}

#[test]
fn so_many_bad_images_as_are_allowed_are_passed_over_and_said() {
    let folder = photos(&[
        ("train/cat/a.png", png(1)),
        ("train/cat/b.png", vec![]),
        ("train/cat/c.png", png(2)),
        ("train/dog/a.png", png(9)[..47].to_vec()),
        ("train/dog/b.png", png(3)),
        ("test/cat/a.png", png(4)),
        ("test/dog/a.png", png(5)),
    ]);
    let files = Files::directory(folder.path()).cached_in(folder.path().join("cache"));
    let settings = "folder = \"photos\"\nskip_bad = 2";
    let data = read_with(settings, &files).unwrap();
    assert_eq!((firsts(&data), data.labels()), (vec![1, 2, 3, 4, 5], [0, 0, 1, 0, 1].as_slice()));
    let roles = data.roles.as_deref().unwrap();
    assert_eq!(roles.iter().map(ToString::to_string).collect::<String>(), "traintraintraintesttest");
    let names = data.sample_names.as_ref().unwrap().iter().collect::<Vec<_>>();
    let left = ["train/cat/a.png", "train/cat/c.png", "train/dog/b.png", "test/cat/a.png", "test/dog/a.png"];
    assert_eq!(names, left);
    let expected = "2 of 7 images cannot be read and were passed over, as skip_bad = 2 allows; the first: \
                    photos/train/cat/b.png: the file is empty; expected a PNG or JPEG image";
    assert_eq!(data.warnings.iter().map(|text| plain(text, folder.path())).collect::<Vec<_>>(), [expected]);
    // The second time, all of it comes from the cache.
    assert_eq!(read_with(settings, &files).unwrap(), data);
    assert_eq!(std::fs::read_dir(folder.path().join("cache")).unwrap().count(), 1);
    // With the shape given, nothing is wrong before the images are decoded.
    let settings = format!("{settings}\nsize = [2, 3]\nchannels = 1");
    assert_eq!(read_with(&settings, &files).unwrap().samples, data.samples);
}

#[test]
fn a_class_of_bad_images_alone_is_no_class() {
    let folder = photos(&[("cat/a.png", png(1)), ("dog/a.png", vec![]), ("owl/a.png", png(2))]);
    let expected = "photos/dog: expected images of a class that can be read, found none";
    assert_eq!(message("skip_bad = 5", &folder), expected);
    let folder = photos(&[("cat/a.png", b"x"), ("dog/a.png", b"y")]);
    let message = message("skip_bad = 5", &folder);
    assert!(message.starts_with("photos: 2 of 2 images cannot be read, and skip_bad allows 5:"), "{message}");
}

#[test]
fn an_image_of_far_too_many_pixels() {
    let mut bomb = png(1);
    bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32fast::hash(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
    let expected = "photos/dog/b.png: 60000 x 60000 pixels; expected 1 to 67108864 in all; \
                    BRASA_LIMITS=pixels=NUMBER takes more";
    assert_eq!(with_bad("b.png", bomb), expected);
}

#[test]
fn more_pixels_in_all_than_memory_is_given_to() {
    let images = (0..43).map(|i| (format!("{}/{i}.png", i % 2), png(1))).collect::<Vec<_>>();
    let images = images.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect::<Vec<_>>();
    let message = message("size = [8192, 8192]\nchannels = 3", &photos(&images));
    let expected =
        "[data] `images.size`: 43 images of 8192 x 8192 pixels take 8657043456 bytes; there is room for ";
    assert!(message.starts_with(expected) && message.ends_with(", so give a smaller size"), "{message}");
}

#[test]
fn sizes_that_differ_without_a_rule() {
    let folder = photos(&[("cat/a.png", png(1)), ("cat/b.png", grey(2, 5, 4)), ("dog/a.png", png(2))]);
    let expected = "photos/cat/b.png: expected 2 x 3 pixels (height x width) as in photos/cat/a.png, found 5 x 4; \
                    give `size = [height, width]` in [data.images]";
    assert_eq!(message("", &folder), expected);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_and_one_that_is_no_file() {
    let folder = photos(&[("cat/a.png", png(1)), ("dog/a.png", png(2))]);
    let link = folder.path().join("photos/dog/b.png");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    let message = |folder| super::message("", folder);
    assert!(message(&folder).starts_with("photos/dog/b.png: cannot read: "), "{}", message(&folder));
    std::fs::remove_file(&link).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(&link).unwrap();
    assert_eq!(message(&folder), "photos/dog/b.png: expected an image file, found something else");
}
