//! What the formats have in common.

use std::fmt::Debug;

use crate::config::{Scaling, SplitKind, TaskKind, ValidFrom};
use crate::{DataError, Files, InputSpec, Labelled, Result, SplitConfig};

/// A format's table in a recipe, as it is written.
pub trait FormatConfig {
    /// Checks every key against the others, for data of which classes or numbers are to be predicted.
    ///
    /// # Errors
    /// [`DataError::Config`] for the first key that is missing, wrong or does not apply.
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>>;
}

/// What the numbers of one sample are, as far as scaling is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Features {
    /// Columns of a table.
    Columns,
    /// Pixels of an image.
    Pixels,
    /// Channels of a time series, step by step.
    Steps,
    /// Numbers that stand for words.
    Words,
}

/// Which split the data name by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenSplit {
    /// None.
    None,
    /// Training and test.
    Test,
    /// Whatever a column, several files or the names of folders say.
    Any,
}

/// Whether rows belong to groups that no split may tear apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// They do.
    Given,
    /// The key `group` could name a column with them, and does not.
    NoColumn,
    /// The format has none.
    Never,
}

/// A data set in some format, its settings checked. A type of one's own that implements it makes a
/// [`CheckedData`](crate::CheckedData) by [`CheckedData::of_source`](crate::CheckedData::of_source).
pub trait Source: Debug + Send + Sync {
    /// The format's name, which is that of its table.
    fn name(&self) -> &'static str;

    /// The files that [`read`](Self::read) needs, as the recipe names them.
    fn file_names(&self) -> Vec<&str>;

    /// Reads the data set.
    ///
    /// # Errors
    /// What is wrong with a file, and where.
    fn read(&self, files: &Files) -> Result<Labelled>;

    /// What the numbers of a sample are.
    fn features(&self) -> Features;

    /// How a raw sample looks to a model that was trained on `data`, which this source has read.
    fn input(&self, data: &Labelled) -> InputSpec;

    /// The classes, where the settings name them.
    fn classes(&self) -> Option<&[String]> {
        None
    }

    /// The shape of one sample, where the settings tell it.
    fn shape(&self) -> Option<Vec<usize>> {
        None
    }

    /// The split that the data give.
    fn given_split(&self) -> GivenSplit {
        GivenSplit::None
    }

    /// The keys of the format's table that would give a split: `split`, `files`.
    fn split_keys(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the data have groups.
    fn groups(&self) -> Groups {
        Groups::Never
    }
}

/// Whether a scaling means anything for these samples.
pub(crate) fn check_scaling(source: &dyn Source, scaling: Scaling) -> Result<()> {
    let fits = match scaling {
        Scaling::None => true,
        Scaling::Standard | Scaling::Robust => source.features() == Features::Columns,
        Scaling::Pixels => source.features() == Features::Pixels,
        Scaling::Channels => source.features() == Features::Steps,
    };
    match fits {
        true => Ok(()),
        false => Err(DataError::config("scaling", format!("does not apply to [data.{}]", source.name()))),
    }
}

/// Whether the data have what the split goes by.
pub(crate) fn check_split(source: &dyn Source, split: &SplitConfig) -> Result<()> {
    let name = source.name();
    let problem = |key, problem: String| Err(DataError::config(key, problem));
    match (split.kind, source.given_split()) {
        (SplitKind::Given, GivenSplit::None) => {
            let problem = match source.split_keys() {
                [] => format!("[data.{name}] gives no split; use \"stratified\" or \"random\""),
                keys => {
                    let says = |key: &&str| match *key {
                        "split" => "`split`, a column that says which split each row belongs to".to_owned(),
                        "files" => "`files`, with a file for each split".to_owned(),
                        key => format!("`{key}`"),
                    };
                    let keys = keys.iter().map(says).collect::<Vec<_>>().join(", or ");
                    format!("\"given\" needs in [data.{name}] the key {keys}")
                }
            };
            Err(DataError::config("split.kind", problem))
        }
        (_, GivenSplit::Test) if split.test != 0.0 => {
            problem("split.test", format!("[data.{name}] gives test rows; remove the key"))
        }
        (SplitKind::Grouped, _) if source.groups() != Groups::Given => {
            let needed = match source.groups() {
                Groups::NoColumn => "the key `group`, a column with the groups",
                _ => "data with groups, which these have not",
            };
            problem("split.kind", format!("\"grouped\" needs {needed}"))
        }
        (_, GivenSplit::None) if split.valid_from == ValidFrom::Test => {
            problem("split.valid_from", "\"test\" applies only to data that give test rows".into())
        }
        _ => Ok(()),
    }
}
