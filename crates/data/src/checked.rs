//! The `[data]` table once it is known to make sense.

use crate::config::{Scaling, SplitConfig, SplitKind, TaskKind, ValidFrom};
use std::sync::Arc;

use crate::formats::{Source, check_scaling, check_split};
use crate::labels::normalised;
use crate::{DataConfig, DataError, InputSpec, Labelled, Result};

/// A `[data]` table that has passed [`DataConfig::check`].
#[derive(Debug, Clone)]
pub struct CheckedData {
    config: DataConfig,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) scaling: CheckedScaling,
    split: CheckedSplit,
}

/// How values are scaled, with what that takes.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedScaling(pub(crate) ScalingKind);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ScalingKind {
    None,
    Standard,
    Robust,
    /// Channel means and deviations, or `None` to measure them.
    Pixels(Option<(Vec<f32>, Vec<f32>)>),
    Channels,
}

/// How rows are split: fractions in range, and keys that go together.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedSplit {
    pub(crate) kind: SplitKind,
    pub(crate) valid: f64,
    pub(crate) test: f64,
    pub(crate) valid_from: ValidFrom,
    pub(crate) seed: u64,
    pub(crate) limit: Option<usize>,
    pub(crate) order: Option<String>,
    pub(crate) folds_from: Option<String>,
}

impl CheckedSplit {
    /// The file with the rows of the folds, where they are given.
    #[must_use]
    pub fn folds_from(&self) -> Option<&str> {
        self.folds_from.as_deref()
    }

    /// How rows are dealt.
    #[must_use]
    pub fn kind(&self) -> SplitKind {
        self.kind
    }

    /// What every random choice of the split derives from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The most samples of a split.
    #[must_use]
    pub fn limit(&self) -> Option<usize> {
        self.limit
    }
}

impl SplitConfig {
    /// Checks the fractions. [`DataConfig::check`] does this, too, and adds the limit.
    ///
    /// # Errors
    /// [`DataError::Config`] for a fraction outside its range, or a sum of 1 or more.
    pub fn check(&self) -> Result<CheckedSplit> {
        for (key, fraction) in [("split.valid", self.valid), ("split.test", self.test)] {
            if !(0.0..1.0).contains(&fraction) {
                return Err(DataError::config(
                    key,
                    format!("expected a fraction from 0 up to but not 1, found {fraction}"),
                ));
            }
        }
        if self.order.is_some() && self.kind != SplitKind::Ordered {
            return Err(DataError::config("split.order", "goes with kind = \"ordered\" alone"));
        }
        if self.kind != SplitKind::Given {
            if self.valid == 0.0 {
                return Err(DataError::config(
                    "split.valid",
                    "0 leaves no validation rows to choose a checkpoint by; give a fraction",
                ));
            }
            let sum = self.valid + self.test;
            if self.valid_from == ValidFrom::Train && sum >= 1.0 {
                return Err(DataError::config(
                    "split.valid",
                    format!("with split.test it adds up to {sum}, which leaves no training rows"),
                ));
            }
        }
        Ok(CheckedSplit {
            kind: self.kind,
            valid: self.valid,
            test: self.test,
            valid_from: self.valid_from,
            seed: self.seed,
            limit: None,
            order: self.order.clone(),
            folds_from: self.folds_from.clone(),
        })
    }
}

impl CheckedData {
    pub(crate) fn new(config: &DataConfig) -> Result<Self> {
        Self::of_source(config.source()?.into(), config)
    }

    /// Data in a format of one's own; of `config`, only scaling, limit and split are looked at.
    ///
    /// # Errors
    /// [`DataError::Config`] for scaling or a split that the format cannot have.
    pub fn of_source(source: Arc<dyn Source>, config: &DataConfig) -> Result<Self> {
        check_scaling(&*source, config.scaling)?;
        let scaling = CheckedScaling(scaling(config)?);
        if config.limit == Some(0) {
            return Err(DataError::config("limit", "0 leaves nothing; remove the key or raise it"));
        }
        let mut split = config.split.check()?;
        split.limit = config.limit;
        check_split(&*source, &config.split)?;
        Ok(Self { config: config.clone(), source, scaling, split })
    }

    /// The format's name.
    #[must_use]
    pub fn format(&self) -> &'static str {
        self.source.name()
    }

    /// The table as it was written.
    #[must_use]
    pub fn config(&self) -> &DataConfig {
        &self.config
    }

    /// How values are scaled, for [`Scaler::fit`](crate::Scaler::fit).
    #[must_use]
    pub fn scaling(&self) -> &CheckedScaling {
        &self.scaling
    }

    /// How rows are split, for [`make_split`](crate::make_split).
    #[must_use]
    pub fn split(&self) -> &CheckedSplit {
        &self.split
    }

    /// What a model trained on `data`, which this table describes, takes.
    #[must_use]
    pub fn input_of(&self, data: &Labelled) -> InputSpec {
        self.source.input(data)
    }

    /// The files that [`load`](crate::load) reads.
    #[must_use]
    pub fn file_names(&self) -> Vec<&str> {
        self.source.file_names()
    }

    /// The classes, where the table names them.
    #[must_use]
    pub fn declared_classes(&self) -> Option<&[String]> {
        self.source.classes()
    }

    /// Classes, or numbers to predict, where the table tells how many.
    #[must_use]
    pub fn declared_outputs(&self) -> Option<usize> {
        match self.config.task {
            TaskKind::Classification => self.source.classes().map(<[String]>::len),
            TaskKind::Regression => {
                self.config.csv.as_ref()?.target.as_ref().map(|target| target.names().len())
            }
        }
    }

    /// The shape of one sample, where the table tells it.
    #[must_use]
    pub fn declared_shape(&self) -> Option<Vec<usize>> {
        self.source.shape()
    }
}

fn scaling(config: &DataConfig) -> Result<ScalingKind> {
    if config.scaling != Scaling::Pixels {
        for (key, given) in [("mean", config.mean.is_some()), ("std", config.std.is_some())] {
            if given {
                return Err(DataError::config(key, "applies only to scaling = \"pixels\""));
            }
        }
    }
    match config.scaling {
        Scaling::None => Ok(ScalingKind::None),
        Scaling::Channels => Ok(ScalingKind::Channels),
        Scaling::Standard => Ok(ScalingKind::Standard),
        Scaling::Robust => Ok(ScalingKind::Robust),
        Scaling::Pixels => match (&config.mean, &config.std) {
            (None, None) => Ok(ScalingKind::Pixels(None)),
            (Some(_), None) => Err(DataError::config("std", "missing; `mean` is given")),
            (None, Some(_)) => Err(DataError::config("mean", "missing; `std` is given")),
            (Some(mean), Some(std)) => {
                if mean.is_empty() || mean.len() != std.len() {
                    return Err(DataError::config(
                        "mean",
                        format!("{} values against {} of `std`", mean.len(), std.len()),
                    ));
                }
                if !mean.iter().all(|mean| mean.is_finite()) {
                    return Err(DataError::config("mean", "expected finite numbers"));
                }
                if !std.iter().all(|std| std.is_finite() && *std > 0.0) {
                    return Err(DataError::config("std", "expected numbers above 0"));
                }
                Ok(ScalingKind::Pixels(Some((mean.clone(), std.clone()))))
            }
        },
    }
}

pub(crate) fn class_names(key: &str, classes: &[String]) -> Result<()> {
    if classes.len() < 2 {
        return Err(DataError::config(key, "expected at least two names"));
    }
    let names = classes.iter().map(|name| normalised(name).into_owned()).collect::<Vec<_>>();
    distinct(key, &names)
}

pub(crate) fn distinct(key: &str, names: &[String]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().find(|&name| !seen.insert(name)) {
        Some(name) => Err(DataError::config(key, format!("names `{name}` twice"))),
        None => Ok(()),
    }
}

pub(crate) fn required<T: Clone>(key: &str, value: Option<&T>) -> Result<T> {
    value.cloned().ok_or_else(|| DataError::config(key, "missing"))
}
