use serde::{Deserialize, Serialize};

use super::{Asha, Halving, Median, NoScheduler, Pasha, Scheduler, Stopping};
use crate::SettingError;
use crate::error::require;
use crate::study::Unit;

/// Which scheduler, and its settings: a table with `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SchedulerConfig {
    /// Every trial is trained for all epochs.
    None,
    /// Trials worse than the median stop.
    Median(MedianConfig),
    /// Asynchronous successive halving.
    Asha(AshaConfig),
    /// ASHA whose budget grows only as long as the ranking of the trials has not settled.
    Pasha(PashaConfig),
    /// Synchronous successive halving.
    Halving(HalvingConfig),
    /// Hyperband: successive halving with several first budgets, one after another.
    Hyperband(HalvingConfig),
}

/// Settings of the median stopping rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MedianConfig {
    /// Epochs before which no trial stops; they do not count in the means either.
    pub grace_period: usize,
    /// So many other trials must have come as far.
    pub min_samples: usize,
}

/// Settings of asynchronous successive halving.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AshaConfig {
    /// Epoch of the first rung.
    pub grace_period: usize,
    /// One of so many goes on from each rung, and each rung has so many times the epochs of the one before.
    pub reduction_factor: f64,
    /// Brackets; each leaves out one more of the first rungs.
    pub brackets: usize,
    /// Whether trials pause and may go on later; otherwise they stop for good, as with Ray.
    pub promote: bool,
}

/// Settings of PASHA.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PashaConfig {
    /// Epoch of the first rung.
    pub grace_period: usize,
    /// One of so many goes on from each rung, and each rung has so many times the epochs of the one before.
    pub reduction_factor: f64,
}

/// Settings of synchronous successive halving, and of Hyperband.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HalvingConfig {
    /// Epoch of the first rung.
    pub grace_period: usize,
    /// One of so many goes on from each rung, and each rung has so many times the epochs of the one before.
    pub reduction_factor: f64,
}

impl Default for MedianConfig {
    fn default() -> Self {
        Self { grace_period: 1, min_samples: 3 }
    }
}

impl Default for AshaConfig {
    fn default() -> Self {
        Self { grace_period: 1, reduction_factor: 4.0, brackets: 1, promote: true }
    }
}

impl Default for PashaConfig {
    fn default() -> Self {
        Self { grace_period: 1, reduction_factor: 3.0 }
    }
}

impl Default for HalvingConfig {
    fn default() -> Self {
        Self { grace_period: 1, reduction_factor: 3.0 }
    }
}

impl SchedulerConfig {
    /// Whether it can work over so many epochs, or what else the budget is counted in.
    pub fn check(&self, max_epochs: usize, unit: Unit) -> Result<(), SettingError> {
        require(max_epochs > 0, "max_epochs", || "expected at least 1, got 0".into())?;
        let (grace, factor) = match self {
            Self::None => return Ok(()),
            Self::Median(config) => (config.grace_period, 2.0),
            Self::Asha(config) => {
                let most = super::rung::epochs(1, config.reduction_factor.max(1.01), max_epochs, 0).len() + 1;
                require((1..=most).contains(&config.brackets), "scheduler.brackets", || {
                    format!("expected a number from 1 to {most}, got {}", config.brackets)
                })?;
                (config.grace_period, config.reduction_factor)
            }
            Self::Pasha(config) => (config.grace_period, config.reduction_factor),
            Self::Halving(config) | Self::Hyperband(config) => (config.grace_period, config.reduction_factor),
        };
        require((1..=max_epochs).contains(&grace), "scheduler.grace_period", || {
            format!("expected a number of {} from 1 to {max_epochs}, got {grace}", unit.many())
        })?;
        require(factor > 1.0 && factor.is_finite(), "scheduler.reduction_factor", || {
            format!("expected a number above 1, got {factor}")
        })
    }

    /// Whether trials pause, and need checkpoints to go on from.
    #[must_use]
    pub fn pauses(&self) -> bool {
        match self {
            Self::None | Self::Median(_) => false,
            Self::Asha(config) => config.promote,
            Self::Pasha(_) | Self::Halving(_) | Self::Hyperband(_) => true,
        }
    }

    /// Whether a study's results may depend on which trial ends first.
    #[must_use]
    pub fn depends_on_timing(&self) -> bool {
        matches!(self, Self::Median(_) | Self::Asha(_) | Self::Pasha(_))
    }

    /// The scheduler of a study of so many trials. `learns` says whether the sampler looks at results.
    #[must_use]
    pub fn build(&self, max_epochs: usize, trials: usize, seed: u64, learns: bool) -> Box<dyn Scheduler> {
        match self {
            Self::None => Box::new(NoScheduler::new(max_epochs)),
            Self::Median(config) => Box::new(Median::new(config, max_epochs)),
            Self::Asha(config) if config.promote => Box::new(Asha::new(config, max_epochs, seed)),
            Self::Asha(config) => Box::new(Stopping::new(config, max_epochs, seed)),
            Self::Pasha(config) => Box::new(Pasha::new(config, max_epochs)),
            Self::Halving(config) => Box::new(Halving::new(config, max_epochs, trials, learns)),
            Self::Hyperband(config) => Box::new(Halving::hyperband(config, max_epochs, trials, learns)),
        }
    }
}
