//! A run that ends from outside, by a signal that does not wait for it.

use std::cell::Cell;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use crate::{Result, RunFolder, RunRecord, RunStatus};

/// Whoever writes a file of a run reads it; whoever is about to end the process writes it.
static WRITING: RwLock<()> = RwLock::new(());

thread_local! {
    static HOLDS: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, [`hold_writes`] waits: a file is whole, or is not there.
pub(crate) fn writing() -> Option<RwLockReadGuard<'static, ()>> {
    match HOLDS.get() {
        true => None,
        false => Some(WRITING.read().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// Nobody but the thread that has it writes a file of a run; see [`hold_writes`].
#[derive(Debug)]
pub struct HeldWrites {
    _guard: Option<RwLockWriteGuard<'static, ()>>,
}

impl Drop for HeldWrites {
    fn drop(&mut self) {
        HOLDS.set(false);
    }
}

/// Lets the writes that have begun end, waiting for them at most for `patience`, and holds up those of all other
/// threads from then on: for a thread that is going to end the process.
pub fn hold_writes(patience: Duration) -> HeldWrites {
    let started = Instant::now();
    let guard = loop {
        match WRITING.try_write() {
            Ok(guard) => break Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => break Some(poisoned.into_inner()),
            Err(_) if started.elapsed() >= patience => break None,
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    HOLDS.set(true);
    HeldWrites { _guard: guard }
}

impl RunFolder {
    /// Writes that the run was interrupted, for the `reason` that is told, `seconds` after its start, or after it went on. A run that has ended
    /// by itself before stays as it is.
    ///
    /// # Errors
    /// [`RunError::BrokenRun`](crate::RunError::BrokenRun), [`RunError::Write`](crate::RunError::Write).
    pub fn interrupt(&self, reason: &str, seconds: f64) -> Result<RunRecord> {
        let mut record = self.written_record()?;
        if record.status != RunStatus::Running {
            return Ok(record);
        }
        let epochs = self.epochs().unwrap_or_default();
        record.status = RunStatus::Interrupted;
        record.error = Some(reason.into());
        record.seconds = Some(record.seconds.unwrap_or(0.0) + seconds);
        record.epochs = Some(epochs.len());
        record.best_epoch = epochs.iter().rev().find(|epoch| epoch.improved).map(|epoch| epoch.epoch);
        self.write_last_record(&record)?;
        Ok(record)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_train::EpochRecord;
    use brasa_train::metrics::Figures;

    use super::*;

    fn epoch(epoch: usize, improved: bool) -> EpochRecord {
        let scores: Figures = [("loss", 1.0), ("accuracy", 0.5), ("f1_macro", 0.5)].into_iter().collect();
        let (train_seconds, valid_seconds) = (0.0, 0.0);
        EpochRecord {
            epoch,
            lr: 0.1,
            train_seconds,
            valid_seconds,
            train: scores.clone(),
            valid: scores,
            improved,
        }
    }

    #[test]
    fn an_interrupted_run_says_which_epoch_its_weights_are_of_and_a_finished_one_stays_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let (folder, mut record, _lock) = RunFolder::create(root.path(), "app", "recipe").unwrap();
        folder.write("metrics.jsonl", b"").unwrap();
        for (number, improved) in [(1, true), (2, true), (3, false)] {
            folder.append_epoch(&epoch(number, improved)).unwrap();
        }
        let interrupted = folder.interrupt("stopped by SIGTERM", 1.5).unwrap();
        assert_eq!(interrupted, folder.record().unwrap());
        assert_eq!(interrupted.status, RunStatus::Interrupted);
        assert_eq!((interrupted.epochs, interrupted.best_epoch), (Some(3), Some(2)));
        assert_eq!(interrupted.error.as_deref(), Some("stopped by SIGTERM"));

        record.status = RunStatus::Finished;
        folder.write_record(&record).unwrap();
        assert_eq!(folder.interrupt("stopped by SIGTERM", 2.0).unwrap(), record);
    }

    #[test]
    fn held_writes_stop_other_threads_alone() {
        let root = tempfile::tempdir().unwrap();
        let (folder, _, _lock) = RunFolder::create(root.path(), "app", "recipe").unwrap();
        let held = hold_writes(Duration::from_secs(10));
        folder.write("mine", b"1").unwrap();
        let other = folder.clone();
        let thread = std::thread::spawn(move || other.write("theirs", b"2").unwrap());
        std::thread::sleep(Duration::from_millis(30));
        assert!(!folder.path().join("theirs").exists());
        drop(held);
        thread.join().unwrap();
        assert!(folder.path().join("theirs").exists());
    }
}
