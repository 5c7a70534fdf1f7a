//! What can go wrong between a run and a tracking server.

use std::path::PathBuf;

use brasa_run::RunError;

/// Result of this crate's functions.
pub type Result<T, E = TrackError> = std::result::Result<T, E>;

/// An error of this crate. None of them ends a training.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackError {
    /// What was asked for is no server.
    #[error("{origin}{given}: expected {expected}")]
    Target {
        /// The flag or variable that it came from, as written before it.
        origin: String,
        /// What it says.
        given: String,
        /// What it may say.
        expected: &'static str,
    },
    /// The server cannot be reached, or cannot work at the moment.
    #[error("MLflow at {url} is away ({action}: {reason})")]
    Away {
        /// The server.
        url: String,
        /// What was being done.
        action: &'static str,
        /// The system's or the server's words.
        reason: String,
    },
    /// The server refuses.
    #[error("MLflow at {url} refused ({action}, status {status}): {message}")]
    Refused {
        /// The server.
        url: String,
        /// What was being done.
        action: &'static str,
        /// The HTTP status.
        status: u16,
        /// MLflow's name for the error, where the answer has one.
        code: Option<String>,
        /// The server's words.
        message: String,
    },
    /// An answer that is not MLflow's.
    #[error("{url} does not answer as MLflow does ({action}): expected {expected}, found {found}")]
    Answer {
        /// The server.
        url: String,
        /// What was being done.
        action: &'static str,
        /// What MLflow would have answered.
        expected: &'static str,
        /// The start of what came.
        found: String,
    },
    /// The server keeps files where only its own clients can put them.
    #[error(
        "this MLflow server keeps files at {uri}, not behind its own proxy (mlflow-artifacts:), so none were sent"
    )]
    NoProxy {
        /// Where.
        uri: String,
    },
    /// A file of the run could not be read, or the file of what is pending not be written.
    #[error("cannot {action} {}: {source}", .path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file of what there is to send says nothing that can be sent.
    #[error("{}: expected what there is to send of a run or a search, found {found}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        found: String,
    },
    /// What is left of an earlier life of a run is to go to another server.
    #[error(
        "what is left to send of this run goes to {url}: send it with `runs push` first, or go on without --track"
    )]
    OtherServer {
        /// That server.
        url: String,
    },
    /// The run's folder.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl TrackError {
    /// Whether the cause is in what the user gave.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Target { .. } => true,
            Self::Run(error) => error.is_input(),
            _ => false,
        }
    }

    /// Whether sending the same again will be refused again, whatever happens to the server or the user's rights.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 400 | 413 | 422),
            Self::NoProxy { .. } => true,
            _ => false,
        }
    }
}
