//! The `[data.idx]` table.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::checked::{class_names, required};
use crate::config::Resize;
use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source};

/// The four binary files of MNIST and its kin, gzipped or not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdxConfig {
    /// The training images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_images: Option<String>,
    /// The training labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_labels: Option<String>,
    /// The test images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_images: Option<String>,
    /// The test labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_labels: Option<String>,
    /// The names of the classes by label number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// How images given to `predict` are resized; bilinear when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resize: Option<Resize>,
}

/// An `[data.idx]` table that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IdxSource {
    pub train_images: String,
    pub train_labels: String,
    pub test_images: String,
    pub test_labels: String,
    pub classes: Vec<String>,
    pub resize: Resize,
}

impl FormatConfig for IdxConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        task.only_classes("idx")?;
        Ok(Box::new(self.check()?))
    }
}

impl IdxConfig {
    pub(crate) fn check(&self) -> Result<IdxSource> {
        let classes = required("idx.classes", self.classes.as_ref())?;
        class_names("idx.classes", &classes)?;
        Ok(IdxSource {
            train_images: required("idx.train_images", self.train_images.as_ref())?,
            train_labels: required("idx.train_labels", self.train_labels.as_ref())?,
            test_images: required("idx.test_images", self.test_images.as_ref())?,
            test_labels: required("idx.test_labels", self.test_labels.as_ref())?,
            classes,
            resize: self.resize.unwrap_or_default(),
        })
    }
}
