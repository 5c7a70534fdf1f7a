//! Where encoded images are read from: a folder, or an archive that is not unpacked.

use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::listing::{Listing, Names};
use crate::files::FileContent;
use crate::{DataError, Result, read_regular};

/// A place with images.
#[derive(Debug)]
pub(crate) enum Store {
    Folder(PathBuf),
    Archive(Archive),
}

impl Store {
    /// The folder, and what is in it at most `depth` folders deep.
    pub fn of_folder(folder: &Path, depth: usize) -> Result<(Self, Listing)> {
        let listing = Listing::of_folder(folder, depth)?;
        Ok((Self::Folder(folder.to_owned()), listing))
    }

    /// The zip archive, and what is in it.
    pub fn of_archive(content: FileContent) -> Result<(Self, Listing)> {
        let (archive, listing) = Archive::open(content)?;
        Ok((Self::Archive(archive), listing))
    }

    /// What messages call an image, or a folder of images.
    pub fn label(&self, path: &[String]) -> String {
        match self {
            Self::Folder(folder) => below(folder, path).display().to_string(),
            Self::Archive(archive) => archive.label(path),
        }
    }

    /// The bytes of an image.
    pub fn read(&self, path: &[String]) -> Result<Vec<u8>> {
        match self {
            Self::Archive(archive) => archive.read(path),
            Self::Folder(folder) => {
                let path = below(folder, path);
                read_regular(&path, u64::MAX).map_err(|source| DataError::Io { action: "read", path, source })
            }
        }
    }

    /// What `decode` makes of an image; a fault of it names the image.
    pub fn decode<T>(
        &self,
        path: &Names,
        decode: impl FnOnce(&[u8]) -> std::result::Result<T, String>,
    ) -> Result<T> {
        decode(&self.read(path)?).map_err(|problem| DataError::in_file(self.label(path), problem))
    }
}

/// The path of names below a folder.
pub(super) fn below(folder: &Path, path: &[String]) -> PathBuf {
    path.iter().fold(folder.to_owned(), |folder, name| folder.join(name))
}
