//! The files below a folder, or in an archive, that should be images.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::formats::left_behind::{is_left_behind, is_note};
use crate::{DataError, Result};

/// The names of the folders that something is in, then its own.
pub(crate) type Names = Vec<String>;

/// What should be images, in order.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub images: BTreeSet<Names>,
    /// All folders, those without files among them.
    pub folders: BTreeSet<Names>,
    /// What is neither, and is not passed over either.
    pub faults: Vec<DataError>,
}

impl Listing {
    pub fn add(&mut self, image: Names) {
        let folders = (1..image.len()).filter_map(|len| image.get(..len));
        self.folders.extend(folders.map(<[String]>::to_vec));
        self.images.insert(image);
    }

    /// What is below a folder, at most `depth` folders deep. Links are followed.
    pub fn of_folder(folder: &Path, depth: usize) -> Result<Self> {
        let mut listing = Self::default();
        listing.walk(folder, depth, &mut Vec::new())?;
        Ok(listing)
    }

    fn walk(&mut self, folder: &Path, depth: usize, names: &mut Names) -> Result<()> {
        let io = |source| DataError::Io { action: "read", path: folder.to_owned(), source };
        let mut paths = Vec::new();
        for item in fs::read_dir(folder).map_err(io)? {
            paths.push(item.map_err(io)?.path());
        }
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default();
            let Some(name) = name.to_str() else {
                self.faults.push(unexpected(&path, "a name in UTF-8", "other bytes"));
                continue;
            };
            if is_left_behind(name) {
                continue;
            }
            // What is behind a broken link is an image that cannot be read.
            let kind = fs::metadata(&path).ok();
            let is_folder = kind.as_ref().is_some_and(fs::Metadata::is_dir);
            let is_file = kind.is_none_or(|kind| kind.is_file());
            if is_file && is_note(name) {
                continue;
            }
            names.push(name.to_owned());
            match () {
                () if is_folder && names.len() <= depth => {
                    self.folders.insert(names.clone());
                    self.walk(&path, depth, names)?;
                }
                () if is_file => _ = self.images.insert(names.clone()),
                () => {
                    let found = if is_folder { "a folder" } else { "something else" };
                    self.faults.push(unexpected(&path, "an image file", found));
                }
            }
            names.pop();
        }
        Ok(())
    }
}

fn unexpected(path: &Path, expected: &str, found: &str) -> DataError {
    DataError::in_path(path, format!("expected {expected}, found {found}"))
}

/// Whether an entry of an archive is passed over, by the names in its path.
pub(super) fn is_passed_over(path: &[String], is_folder: bool) -> bool {
    let note = |path: &[String]| path.last().is_some_and(|name| is_note(name));
    path.iter().any(|name| is_left_behind(name)) || !is_folder && note(path)
}
