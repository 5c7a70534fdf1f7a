//! What can go wrong between a recipe and a finished run.

use std::path::PathBuf;

use brasa_data::DataError;
use brasa_embed::EmbedError;
use brasa_models::ModelError;

use crate::metrics::MetricsError;
use crate::recipe::RecipeError;
use crate::schedule::ScheduleError;

/// Result of this crate's functions.
pub type Result<T, E = TrainError> = std::result::Result<T, E>;

/// An error of this crate; [`is_input`](TrainError::is_input) tells whether the user can mend it in what was
/// given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The learning-rate schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The vectors of words.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The network or its weights.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The metrics.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The loss left the finite numbers.
    #[error(
        "the loss is not finite at epoch {epoch}, step {step}{}: the training diverged. Lower optimizer.lr (it was {lr}), \
         clip gradients with training.clip_norm, or look for broken values in the data",
        .found.as_ref().map(|found| format!(" ({found})")).unwrap_or_default()
    )]
    NotFinite {
        /// Epoch, from 1.
        epoch: usize,
        /// Step within the epoch, from 1.
        step: usize,
        /// Learning rate of that step.
        lr: f64,
        /// Its rows, and where the first number is that is not finite, where that was [looked for](crate::diagnose()).
        found: Option<String>,
    },
    /// Outputs that are not finite, which no score can be made of.
    #[error(
        "the outputs for {count} of {of} rows are not finite numbers, the first of them row {first}: they cannot be scored"
    )]
    Outputs {
        /// Rows with such outputs.
        count: usize,
        /// Rows in all.
        of: usize,
        /// The first of them in the data, from 1.
        first: usize,
    },
    /// A file of weights that is not there.
    #[error("`transfer.pretrained`: {absent}; {hint}")]
    WeightsNotThere {
        /// The file, and where it was looked for.
        absent: DataError,
        /// How to come by it.
        hint: String,
    },
    /// A name that no weights are known by.
    #[error(
        "no weights are known as `{name}`{} Known are {}",
        .nearest.as_ref().map_or_else(|| ".".into(), |near| format!("; did you mean `{near}`?")),
        .names.join(", ")
    )]
    NoSuchWeights {
        /// The name asked for.
        name: String,
        /// The name most like it.
        nearest: Option<String>,
        /// All names.
        names: Vec<String>,
    },
    /// Boosted trees that cannot be grown.
    #[error("the trees cannot be grown: {0}")]
    Trees(String),
    /// A checkpoint that cannot be written, or gone on from.
    #[error("checkpoint {}: {problem}", .path.display())]
    Checkpoint {
        /// Its folder, or the file in it.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// What a callback met with.
    #[error("{source}")]
    Callback {
        /// Its error.
        source: Box<dyn std::error::Error + Send + Sync>,
        /// Whether the cause is in what the user gave.
        input: bool,
    },
}

impl TrainError {
    /// The refusal of a callback, in its words.
    pub fn refusal(words: impl Into<String>) -> Self {
        Self::Callback { source: words.into().into(), input: false }
    }

    /// Whether the cause is in what the user gave (a file, a value, a name), rather than a failure on the way.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Data(error) => error.is_input(),
            Self::Embed(error) => error.is_input(),
            Self::Model(error) => error.is_input(),
            Self::Callback { input, .. } => *input,
            Self::NotFinite { .. } | Self::Trees(_) | Self::Checkpoint { .. } => false,
            Self::Recipe(_) | Self::Schedule(_) | Self::Metrics(_) | Self::Outputs { .. } => true,
            Self::WeightsNotThere { .. } | Self::NoSuchWeights { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io(action: &'static str) -> TrainError {
        DataError::Io { action, path: "x".into(), source: std::io::ErrorKind::Other.into() }.into()
    }

    #[test]
    fn what_the_user_can_mend_is_input() {
        assert!(io("read").is_input());
        assert!(!io("create").is_input());
        assert!(TrainError::from(RecipeError::value("a", "b", 3)).is_input());
        assert!(!TrainError::NotFinite { epoch: 1, step: 1, lr: 1.0, found: None }.is_input());
        let unusable = ModelError::DeviceUnusable { name: "cuda".into(), reason: "no driver".into() };
        assert!(!TrainError::from(unusable).is_input());
    }
}
