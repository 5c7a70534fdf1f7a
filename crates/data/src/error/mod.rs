//! The one error type of the crate: few kinds, each with its place.

mod content;

pub(crate) use content::below;

use std::path::PathBuf;

use crate::Location;

/// What this crate returns.
pub type Result<T> = std::result::Result<T, DataError>;

/// What can be wrong with data, files or settings.
///
/// Each kind carries the place, what was expected and what came; the message is one sentence that says what to do something
/// about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A named file is in none of the places that were searched.
    #[error("`{name}` was not found; looked in {}", places.join(", "))]
    Missing {
        /// The name that was asked for.
        name: String,
        /// The places, in the order they were searched.
        places: Vec<String>,
    },
    /// The operating system refused to read or write.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was being done, such as "read".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A file, a folder or an archive that does not hold what it should: of another form, broken, or with a value that cannot
    /// be. The place is a file, in a text its line, and in a table the column's name as the key.
    #[error("{}{problem}", content::place(at))]
    Content {
        /// Where it stands.
        at: Box<Location>,
        /// What was expected and what is there.
        problem: String,
    },
    /// A key of a table of settings is missing, wrong, or does not apply.
    #[error("[{table}] {at}: {problem}")]
    Config {
        /// The table: `data` or `augment`.
        table: &'static str,
        /// The key within it, such as `split.valid`.
        at: Box<Location>,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// Samples or targets in memory that do not go together.
    #[error("{name}: {problem}")]
    Samples {
        /// The data set.
        name: String,
        /// What was expected and what is there.
        problem: String,
    },
    /// Something that the data at hand do not allow, such as a split with every class in each of its parts.
    #[error("cannot {action}: {problem}")]
    Refused {
        /// What was asked for, such as "load batches".
        action: String,
        /// Why not, and what to change.
        problem: String,
    },
    /// A file of another size or checksum than its manifest says.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Its size or checksum by the manifest.
        expected: String,
        /// What it has.
        found: String,
    },
    /// A file that could not be downloaded.
    #[error("{what}: {}", answers.join("; "))]
    Download {
        /// What was wanted.
        what: String,
        /// What each attempt at each mirror answered, or why there was none.
        answers: Vec<String>,
    },
}

impl DataError {
    pub(crate) fn config(key: &str, problem: impl Into<String>) -> Self {
        Self::Config { table: "data", at: Location::key(key).into(), problem: problem.into() }
    }

    /// A step of `[augment]`, from 0, that makes no sense or does not fit the samples.
    pub(crate) fn augment(step: usize, kind: &str, problem: impl std::fmt::Display) -> Self {
        let at = Location::key(format!("steps[{step}]")).into();
        Self::Config { table: "augment", at, problem: format!("\"{kind}\": {problem}") }
    }

    pub(crate) fn missing(name: impl Into<String>, places: Vec<String>) -> Self {
        Self::Missing { name: name.into(), places }
    }

    pub(crate) fn samples(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Samples { name: name.into(), problem: problem.into() }
    }

    pub(crate) fn refused(action: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Refused { action: action.into(), problem: problem.into() }
    }

    pub(crate) fn split(name: &str, problem: impl Into<String>) -> Self {
        Self::refused(format!("split `{name}`"), problem)
    }

    /// Whether the cause is in what the user gave (a file, a value, a name), rather than a failure on the way.
    #[must_use]
    pub fn is_input(&self) -> bool {
        match self {
            Self::Download { .. } => false,
            Self::Io { action, .. } => *action == "read",
            _ => true,
        }
    }

    /// Where it is, as far as a place in a file or a table is known.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Content { at, .. } | Self::Config { at, .. } => Some(at),
            _ => None,
        }
    }
}
