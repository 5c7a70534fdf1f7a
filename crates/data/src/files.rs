//! Where named files come from.

use std::borrow::Cow;
use std::fmt;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::{DataError, Result};

/// The places that files are looked for in, in order.
///
/// ```
/// use brasa_data::Files;
/// let files = Files::embedded(&[("iris.csv", b"a,b\n1,2\n")]).or(Files::directory("datasets"));
/// let file = files.read("iris.csv")?;
/// assert_eq!(file.label, "iris.csv (embedded)");
/// assert_eq!(&*file.bytes, b"a,b\n1,2\n");
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Files {
    places: Vec<Place>,
    cache: Option<PathBuf>,
    weights: Vec<PathBuf>,
}

#[derive(Clone)]
enum Place {
    Directory(PathBuf),
    Embedded(&'static [(&'static str, &'static [u8])]),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_string())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "the folder {}", path.display()),
            Self::Embedded(_) => f.write_str("the files built into this program"),
        }
    }
}

/// What [`Files::read`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// The path, or the name and that it is embedded: for messages.
    pub label: String,
    /// The content.
    pub bytes: Cow<'static, [u8]>,
}

impl Files {
    /// Files in a folder. A name may be a path relative to it, or an absolute one.
    #[must_use]
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self { places: vec![Place::Directory(path.into())], ..Self::default() }
    }

    /// Files built into the program, by `include_bytes!`.
    #[must_use]
    pub fn embedded(files: &'static [(&'static str, &'static [u8])]) -> Self {
        Self { places: vec![Place::Embedded(files)], ..Self::default() }
    }

    /// The places of `self`, then those of `next`, also for weights; the cache of the first that has one.
    #[must_use]
    pub fn or(mut self, next: Self) -> Self {
        self.places.extend(next.places);
        self.cache = self.cache.or(next.cache);
        self.weights.extend(next.weights);
        self
    }

    /// Lets [`load`](crate::load) keep what is slow to parse or decode in a folder, which is made when
    /// something is first kept, and may be emptied at any time.
    #[must_use]
    pub fn cached_in(mut self, folder: PathBuf) -> Self {
        self.cache = Some(folder);
        self
    }

    /// The folder of [`cached_in`](Self::cached_in).
    #[must_use]
    pub fn cache(&self) -> Option<&Path> {
        self.cache.as_deref()
    }

    /// Looks for files of weights in these folders, too, after those of the data: they are the same for all data.
    #[must_use]
    pub fn weights_in(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        self.weights.extend(folders);
        self
    }

    /// The file of the given name in the first place that has it.
    ///
    /// # Errors
    /// [`DataError::Missing`] with all places, [`DataError::Content`] for a folder, or
    /// [`DataError::Io`] when a file is there but cannot be read.
    pub fn read(&self, name: &str) -> Result<FileContent> {
        for place in &self.places {
            match place {
                Place::Directory(folder) => {
                    let path = folder.join(name);
                    if let Some(bytes) = read_if_there(&path)? {
                        let label = path.display().to_string();
                        return Ok(FileContent { label, bytes: Cow::Owned(bytes) });
                    }
                }
                Place::Embedded(files) => {
                    if let Some((_, bytes)) = files.iter().find(|(file, _)| *file == name) {
                        let label = format!("{name} (embedded)");
                        return Ok(FileContent { label, bytes: Cow::Borrowed(bytes) });
                    }
                }
            }
        }
        Err(self.missing(name))
    }

    /// The path of the folder of the given name in the first place that has it. No folder is embedded.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf> {
        for place in &self.places {
            if let Place::Directory(folder) = place {
                let path = folder.join(name);
                if path.is_dir() {
                    return Ok(path);
                }
                if path.exists() {
                    return Err(DataError::in_path(
                        &path,
                        "expected a folder, found a file; for a zip archive use the key `archive`",
                    ));
                }
            }
        }
        Err(self.missing(name))
    }

    /// The path of the file of weights of the given name: in the first folder of the data that has it, or of
    /// [`weights_in`](Self::weights_in).
    ///
    /// # Errors
    /// [`DataError::Missing`] with all places.
    pub fn weights(&self, name: &str) -> Result<PathBuf> {
        let folders = self.directories().chain(self.weights.iter().map(PathBuf::as_path));
        let mut looked: Vec<&Path> = Vec::new();
        for folder in folders {
            let path = folder.join(name);
            if path.is_file() {
                return Ok(path);
            }
            if !looked.contains(&folder) {
                looked.push(folder);
            }
        }
        match looked.is_empty() {
            true => Err(self.missing(name)),
            false => {
                let places = looked.into_iter().map(|folder| format!("the folder {}", folder.display()));
                Err(DataError::missing(name, places.collect()))
            }
        }
    }

    /// The folders that are looked in, in their order.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        self.places.iter().filter_map(|place| match place {
            Place::Directory(folder) => Some(folder.as_path()),
            Place::Embedded(_) => None,
        })
    }

    fn missing(&self, name: &str) -> DataError {
        let places = self.places.iter().map(ToString::to_string).collect();
        DataError::missing(name, places)
    }
}

impl Files {
    /// Opens the file that [`read`](Self::read) would read whole: its label, its content and its length.
    ///
    /// # Errors
    /// As for `read`.
    pub fn open(&self, name: &str) -> Result<(String, Box<dyn Read + Send>, u64)> {
        for place in &self.places {
            if let Place::Directory(folder) = place {
                let path = folder.join(name);
                if path.is_file() {
                    let label = path.display().to_string();
                    let opened = std::fs::File::open(&path);
                    return match opened.and_then(|file| Ok((file.metadata()?.len(), file))) {
                        Ok((len, file)) => Ok((label, Box::new(file), len)),
                        Err(source) => Err(DataError::Io { action: "read", path, source }),
                    };
                }
            }
            // What is built in is in memory already, and what is no file gets its error there.
            let one = Self { places: vec![place.clone()], ..Self::default() };
            match one.read(name) {
                Ok(FileContent { label, bytes }) => {
                    let len = bytes.len() as u64;
                    return Ok((label, Box::new(std::io::Cursor::new(bytes)), len));
                }
                Err(DataError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.missing(name))
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match crate::read_regular(path, crate::regular::most_of_a_file()) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(_) if path.is_dir() => Err(DataError::is_folder(path)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(DataError::Io { action: "read", path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_first_place_that_has_the_file_wins() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "folder").unwrap();
        let files = Files::directory(folder.path()).or(Files::embedded(&[("a", b"in"), ("b", b"b")]));
        assert_eq!(&*files.read("a").unwrap().bytes, b"folder");
        assert_eq!(&*files.read("b").unwrap().bytes, b"b");
    }

    #[test]
    fn weights_are_looked_for_beside_the_data_and_then_in_folders_of_their_own() {
        let (data, weights) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = Files::directory(data.path()).weights_in([weights.path().to_owned()]);
        let message = files.weights("w.pth").unwrap_err().to_string();
        assert!(message.contains(&weights.path().display().to_string()), "{message}");
        std::fs::write(weights.path().join("w.pth"), "").unwrap();
        assert_eq!(files.weights("w.pth").unwrap(), weights.path().join("w.pth"));
        assert!(files.read("w.pth").is_err(), "data are not looked for there");
        std::fs::write(data.path().join("w.pth"), "").unwrap();
        assert_eq!(files.weights("w.pth").unwrap(), data.path().join("w.pth"));
    }

    #[test]
    fn a_missing_file_and_a_folder_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let files = Files::embedded(&[]).or(Files::directory(folder.path()));
        let missing = files.read("nothing.csv").unwrap_err().to_string();
        assert!(missing.starts_with("`nothing.csv` was not found; looked in the files built"));
        assert!(missing.ends_with(&format!("the folder {}", folder.path().display())), "{missing}");
        let error = files.read("sub").unwrap_err();
        assert!(matches!(error, DataError::Content { .. }), "{error}");
    }
}
