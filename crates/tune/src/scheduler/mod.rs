//! How long each trial is trained.
//!
//! A scheduler hears of every trial that starts, of every epoch's metric and of every end, always in the order in which
//! a study's file has them: heard again, they lead to the same state. Ties go to the trial with the lower number.

mod asha;
mod bracket;
mod config;
mod halving;
mod median;
mod none;
mod pasha;
mod rung;
mod stopping;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

pub use asha::Asha;
pub use config::{AshaConfig, HalvingConfig, MedianConfig, PashaConfig, SchedulerConfig};
pub use halving::Halving;
pub use median::Median;
pub use none::NoScheduler;
pub use pasha::Pasha;
pub use rung::RungView;
pub use stopping::Stopping;

/// What is to be done with a trial that has reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It goes on with the next epoch.
    Continue,
    /// It makes room, and may go on later from its checkpoint.
    Pause,
    /// It is over: it has trained for all epochs, or it is not worth any more.
    Stop,
}

/// A paused trial that is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promotion {
    /// Its number.
    pub trial: usize,
    /// The epoch after which it is decided about again.
    pub until_epoch: usize,
}

/// Decides how long each trial is trained. Losses are to be minimised and finite; epochs count from 1, and each is
/// reported once, in order.
pub trait Scheduler: std::fmt::Debug + Send {
    /// Whether the next new trial may start now, or must wait for the results of others.
    fn admits(&self) -> bool {
        true
    }

    /// A new trial starts; the numbers are consecutive. Answers the epoch after which it is first decided about.
    fn start(&mut self, trial: usize) -> usize;

    /// A trial that runs has ended an epoch.
    fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict;

    /// A trial that runs ended by itself: with its last loss where it has converged, with none where it failed or diverged.
    fn end(&mut self, trial: usize, loss: Option<f64>);

    /// The paused trial that is to go on next, where there is one.
    fn promotion(&self) -> Option<Promotion> {
        None
    }

    /// The trial of [`promotion`](Self::promotion) goes on.
    fn promote(&mut self, _trial: usize) {}

    /// Whether a paused trial may be promoted yet, where so many new trials are still to come.
    fn may_go_on(&self, _trial: usize, _to_come: usize) -> bool {
        false
    }

    /// The study is to have so many trials in all.
    fn set_total(&mut self, _trials: usize) {}

    /// Who reached which epoch, from the lowest rung.
    fn rungs(&self) -> Vec<RungView> {
        Vec::new()
    }
}
