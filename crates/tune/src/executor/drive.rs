use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Executor, Message};
use crate::scheduler::Verdict;
use crate::study::{End, Job, Next, Study, StudyError};

/// What has just happened in a study, for who watches it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// A job starts.
    Started(&'a Job),
    /// A trial has reported, and this is the verdict.
    Reported {
        /// Its number.
        trial: usize,
        /// The epoch, from 1.
        epoch: usize,
        /// Its metric.
        value: f64,
        /// What it is told.
        verdict: Verdict,
    },
    /// A trial has saved a checkpoint; older ones may be deleted now.
    Saved {
        /// Its number.
        trial: usize,
    },
    /// A trial does not run any more.
    Left {
        /// Its number.
        trial: usize,
    },
}

/// What can go wrong while a study runs.
#[derive(Debug, thiserror::Error)]
pub enum DriveError<E: std::error::Error + 'static> {
    /// The study's file, or a trial that says what cannot be.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// The executor.
    #[error("{0}")]
    Executor(#[source] E),
}

/// Runs a study with so many places, until it is over or the observer breaks off; answers whether it is over.
///
/// The observer sees the study after each change. When it breaks off, the running trials are ended; they go on when the study is
/// resumed.
pub fn drive<E: Executor>(
    study: &mut Study,
    executor: &mut E,
    places: usize,
    mut observer: impl FnMut(&mut Study, Progress<'_>) -> ControlFlow<()>,
) -> Result<bool, DriveError<E::Error>> {
    let mut running = Running::default();
    let outcome = run(study, executor, places, &mut observer, &mut running);
    if !matches!(outcome, Ok(true)) {
        // What the executor says to this is of no use any more: there is an error to tell, or nothing to wait for.
        for trial in running.0.keys() {
            let _ = executor.stop(*trial);
        }
        while !running.0.is_empty() && outcome.is_ok() {
            if let Message::Ended { trial, .. } = executor.wait().map_err(DriveError::Executor)? {
                running.0.remove(&trial);
            }
        }
    }
    outcome
}

/// The trials that take a place, and whether each was told to leave.
#[derive(Debug, Default)]
struct Running(BTreeMap<usize, bool>);

fn run<E: Executor>(
    study: &mut Study,
    executor: &mut E,
    places: usize,
    observer: &mut impl FnMut(&mut Study, Progress<'_>) -> ControlFlow<()>,
    running: &mut Running,
) -> Result<bool, DriveError<E::Error>> {
    // A paused trial that is promoted before it is gone waits here.
    let mut held: Option<Job> = None;
    loop {
        while running.0.len() < places.max(1) {
            let job = match held.take() {
                // It may have saved a later checkpoint since.
                Some(job) => {
                    let from_epoch =
                        study.trials().get(job.trial).map_or(job.from_epoch, |trial| trial.checkpoint);
                    Job { from_epoch, ..job }
                }
                None => match study.next_job()? {
                    Next::Run(job) => job,
                    Next::Wait => break,
                    Next::Finished if running.0.is_empty() => return Ok(true),
                    Next::Finished => break,
                },
            };
            if running.0.contains_key(&job.trial) {
                held = Some(job);
                break;
            }
            executor.start(&job).map_err(DriveError::Executor)?;
            running.0.insert(job.trial, false);
            if observer(study, Progress::Started(&job)).is_break() {
                return Ok(false);
            }
        }
        let progress = match executor.wait().map_err(DriveError::Executor)? {
            Message::Report { trial, .. } if running.0.get(&trial) != Some(&false) => continue,
            Message::Report { trial, epoch, value, saved } => {
                let verdict = match study.report(trial, epoch, value) {
                    // A trial that reports what cannot be has failed; the study has not.
                    Err(error @ StudyError::Misuse { .. }) => {
                        study.ended(trial, End::Failed(error.to_string()))?;
                        Verdict::Stop
                    }
                    verdict => {
                        let verdict = verdict?;
                        if saved {
                            study.checkpoint(trial, epoch)?;
                        }
                        verdict
                    }
                };
                running.0.insert(trial, verdict != Verdict::Continue);
                executor.answer(trial, verdict).map_err(DriveError::Executor)?;
                Progress::Reported { trial, epoch, value, verdict }
            }
            Message::Checkpoint { trial, epoch } => {
                study.checkpoint(trial, epoch)?;
                Progress::Saved { trial }
            }
            Message::Ended { trial, end } => {
                if running.0.remove(&trial) == Some(false) {
                    study.ended(trial, end)?;
                }
                Progress::Left { trial }
            }
        };
        if observer(study, progress).is_break() {
            return Ok(false);
        }
    }
}
