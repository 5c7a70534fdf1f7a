//! The file of what a server knows of a search: `mlflow-search.jsonl` in the study's folder.
//!
//! What there is to tell follows from the study's own file; this one says where it goes, what the server calls it, and how much of
//! each trial is there. It is only appended to, and locked as long as somebody works on it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::client::RemoteRun;
use crate::journal::{Destination, only_regular};
use crate::{Result, TrackError};

/// Name of the file in the study's folder.
pub(super) const STATE: &str = "mlflow-search.jsonl";

/// A run of the server, and how much of its trial it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sent {
    pub(super) trial: usize,
    pub(super) run: RemoteRun,
    /// Reports that are there.
    pub(super) reports: usize,
    /// The state that is there; none where the run was only made.
    pub(super) state: Option<String>,
    /// The time, in milliseconds since 1970, of reports that may be there, too: MLflow takes one that comes again with another
    /// time for another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Search {
        destination: Destination,
        recipe: String,
    },
    Created(RemoteRun),
    Sent(Sent),
    /// All of that is there, and the run is ended.
    Closed,
    /// Another life of the search begins.
    Reopened,
}

/// The open file.
#[derive(Debug)]
pub(super) struct SearchState {
    file: File,
    path: PathBuf,
    /// Bytes of whole lines.
    end: u64,
    /// Whether an earlier process has begun it.
    pub(super) resumed: bool,
    pub(super) destination: Destination,
    /// The recipe's name.
    pub(super) recipe: String,
    pub(super) created: Option<RemoteRun>,
    pub(super) sent: BTreeMap<usize, Sent>,
    /// Whether nothing is left to send.
    pub(super) closed: bool,
}

impl SearchState {
    /// The one of a study's folder, where an earlier process left one for the same server, or a new one.
    pub(super) fn open(folder: &Path, destination: Destination, recipe: &str) -> Result<Option<Self>> {
        match Self::resume(folder)? {
            Found::Here(mut state) if state.destination.url == destination.url => {
                if state.closed {
                    // What this life has to tell is not told yet.
                    state.append(&Line::Reopened)?;
                    state.closed = false;
                }
                return Ok(Some(*state));
            }
            Found::Busy => return Ok(None),
            Found::Here(_) | Found::None => {}
        }
        let path = folder.join(STATE);
        let failed = |source| TrackError::File { action: "write", path: path.clone(), source };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        file.set_len(0).map_err(failed)?;
        let mut state = Self {
            file,
            path,
            end: 0,
            resumed: false,
            destination,
            recipe: recipe.to_owned(),
            created: None,
            sent: BTreeMap::new(),
            closed: false,
        };
        state
            .append(&Line::Search { destination: state.destination.clone(), recipe: state.recipe.clone() })?;
        Ok(Some(state))
    }

    /// The one that an earlier process left in a study's folder. A line that was cut off by a kill is cut away.
    pub(super) fn resume(folder: &Path) -> Result<Found> {
        let path = folder.join(STATE);
        let failed = |source| TrackError::File { action: "read", path: path.clone(), source };
        only_regular(&path)?;
        let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::None),
            outcome => outcome.map_err(failed)?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Found::Busy),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        if whole == 0 {
            // A kill before the first line was written.
            return Ok(Found::None);
        }
        let text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default()).into_owned();
        let mut lines = text.lines();
        let damaged = |line: &str| TrackError::Damaged {
            path: path.clone(),
            found: format!("`{}`", line.chars().take(80).collect::<String>()),
        };
        let first = lines.next().unwrap_or_default();
        let Ok(Line::Search { destination, recipe }) = serde_json::from_str(first) else {
            return Err(damaged(first));
        };
        let (mut created, mut sent, mut closed) = (None, BTreeMap::new(), false);
        for line in lines {
            match serde_json::from_str(line) {
                Ok(Line::Created(run)) => created = Some(run),
                Ok(Line::Sent(trial)) => drop(sent.insert(trial.trial, trial)),
                Ok(Line::Closed) => closed = true,
                Ok(Line::Reopened) => closed = false,
                _ => return Err(damaged(line)),
            }
        }
        let (path, end, resumed) = (path.clone(), whole as u64, true);
        let state = Self { file, path, end, resumed, destination, recipe, created, sent, closed };
        Ok(Found::Here(Box::new(state)))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn set_created(&mut self, run: &RemoteRun) -> Result<()> {
        self.append(&Line::Created(run.clone()))?;
        self.created = Some(run.clone());
        Ok(())
    }

    pub(super) fn set_sent(&mut self, sent: Sent) -> Result<()> {
        self.append(&Line::Sent(sent.clone()))?;
        self.sent.insert(sent.trial, sent);
        Ok(())
    }

    pub(super) fn set_closed(&mut self) -> Result<()> {
        self.append(&Line::Closed)?;
        self.closed = true;
        Ok(())
    }

    fn append(&mut self, line: &Line) -> Result<()> {
        let failed = |source| TrackError::File { action: "write", path: self.path.clone(), source };
        let mut text = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        // What a kill or a full disk left of a line is no line.
        self.file.set_len(self.end).map_err(failed)?;
        self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.write_all(&text)).map_err(failed)?;
        self.end += text.len() as u64;
        Ok(())
    }
}

/// The lock is given back by name: a process that is just being started holds copies of all open files for a moment, and of their
/// locks.
impl Drop for SearchState {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// What an earlier process left.
#[derive(Debug)]
pub(super) enum Found {
    None,
    /// Another process works on it.
    Busy,
    Here(Box<SearchState>),
}
