//! The one error type of the crate.

/// What this crate returns.
pub type Result<T> = std::result::Result<T, OnnxError>;

/// Everything that can be wrong with a graph that is built or a file that is read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// A graph was given something that makes no valid model.
    #[error("{place}: expected {expected}, found {found}")]
    Graph {
        /// The part of the graph.
        place: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// More bytes than one message of the format may have.
    #[error("the model takes {bytes} bytes, and an ONNX file has at most {limit}")]
    TooLarge {
        /// How many there are.
        bytes: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A file cannot be read.
    #[error("{file}: cannot read: {source}")]
    Io {
        /// The file.
        file: String,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// The bytes are no ONNX file, or only a part of one.
    #[error("not a whole ONNX file: {problem}")]
    Malformed {
        /// What is wrong.
        problem: String,
    },
    /// A weight that is not as it says, or not as this crate can read it.
    #[error("initialiser {name:?}: expected {expected}, found {found}")]
    Initializer {
        /// The start of its name.
        name: String,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
}
