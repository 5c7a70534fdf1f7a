//! The `[data.csv]` table.

use serde::{Deserialize, Serialize};

use crate::checked::{class_names, distinct, required};
use crate::{DataError, Result};

/// One table of text with separators: a sample per row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvConfig {
    /// The file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The separator, one ASCII character; a comma when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Whether the first row names the columns; true when absent. Without one they are named
    /// `c0`, `c1`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The column with the classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The columns with the features; when absent all but target, group and side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// The column with the groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column that names each row's side: `train`, `valid` or `test`, or a longer form of these
    /// (`Training`, `validation`). With valid rows in it, use split kind `given`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
    /// The classes in order, sorted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// Makes two classes of a target column of numbers: the second of `classes` (which are needed then) where the
    /// number is this or more, the first where it is less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
}

/// A `[data.csv]` table that makes sense.
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
    pub threshold: Option<f32>,
}

impl CsvConfig {
    pub(crate) fn check(&self) -> Result<CsvSource> {
        let delimiter = match self.delimiter.as_deref().map_or(b",".as_slice(), str::as_bytes) {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => *byte,
            _ => {
                return Err(DataError::config(
                    "csv.delimiter",
                    "expected one ASCII character that is no quote or line break",
                ));
            }
        };
        let file = required("csv.file", self.file.as_ref())?;
        let target = required("csv.target", self.target.as_ref())?;
        if self.group.as_ref() == Some(&target) {
            return Err(DataError::config("csv.group", "is the target column; name another"));
        }
        if self.side.is_some() && (self.side.as_ref() == Some(&target) || self.side == self.group) {
            return Err(DataError::config("csv.side", "is the target or the group column; name another"));
        }
        if let Some(features) = &self.features {
            if features.is_empty() {
                return Err(DataError::config("csv.features", "is empty; name columns or remove the key"));
            }
            distinct("csv.features", features)?;
            for (key, column) in
                [("target", Some(&target)), ("group", self.group.as_ref()), ("side", self.side.as_ref())]
            {
                if column.is_some_and(|column| features.contains(column)) {
                    return Err(DataError::config("csv.features", format!("contains the {key} column")));
                }
            }
        }
        if let Some(classes) = &self.classes {
            class_names("csv.classes", classes)?;
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
            header: self.header.unwrap_or(true),
            target,
            features: self.features.clone(),
            group: self.group.clone(),
            side: self.side.clone(),
            classes: self.classes.clone(),
            threshold: self.threshold,
        })
    }
}
