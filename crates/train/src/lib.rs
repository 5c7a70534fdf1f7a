#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod answers;
mod at_once;
mod bag;
mod bench;
mod callback;
mod checkpoint;
mod clip;
mod diagnose;
mod error;
mod evaluate;
mod find_lr;
mod fit;
#[cfg(test)]
mod fixtures;
mod loss;
mod memory;
pub mod metrics;
mod network;
mod prepared;
mod pretrained;
pub mod recipe;
mod rocket;
pub mod schedule;
mod sharpness;
mod tally;
mod target_scale;
mod task;
mod transfer;
mod trees;
mod update;
mod weight_average;
mod word_vectors;

pub use bag::Bagged;
pub use bench::{BenchConfig, BenchResult, Quantiles, bench, peak_rss_mib, quantiles};
pub use callback::{
    Callback, Control, EarlyStopping, EpochRecord, Plan, Resumed, Snapshot, StepLoss, StepRecord, StopReason,
};
pub use checkpoint::{Every, Leg, Position, damaged_checkpoints, essence, latest_checkpoint};
pub use diagnose::{Diagnosis, Place, diagnose};
pub use error::{Result, TrainError};
pub use evaluate::outputs;
pub use find_lr::{LrCurve, LrPoint, LrRange, find_lr};
pub use fit::{Outcome, score, score_given, score_outputs, score_rows, train, train_by, train_leg};
pub use network::{MakeRule, train_network, train_network_leg};
pub use prepared::{GroupOverlap, Prepared};
pub use pretrained::{ChannelOrder, KnownWeights, StatedAccuracy, WeightClasses, WeightsRegistry};
pub use recipe::{CheckedRecipe, Recipe, RecipeError};
pub use target_scale::TargetScale;
pub use task::{ClassTask, Judge, Tallied, Task, task};
pub use update::{GradientDescent, RuleState, StepAt, UpdateRule};
pub use weight_average::WeightAverage;
