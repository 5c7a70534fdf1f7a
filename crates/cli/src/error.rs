//! One message and an exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use brasa_data::{DataError, name_list};
use brasa_models::ModelError;
use brasa_plot::PlotError;
use brasa_predict::PredictError;
use brasa_run::RunError;
use brasa_run::lesson::LessonError;
use brasa_run::report::ReportError;
#[cfg(feature = "mlflow")]
use brasa_track::TrackError;
use brasa_train::{RecipeError, TrainError};

use crate::interrupt;

pub(crate) type Result<T, E = CliError> = std::result::Result<T, E>;

/// What ends a verb.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Run(RunError),
    #[error("no recipe `{name}`: {}give a .toml file", choices(.known))]
    NoRecipe { name: String, known: Vec<&'static str> },
    #[error("cannot read the recipe {}: {source}", .path.display())]
    ReadRecipe { path: PathBuf, source: std::io::Error },
    #[error(
        "{app} has no data yet: fetch them with `{app} data fetch`, or point --data (or the variable BRASA_DATA) at a \
         folder that holds {}", .files.join(", ")
    )]
    NoData { app: &'static str, files: Vec<String> },
    #[error(
        "no folder with {} is known, and it is no part of the data set of {app}: name the folder that holds it with --data \
         (or the variable BRASA_DATA)", name_list(.files)
    )]
    NoFiles { app: &'static str, files: Vec<String> },
    #[error(
        "run {} is one of `{made_by}`, which knows where its data are: use that program, or name the folder that holds {} \
         with --data", .run.display(), name_list(.files)
    )]
    OtherApp { run: PathBuf, made_by: String, files: Vec<String> },
    #[error(
        "run {}: its data were {} in {}, which is not there any more: name the folder that holds it now with --data",
        .run.display(), name_list(.files), .folder.display()
    )]
    MovedData { run: PathBuf, files: Vec<String>, folder: PathBuf },
    #[error("{}: {problem}", .path.display())]
    Input { path: PathBuf, problem: String },
    #[error("{0}")]
    Usage(String),
    #[error("cannot write {}: {source}", .path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Failure(String),
    #[error("fold {fold} of repeat {repeat}: {message}")]
    Fold { fold: usize, repeat: usize, message: String, input: bool },
    #[error("stopped after {done} of {wanted} folds: there is no result")]
    Interrupted { done: usize, wanted: usize },
    #[error("{reason}{}", .left.as_ref().map(|left| format!("; {left}")).unwrap_or_default())]
    Stopped { reason: String, left: Option<String> },
    #[error(transparent)]
    Plot(#[from] PlotError),
    #[cfg(feature = "mlflow")]
    #[error(transparent)]
    Track(#[from] TrackError),
}

impl From<RunError> for CliError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Stopped { folder, record, reason } => Self::Stopped {
                reason: interrupt::reason_words().unwrap_or_else(|| reason.to_string()),
                left: Some(interrupt::kept(&record, &folder)),
            },
            other => Self::Run(other),
        }
    }
}

impl From<TrainError> for CliError {
    fn from(error: TrainError) -> Self {
        RunError::from(error).into()
    }
}

impl From<PredictError> for CliError {
    fn from(error: PredictError) -> Self {
        RunError::from(error).into()
    }
}

impl From<DataError> for CliError {
    fn from(error: DataError) -> Self {
        RunError::from(error).into()
    }
}

impl From<ModelError> for CliError {
    fn from(error: ModelError) -> Self {
        RunError::from(error).into()
    }
}

impl From<ReportError> for CliError {
    fn from(error: ReportError) -> Self {
        RunError::from(error).into()
    }
}

impl From<LessonError> for CliError {
    fn from(error: LessonError) -> Self {
        RunError::from(error).into()
    }
}

impl From<RecipeError> for CliError {
    fn from(error: RecipeError) -> Self {
        RunError::from(error).into()
    }
}

fn choices(known: &[&str]) -> String {
    if known.is_empty() { String::new() } else { format!("choose one of {}, or ", known.join(", ")) }
}

impl CliError {
    /// A search that a signal has asked to end.
    pub(crate) fn stopped_search() -> Self {
        let left = Some("`tune --resume` with the same arguments goes on with it".into());
        Self::Stopped { reason: "the search was stopped".into(), left }
    }

    /// Whether the user can mend what was given.
    pub(crate) fn is_input(&self) -> bool {
        match self {
            Self::Fold { input, .. } => *input,
            Self::Run(error) => error.is_input(),
            #[cfg(feature = "mlflow")]
            Self::Track(error) => error.is_input(),
            Self::Write { .. }
            | Self::Failure(_)
            | Self::Plot(_)
            | Self::Interrupted { .. }
            | Self::Stopped { .. } => false,
            _ => true,
        }
    }

    /// 2 for [`input`](Self::is_input), 1 for a failure on the way, 128 and its number after a signal.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Interrupted { .. } | Self::Stopped { .. } => interrupt::exit_code(),
            _ => ExitCode::from(if self.is_input() { 2 } else { 1 }),
        }
    }
}
