//! Data sets of images, from folders and archives that the tests write.

mod archives;
mod bad_images;
mod config;
mod folders;
mod layouts;
mod photographs;

use std::io::Cursor;
use std::path::Path;

use brasa_data::{Files, ImagesConfig, Labelled, Result};
use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use tempfile::TempDir;

/// A grey PNG whose first pixel is `value`, and the others 0.
fn grey(value: u8, height: u32, width: u32) -> Vec<u8> {
    let pixel = |x, y| Luma([if (x, y) == (0, 0) { value } else { 0 }]);
    encode(GrayImage::from_fn(width, height, pixel), ImageFormat::Png)
}

fn png(value: u8) -> Vec<u8> {
    grey(value, 2, 3)
}

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A folder that holds `photos` with the given files; a path that ends in `/` is an empty folder.
fn photos<B: AsRef<[u8]>>(files: &[(&str, B)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("photos")).unwrap();
    for (path, bytes) in files {
        let path = folder.path().join("photos").join(path);
        if path.as_os_str().to_string_lossy().ends_with('/') {
            std::fs::create_dir_all(path).unwrap();
            continue;
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn read_with(settings: &str, files: &Files) -> Result<Labelled> {
    toml::from_str::<ImagesConfig>(settings).unwrap().read(files)
}

/// Reads `photos` in a folder.
fn read(settings: &str, folder: &TempDir) -> Result<Labelled> {
    read_with(&format!("folder = \"photos\"\n{settings}"), &Files::directory(folder.path()))
}

/// The message of the error, with `photos` for the folder's path.
fn message(settings: &str, folder: &TempDir) -> String {
    plain(&read(settings, folder).unwrap_err().to_string(), folder.path())
}

fn plain(message: &str, folder: &Path) -> String {
    message.replace(&format!("{}/", folder.display()), "")
}

/// The first pixel of every image.
fn firsts(data: &Labelled) -> Vec<u8> {
    (0..data.len()).map(|row| data.samples.u8_row(row).unwrap()[0]).collect()
}
