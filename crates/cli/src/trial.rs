//! What this process and the one of a trial or a fold say to each other: JSON lines, described for other programs in
//! `docs/guide/src/tuning.md`.

use std::path::PathBuf;

use brasa_run::cross_validation::{CrossValidationConfig, FoldId, FoldResult};
use brasa_train::Recipe;
use brasa_tune::scheduler::Verdict as Decision;
use serde::{Deserialize, Serialize};

/// Version of the lines.
pub(crate) const VERSION: u32 = 1;

/// A piece of work: to the process.
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
    #[serde(default)]
    pub(crate) work: Work,
}

/// What is done with the recipe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Work {
    /// It is trained; reports are of epochs.
    #[default]
    Training,
    /// It is cross-validated; reports are of folds, each the mean of the folds so far.
    Folds(CrossValidationConfig),
    /// One fold of its cross-validation is trained; there are no reports, and the end has the result.
    Fold { config: CrossValidationConfig, id: FoldId },
}

/// The answer to a report: to the process.
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
    /// The work is over, or this part of it.
    Ended(Ended),
}

/// The end of a piece of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) trial: usize,
    pub(crate) ended: Ending,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Whether it failed by what was given: a person can mend it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) input: bool,
    /// The confusion matrix of the rows that judge the trial, by the kept weights, where classes are predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confusion: Option<Vec<Vec<u64>>>,
    /// What a fold came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fold: Option<Box<FoldResult>>,
}

impl Ended {
    pub(crate) fn new(trial: usize, ended: Ending) -> Self {
        Self { trial, ended, message: None, input: false, confusion: None, fold: None }
    }

    pub(crate) fn failed(trial: usize, message: String) -> Self {
        Self { message: Some(message), ..Self::new(trial, Ending::Failed) }
    }
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
