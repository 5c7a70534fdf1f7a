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
    assert_eq!(with_bad("README", text), format!("photos/dog/README: {problem}, found something else"));
    let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec();
    assert_eq!(with_bad("b.gif", gif), format!("photos/dog/b.gif: {problem}, found a GIF file"));
}

#[test]
fn a_damaged_image_and_the_first_of_several() {
    let whole = grey(1, 40, 40);
    let cut = whole[..whole.len() - 20].to_vec();
    let folder = photos(&[("cat/a.png", grey(1, 40, 40)), ("dog/b.png", cut.clone()), ("dog/c.png", cut)]);
    let message = message("", &folder);
    assert!(message.starts_with("photos/dog/b.png: cannot decode the image: "), "{message}");
}

#[test]
fn an_image_of_far_too_many_pixels() {
    let mut bomb = png(1);
    bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32fast::hash(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
    let expected = "photos/dog/b.png: 60000 x 60000 pixels; expected 1 to 67108864 in all";
    assert_eq!(with_bad("b.png", bomb), expected);
}

#[test]
fn more_pixels_in_all_than_memory_is_given_to() {
    let images = (0..22).map(|i| (format!("{}/{i}.png", i % 2), png(1))).collect::<Vec<_>>();
    let images = images.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect::<Vec<_>>();
    let message = message("size = [8192, 8192]\nchannels = 3", &photos(&images));
    let expected = "[data] `images.size`: 22 images of 8192 x 8192 pixels take 4429185024 bytes; \
                    expected at most 4294967296, so give a smaller size";
    assert_eq!(message, expected);
}

#[test]
fn sizes_that_differ_without_a_rule() {
    let folder = photos(&[("cat/a.png", png(1)), ("cat/b.png", grey(2, 5, 4)), ("dog/a.png", png(2))]);
    let expected = "photos/cat/b.png has 5 x 4 pixels (height x width), photos/cat/a.png has 2 x 3; \
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
