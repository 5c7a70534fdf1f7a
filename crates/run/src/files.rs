//! Writing files so that nothing half-written stands under a final name.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;

use brasa_data::Unfinished;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ending::writing;
use crate::json::readable;
use crate::{Result, RunError};

/// The confusion matrices of a thousand classes are ten million bytes.
const MOST: u64 = 1 << 28;

pub(super) fn failed(path: &Path) -> impl Fn(std::io::Error) -> RunError + '_ {
    move |source| RunError::Write { path: path.into(), source }
}

/// Writes `bytes` beside `path` and renames the file over it.
///
/// # Errors
/// [`RunError::Write`]; `path` is then as it was.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let _writing = writing();
    brasa_data::write_atomic(path, bytes).map_err(failed(path))
}

/// As [`write_atomic`], of what `write` writes, which may take long: who ends the process waits only for what is written whole to be
/// put in its place.
///
/// # Errors
/// As there.
pub(crate) fn write_atomic_by(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> std::io::Result<()>,
) -> Result<()> {
    let written = || {
        let mut unfinished = Unfinished::beside(path)?;
        let mut file = BufWriter::new(unfinished.file());
        write(&mut file)?;
        file.flush()?;
        drop(file);
        let _writing = writing();
        unfinished.finish()
    };
    written().map_err(failed(path))
}

pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    write_atomic(path, &readable(value).map_err(|error| failed(path)(error.into()))?)
}

pub(crate) fn read_text(path: &Path) -> Result<String> {
    let broken = |problem: String| RunError::BrokenRun { path: path.into(), problem };
    let bytes =
        brasa_data::read_regular(path, MOST).map_err(|error| broken(format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| broken(format!("is no UTF-8: {error}")))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&read_text(path)?)
        .map_err(|error| RunError::BrokenRun { path: path.into(), problem: format!("is damaged: {error}") })
}

/// Appends a line, or leaves the file as it was.
pub(super) fn append_line(path: &Path, line: &str) -> Result<()> {
    let _writing = writing();
    let mut file = OpenOptions::new().append(true).open(path).map_err(failed(path))?;
    let before = file.metadata().map_err(failed(path))?.len();
    let outcome = file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.flush());
    outcome.map_err(|error| {
        // The disk may be full: take back the part of the line that still went in.
        let _ = File::options().write(true).open(path).and_then(|file| file.set_len(before));
        failed(path)(error)
    })
}
