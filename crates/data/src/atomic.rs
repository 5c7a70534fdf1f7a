//! Writing files so that nothing half-written stands under a final name, not even after a power cut.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

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
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

/// What the names of files begin with that are not whole yet; whoever is killed leaves some.
pub const TEMPORARY: &str = ".brasa-";

/// Has the names in a folder on the disk, where the system has folders that can be opened.
pub fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
