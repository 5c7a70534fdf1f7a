//! What happens in a study: a line of its file each.

use serde::{Deserialize, Serialize};

use super::Header;
use crate::Values;

/// How a trial ended by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It was trained as long as its recipe says.
    Completed,
    /// It failed, with this message.
    Failed(String),
    /// Its loss or weights ceased to be finite.
    Diverged,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Event {
    /// The first line.
    Study(Box<Header>),
    /// A job was handed out.
    Start {
        trial: usize,
        /// Of a new trial its values.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        values: Option<Values>,
        /// Epochs that it has behind it.
        from: usize,
    },
    /// A trial reported; without a value where that is not finite.
    Report { trial: usize, epoch: usize, value: Option<f64> },
    /// A trial that does an epoch again reported another value, which counts for nothing.
    Differs { trial: usize, epoch: usize, value: Option<f64> },
    /// The caller saved a checkpoint.
    Checkpoint { trial: usize, epoch: usize },
    /// The caller deleted a trial's checkpoint.
    Forgot { trial: usize },
    /// A trial ended by itself.
    Ended { trial: usize, end: End },
    /// Trials were added.
    Extend { trials: usize },
}
