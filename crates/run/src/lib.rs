#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod baseline;
mod certainty;
pub mod cross_validation;
mod decided;
mod divergence;
mod ending;
mod environment;
mod error;
mod experiment;
pub mod explain;
mod files;
#[cfg(test)]
mod fixtures;
mod folder;
mod json;
pub mod lesson;
mod linear;
mod lock;
pub mod look;
mod model_card;
mod observer;
mod predictions;
mod record;
mod recorder;
pub mod report;
mod resume;
mod run_report;
mod runs;
mod upkeep;

pub use baseline::Baseline;
pub use certainty::Covered;
pub use decided::{Decided, ThresholdFigures};
pub(crate) use ending::writing;
pub use ending::{HeldWrites, hold_writes};
pub use environment::Environment;
pub use error::{Result, RunError};
pub use experiment::{Experiment, FinishedRun};
pub use files::write_atomic;
pub use folder::RunFolder;
pub(crate) use folder::now_utc;
pub use lock::RunLock;
pub use model_card::model_card;
pub use observer::RunObserver;
pub use record::{DataFacts, Resumption, RunRecord, RunScores, RunStatus};
pub use recorder::Recorder;
pub(crate) use recorder::Says;
pub use resume::{GoingOn, KeptRun};
pub use runs::{find_model_run, find_run, list_runs, unreadable_runs};
pub use upkeep::Cleaned;
