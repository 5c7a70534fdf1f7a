//! The one error type of the crate.

/// What this crate returns.
pub type Result<T> = std::result::Result<T, EmbedError>;

/// Everything that can be wrong with embeddings, their files or their settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// A setting is out of its range.
    #[error("embedding `{key}`: expected {expected}, found {found}")]
    Config {
        /// The key.
        key: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A title holds the number of no word.
    #[error("title {title}: expected numbers of words up to {words}, found {found}")]
    WordNumber {
        /// 0-based title.
        title: usize,
        /// The highest number of a word.
        words: usize,
        /// The number.
        found: u32,
    },
    /// A word that cannot be written to a text file and read again.
    #[error(
        "the word {word:?} holds a blank or control character, or means the end of a line; no embedding can be trained for it"
    )]
    Word {
        /// The word.
        word: String,
    },
    /// The titles are too few to learn from.
    #[error(
        "{found} words occur at least {min_count} times, expected at least 2; lower min_count or give more titles"
    )]
    TooFewWords {
        /// Words that occur often enough.
        found: usize,
        /// How often that is.
        min_count: u64,
    },
    /// The training itself failed.
    #[error("cannot train embeddings: {problem}")]
    Training {
        /// What went wrong.
        problem: String,
    },
    /// A temporary file, or the file that is read or written, fails.
    #[error("{file}: cannot {action}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What was being done, such as "read".
        action: &'static str,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A line of a `.vec` file that is not as it should be.
    #[error("{file}: line {line}: expected {expected}, found {found}")]
    Line {
        /// The file.
        file: String,
        /// 1-based line.
        line: u64,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A saved embedding that does not fit together.
    #[error("{file}: not a saved embedding: {problem}")]
    Saved {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
}

impl EmbedError {
    /// Whether the cause is in what the user gave, rather than a failure on the way.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Io { action, .. } => *action == "read",
            Self::Training { .. } => false,
            _ => true,
        }
    }
}
