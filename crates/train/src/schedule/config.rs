use std::fmt;

use serde::{Deserialize, Serialize};

/// The shape of the learning rate over the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleKind {
    /// The same learning rate throughout.
    #[default]
    Constant,
    /// Multiplied by `gamma` every `step_size` epochs.
    Step,
    /// Down along a cosine to `eta_min`.
    Cosine,
    /// Cosines that start over, each `t_mult` times as long as the one before.
    WarmRestarts,
    /// Multiplied by `factor` when the monitored metric stops improving.
    Plateau,
    /// Up to `max_lr` and down to almost nothing along two cosines.
    OneCycle,
}

impl fmt::Display for ScheduleKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Constant => "constant",
            Self::Step => "step",
            Self::Cosine => "cosine",
            Self::WarmRestarts => "warm-restarts",
            Self::Plateau => "plateau",
            Self::OneCycle => "one-cycle",
        })
    }
}

/// What a schedule counts: all its lengths are in this unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Epochs: the learning rate is constant within one.
    Epoch,
    /// Optimizer steps: the learning rate changes after each batch.
    Step,
}

impl fmt::Display for Per {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Epoch => "epoch",
            Self::Step => "step",
        })
    }
}

/// The `[schedule]` table of an experiment. The default is a constant learning rate.
///
/// A key that the kind does not use is an error of [`check`](Self::check), as is an unknown one of reading.
///
/// ```
/// use brasa_train::schedule::ScheduleConfig;
///
/// let config: ScheduleConfig = toml::from_str(
///     r#"
///     kind = "step"
///     step_size = 30
///     gamma = 0.1
///     warmup = 5
///     "#,
/// )?;
/// let schedule = config.check(0.1, 391, 90)?;
/// assert!((schedule.lr(40, 40 * 391) - 0.01).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleConfig {
    /// Which schedule.
    pub kind: ScheduleKind,
    /// The unit of all lengths. Default: "step" for one-cycle, "epoch" for all others. Kinds constant and plateau
    /// use it for their warm-up only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
    /// step: units between two cuts, at least 1. Needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_size: Option<usize>,
    /// step: factor of each cut, in (0, 1]. Default 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// cosine: units from the base learning rate to `eta_min`, at least 1; afterwards it rises again.
    /// Default: what remains of the run after the warm-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t_max: Option<usize>,
    /// cosine, warm-restarts: lowest learning rate, from 0 to the base learning rate. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta_min: Option<f64>,
    /// warm-restarts: units of the first cycle, at least 1. Needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t_0: Option<usize>,
    /// warm-restarts: factor of each cycle's length, at least 1. Default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t_mult: Option<usize>,
    /// plateau: factor of each cut, in (0, 1). Default 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// plateau: epochs without improvement that are tolerated. Default 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// plateau: smallest relative improvement that counts, in [0, 1). Default 1e-4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// plateau: epochs after a cut in which nothing is counted. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<usize>,
    /// plateau: lowest learning rate, from 0 to the base learning rate. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_lr: Option<f64>,
    /// one-cycle: the peak. Default: the base learning rate, which is not used otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_lr: Option<f64>,
    /// one-cycle: share of the cycle spent rising, in [0, 1). Default 0.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pct_start: Option<f64>,
    /// one-cycle: the first learning rate is `max_lr / div_factor`; at least 1. Default 25.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub div_factor: Option<f64>,
    /// one-cycle: the last learning rate is the first one divided by this; at least 1. Default 1e4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_div_factor: Option<f64>,
    /// Any kind: units of linear warm-up before the schedule proper starts. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warmup: Option<usize>,
    /// Any kind with `warmup`: the first learning rate as a share of the one the schedule starts with, in (0, 1].
    /// Default 1/3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warmup_start_factor: Option<f64>,
}
