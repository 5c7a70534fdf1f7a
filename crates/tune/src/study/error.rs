use std::path::PathBuf;

use crate::SettingError;

/// Result of a study's functions.
pub type Result<T, E = StudyError> = std::result::Result<T, E>;

/// What can go wrong with a study.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// The file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A new study would stand where there is one.
    #[error("{} exists; resume that study, or name another file", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another process runs the study.
    #[error("{} is in use by another process, which runs this study", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged elsewhere than at its end, or is no study.
    #[error("{}, line {line}: expected {expected}, found {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The file is another study.
    #[error("{} is another study: its {key} is {found}, expected {expected}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        key: &'static str,
        /// What was asked for.
        expected: String,
        /// What the file says.
        found: String,
    },
    /// A trial was told of something that cannot be.
    #[error("trial {trial}: expected {expected}, got {found}")]
    Misuse {
        /// Number of the trial.
        trial: usize,
        /// What may be told of it now.
        expected: String,
        /// What was told.
        found: String,
    },
    /// The space, sampler or scheduler cannot be.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

impl StudyError {
    /// Whether the user can mend the cause in what was given, rather than in the machine or the program.
    #[must_use]
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::File { .. } | Self::Misuse { .. })
    }
}
