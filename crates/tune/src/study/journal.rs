//! The file of a study: JSON lines that are only ever appended, each with a checksum.
//!
//! A line is handed to the system before what it says is acted on, so it survives the end of the process; it is sent to the
//! disk within a second. A line that a power cut left half-written is found by its checksum and cut off.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::event::Event;
use super::{Result, StudyError};

/// What was found when a study's file was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// Whole lines.
    pub lines: usize,
    /// Bytes behind them that were no whole line, and were cut off.
    pub cut: u64,
    /// Trials that were running when the process ended; they are run again from their checkpoints.
    pub interrupted: Vec<usize>,
}

/// The open file, which no other process can open meanwhile.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    end: u64,
    synced: Instant,
}

const START: &[u8] = b"{\"crc\":\"";
const MIDDLE: &[u8] = b"\",\"event\":";

impl Journal {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).open(path).map_err(|source| {
                if source.kind() == ErrorKind::AlreadyExists {
                    return StudyError::Exists { path: path.into() };
                }
                StudyError::File { action: "create", path: path.into(), source }
            })?;
        lock(&file, path)?;
        Ok(Self { file, path: path.into(), end: 0, synced: Instant::now() })
    }

    /// Opens a file and reads its events; a damaged end is cut off.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Event>, Recovery)> {
        let failed = |action| move |source| StudyError::File { action, path: path.into(), source };
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed("open"))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("read"))?;
        let (events, end) = parse(path, &bytes)?;
        let cut = bytes.len() as u64 - end;
        if cut > 0 {
            file.set_len(end).map_err(failed("write"))?;
        }
        let recovery = Recovery { lines: events.len(), cut, interrupted: Vec::new() };
        Ok((Self { file, path: path.into(), end, synced: Instant::now() }, events, recovery))
    }

    /// Reads a file's events, whoever is writing to it.
    pub(super) fn read(path: &Path) -> Result<Vec<Event>> {
        let bytes = std::fs::read(path).map_err(|source| StudyError::File {
            action: "read",
            path: path.into(),
            source,
        })?;
        Ok(parse(path, &bytes)?.0)
    }

    /// Appends a line, or leaves the file as it was.
    pub(super) fn append(&mut self, event: &Event) -> Result<()> {
        let failed = |source| StudyError::File { action: "write", path: self.path.clone(), source };
        let text = serde_json::to_string(event).map_err(|error| failed(error.into()))?;
        let line = format!("{{\"crc\":\"{:08x}\",\"event\":{text}}}\n", crc32fast::hash(text.as_bytes()));
        let written =
            self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.write_all(line.as_bytes()));
        if let Err(source) = written {
            // What was written of the line is no line; where it cannot be cut off now, it will be when the file is opened.
            let _ = self.file.set_len(self.end);
            return Err(StudyError::File { action: "write", path: self.path.clone(), source });
        }
        self.end += line.len() as u64;
        if self.synced.elapsed() > Duration::from_secs(1) {
            self.synced = Instant::now();
            self.file.sync_data().map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Nobody is there to be told; every line is with the system already.
        let _ = self.file.sync_data();
        // By name: a process that is just being started holds copies of all open files for a moment, and of their locks.
        let _ = self.file.unlock();
    }
}

fn lock(file: &File, path: &Path) -> Result<()> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StudyError::Locked { path: path.into() },
        TryLockError::Error(source) => StudyError::File { action: "lock", path: path.into(), source },
    })
}

/// The events of all whole lines, and where these end. Damage is at the end where no whole line follows.
fn parse(path: &Path, bytes: &[u8]) -> Result<(Vec<Event>, u64)> {
    let mut events = Vec::new();
    let (mut end, mut place) = (0, 0);
    let mut damaged = None;
    for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        place += line.len();
        match (event(line), damaged) {
            (Some(event), None) => {
                events.push(event);
                end = place as u64;
            }
            (None, None) => damaged = Some((number, line)),
            (Some(_), Some((number, line))) => {
                return Err(damage(path, number, "a line with its checksum", line));
            }
            (None, Some(_)) => {}
        }
    }
    if matches!(events.first(), Some(Event::Study(_))) {
        return Ok((events, end));
    }
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Err(damage(path, 1, "the first line of a study", first))
}

pub(super) fn damage(path: &Path, line: usize, expected: &str, found: &[u8]) -> StudyError {
    let words: String = String::from_utf8_lossy(found).trim_end().chars().take(80).collect();
    let found = if words.is_empty() { "nothing".into() } else { format!("`{words}`") };
    StudyError::Damaged { path: path.into(), line, expected: expected.into(), found }
}

/// The event of a line that is whole.
fn event(line: &[u8]) -> Option<Event> {
    let rest = line.strip_prefix(START)?.strip_suffix(b"}\n")?;
    let (sum, rest) = rest.split_at_checked(8)?;
    let text = rest.strip_prefix(MIDDLE)?;
    let is_whole = sum == format!("{:08x}", crc32fast::hash(text)).as_bytes();
    is_whole.then(|| serde_json::from_slice(text).ok())?
}
