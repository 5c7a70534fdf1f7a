//! Where trials run: an [`Executor`], and the loop that runs a study on one.

mod drive;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
mod threads;

pub use drive::{DriveError, Progress, drive};
pub use threads::{Handle, Threads};

use crate::scheduler::Verdict;
use crate::study::{End, Job};

/// What comes from a running trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// It has ended an epoch, and waits for the verdict.
    Report {
        /// Its number.
        trial: usize,
        /// The epoch, from 1.
        epoch: usize,
        /// Its metric.
        value: f64,
        /// Whether a checkpoint after this epoch is saved.
        saved: bool,
    },
    /// It has saved a checkpoint after an epoch that it has reported.
    Checkpoint {
        /// Its number.
        trial: usize,
        /// The epoch after which it goes on from there.
        epoch: usize,
    },
    /// It is gone, and its place is free: by itself, or since it was told to pause or stop; how it ended counts in
    /// the first case alone.
    Ended {
        /// Its number.
        trial: usize,
        /// How.
        end: End,
    },
}

/// Runs trials: in threads, in processes, on a cluster.
pub trait Executor {
    /// What can go wrong with the executor as a whole; a trial that fails is a [`Message::Ended`].
    type Error: std::error::Error + 'static;

    /// Starts a job. From then on, and until its [`Message::Ended`], it takes one of the places.
    fn start(&mut self, job: &Job) -> Result<(), Self::Error>;

    /// Waits for the next message of any trial. It is called only while one runs.
    fn wait(&mut self) -> Result<Message, Self::Error>;

    /// The verdict on the last report of a trial. One that pauses saves its
    /// checkpoint, where it has not; one that pauses or stops ends.
    fn answer(&mut self, trial: usize, verdict: Verdict) -> Result<(), Self::Error>;

    /// Ends a running trial now, since the study is interrupted. It is run again when the study is resumed.
    fn stop(&mut self, trial: usize) -> Result<(), Self::Error>;
}
