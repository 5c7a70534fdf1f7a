//! The `[data]` table once it is known to make sense.

use crate::config::{DataConfig, Format, Resize, Scaling, SplitConfig, SplitKind, ValidFrom};
use crate::{DataError, Result};

/// A `[data]` table that has passed [`DataConfig::check`].
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedData {
    config: DataConfig,
    pub(crate) source: Source,
    pub(crate) scaling: CheckedScaling,
    split: CheckedSplit,
}

/// Where the data are, by format.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    Csv(CsvSource),
    Idx(IdxSource),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CsvSource {
    pub file: String,
    pub delimiter: u8,
    pub header: bool,
    pub target: String,
    pub features: Option<Vec<String>>,
    pub group: Option<String>,
    pub side: Option<String>,
    pub classes: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IdxSource {
    pub train_images: String,
    pub train_labels: String,
    pub test_images: String,
    pub test_labels: String,
    pub classes: Vec<String>,
}

/// How values are scaled, with what that takes.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedScaling(pub(crate) ScalingKind);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ScalingKind {
    None,
    Standard,
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
}

impl CheckedSplit {
    /// How rows are dealt to the sides.
    #[must_use]
    pub fn kind(&self) -> SplitKind {
        self.kind
    }

    /// What every random choice of the split derives from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The most samples of a side.
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
        })
    }
}

impl CheckedData {
    pub(crate) fn new(config: &DataConfig) -> Result<Self> {
        let source = match config.format {
            Format::Csv => Source::Csv(csv_source(config)?),
            Format::Idx => Source::Idx(idx_source(config)?),
        };
        let scaling = CheckedScaling(scaling(config)?);
        if config.limit == Some(0) {
            return Err(DataError::config("limit", "0 leaves nothing; remove the key or raise it"));
        }
        let mut split = config.split.check()?;
        split.limit = config.limit;
        if config.format == Format::Csv {
            csv_split(config)?;
        } else if config.split.test != 0.0 {
            return Err(DataError::config("split.test", "format \"idx\" gives a test side; remove the key"));
        } else if matches!(config.split.kind, SplitKind::Grouped | SplitKind::Given) {
            return Err(DataError::config(
                "split.kind",
                "format \"idx\" gives neither groups nor a validation side; \
                 use \"stratified\" or \"random\"",
            ));
        }
        Ok(Self { config: config.clone(), source, scaling, split })
    }

    /// The table as it was written.
    #[must_use]
    pub fn config(&self) -> &DataConfig {
        &self.config
    }

    /// How the data set is stored.
    #[must_use]
    pub fn format(&self) -> Format {
        self.config.format
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

    /// How images given to `predict` are resized.
    #[must_use]
    pub fn resize(&self) -> Resize {
        self.config.resize.unwrap_or_default()
    }

    /// The files that [`load`](crate::load) reads.
    #[must_use]
    pub fn file_names(&self) -> Vec<&str> {
        match &self.source {
            Source::Csv(csv) => vec![&csv.file],
            Source::Idx(idx) => {
                vec![&idx.train_images, &idx.train_labels, &idx.test_images, &idx.test_labels]
            }
        }
    }
}

fn csv_source(config: &DataConfig) -> Result<CsvSource> {
    not_for(
        "csv",
        &[
            ("train_images", config.train_images.is_some()),
            ("train_labels", config.train_labels.is_some()),
            ("test_images", config.test_images.is_some()),
            ("test_labels", config.test_labels.is_some()),
            ("resize", config.resize.is_some()),
        ],
    )?;
    let delimiter = match config.delimiter.as_deref().map_or(b",".as_slice(), str::as_bytes) {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => *byte,
        _ => {
            return Err(DataError::config(
                "delimiter",
                "expected one ASCII character that is no quote or line break",
            ));
        }
    };
    let target = required("csv", "target", config.target.as_ref())?;
    if config.group.as_ref() == Some(&target) {
        return Err(DataError::config("group", "is the target column; name another"));
    }
    if config.side.is_some() && (config.side.as_ref() == Some(&target) || config.side == config.group) {
        return Err(DataError::config("side", "is the target or the group column; name another"));
    }
    if let Some(features) = &config.features {
        if features.is_empty() {
            return Err(DataError::config("features", "is empty; name columns or remove the key"));
        }
        distinct("features", features)?;
        for (key, column) in
            [("target", Some(&target)), ("group", config.group.as_ref()), ("side", config.side.as_ref())]
        {
            if column.is_some_and(|column| features.contains(column)) {
                return Err(DataError::config("features", format!("contains the {key} column")));
            }
        }
    }
    if let Some(classes) = &config.classes {
        class_names(classes)?;
    }
    Ok(CsvSource {
        file: required("csv", "file", config.file.as_ref())?,
        delimiter,
        header: config.header.unwrap_or(true),
        target,
        features: config.features.clone(),
        group: config.group.clone(),
        side: config.side.clone(),
        classes: config.classes.clone(),
    })
}

fn csv_split(config: &DataConfig) -> Result<()> {
    let split = &config.split;
    let problem = match split.kind {
        SplitKind::Given if config.side.is_none() => {
            ("split.kind", "\"given\" needs the key `side`, a column that names each row's side")
        }
        SplitKind::Grouped if config.group.is_none() => {
            ("split.kind", "\"grouped\" needs the key `group`, a column with the groups")
        }
        _ if split.valid_from == ValidFrom::Test && config.side.is_none() => {
            ("split.valid_from", "\"test\" applies only to data that give a test side")
        }
        _ => return Ok(()),
    };
    Err(DataError::config(problem.0, problem.1))
}

fn idx_source(config: &DataConfig) -> Result<IdxSource> {
    not_for(
        "idx",
        &[
            ("file", config.file.is_some()),
            ("delimiter", config.delimiter.is_some()),
            ("header", config.header.is_some()),
            ("target", config.target.is_some()),
            ("features", config.features.is_some()),
            ("group", config.group.is_some()),
            ("side", config.side.is_some()),
        ],
    )?;
    let classes = required("idx", "classes", config.classes.as_ref())?;
    class_names(&classes)?;
    Ok(IdxSource {
        train_images: required("idx", "train_images", config.train_images.as_ref())?,
        train_labels: required("idx", "train_labels", config.train_labels.as_ref())?,
        test_images: required("idx", "test_images", config.test_images.as_ref())?,
        test_labels: required("idx", "test_labels", config.test_labels.as_ref())?,
        classes,
    })
}

fn scaling(config: &DataConfig) -> Result<ScalingKind> {
    let misfit =
        |format: &str| Err(DataError::config("scaling", format!("does not apply to format \"{format}\"")));
    if config.scaling != Scaling::Pixels {
        for (key, given) in [("mean", config.mean.is_some()), ("std", config.std.is_some())] {
            if given {
                return Err(DataError::config(key, "applies only to scaling = \"pixels\""));
            }
        }
    }
    match (config.scaling, config.format) {
        (Scaling::None, _) => Ok(ScalingKind::None),
        (Scaling::Channels, _) => Ok(ScalingKind::Channels),
        (Scaling::Standard, Format::Csv) => Ok(ScalingKind::Standard),
        (Scaling::Standard, Format::Idx) => misfit("idx"),
        (Scaling::Pixels, Format::Csv) => misfit("csv"),
        (Scaling::Pixels, Format::Idx) => match (&config.mean, &config.std) {
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

fn class_names(classes: &[String]) -> Result<()> {
    if classes.len() < 2 {
        return Err(DataError::config("classes", "expected at least two names"));
    }
    distinct("classes", classes)
}

fn distinct(key: &str, names: &[String]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().find(|&name| !seen.insert(name)) {
        Some(name) => Err(DataError::config(key, format!("names `{name}` twice"))),
        None => Ok(()),
    }
}

fn required<T: Clone>(format: &str, key: &str, value: Option<&T>) -> Result<T> {
    value.cloned().ok_or_else(|| DataError::config(key, format!("missing; format \"{format}\" needs it")))
}

fn not_for(format: &str, keys: &[(&str, bool)]) -> Result<()> {
    match keys.iter().find(|(_, given)| *given) {
        Some((key, _)) => Err(DataError::config(key, format!("does not apply to format \"{format}\""))),
        None => Ok(()),
    }
}
