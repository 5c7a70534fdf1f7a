//! Small made-up data in the shape of MNIST's PNG files.

use std::io::{Cursor, Write};
use std::path::Path;

use image::{GrayImage, ImageFormat};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::idx::{SIDE, picture};

/// The archive that the recipes of MNIST read.
pub const DIGITS_ARCHIVE: &str = "mnist_png_small.zip";

/// So many pictures of each of ten classes in each split, no picture twice: names such as `train/3/23.png`, and the
/// files.
#[must_use]
pub fn digit_files(splits: &[(&str, usize)]) -> Vec<(String, Vec<u8>)> {
    let mut first = 0;
    let mut files = Vec::new();
    for &(split, of_each) in splits {
        let numbers = first..first + 10 * of_each;
        first = numbers.end;
        files.extend(numbers.map(|number| (format!("{split}/{}/{number}.png", number % 10), png(number))));
    }
    files
}

/// Picture `number`, which shows class `number % 10`, as a PNG file.
///
/// # Panics
/// Never, as memory takes all.
#[must_use]
pub fn png(number: usize) -> Vec<u8> {
    let image = GrayImage::from_raw(SIDE as u32, SIDE as u32, picture(number)).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The files in one archive; a name with a slash at its end is an empty folder.
///
/// # Panics
/// Where two have one name.
#[must_use]
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, bytes) in files {
        match name.strip_suffix('/') {
            Some(folder) => writer.add_directory(folder, options).unwrap(),
            None => {
                writer.start_file(name.as_str(), options).unwrap();
                writer.write_all(bytes).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Writes the archive that the recipes of MNIST read, with [`digit_files`] in a folder `mnist`.
///
/// # Panics
/// Where it cannot be written.
pub fn write_digits(folder: &Path, splits: &[(&str, usize)]) {
    std::fs::create_dir_all(folder).unwrap();
    let files = digit_files(splits).into_iter().map(|(name, bytes)| (format!("mnist/{name}"), bytes));
    std::fs::write(folder.join(DIGITS_ARCHIVE), zip(&files.collect::<Vec<_>>())).unwrap();
}
