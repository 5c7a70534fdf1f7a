//! A run is a folder that explains itself: resolved recipe, environment, data checksums, metrics, the best
//! model with its preprocessing, pictures and a report.

mod environment;
mod files;
mod folder;
mod record;
mod recorder;

pub use environment::Environment;
pub use files::write_atomic;
pub(crate) use folder::now_utc;
pub use folder::{RunFolder, find_run, list_runs};
pub use record::{DataFacts, RunRecord, RunStatus, SideScores};
pub use recorder::Recorder;
