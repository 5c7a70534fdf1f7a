//! What a search and the process of a trial say to each other: JSON lines, described for other programs in
//! `docs/guide/src/tuning.md`.

use std::path::PathBuf;

use brasa_train::Recipe;
use brasa_tune::scheduler::Verdict as Decision;
use serde::{Deserialize, Serialize};

/// Version of the lines.
pub(crate) const VERSION: u32 = 1;

/// A part of a trial: to the process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TrialJob {
    pub(crate) version: u32,
    pub(crate) trial: usize,
    pub(crate) recipe: Recipe,
    /// Where its checkpoints are.
    pub(crate) folder: PathBuf,
    pub(crate) metric: String,
    /// The epoch of the checkpoint to go on from, 0 for none.
    pub(crate) from_epoch: usize,
    /// The epoch to pause after, where there is one.
    pub(crate) until_epoch: Option<usize>,
}

/// The answer to an epoch's report: to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Said {
    Continue,
    Pause,
    Stop,
}

impl From<Decision> for Said {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Continue => Self::Continue,
            Decision::Pause => Self::Pause,
            Decision::Stop => Self::Stop,
        }
    }
}

/// As a line.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) verdict: Said,
}

/// From the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Line {
    /// An epoch has ended; the process waits for a [`Verdict`].
    Report {
        trial: usize,
        epoch: usize,
        value: f64,
        #[serde(default)]
        seconds: f64,
    },
    /// A checkpoint is saved.
    Checkpoint { trial: usize, checkpoint: usize },
    /// The trial is over, or this part of it.
    Ended {
        trial: usize,
        ended: Ending,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// The confusion matrix of the validation split by the kept weights, where classes are predicted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confusion: Option<Vec<Vec<u64>>>,
    },
}

/// How a trial, or a part of it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ending {
    Completed,
    Failed,
    Diverged,
    /// It did as it was told: what Ray's driver adds.
    Paused,
    Stopped,
}
