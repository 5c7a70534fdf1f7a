//! What became of a run's tracking.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::{Result, TrackError};

/// What became of a run's tracking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Ending {
    /// The server has all of it.
    Sent {
        /// The page that shows the run.
        page: String,
        /// The first thing that the server would not take, where there was any.
        refused: Option<String>,
    },
    /// The server has not got all of it.
    Pending {
        /// What it has not got.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The run's folder could not hold what was to be sent.
    Off {
        /// Why.
        reason: String,
    },
}

impl Ending {
    pub(crate) fn of(closed: Result<String>, refusal: Option<TrackError>, path: PathBuf) -> Self {
        match closed {
            Ok(page) => Self::Sent { page, refused: refusal.map(|error| error.to_string()) },
            Err(error) => Self::Pending { path, reason: error.to_string() },
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { page, refused: None } => f.write_str(page),
            Self::Sent { page, refused: Some(refused) } => write!(f, "{page} (not all of it: {refused})"),
            Self::Pending { path, reason } => {
                write!(f, "not all sent, the rest is kept in {}: {reason}", path.display())
            }
            Self::Off { reason } => write!(f, "not tracked: {reason}"),
        }
    }
}
