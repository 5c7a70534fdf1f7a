use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::{Executor, Message};
use crate::scheduler::Verdict;
use crate::study::{End, Job};

type Work = dyn Fn(&Job, &Handle) -> End + Send + Sync;

/// Runs each trial in a thread of this process, by a function of its job.
pub struct Threads {
    work: Arc<Work>,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    verdicts: HashMap<usize, Sender<Verdict>>,
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Threads").field("running", &self.verdicts.keys()).finish_non_exhaustive()
    }
}

/// What a trial's function speaks to the study through.
#[derive(Debug)]
pub struct Handle {
    trial: usize,
    sender: Sender<Message>,
    verdicts: Receiver<Verdict>,
}

impl Handle {
    /// Tells the metric of an epoch, from 1, and whether a checkpoint after it is saved; waits for the verdict. On
    /// [`Verdict::Pause`] and [`Verdict::Stop`] the function is to return; what it returns then counts for nothing.
    #[must_use]
    pub fn report(&self, epoch: usize, value: f64, saved: bool) -> Verdict {
        let sent = self.sender.send(Message::Report { trial: self.trial, epoch, value, saved });
        // Nobody listens when the study was broken off.
        sent.ok().and_then(|()| self.verdicts.recv().ok()).unwrap_or(Verdict::Stop)
    }

    /// Tells that a checkpoint after a reported epoch is saved.
    pub fn checkpoint(&self, epoch: usize) {
        let _ = self.sender.send(Message::Checkpoint { trial: self.trial, epoch });
    }
}

impl Threads {
    /// Runs trials by this function. One that panics has failed.
    pub fn new(work: impl Fn(&Job, &Handle) -> End + Send + Sync + 'static) -> Self {
        let (sender, receiver) = channel();
        Self { work: Arc::new(work), sender, receiver, verdicts: HashMap::new() }
    }
}

impl Executor for Threads {
    type Error = Infallible;

    fn start(&mut self, job: &Job) -> Result<(), Infallible> {
        let (verdicts, receiver) = channel();
        self.verdicts.insert(job.trial, verdicts);
        let (work, sender, job) = (Arc::clone(&self.work), self.sender.clone(), job.clone());
        std::thread::spawn(move || {
            let handle = Handle { trial: job.trial, sender: sender.clone(), verdicts: receiver };
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&job, &handle)));
            let end = outcome.unwrap_or_else(|panic| {
                let words = panic.downcast_ref::<&str>().map(|words| (*words).to_string());
                let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
                End::Failed(words.unwrap_or_else(|| "it panicked".into()))
            });
            let _ = sender.send(Message::Ended { trial: job.trial, end });
        });
        Ok(())
    }

    fn wait(&mut self) -> Result<Message, Infallible> {
        // This executor has a sender of its own, so the channel is never closed.
        let message =
            self.receiver.recv().unwrap_or(Message::Ended { trial: usize::MAX, end: End::Diverged });
        if let Message::Ended { trial, .. } = &message {
            self.verdicts.remove(trial);
        }
        Ok(message)
    }

    fn answer(&mut self, trial: usize, verdict: Verdict) -> Result<(), Infallible> {
        if let Some(verdicts) = self.verdicts.get(&trial) {
            let _ = verdicts.send(verdict);
        }
        Ok(())
    }

    fn stop(&mut self, trial: usize) -> Result<(), Infallible> {
        // Its next report finds nobody, and it returns.
        self.verdicts.remove(&trial);
        Ok(())
    }
}
