//! The `[data]` table of a recipe, as it is written.

use serde::{Deserialize, Serialize};

use crate::checked::CheckedData;
use crate::{DataConfig, DataError, Result};

/// How values are brought to a common scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// As they are.
    #[default]
    None,
    /// Each column to mean 0 and deviation 1, measured on the training rows.
    Standard,
    /// Each column of numbers by its median and quartiles, measured on the training rows, and within 3; a missing number is the
    /// median. Levels of categories that no training row has become 0. What tables of `columns` need.
    Robust,
    /// Each pixel to `(value / 255 - mean) / std` of its channel.
    Pixels,
    /// Each channel of time series to mean 0 and deviation 1 over all steps, measured on the training rows.
    Channels,
}

/// What is predicted of a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// One of several classes.
    #[default]
    Classification,
    /// One or several numbers.
    Regression,
}

impl std::fmt::Display for TaskKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Classification => "classification",
            Self::Regression => "regression",
        })
    }
}

impl TaskKind {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Refuses regression for a format whose targets are names alone.
    pub(crate) fn only_classes(self, format: &str) -> Result<()> {
        match self {
            Self::Classification => Ok(()),
            Self::Regression => Err(DataError::config(
                "task",
                format!(
                    "[data.{format}] has classes; numbers are predicted from [data.csv], [data.npz] or [data.ts]"
                ),
            )),
        }
    }
}

/// How an image given to `predict` is brought to the size the model takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// A triangle filter, which averages when shrinking: Pillow's `BILINEAR`.
    #[default]
    Bilinear,
    /// The nearest pixel.
    Nearest,
    /// The mean of the pixels whose centres a new pixel covers: Pillow's `BOX`.
    Area,
}

/// How rows are dealt to training, validation and test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitKind {
    /// Any row anywhere.
    Random,
    /// Each split with the classes in the proportions of the whole.
    #[default]
    Stratified,
    /// Whole groups, each split with its share of every class.
    Grouped,
    /// As the data say; validation is cut where they give none.
    Given,
    /// One after another: the first rows train, later ones choose, the last judge. By the column `order`, or as the data come.
    Ordered,
}

/// The given split that the validation rows are cut from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValidFrom {
    /// Training.
    #[default]
    Train,
    /// Test, as some tutorials do.
    Test,
}

/// The `[data.split]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitConfig {
    /// How rows are dealt to training, validation and test.
    pub kind: SplitKind,
    /// Fraction of the rows (or of the given split it is cut from) for validation, in (0, 1).
    pub valid: f64,
    /// Fraction of the rows for the test, in [0, 1); 0 when the data give test rows.
    pub test: f64,
    /// The given split that validation is cut from.
    pub valid_from: ValidFrom,
    /// What every random choice of the split derives from.
    pub seed: u64,
    /// For kind "ordered": the feature, numbers or dates, that says which rows are earlier; their own order without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// A JSON file with the rows of each fold of a cross-validation, counted from 0: `[[0, 4], [1, 3]]`. Rows of no fold train
    /// in all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folds_from: Option<String>,
}

impl Default for SplitConfig {
    fn default() -> Self {
        Self {
            kind: SplitKind::default(),
            valid: 0.2,
            test: 0.0,
            valid_from: ValidFrom::default(),
            seed: 42,
            order: None,
            folds_from: None,
        }
    }
}

/// Writes [`DataConfig`]: the keys that all formats share, and one sub-table per format of the list. The tables are flat
/// fields, not an enum: serde keeps line and key of an error only for those.
macro_rules! data_config {
    ($($(#[$attribute:meta])* $name:ident: $config:ty,)*) => {
        /// The `[data]` table, unchecked: [`check`](Self::check) makes it usable. One sub-table says where the data are and
        /// how they are stored.
        ///
        /// ```
        /// use brasa_data::{CsvConfig, DataConfig, Scaling};
        ///
        /// let csv = CsvConfig {
        ///     file: Some("iris.csv".into()),
        ///     target: Some("species".into()),
        ///     ..CsvConfig::default()
        /// };
        /// let config = DataConfig { csv: Some(csv), scaling: Scaling::Standard, ..DataConfig::default() };
        /// config.check()?;
        ///
        /// let error = DataConfig { csv: Some(CsvConfig::default()), ..config }.check().unwrap_err();
        /// assert_eq!(error.to_string(), "[data] `csv.file`: missing");
        /// # Ok::<(), brasa_data::DataError>(())
        /// ```
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct DataConfig {
            /// What is predicted.
            #[serde(skip_serializing_if = "TaskKind::is_default")]
            pub task: $crate::TaskKind,
            /// How values are scaled.
            pub scaling: $crate::Scaling,
            /// pixels: the mean of each channel, of values in 0..=1; measured on the training split when
            /// absent.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub mean: Option<Vec<f32>>,
            /// pixels: the deviation of each channel, likewise.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub std: Option<Vec<f32>>,
            /// At most so many samples in each split.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub limit: Option<usize>,
            $(
                $(#[$attribute])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $name: Option<$config>,
            )*
            /// How the rows are split.
            pub split: $crate::SplitConfig,
        }

        impl DataConfig {
            /// The names of the formats, which are those of their tables.
            pub const FORMATS: &'static [&'static str] = &[$(stringify!($name)),*];

            /// The formats whose tables are there, by name.
            fn given(&self) -> Vec<(&'static str, &dyn FormatConfig)> {
                let mut given: Vec<(&'static str, &dyn FormatConfig)> = Vec::new();
                $(
                    if let Some(config) = &self.$name {
                        given.push((stringify!($name), config));
                    }
                )*
                given
            }

            /// The one format that the table describes, checked.
            pub(crate) fn source(&self) -> $crate::Result<Box<dyn Source>> {
                let given = self.given();
                match given.as_slice() {
                    [(_, config)] => config.source(self.task),
                    [] => {
                        let tables = Self::FORMATS.iter().map(|name| format!("[data.{name}]"));
                        let tables = tables.collect::<Vec<_>>().join(", ");
                        Err($crate::DataError::config(
                            "csv",
                            format!("missing; one of the tables {tables} says where the data are"),
                        ))
                    }
                    [(first, _), (second, _), ..] => Err($crate::DataError::config(
                        second,
                        format!("[data.{first}] is there, too; keep one of them"),
                    )),
                }
            }
        }
    };
}
pub(crate) use data_config;

impl DataConfig {
    /// Checks every key against the others.
    ///
    /// # Errors
    /// [`DataError::Config`], which names the first key that is missing,
    /// wrong or does not apply.
    pub fn check(&self) -> Result<CheckedData> {
        CheckedData::new(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn toml_reads_and_writes_the_same_table() {
        let text = r#"
            scaling = "pixels"
            mean = [0.286]
            [idx]
            train_images = "a"
            [split]
            kind = "grouped"
            valid_from = "test"
        "#;
        let config: DataConfig = toml::from_str(text).unwrap();
        assert_eq!(config.idx.as_ref().unwrap().train_images.as_deref(), Some("a"));
        assert_eq!(config.split.kind, SplitKind::Grouped);
        assert_eq!((config.split.valid, config.split.seed), (0.2, 42));
        let again: DataConfig = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
        assert_eq!(again, config);
    }

    #[test]
    fn unknown_keys_are_errors() {
        for text in ["colour = 1", "[split]\nvalidation = 0.1", "[idx]\ntrain-images = \"a\""] {
            let message = toml::from_str::<DataConfig>(text).unwrap_err().to_string();
            assert!(message.contains("unknown field"), "{message}");
        }
    }
}
