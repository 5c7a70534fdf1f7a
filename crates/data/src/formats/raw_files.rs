//! The files that a path given to `predict` stands for.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::images::{Listing, Names, Store};
use super::is_left_behind;
use crate::files::FileContent;
use crate::{DataError, Result};

/// How deep folders of images may lie in each other, so that a link in a circle ends.
const MAX_DEPTH: usize = 16;

/// One file of raw samples.
#[derive(Debug)]
pub struct RawFile {
    /// Its path, or that of its archive and its own in it.
    pub label: String,
    /// Its bytes, or why there are none.
    pub content: Result<Vec<u8>>,
}

/// The files that a path stands for, in order. Each is read when it is its turn.
///
/// ```
/// use brasa_data::{ImageInput, InputSpec, Resize};
/// let input = ImageInput { channels: 1, height: 8, width: 8, resize: Resize::Bilinear, crop: Default::default() };
/// let mut files = InputSpec::Image(input).files("no/such.png".as_ref())?;
/// assert!(files.next().is_some_and(|file| file.label == "no/such.png" && file.content.is_err()));
/// assert!(files.next().is_none());
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct RawFiles(Origin);

#[derive(Debug)]
enum Origin {
    Paths(std::vec::IntoIter<PathBuf>),
    Images(Images),
}

impl Iterator for RawFiles {
    type Item = RawFile;

    fn next(&mut self) -> Option<RawFile> {
        match &mut self.0 {
            Origin::Images(images) => images.next(),
            Origin::Paths(paths) => paths.next().map(|path| {
                let label = path.display().to_string();
                let content = crate::read_stream(&path).map_err(|source| DataError::Io {
                    action: "read",
                    path,
                    source,
                });
                RawFile { label, content }
            }),
        }
    }
}

impl RawFiles {
    /// The file itself, or the files of a folder whose names end in one of `endings`, compressed or not. What systems
    /// leave behind is passed over.
    ///
    /// # Errors
    /// [`DataError::Content`] for a folder without such files, [`DataError::Io`] for one that cannot be listed.
    pub fn of(path: &Path, endings: &[&str]) -> Result<Self> {
        if !path.is_dir() {
            return Ok(Self::one(path));
        }
        let takes = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let plain = name.to_ascii_lowercase();
            let plain = plain.strip_suffix(".gz").unwrap_or(&plain);
            let ending = plain.rsplit_once('.').map(|(_, ending)| ending);
            path.is_file() && !is_left_behind(&name) && ending.is_some_and(|ending| endings.contains(&ending))
        };
        let io = |source| DataError::Io { action: "read", path: path.to_owned(), source };
        let mut paths = Vec::new();
        for item in fs::read_dir(path).map_err(io)? {
            paths.push(item.map_err(io)?.path());
        }
        paths.retain(takes);
        paths.sort();
        match paths.is_empty() {
            true => Err(DataError::in_path(
                path,
                format!("expected files that end in .{} in it, found none", endings.join(", .")),
            )),
            false => Ok(Self(Origin::Paths(paths.into_iter()))),
        }
    }

    /// The image itself, or all images of a folder or a zip archive, however deep they lie, by the rules that data sets
    /// of images are read by: what systems leave behind and notes are passed over, and whatever else is there should be
    /// an image, whatever it is called.
    ///
    /// # Errors
    /// [`DataError::Content`] for a folder or an archive without images or a broken one,
    /// [`DataError::Io`] for what cannot be listed.
    pub fn of_images(path: &Path) -> Result<Self> {
        let (store, listing) = match () {
            () if path.is_dir() => Store::of_folder(path, MAX_DEPTH)?,
            () if is_zip(path) => {
                let bytes = crate::read_regular(path, crate::regular::most_of_a_file())
                    .map_err(|source| DataError::Io { action: "read", path: path.to_owned(), source })?;
                Store::of_archive(FileContent { label: path.display().to_string(), bytes: bytes.into() })?
            }
            () => return Ok(Self::one(path)),
        };
        let Listing { images, faults, .. } = listing;
        match images.is_empty() && faults.is_empty() {
            true => {
                Err(DataError::in_file(store.label(&[]), "expected PNG or JPEG images in it, found none"))
            }
            false => {
                let (images, faults) = (images.into_iter(), faults.into_iter());
                Ok(Self(Origin::Images(Images { store, images, faults })))
            }
        }
    }

    fn one(path: &Path) -> Self {
        Self(Origin::Paths(vec![path.to_owned()].into_iter()))
    }
}

fn is_zip(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && matches!(start, [b'P', b'K', 3 | 5, 4 | 6])
}

#[derive(Debug)]
struct Images {
    store: Store,
    images: std::collections::btree_set::IntoIter<Names>,
    /// What should be an image and cannot be one.
    faults: std::vec::IntoIter<DataError>,
}

impl Images {
    fn next(&mut self) -> Option<RawFile> {
        if let Some(path) = self.images.next() {
            return Some(RawFile { label: self.store.label(&path), content: self.store.read(&path) });
        }
        let fault = self.faults.next()?;
        let label = match &fault {
            DataError::Content { at, .. } => at.file.clone().unwrap_or_default(),
            _ => self.store.label(&[]),
        };
        Some(RawFile { label, content: Err(fault) })
    }
}
