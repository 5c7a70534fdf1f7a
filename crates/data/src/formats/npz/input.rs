//! Arrays for a saved model.

use serde::{Deserialize, Serialize};

use super::array::{Archive, read_npy};
use super::config::ArrayKind;
use crate::Result;
use crate::formats::{RawInput, RawSamples};

/// The array that a model of columns takes: of an `.npz` archive by its name, or an `.npy` file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NpzInput {
    /// Its name in an archive.
    pub array: String,
    /// Its columns.
    pub columns: usize,
}

impl RawInput for NpzInput {
    const WHAT: &'static str = "arrays of NumPy, .npz or .npy";
    const ENDINGS: &'static [&'static str] = &["npz", "npy"];

    fn shape(&self) -> Vec<usize> {
        vec![self.columns]
    }

    fn read(&self, label: &str, bytes: &[u8], _: Option<u8>) -> Result<RawSamples> {
        let array = match bytes.starts_with(b"PK") {
            true => Archive::open(label, bytes)?.read(&self.array)?,
            false => read_npy(label, &self.array, bytes)?,
        };
        if array.shape.get(1) != Some(&self.columns) {
            return Err(array.wrong(&format!("the shape [rows, {}], as in training", self.columns)));
        }
        Ok(RawSamples::rows(label, array.samples(ArrayKind::Columns)?))
    }
}
