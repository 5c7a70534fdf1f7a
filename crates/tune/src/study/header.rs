use serde::{Deserialize, Serialize};

use crate::error::require;
use crate::sampler::SamplerConfig;
use crate::scheduler::SchedulerConfig;
use crate::{Metric, SettingError, Space};

/// Version of the file's format.
pub(super) const FORMAT: u32 = 1;

/// Which figure of a trial's epochs is its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Score {
    /// The best, as the weights of the best epoch are what is kept.
    #[default]
    Best,
    /// That of the last epoch.
    Last,
}

/// What the budget of a trial is counted in: what it reports after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Epochs of one training.
    #[default]
    Epoch,
    /// Folds of a cross-validation; a report is the mean of those so far.
    Fold,
}

impl Unit {
    /// Of one.
    #[must_use]
    pub fn one(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Fold => "fold",
        }
    }

    /// So many: `1 epoch`, `2 epochs`.
    #[must_use]
    pub fn count(self, count: usize) -> String {
        format!("{count} {}", if count == 1 { self.one() } else { self.many() })
    }

    /// Of several.
    #[must_use]
    pub fn many(self) -> &'static str {
        match self {
            Self::Epoch => "epochs",
            Self::Fold => "folds",
        }
    }
}

/// What a study is: the first line of its file. Nothing of it changes later, but the number of trials may grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the file's format.
    pub format: u32,
    /// Whose study it is: the binary's name, say.
    pub app: String,
    /// A digest of what is tuned, so that a study of another recipe is told.
    pub recipe: String,
    /// What is searched over.
    pub space: Space,
    /// Where values come from.
    pub sampler: SamplerConfig,
    /// How long trials are trained.
    pub scheduler: SchedulerConfig,
    /// What is compared.
    pub metric: Metric,
    /// Which figure of a trial's epochs is its result.
    #[serde(default)]
    pub score: Score,
    /// What the budget of a trial is counted in. Where it is not epochs, the words of epochs in this crate count those.
    #[serde(default)]
    pub unit: Unit,
    /// Seed of all draws.
    pub seed: u64,
    /// Number of trials.
    pub trials: usize,
    /// Epochs of a trial that is trained to the end.
    pub max_epochs: usize,
}

impl Header {
    /// A study of 100 trials of one epoch, by TPE and without a scheduler, whose other settings are fields to be set.
    #[must_use]
    pub fn new(space: Space, metric: Metric) -> Self {
        Self {
            format: FORMAT,
            app: String::new(),
            recipe: String::new(),
            space,
            sampler: SamplerConfig::Tpe(crate::sampler::TpeConfig::default()),
            scheduler: SchedulerConfig::None,
            metric,
            score: Score::default(),
            unit: Unit::default(),
            seed: 0,
            trials: 100,
            max_epochs: 1,
        }
    }

    /// Whether such a study can be.
    pub fn check(&self) -> Result<(), SettingError> {
        require(self.trials > 0, "trials", || "expected at least 1, got 0".into())?;
        self.sampler.check(&self.space)?;
        self.scheduler.check(self.max_epochs, self.unit)
    }

    /// What differs between two studies, beside the number of trials: its name, ours and theirs.
    pub(super) fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        fn json<T: Serialize>(value: &T) -> String {
            serde_json::to_string(value).unwrap_or_default()
        }
        let pairs = [
            ("app", json(&self.app), json(&other.app)),
            ("recipe", json(&self.recipe), json(&other.recipe)),
            ("search space", json(&self.space), json(&other.space)),
            ("sampler", json(&self.sampler), json(&other.sampler)),
            ("scheduler", json(&self.scheduler), json(&other.scheduler)),
            ("metric", json(&self.metric), json(&other.metric)),
            ("unit of the budget", json(&self.unit), json(&other.unit)),
            ("score", json(&self.score), json(&other.score)),
            ("seed", json(&self.seed), json(&other.seed)),
            ("number of epochs", json(&self.max_epochs), json(&other.max_epochs)),
        ];
        pairs.into_iter().find(|(_, ours, theirs)| ours != theirs)
    }
}
