//! What can go wrong between a saved model and an answer.

use std::path::PathBuf;

use brasa_data::DataError;
use brasa_embed::EmbedError;
use brasa_models::ModelError;
use brasa_onnx::OnnxError;

/// Result of this crate's functions.
pub type Result<T, E = PredictError> = std::result::Result<T, E>;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PredictError {
    /// The raw samples.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network or its weights.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The vectors of words.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The graph of a model.
    #[error("cannot export the model: {0}")]
    Onnx(#[from] OnnxError),
    /// A folder without a model, or with a damaged one.
    #[error("{}: {problem}", .path.display())]
    Broken {
        /// The folder or the damaged file.
        path: PathBuf,
        /// What is missing or wrong, and why that may be.
        problem: String,
    },
    /// A network of another width than its card names answers for.
    #[error("the network has {found} outputs, its card names {expected}")]
    Outputs {
        /// The card's.
        expected: usize,
        /// The network's.
        found: usize,
    },
    /// A file that cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The target.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl PredictError {
    /// Whether the cause is in what the user gave (a file, a value, a name), rather than a failure on the way.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Data(error) => error.is_input(),
            Self::Model(error) => error.is_input(),
            Self::Embed(error) => error.is_input(),
            Self::Broken { .. } | Self::Outputs { .. } => true,
            Self::Write { .. } | Self::Onnx(_) => false,
        }
    }
}
