//! What can go wrong between a recipe and a finished run.

use std::path::PathBuf;

use brasa_data::DataError;
use brasa_models::ModelError;
use brasa_plot::PlotError;
use brasa_predict::PredictError;
use brasa_train::metrics::MetricsError;
use brasa_train::{RecipeError, StopReason, TrainError};

use crate::lesson::LessonError;
use crate::report::ReportError;
use crate::{RunFolder, RunRecord};

/// Result of this crate's functions.
pub type Result<T, E = RunError> = std::result::Result<T, E>;

/// An error of this crate; [`is_input`](RunError::is_input) tells whether the user can mend it in what was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The training.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The saved model.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// The report or one of its pictures.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Trainings that do not make a lesson.
    #[error(transparent)]
    Lesson(#[from] LessonError),
    /// A model that cannot be explained on these rows.
    #[error("explain: {0}")]
    Explain(String),
    /// A picture.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// A file or folder of a run could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The target.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A run that does not exist.
    #[error("no run `{run}` in {}{}", .folder.display(), .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    NoRun {
        /// What was asked for.
        run: String,
        /// Where runs were looked for.
        folder: PathBuf,
        /// The run most like it.
        nearest: Option<String>,
    },
    /// A run whose files are incomplete or broken.
    #[error("run {}: {problem}", .path.display())]
    BrokenRun {
        /// The run's folder or the broken file.
        path: PathBuf,
        /// What is missing or wrong, and why that may be.
        problem: String,
    },
    /// A run that another process trains.
    #[error("run {}: another process trains it", .path.display())]
    Locked {
        /// The run's folder.
        path: PathBuf,
    },
    /// A run that cannot go on as if nothing had happened.
    #[error(
        "run {} cannot go on as it began: {}; take that back, or say --force, which the run will remember",
        .path.display(), .changes.join("; ")
    )]
    Changed {
        /// The run's folder.
        path: PathBuf,
        /// What differs.
        changes: Vec<String>,
    },
    /// A run that has come to its end.
    #[error(
        "run {} is over after {epochs} epochs ({reason}): raise what ended it, with --set {key}=...", .path.display()
    )]
    NothingLeft {
        /// The run's folder.
        path: PathBuf,
        /// Epochs that it had.
        epochs: usize,
        /// Why it ended.
        reason: String,
        /// The key that ended it.
        key: &'static str,
    },
    /// A run that was ended before there was anything to judge, or is to go on another time.
    #[error("run {}: {reason}", .folder.path().display())]
    Stopped {
        /// The run's folder.
        folder: RunFolder,
        /// Its `run.json`.
        record: Box<RunRecord>,
        /// Why.
        reason: StopReason,
    },
    /// A picture that cannot be made of this model or of these data.
    #[error("no {what} to show: {problem}")]
    NoPicture {
        /// What was asked for.
        what: &'static str,
        /// Why there is none, and what there is.
        problem: String,
    },
    /// A number of repeats that cross-validation cannot do.
    #[error("cross-validation: expected 1 to {most} repeats, found {found}")]
    Repeats {
        /// The most it does.
        most: usize,
        /// The number asked for.
        found: usize,
    },
    /// The results of cross-validation are not one for each fold.
    #[error("cross-validation: fold {fold} of repeat {repeat} has {found} results instead of one")]
    FoldResults {
        /// The repeat, from 1.
        repeat: usize,
        /// The fold, from 1.
        fold: usize,
        /// Results that came for it.
        found: usize,
    },
}

impl From<DataError> for RunError {
    fn from(error: DataError) -> Self {
        Self::Train(error.into())
    }
}

impl From<ModelError> for RunError {
    fn from(error: ModelError) -> Self {
        Self::Train(error.into())
    }
}

impl From<MetricsError> for RunError {
    fn from(error: MetricsError) -> Self {
        Self::Train(error.into())
    }
}

impl From<RecipeError> for RunError {
    fn from(error: RecipeError) -> Self {
        Self::Train(error.into())
    }
}

/// So that a callback can pass on what went wrong with a run's folder.
impl From<RunError> for TrainError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Train(error) => error,
            other => {
                let input = other.is_input();
                Self::Callback { source: Box::new(other), input }
            }
        }
    }
}

impl RunError {
    /// Whether the cause is in what the user gave (a file, a value, a name), rather than a failure on the way.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Train(error) => error.is_input(),
            Self::Predict(error) => error.is_input(),
            Self::NoRun { .. } | Self::BrokenRun { .. } | Self::NoPicture { .. } => true,
            Self::Repeats { .. } | Self::Explain(_) => true,
            Self::Locked { .. } | Self::Changed { .. } | Self::NothingLeft { .. } => true,
            Self::Write { .. } | Self::FoldResults { .. } | Self::Stopped { .. } => false,
            Self::Report(_) | Self::Lesson(_) | Self::Plot(_) => false,
        }
    }
}
