//! The `[data.npz]` table.

use serde::{Deserialize, Serialize};

use crate::checked::{class_names, required};
use crate::config::{Resize, TaskKind};
use crate::formats::{FormatConfig, Source};
use crate::{DataError, Result};

/// What the array of samples is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArrayKind {
    /// Numbers of the shape `[rows, columns]`.
    #[default]
    Columns,
    /// Bytes of the shape `[rows, height, width]` or `[rows, height, width, channels]`, as Keras' data sets have them.
    Images,
}

/// Arrays of an `.npz` archive, as NumPy's `savez` and `savez_compressed` write it.
///
/// ```
/// use brasa_data::{DataConfig, formats::npz::NpzConfig};
///
/// let npz = NpzConfig { file: Some("digits.npz".into()), ..NpzConfig::default() };
/// DataConfig { npz: Some(npz), ..DataConfig::default() }.check()?;
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NpzConfig {
    /// The archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The array of samples; `x` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<String>,
    /// The array of targets, whole numbers or text for classes; `y` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What the samples are; columns when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ArrayKind>,
    /// The names of the classes by label number, or the texts of the target in an order; what the target holds, sorted,
    /// when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// images: how images given to `predict` are resized; bilinear when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resize: Option<Resize>,
}

/// An `[data.npz]` table that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NpzSource {
    pub file: String,
    pub samples: String,
    pub target: String,
    pub kind: ArrayKind,
    pub classes: Option<Vec<String>>,
    pub resize: Resize,
    pub task: TaskKind,
}

impl FormatConfig for NpzConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        let kind = self.kind.unwrap_or_default();
        if let Some(classes) = &self.classes {
            class_names("npz.classes", classes)?;
            if task == TaskKind::Regression {
                return Err(DataError::config(
                    "npz.classes",
                    "numbers to predict have no classes; remove the key",
                ));
            }
        }
        if self.resize.is_some() && kind != ArrayKind::Images {
            return Err(DataError::config(
                "npz.resize",
                "applies to kind = \"images\" alone; remove the key",
            ));
        }
        let or = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.into());
        Ok(Box::new(NpzSource {
            file: required("npz.file", self.file.as_ref())?,
            samples: or(&self.samples, "x"),
            target: or(&self.target, "y"),
            kind,
            classes: self.classes.clone(),
            resize: self.resize.unwrap_or_default(),
            task,
        }))
    }
}
