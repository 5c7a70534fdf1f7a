//! The files below a folder, or in an archive, that may be images.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{DataError, Result};

/// A folder around, the side, the class, and one level too many to say so.
const MAX_DEPTH: usize = 4;

/// The names of the folders that something is in, then its own.
pub(super) type Names = Vec<String>;

/// What should be images, in order.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub images: BTreeSet<Names>,
    /// All folders, those without files among them.
    pub folders: BTreeSet<Names>,
}

impl Listing {
    pub fn add(&mut self, image: Names) {
        let folders = (1..image.len()).filter_map(|len| image.get(..len));
        self.folders.extend(folders.map(<[String]>::to_vec));
        self.images.insert(image);
    }

    /// What is below a folder. Links are followed.
    pub fn of_folder(folder: &Path) -> Result<Self> {
        let mut listing = Self::default();
        listing.walk(folder, &mut Vec::new())?;
        Ok(listing)
    }

    fn walk(&mut self, folder: &Path, names: &mut Names) -> Result<()> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| DataError::Io { action: "read", path, source }
        };
        for item in fs::read_dir(folder).map_err(io(folder))? {
            let path = item.map_err(io(folder))?.path();
            let unexpected = |expected: &str, found: &str| DataError::ImageLayout {
                place: path.display().to_string(),
                expected: expected.to_owned(),
                found: found.to_owned(),
            };
            let name = path.file_name().unwrap_or_default();
            let name = name.to_str().ok_or_else(|| unexpected("a name in UTF-8", "other bytes"))?;
            if is_ignored(name) {
                continue;
            }
            let kind = fs::metadata(&path).map_err(io(&path))?;
            names.push(name.to_owned());
            if kind.is_dir() && names.len() <= MAX_DEPTH {
                self.folders.insert(names.clone());
                self.walk(&path, names)?;
            } else if kind.is_file() {
                self.images.insert(names.clone());
            } else {
                let found = if kind.is_dir() { "a folder" } else { "something else" };
                return Err(unexpected("an image file", found));
            }
            names.pop();
        }
        Ok(())
    }
}

/// What operating systems leave in folders and archives.
pub(super) fn is_ignored(name: &str) -> bool {
    let left_behind = ["thumbs.db", "desktop.ini", "__macosx"];
    name.starts_with('.') || left_behind.iter().any(|known| name.eq_ignore_ascii_case(known))
}
