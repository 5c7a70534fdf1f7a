//! Writing files so that nothing half-written stands under a final name, not even after a power cut.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Writes `bytes` beside `path` and renames the file over it when they are on the disk.
///
/// # Errors
/// What the system says; `path` is then as it was.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomic_by(path, |file| file.write_all(bytes))
}

/// As [`write_atomic`], of what `write` writes. A link at `path` is replaced, not followed.
///
/// # Errors
/// As there, and what `write` answers.
pub fn write_atomic_by(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = Unfinished::beside(path)?;
    write(file.file())?;
    file.finish()
}

/// A file that is being written beside its path, and removed where it is dropped before it is finished.
#[derive(Debug)]
pub struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// An empty one beside `path`.
    ///
    /// # Errors
    /// What the system says.
    pub fn beside(path: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        Ok(Self { file: builder.tempfile_in(folder_of(path))?, path: path.to_owned() })
    }

    /// To be written to.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Renames it over its path when it is on the disk.
    ///
    /// # Errors
    /// What the system says; what is at the path is then as it was.
    pub fn finish(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path).map_err(|error| error.error)?;
        sync_folder(folder_of(&self.path));
        Ok(())
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the names of files begin with that are not whole yet; whoever is killed leaves some.
pub const TEMPORARY: &str = ".brasa-";

/// Has the names in a folder on the disk, where the system has folders that can be opened.
pub fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
