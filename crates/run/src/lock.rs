//! One process trains a run.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::{Result, RunError, RunFolder};

const LOCK: &str = "run.lock";

/// Whoever only looks holds the lock for a moment.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// The folder of a run is ours until it goes; the system lets go of it whatever ends the process.
#[derive(Debug)]
pub struct RunLock(File);

impl Drop for RunLock {
    fn drop(&mut self) {
        // By name: a process that is just being started holds copies of all open files for a moment, and of their locks.
        let _ = self.0.unlock();
    }
}

impl RunFolder {
    /// Takes the run for this process.
    ///
    /// # Errors
    /// [`RunError::Locked`] where another process trains it, [`RunError::Write`].
    pub fn lock(&self) -> Result<RunLock> {
        let path = self.path().join(LOCK);
        let failed = |source| RunError::Write { path: path.clone(), source };
        // Not truncated, and no link followed: nothing is ever written to it.
        let file = open(&path).map_err(failed)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                // Not every file system has locks.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(RunLock(file)),
            }
        }
        Err(RunError::Locked { path: self.path().to_owned() })
    }

    /// Whether a process trains the run now.
    pub fn is_locked(&self) -> bool {
        let path = self.path().join(LOCK);
        // A pipe in its place would be waited for.
        let Some(file) =
            path.metadata().ok().filter(|found| found.is_file()).and_then(|_| File::open(&path).ok())
        else {
            return false;
        };
        // Where the file system has no locks, nobody can tell: whoever says that it is running is believed.
        file.try_lock_shared().is_err()
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        std::fs::remove_file(path)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path().into());
        assert!(!run.is_locked());
        let lock = run.lock().unwrap();
        assert!(run.is_locked());
        let error = run.lock().unwrap_err();
        assert!(matches!(error, RunError::Locked { .. }) && error.is_input(), "{error}");
        drop(lock);
        assert!(!run.is_locked());
        drop(run.lock().unwrap());
    }
}
