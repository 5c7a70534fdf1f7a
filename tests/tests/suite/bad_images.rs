//! Broken image folders and archives: one message with the file, exit code 2, no run begun.

use brasa_tests::{DIGITS_ARCHIVE, Home, digit_files, png, zip};

const CLASSES: &str = "classes = [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]";

/// Good files in folders, of which `spoil` then spoils some; training refuses them in a message with all of `parts`.
fn folders_refuse(spoil: impl FnOnce(&mut Vec<(String, Vec<u8>)>), parts: &[&str]) {
    let home = Home::new();
    let mut files = digit_files(&[("train", 2), ("valid", 1), ("test", 1)]);
    spoil(&mut files);
    for (name, bytes) in files {
        match name.strip_suffix('/') {
            Some(folder) => std::fs::create_dir_all(home.path("data/mine").join(folder)).unwrap(),
            None => drop(home.write(&format!("data/mine/{name}"), bytes)),
        }
    }
    home.write(
        "own.toml",
        format!("[data.images]\nfolder = \"mine\"\n{CLASSES}\n[data.split]\nkind = \"given\"\n"),
    );
    home.refuses(home.command("mnist", "train --recipe own.toml --data data"), parts);
}

/// The same in the archive that the recipes read.
fn archive_refuses(bytes: Vec<u8>, parts: &[&str]) {
    let home = Home::new();
    home.write(&format!("data/{DIGITS_ARCHIVE}"), bytes);
    home.refuses(home.command("mnist", "train --recipe mlp --data data"), parts);
}

#[test]
fn an_image_of_no_bytes() {
    let parts = ["mine/train/3/3.png: the file is empty", "PNG or JPEG"];
    folders_refuse(
        |files| files.iter_mut().find(|(name, _)| name == "train/3/3.png").unwrap().1.clear(),
        &parts,
    );
}

#[test]
fn images_of_a_form_that_no_network_takes() {
    let cases = [
        ("sixteen-bit.png", "png", "expected at most 8 bits per channel, found 16"),
        ("animated.apng", "png", "expected a still image, found an animated PNG"),
        ("animated.gif", "png", "expected a PNG or JPEG image, found a GIF file"),
        ("cmyk.jpg", "jpg", "expected grey or RGB colours, found CMYK"),
    ];
    for (fixture, extension, problem) in cases {
        let bytes =
            std::fs::read(format!("{}/fixtures/images/{fixture}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let name = format!("train/3/new.{extension}");
        folders_refuse(
            |files| files.push((name.clone(), bytes.clone())),
            &[&format!("mine/{name}"), problem],
        );
        let mut files = digit_files(&[("train", 2), ("valid", 1), ("test", 1)]);
        files.push((name.clone(), bytes));
        archive_refuses(zip(&files), &[&name, problem]);
    }
}

#[test]
fn an_image_of_another_size_without_a_rule() {
    let image = image::GrayImage::new(30, 20);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let odd = ("train/3/odd.png".to_owned(), bytes.into_inner());
    folders_refuse(|files| files.push(odd), &["give `size = [height, width]` in [data.images]"]);
}

#[test]
fn a_class_folder_that_is_empty() {
    let spoil = |files: &mut Vec<(String, Vec<u8>)>| {
        files.retain(|(name, _)| !name.starts_with("valid/7/"));
        files.push(("valid/7/".into(), Vec::new()));
    };
    folders_refuse(spoil, &["mine/valid/7: expected PNG or JPEG images of a class, found none"]);
}

#[test]
fn a_class_on_one_split_only() {
    let parts = ["mine/test: expected a folder of images for every class in every split", "none for `7`"];
    folders_refuse(|files| files.retain(|(name, _)| !name.starts_with("test/7/")), &parts);
}

#[test]
fn a_folder_that_is_no_class_of_the_recipe() {
    let parts = ["mine/train/ten: expected one of the classes 0, 1"];
    folders_refuse(|files| files.push(("train/ten/0.png".into(), png(0))), &parts);
}

#[test]
fn an_archive_whose_entries_lead_out_of_it() {
    let outside = ("xx/evil.png".to_string(), png(0));
    let mut bytes = zip(&[digit_files(&[("train", 2), ("valid", 1), ("test", 1)]), vec![outside]].concat());
    // No checksum covers a name, which stands before the content and in the directory.
    let places: Vec<usize> =
        (0..bytes.len() - 11).filter(|&at| bytes[at..].starts_with(b"xx/evil.png")).collect();
    assert_eq!(places.len(), 2);
    places.into_iter().for_each(|at| bytes[at..at + 2].copy_from_slice(b".."));
    archive_refuses(bytes, &[DIGITS_ARCHIVE, "`../evil.png`", "leads out of it"]);
}

#[test]
fn what_is_no_archive_or_cut_short() {
    archive_refuses(Vec::new(), &[DIGITS_ARCHIVE, "expected a zip archive"]);
    let whole = zip(&digit_files(&[("train", 2), ("valid", 1), ("test", 1)]));
    archive_refuses(whole[..whole.len() / 2].to_vec(), &[DIGITS_ARCHIVE, "expected a zip archive"]);
}

#[test]
fn inspect_and_cv_refuse_as_train_does() {
    let home = Home::new();
    let mut files = digit_files(&[("train", 2), ("valid", 1), ("test", 1)]);
    files[0].1.clear();
    home.write(&format!("data/{DIGITS_ARCHIVE}"), zip(&files));
    for verb in ["inspect", "bench --loader", "cv", "lesson batch-size"] {
        let invocation = home.command("mnist", verb).args(["--data", "data"]);
        home.refuses(invocation, &[DIGITS_ARCHIVE, "train/0/0.png: the file is empty"]);
    }
}
