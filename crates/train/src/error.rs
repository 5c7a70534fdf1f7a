//! What can go wrong between a recipe and a finished run.

use std::path::PathBuf;

use brasa_data::DataError;
use brasa_embed::EmbedError;
use brasa_models::ModelError;
use brasa_plot::PlotError;

use crate::lesson::LessonError;
use crate::metrics::MetricsError;
use crate::recipe::RecipeError;
use crate::report::ReportError;
use crate::schedule::ScheduleError;

/// Result of this crate's functions.
pub type Result<T, E = TrainError> = std::result::Result<T, E>;

/// An error of this crate; [`is_input`](TrainError::is_input) tells whether the user can mend it in what was
/// given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The learning-rate schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The vectors of words.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The network or its weights.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The metrics.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The report or one of its pictures.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Trainings that do not make a lesson.
    #[error(transparent)]
    Lesson(#[from] LessonError),
    /// `loss.class_weights` does not fit the data.
    #[error("loss.class_weights: expected {expected} numbers, one per class, found {found}")]
    ClassWeights {
        /// Classes in the data.
        expected: usize,
        /// Weights given.
        found: usize,
    },
    /// `model.input` does not fit the data.
    #[error("model.input: the recipe says {declared:?}, but a sample of {name} has the shape {found:?}")]
    Shape {
        /// The data set.
        name: String,
        /// The recipe's shape.
        declared: Vec<usize>,
        /// The data's shape.
        found: Vec<usize>,
    },
    /// The loss left the finite numbers.
    #[error(
        "the loss is not finite at epoch {epoch}, step {step}: the training diverged. Lower optimizer.lr (it was {lr}), \
         clip gradients with training.clip_norm, or look for broken values in the data"
    )]
    NotFinite {
        /// Epoch, from 1.
        epoch: usize,
        /// Step within the epoch, from 1.
        step: usize,
        /// Learning rate of that step.
        lr: f64,
    },
    /// `training.monitor` has no value on the validation split.
    #[error(
        "training.monitor: `{metric}` is undefined on the validation split of epoch {epoch}: {reason}. Monitor another metric, or \
         change data.split"
    )]
    UndefinedMonitor {
        /// The metric's name.
        metric: String,
        /// Epoch, from 1.
        epoch: usize,
        /// Why it has no value.
        reason: String,
    },
    /// Logits could not be read back from the device.
    #[error("reading {what} back from the device failed: {reason}")]
    Device {
        /// What was read.
        what: &'static str,
        /// The backend's words.
        reason: String,
    },
    /// A file or folder of a run could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The target.
        path: PathBuf,
        /// The system's answer.
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
    /// A picture that cannot be made of this model or of these data.
    #[error("no {what} to show: {problem}")]
    NoPicture {
        /// What was asked for.
        what: &'static str,
        /// Why there is none, and what there is.
        problem: String,
    },
    /// A picture.
    #[error(transparent)]
    Plot(#[from] PlotError),
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
    /// A callback refused.
    #[error("{0}")]
    Callback(String),
}

impl TrainError {
    /// Whether the cause is in what the user gave (a file, a value, a name), rather than a failure on the way.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Data(DataError::Download { .. } | DataError::NoAddress { .. }) => false,
            Self::Data(DataError::Io { action, .. }) => *action == "read",
            Self::Embed(EmbedError::Io { action, .. }) => *action == "read",
            Self::Embed(EmbedError::Training { .. }) => false,
            Self::Model(
                ModelError::WriteWeights { .. }
                | ModelError::DeviceUnusable { .. }
                | ModelError::ReadBack { .. },
            ) => false,
            Self::NotFinite { .. } | Self::Device { .. } | Self::Write { .. } => false,
            Self::Report(_)
            | Self::Lesson(_)
            | Self::Plot(_)
            | Self::Callback(_)
            | Self::FoldResults { .. } => false,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io(action: &'static str) -> TrainError {
        DataError::Io { action, path: "x".into(), source: std::io::ErrorKind::Other.into() }.into()
    }

    #[test]
    fn what_the_user_can_mend_is_input() {
        assert!(io("read").is_input());
        assert!(!io("create").is_input());
        assert!(TrainError::ClassWeights { expected: 2, found: 3 }.is_input());
        assert!(!TrainError::NotFinite { epoch: 1, step: 1, lr: 1.0 }.is_input());
        let unusable = ModelError::DeviceUnusable { name: "cuda".into(), reason: "no driver".into() };
        assert!(!TrainError::from(unusable).is_input());
    }
}
