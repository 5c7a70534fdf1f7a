#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod bench;
mod callback;
mod clip;
pub mod cross_validation;
mod error;
mod evaluate;
mod experiment;
mod fit;
#[cfg(test)]
mod fixtures;
pub mod lesson;
pub mod look;
mod loss;
pub mod metrics;
mod prepared;
pub mod recipe;
pub mod report;
pub mod run;
mod run_report;
mod saved_model;
pub mod schedule;
mod step;
mod word_vectors;

pub use bench::{BenchConfig, BenchResult, Quantiles, bench, peak_rss_mib, quantiles};
pub use callback::{Callback, Control, EarlyStopping, EpochRecord, Plan, StepLoss, StepRecord, StopReason};
pub use error::{Result, TrainError};
pub use experiment::{Experiment, FinishedRun};
pub use fit::{Outcome, score, score_rows, train};
pub use prepared::{GroupOverlap, Prepared};
pub use recipe::{CheckedRecipe, Recipe, RecipeError};
pub use saved_model::{ModelCard, Prediction, SavedModel};

#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/src/library.md")]
struct GuideExamples;
