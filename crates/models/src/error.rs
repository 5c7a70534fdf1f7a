//! What can go wrong with a network or its weights.

use std::path::PathBuf;

use brasa_rocket::RocketError;

/// Result of this crate's functions.
pub type Result<T, E = ModelError> = std::result::Result<T, E>;

/// An error of this crate; the message says what was expected and what came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A key of a network's configuration has a value that no network can have.
    #[error("model.{key}: expected {expected}, found {found}")]
    Config {
        /// The key, without its table's name.
        key: &'static str,
        /// What the key accepts.
        expected: String,
        /// What it was given.
        found: String,
    },
    /// An option of a layer's config has a value that no such layer can have.
    #[error("{layer}.{key}: expected {expected}, found {found}")]
    Layer {
        /// The config's type.
        layer: &'static str,
        /// The option.
        key: &'static str,
        /// What the option accepts.
        expected: String,
        /// What it was given.
        found: String,
    },
    /// The device name is not one of those compiled in.
    #[error("device `{name}` is not available: this binary was built with {}", .available.join(", "))]
    UnknownDevice {
        /// The name asked for.
        name: String,
        /// The names that would work.
        available: Vec<&'static str>,
    },
    /// A device was compiled in, but this machine cannot run it.
    #[error("device `{name}` cannot be used on this machine: {reason}")]
    DeviceUnusable {
        /// The name asked for.
        name: String,
        /// What its driver answered.
        reason: String,
    },
    /// Weights could not be written.
    #[error("cannot write weights to {}: {reason}", .path.display())]
    WriteWeights {
        /// The target file.
        path: PathBuf,
        /// What failed.
        reason: String,
    },
    /// Weights could not be read, or do not fit the network.
    #[error("cannot load weights from {}: {reason}", .path.display())]
    ReadWeights {
        /// The file read.
        path: PathBuf,
        /// What failed: the tensor's name with both shapes, a missing tensor, a broken file.
        reason: String,
    },
    /// Nothing could be fitted to series.
    #[error(transparent)]
    Rocket(#[from] RocketError),
    /// Numbers could not be read back from the device.
    #[error("reading {what} back from the device failed: {reason}")]
    ReadBack {
        /// What was read.
        what: &'static str,
        /// The backend's words.
        reason: String,
    },
}

impl ModelError {
    /// Whether the cause is in what the user gave, rather than a failure on the way.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::WriteWeights { .. } | Self::DeviceUnusable { .. } | Self::ReadBack { .. })
    }
}
