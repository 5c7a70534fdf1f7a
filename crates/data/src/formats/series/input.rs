//! Time series for a saved model.

use serde::{Deserialize, Serialize};

use super::{Named, group};
use crate::formats::{RawInput, RawSamples};
use crate::{DataError, Result};

/// Time series in rows of a table, as a model takes them that was trained on such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesInput {
    /// The column that says which series a row belongs to.
    pub series: String,
    /// The column with the number of the step.
    pub step: String,
    /// The columns with the channels, in the order the model takes them.
    pub columns: Vec<String>,
    /// The number of steps.
    pub steps: usize,
}

impl RawInput for SeriesInput {
    const WHAT: &'static str = "time series in a CSV file";
    const ENDINGS: &'static [&'static str] = &["csv", "tsv", "txt"];

    fn shape(&self) -> Vec<usize> {
        vec![self.steps, self.columns.len()]
    }

    /// One row per step, in order; other columns are ignored. The series come in the order in which they first appear,
    /// called by their ids.
    fn read(&self, label: &str, bytes: &[u8], delimiter: Option<u8>) -> Result<RawSamples> {
        let length = bytes.len() as u64;
        let named = Named {
            series: &self.series,
            step: &self.step,
            features: Some(&self.columns),
            constant: Vec::new(),
        };
        let (grouped, _) = group(label, bytes, length, delimiter, &named)?;
        match grouped.samples.shape().first() {
            Some(&found) if found != self.steps => {
                let problem = format!("this model takes series of {} steps, these have {found}", self.steps);
                Err(DataError::in_file(label, problem))
            }
            _ => Ok(RawSamples::named(grouped.ids, grouped.samples)),
        }
    }
}
