//! The `[training]` table.

use brasa_data::Sampling;
use serde::{Deserialize, Serialize};

use super::RecipeError;
use crate::checkpoint::Every;
use crate::metrics::LOSS;

/// Bodies of the fused operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kernels {
    /// brasa's own, where the backend has them.
    #[default]
    Fast,
    /// Burn's primitives, for comparison and doubt.
    Reference,
}

/// Epochs, batches, seed and when to stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingRecipe {
    /// Passes over the training split at most.
    pub epochs: usize,
    /// Samples per step; 0 takes the whole training split at once.
    pub batch_size: usize,
    /// Whether every epoch takes the samples in a new order, or all in the order of the data.
    pub shuffle: bool,
    /// Whether every epoch has each sample once, or classes equally often, drawn with replacement; `balanced` class
    /// weights of the loss would then count the classes twice.
    pub sampling: Sampling,
    /// Seed of the initial weights, the order of samples and dropout.
    pub seed: u64,
    /// Loader threads; 0 loads in the training thread. The result does not depend on it.
    pub workers: usize,
    /// Which bodies of the fused operations run.
    pub kernels: Kernels,
    /// The metric of the validation split that decides which weights are kept and when to stop.
    pub monitor: String,
    /// Further metrics that are computed after each epoch and shown in tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
    /// Stop after so many epochs without an improvement of more than `min_delta`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// What an improvement has to exceed to count for `patience`. The weights that are kept are the best ones, whatever
    /// it is.
    pub min_delta: f64,
    /// Whether a linear model is trained beside, which the report and `train` show: what a network has to be better than.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub linear: bool,
    /// Seconds after which training ends with the epoch that it is in: what comes of it then depends on the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit: Option<f64>,
    /// How often a run writes down where it stands, to go on from there after an end from outside (`train --resume`): `"30 s"`,
    /// `"5 min"`, `"200 steps"`, `"1 epoch"`, or `"never"`: at its end alone.
    #[serde(skip_serializing_if = "is_default")]
    pub checkpoint: Every,
    /// Clip every gradient element to this magnitude (`clip_grad_value_`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_value: Option<f64>,
    /// Scale all gradients so that their joint L2 norm is at most this (`clip_grad_norm_`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Radius of sharpness-aware minimization (SAM), such as 0.05: each step takes the gradient from where the loss is about the greatest so
    /// near, for flatter minima and twice the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sam: Option<f64>,
    /// Validate and keep an exponential moving average of the weights (EMA) in place of the weights themselves: the share of the average that
    /// each step leaves, such as 0.999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ema: Option<f64>,
    /// Networks, each trained on all but one of as many parts of the training and validation rows, and chosen by that part:
    /// their mean is the model. Validation is then judged by the network that was not trained on the row. 1 is a single one.
    #[serde(skip_serializing_if = "is_one")]
    pub bag: usize,
    /// Also report how often the right class is among so many best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<usize>,
}

impl Default for TrainingRecipe {
    fn default() -> Self {
        Self {
            epochs: 10,
            batch_size: 128,
            shuffle: true,
            sampling: Sampling::default(),
            seed: 42,
            workers: 0,
            kernels: Kernels::default(),
            monitor: LOSS.into(),
            metrics: Vec::new(),
            patience: None,
            min_delta: 0.0,
            linear: false,
            time_limit: None,
            checkpoint: Every::default(),
            clip_value: None,
            clip_norm: None,
            sam: None,
            ema: None,
            bag: 1,
            top_k: None,
        }
    }
}

fn is_default(every: &Every) -> bool {
    *every == Every::default()
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// More members than this tell nothing new.
const MOST_MEMBERS: usize = 100;

impl TrainingRecipe {
    pub(super) fn check(&self) -> Result<(), RecipeError> {
        let positive = |key: &str, value: Option<f64>| match value {
            Some(v) if !(v > 0.0 && v.is_finite()) => {
                Err(RecipeError::value(&format!("training.{key}"), "a number above 0", v))
            }
            _ => Ok(()),
        };
        if self.epochs == 0 {
            return Err(RecipeError::value("training.epochs", "at least 1", 0));
        }
        if self.sampling == Sampling::Balanced && !self.shuffle {
            let expected = "\"uniform\" where training.shuffle is off: balanced samples are drawn at random";
            return Err(RecipeError::value("training.sampling", expected, "balanced"));
        }
        if !(1..=MOST_MEMBERS).contains(&self.bag) {
            return Err(RecipeError::value("training.bag", format!("1 to {MOST_MEMBERS}"), self.bag));
        }
        if self.workers > 256 {
            return Err(RecipeError::value("training.workers", "at most 256", self.workers));
        }
        if !(self.min_delta >= 0.0 && self.min_delta.is_finite()) {
            return Err(RecipeError::value("training.min_delta", "a number from 0", self.min_delta));
        }
        if let Some(ema) = self.ema.filter(|ema| !(*ema > 0.0 && *ema < 1.0)) {
            return Err(RecipeError::value(
                "training.ema",
                "a number above 0 and below 1, such as 0.999",
                ema,
            ));
        }
        positive("time_limit", self.time_limit)?;
        positive("sam", self.sam)?;
        positive("clip_value", self.clip_value)?;
        positive("clip_norm", self.clip_norm)?;
        positive("patience", self.patience.map(|p| p as f64))?;
        positive("top_k", self.top_k.map(|k| k as f64))
    }
}
