//! The file of what a server has not got yet: `mlflow-pending.jsonl` in the run's folder.
//!
//! It is the queue between the training, which appends, and the thread that sends: as long as the disk, and still there
//! when the process is not. Its first line says where the run goes; then come the run's number there as soon as
//! there is one, and metrics. What was sent is cut off; the whole file goes when all is sent. It is locked as long
//! as somebody works on it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::client::RemoteRun;
use crate::entry::{METRICS_PER_CALL, Metric};
use crate::{Result, TrackError};

/// Name of the file in the run's folder.
pub(crate) const JOURNAL: &str = "mlflow-pending.jsonl";

/// Where a run goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Destination {
    pub(crate) url: String,
    pub(crate) experiment: String,
    /// Name of the run, unlike any other's even when clocks and folders are shared: it tells whether the server has made the
    /// run although its answer was lost.
    pub(crate) key: String,
    /// Milliseconds since 1970.
    pub(crate) start_time: u64,
    /// The run that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Destination(Destination),
    Created(RemoteRun),
    Metrics(Vec<Metric>),
}

/// Refuses what is there and is no file of the folder itself: what is sent is cut off, and a link leads elsewhere.
pub(crate) fn only_regular(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(found) if !found.is_file() => {
            Err(TrackError::Damaged { path: path.to_owned(), found: "no regular file".into() })
        }
        _ => Ok(()),
    }
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    destination: Destination,
    created: Option<RemoteRun>,
    /// Bytes of the first line.
    head: u64,
    /// Everything before is sent.
    sent: u64,
    /// Everything before was handed out by [`unsent`](Self::unsent).
    handed: u64,
    /// Bytes of whole lines.
    end: u64,
}

impl Journal {
    /// A new one in a run's folder.
    pub(crate) fn create(folder: &Path, destination: Destination) -> Result<Self> {
        let path = folder.join(JOURNAL);
        let failed = |source| TrackError::File { action: "write", path: path.clone(), source };
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        let mut journal =
            Self { file, path, destination, created: None, head: 0, sent: 0, handed: 0, end: 0 };
        journal.append(&Line::Destination(journal.destination.clone()))?;
        (journal.head, journal.sent, journal.handed) = (journal.end, journal.end, journal.end);
        Ok(journal)
    }

    /// The one that an earlier process left in a run's folder; `None` where there is none or another process works on it.
    /// A line that was cut off by a kill is left out.
    pub(crate) fn resume(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(JOURNAL);
        let failed = |source| TrackError::File { action: "read", path: path.clone(), source };
        only_regular(&path)?;
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            outcome => outcome.map_err(failed)?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let (mut destination, mut created, mut head, mut end) = (None, None, 0, 0);
        let mut reader = BufReader::new(&file);
        let mut text = Vec::new();
        while reader.read_until(b'\n', &mut text).map_err(failed)? > 0 && text.ends_with(b"\n") {
            end += text.len() as u64;
            match serde_json::from_slice(&text) {
                Ok(Line::Destination(found)) if head == 0 => (destination, head) = (Some(found), end),
                Ok(Line::Created(run)) if head > 0 => created = Some(run),
                Ok(Line::Metrics(_)) if head > 0 => {}
                _ => {
                    let found: String = String::from_utf8_lossy(&text).trim_end().chars().take(80).collect();
                    return Err(TrackError::Damaged { path, found: format!("`{found}`") });
                }
            }
            text.clear();
        }
        let Some(destination) = destination else {
            return Err(TrackError::Damaged { path, found: "no first line".into() });
        };
        Ok(Some(Self { file, path, destination, created, head, sent: head, handed: head, end }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn destination(&self) -> &Destination {
        &self.destination
    }

    pub(crate) fn created(&self) -> Option<&RemoteRun> {
        self.created.as_ref()
    }

    /// When it was last written to.
    pub(crate) fn touched(&self) -> SystemTime {
        self.file.metadata().and_then(|metadata| metadata.modified()).unwrap_or_else(|_| SystemTime::now())
    }

    /// Bytes that are still to be sent.
    pub(crate) fn waiting(&self) -> u64 {
        self.end - self.sent
    }

    /// Writes down the run's number on the server.
    pub(crate) fn set_created(&mut self, run: RemoteRun) -> Result<()> {
        self.append(&Line::Created(run.clone()))?;
        self.created = Some(run);
        Ok(())
    }

    /// As if the run's number on the server were not known.
    pub(crate) fn forget_created(&mut self) {
        self.created = None;
    }

    /// Adds metrics.
    pub(crate) fn push(&mut self, metrics: Vec<Metric>) -> Result<()> {
        if metrics.len() <= METRICS_PER_CALL {
            return self.append(&Line::Metrics(metrics));
        }
        metrics.chunks(METRICS_PER_CALL).try_for_each(|part| self.append(&Line::Metrics(part.to_vec())))
    }

    /// The next metrics to send, as many as go into one call; none where all are sent. The same again until
    /// [`confirm`](Self::confirm).
    pub(crate) fn unsent(&mut self) -> Result<Vec<Metric>> {
        let failed = |source| TrackError::File { action: "read", path: self.path.clone(), source };
        self.handed = self.sent;
        let mut metrics = Vec::new();
        (&self.file).seek(SeekFrom::Start(self.sent)).map_err(failed)?;
        let mut reader = BufReader::new((&self.file).take(self.end - self.sent));
        let mut text = String::new();
        while reader.read_line(&mut text).map_err(failed)? > 0 {
            let found = match serde_json::from_str(&text) {
                Ok(Line::Metrics(found)) => found,
                Ok(_) => Vec::new(),
                Err(error) => {
                    return Err(TrackError::Damaged { path: self.path.clone(), found: error.to_string() });
                }
            };
            if metrics.len() + found.len() > METRICS_PER_CALL {
                break;
            }
            metrics.extend(found);
            self.handed += text.len() as u64;
            text.clear();
        }
        Ok(metrics)
    }

    /// What [`unsent`](Self::unsent) answered last is sent.
    pub(crate) fn confirm(&mut self) -> Result<()> {
        let nothing_new = self.sent == self.handed;
        self.sent = self.handed;
        if nothing_new || self.sent < self.end {
            return Ok(());
        }
        self.cut(self.head)?;
        (self.sent, self.handed) = (self.head, self.head);
        if let Some(run) = self.created.clone() {
            self.append(&Line::Created(run))?;
            (self.sent, self.handed) = (self.end, self.end);
        }
        Ok(())
    }

    /// All is sent.
    pub(crate) fn remove(&self) -> Result<()> {
        std::fs::remove_file(&self.path).map_err(|source| TrackError::File {
            action: "remove",
            path: self.path.clone(),
            source,
        })
    }

    fn cut(&mut self, bytes: u64) -> Result<()> {
        let failed = |source| TrackError::File { action: "write", path: self.path.clone(), source };
        self.file.set_len(bytes).map_err(failed)?;
        self.end = bytes;
        Ok(())
    }

    /// Appends a line, or leaves the file as it was.
    fn append(&mut self, line: &Line) -> Result<()> {
        let failed = |source| TrackError::File { action: "write", path: self.path.clone(), source };
        let mut text = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        let outcome = self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.write_all(&text));
        if let Err(source) = outcome {
            let error = failed(source);
            // What was written of the line is no line.
            let _ = self.cut(self.end);
            return Err(error);
        }
        self.end += text.len() as u64;
        Ok(())
    }
}

/// The lock is given back by name: a process that is just being started holds copies of all open files for a moment, and of their
/// locks.
impl Drop for Journal {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn destination() -> Destination {
        Destination {
            url: "http://here".into(),
            experiment: "iris".into(),
            key: "k".into(),
            start_time: 7,
            parent: None,
        }
    }

    fn metrics(steps: std::ops::Range<u64>) -> Vec<Metric> {
        let metric = |step| Metric { key: "step/loss".into(), value: 0.1 + step as f64, timestamp: 1, step };
        steps.map(metric).collect()
    }

    fn drain(journal: &mut Journal) -> Vec<Vec<Metric>> {
        let next = || {
            let metrics = journal.unsent().unwrap();
            journal.confirm().unwrap();
            (!metrics.is_empty()).then_some(metrics)
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn metrics_come_out_as_they_went_in_a_thousand_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path(), destination()).unwrap();
        let empty = std::fs::metadata(journal.path()).unwrap().len();
        journal.push(metrics(0..3)).unwrap();
        journal.push(metrics(3..2400)).unwrap();
        assert_eq!(journal.unsent().unwrap(), journal.unsent().unwrap(), "the same until it is confirmed");
        let calls = drain(&mut journal);
        assert!(calls.iter().all(|call| call.len() <= 1000) && calls.len() <= 4, "{}", calls.len());
        assert_eq!(calls.concat(), metrics(0..2400));
        assert_eq!(std::fs::metadata(journal.path()).unwrap().len(), empty, "what is sent is cut off");
    }

    #[test]
    fn another_process_goes_on_where_one_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path(), destination()).unwrap();
        assert!(Journal::resume(folder.path()).unwrap().is_none(), "it is being worked on");
        let run = RemoteRun { run_id: "r".into(), experiment_id: "1".into(), artifact_uri: "u".into() };
        journal.push(metrics(0..5)).unwrap();
        journal.set_created(run.clone()).unwrap();
        assert_eq!(drain(&mut journal).concat(), metrics(0..5));
        journal.push(metrics(5..9)).unwrap();
        let path = journal.path().to_path_buf();
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"metrics\":[{\"key\":").unwrap();
        drop(file);
        let mut journal = Journal::resume(folder.path()).unwrap().unwrap();
        assert_eq!((journal.destination(), journal.created()), (&destination(), Some(&run)));
        journal.push(metrics(9..10)).unwrap();
        assert_eq!(drain(&mut journal).concat(), metrics(5..10));
        journal.remove().unwrap();
        assert!(Journal::resume(folder.path()).unwrap().is_none());
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{\"metrics\":[]}\n", "notes\n", "{\"destination\":"] {
            std::fs::write(folder.path().join(JOURNAL), text).unwrap();
            let error = Journal::resume(folder.path()).unwrap_err();
            assert!(matches!(error, TrackError::Damaged { .. }), "{text}: {error}");
        }
    }
}
