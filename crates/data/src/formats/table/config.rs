//! The `[data.csv]` table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::columns::{ColumnKind, Notation};
use super::unpack::Charset;

use crate::checked::{class_names, distinct, required};
use crate::config::TaskKind;
use crate::formats::delimited::{Expected, parse_delimiter};
use crate::formats::{FormatConfig, Source, SplitColumn, SplitFiles, SplitNames};
use crate::{DataError, Result};

/// The columns that are to be predicted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected the name of a column, or a list of names")]
pub enum TargetColumns {
    /// One.
    One(String),
    /// Several numbers.
    Several(Vec<String>),
}

impl From<&str> for TargetColumns {
    fn from(name: &str) -> Self {
        Self::One(name.to_owned())
    }
}

impl TargetColumns {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }

    fn check(&self, task: TaskKind) -> Result<()> {
        match self.names() {
            [] => Err(DataError::config("csv.target", "is an empty list; name a column")),
            [_] => Ok(()),
            _ if task == TaskKind::Classification => {
                let problem =
                    "several columns can be predicted only where they hold numbers: task = \"regression\"";
                Err(DataError::config("csv.target", problem))
            }
            names => distinct("csv.target", names),
        }
    }
}

/// One table: text with separators, lines of JSON objects, a Parquet file, or a sheet of Excel or OpenDocument; in gzip or alone in a zip archive,
/// too. A sample per row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvConfig {
    /// The file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A file for each split instead of `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<SplitFiles>,
    /// What separates the cells: one ASCII character, or "tab". When absent, it is the one of comma, semicolon, tab and
    /// `|` that fits the columns of this table and the first rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// How the file is written where it is not UTF-8: "windows-1252". When absent, other bytes than UTF-8 are an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<Charset>,
    /// Whether the first row names the columns; true when absent. Without one they are named
    /// `c0`, `c1`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The column with the classes, or with the numbers of a regression, which may be a list of several columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetColumns>,
    /// The columns with the features; when absent all but target, group, split and `drop`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// Columns that are no features, such as row numbers; instead of `features`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<Vec<String>>,
    /// The column with the groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column that says which split each row belongs to: `train`, `valid` or `test`, or a longer form of these
    /// (`Training`, `validation`). Use split kind `given` where it has validation rows.
    #[serde(alias = "side", skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// What the splits are called in that column, where it is otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_names: Option<SplitNames>,
    /// The classes in order, sorted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// Makes two classes of a target column of numbers: the second of `classes` (which are needed then) where the
    /// number is this or more, the first where it is less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How many bad rows are passed over and counted; 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_bad: Option<usize>,
    /// The columns with the features and what each holds, instead of `features` and `drop`, which name columns of numbers:
    /// number, yes/no, category, ordered, date, time or text. With a question mark (`number?`, `date? %d/%m/%Y`) cells of a column may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<BTreeMap<String, ColumnKind>>,
    /// The levels of columns of categories, in order; those of the file, sorted, when absent. Ordered columns need them, the least first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<BTreeMap<String, Vec<String>>>,
    /// Cells that say that a value is missing, beside blank ones; for use with `columns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
    /// The character before the decimals of a number, a point when absent; for use with `columns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// The character between the thousands of a number; for use with `columns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// What may stand before or behind a number, such as "$" or "%"; for use with `columns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Vec<String>>,
    /// Whether a number in parentheses is below 0, as in accounts: `(12.50)`; false when absent. For use with `columns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parentheses: Option<bool>,
    /// Whether rows are left out whose target is missing; false when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_unlabelled: Option<bool>,
}

/// A `[data.csv]` table that makes sense.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CsvSource {
    pub file: String,
    /// The file of each split, where there are several; `file` is the first.
    pub parts: Option<SplitFiles>,
    pub delimiter: Option<u8>,
    pub charset: Option<Charset>,
    pub header: bool,
    pub target: TargetColumns,
    pub task: TaskKind,
    pub features: Option<Vec<String>>,
    pub group: Option<String>,
    pub split: Option<SplitColumn>,
    pub drop: Vec<String>,
    pub classes: Option<Vec<String>>,
    pub threshold: Option<f64>,
    pub skip_bad: usize,
    pub columns: Option<BTreeMap<String, ColumnKind>>,
    pub levels: BTreeMap<String, Vec<String>>,
    pub notation: Notation,
    pub skip_unlabelled: bool,
}

impl CsvSource {
    /// What is known of the file.
    pub(super) fn expected(&self) -> Expected<'_> {
        let split = self.split.iter().map(|split| &split.column);
        let named = self.target.names().iter().chain(&self.group).chain(split).chain(&self.drop);
        let kinds = self.columns.iter().flat_map(BTreeMap::keys);
        let columns = named.chain(self.features.iter().flatten()).chain(kinds).map(String::as_str);
        let columns = if self.header { columns.collect() } else { Vec::new() };
        Expected { delimiter: self.delimiter, columns, ..Expected::default() }
    }
}

impl FormatConfig for CsvConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        Ok(Box::new(self.check_for(task)?))
    }
}

impl CsvConfig {
    pub(crate) fn check_for(&self, task: TaskKind) -> Result<CsvSource> {
        let delimiter = self.delimiter.as_deref().map(|text| {
            let problem = "expected one ASCII character that is no quote or line break, or \"tab\"";
            parse_delimiter(text).ok_or_else(|| DataError::config("csv.delimiter", problem))
        });
        let delimiter = delimiter.transpose()?;
        let file = match (&self.file, &self.files) {
            (Some(_), Some(_)) => {
                return Err(DataError::config("csv.files", "`file` is there, too; keep one of them"));
            }
            (None, Some(files)) => {
                files.check("csv.files")?;
                files.train.clone()
            }
            (file, None) => required("csv.file", file.as_ref())?,
        };
        let split = SplitColumn::checked("csv", self.split.as_ref(), self.split_names.as_ref())?;
        if split.is_some() && self.files.is_some() {
            return Err(DataError::config("csv.split", "`files` gives the splits, too; keep one of them"));
        }
        let target = required("csv.target", self.target.as_ref())?;
        target.check(task)?;
        let is_target =
            |column: Option<&String>| column.is_some_and(|column| target.names().contains(column));
        if is_target(self.group.as_ref()) {
            return Err(DataError::config("csv.group", "is the target column; name another"));
        }
        if self.split.is_some() && (is_target(self.split.as_ref()) || self.split == self.group) {
            return Err(DataError::config("csv.split", "is the target or the group column; name another"));
        }
        let drop = self.drop.clone().unwrap_or_default();
        distinct("csv.drop", &drop)?;
        if self.drop.is_some() && self.features.is_some() {
            return Err(DataError::config(
                "csv.drop",
                "`features` names the columns that stay; keep one of them",
            ));
        }
        if let Some(used) = drop.iter().find(|&name| {
            is_target(Some(name))
                || [&self.group, &self.split].into_iter().any(|used| used.as_ref() == Some(name))
        }) {
            let problem =
                format!("`{used}` is the target, group or split column, which is no feature anyway");
            return Err(DataError::config("csv.drop", problem));
        }
        if let Some(features) = &self.features {
            if features.is_empty() {
                return Err(DataError::config("csv.features", "is empty; name columns or remove the key"));
            }
            distinct("csv.features", features)?;
            for (key, column) in [
                ("target", features.iter().find(|&column| is_target(Some(column)))),
                ("group", self.group.as_ref()),
                ("split", self.split.as_ref()),
            ] {
                if column.is_some_and(|column| features.contains(column)) {
                    return Err(DataError::config("csv.features", format!("contains the {key} column")));
                }
            }
        }
        self.check_columns(&target)?;
        if let Some(classes) = &self.classes {
            class_names("csv.classes", classes)?;
        }
        if task == TaskKind::Regression && (self.classes.is_some() || self.threshold.is_some()) {
            let key = if self.classes.is_some() { "csv.classes" } else { "csv.threshold" };
            return Err(DataError::config(
                key,
                "is for classes; remove it, or the key `task` with \"regression\"",
            ));
        }
        if let Some(threshold) = self.threshold {
            if !threshold.is_finite() {
                let problem = format!("expected a finite number, found {threshold}");
                return Err(DataError::config("csv.threshold", problem));
            }
            if self.classes.as_ref().is_none_or(|classes| classes.len() != 2) {
                let problem = "needs `classes` with two names: for numbers below it, and for the others";
                return Err(DataError::config("csv.threshold", problem));
            }
        }
        Ok(CsvSource {
            file,
            delimiter,
            charset: self.charset,
            header: self.header.unwrap_or(true),
            target,
            task,
            features: self.features.clone(),
            group: self.group.clone(),
            split,
            drop,
            parts: self.files.clone(),
            classes: self.classes.clone(),
            threshold: self.threshold,
            skip_bad: self.skip_bad.unwrap_or(0),
            columns: self.columns.clone(),
            levels: self.levels.clone().unwrap_or_default(),
            notation: Notation {
                decimal: self.decimal,
                thousands: self.thousands,
                units: self.units.clone().unwrap_or_default(),
                parentheses: self.parentheses.unwrap_or(false),
                missing: self.missing.clone().unwrap_or_default(),
            },
            skip_unlabelled: self.skip_unlabelled.unwrap_or(false),
        })
    }

    /// Whether the keys that go with `columns` do.
    fn check_columns(&self, target: &TargetColumns) -> Result<()> {
        let Some(columns) = &self.columns else {
            let given = [
                ("csv.levels", self.levels.is_some()),
                ("csv.missing", self.missing.is_some()),
                ("csv.decimal", self.decimal.is_some()),
                ("csv.thousands", self.thousands.is_some()),
                ("csv.units", self.units.is_some()),
                ("csv.parentheses", self.parentheses.is_some()),
            ];
            return match given.into_iter().find(|(_, given)| *given) {
                Some((key, _)) => {
                    Err(DataError::config(key, "goes with `columns`, which says what each column holds"))
                }
                None => Ok(()),
            };
        };
        if columns.is_empty() {
            return Err(DataError::config("csv.columns", "is empty; name columns or remove the key"));
        }
        if self.features.is_some() || self.drop.is_some() {
            let key = if self.features.is_some() { "csv.features" } else { "csv.drop" };
            return Err(DataError::config(key, "`columns` names the features; keep one of them"));
        }
        let others =
            [("target", target.names()), ("group", self.group.as_slice()), ("split", self.split.as_slice())];
        for (key, names) in others {
            if names.iter().any(|name| columns.contains_key(name)) {
                return Err(DataError::config("csv.columns", format!("contains the {key} column")));
            }
        }
        let levels = self.levels.iter().flatten();
        for (name, levels) in levels.clone() {
            match columns.get(name) {
                Some(ColumnKind::Category) => {}
                Some(ColumnKind::Ordered { .. }) => {
                    class_names(&format!("csv.levels.{name}"), levels)?;
                    let missing = |level: &&String| {
                        level.trim().is_empty() || self.missing.iter().flatten().any(|word| word == *level)
                    };
                    if let Some(level) = levels.iter().find(missing) {
                        let problem = format!("the level `{level}` of `{name}` stands for a missing cell");
                        return Err(DataError::config("csv.levels", problem));
                    }
                }
                _ => {
                    let problem = format!(
                        "`{name}` is no column of `columns` with the kind \"category\" or \"ordered\""
                    );
                    return Err(DataError::config("csv.levels", problem));
                }
            }
        }
        let lacks = |(name, kind): &(&String, &ColumnKind)| {
            matches!(kind, ColumnKind::Ordered { .. }) && !levels.clone().any(|(given, _)| given == *name)
        };
        if let Some((name, _)) = columns.iter().find(lacks) {
            let problem = format!(
                "the levels of `{name}` are not given: `[data.csv.levels]` names those of a column of the kind \"ordered\" in their order"
            );
            return Err(DataError::config("csv.columns", problem));
        }
        if self.decimal.is_some() && self.decimal == self.thousands {
            return Err(DataError::config("csv.thousands", "is the same character as `decimal`"));
        }
        Ok(())
    }
}
