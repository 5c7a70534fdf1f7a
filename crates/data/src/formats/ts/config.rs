//! The `[data.ts]` table.

use serde::{Deserialize, Serialize};

use super::TsSource;
use crate::checked::required;
use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source, SplitFiles};
use crate::{DataError, Result};

/// What becomes of series that are shorter than the longest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pad {
    /// They are an error.
    #[default]
    Refuse,
    /// Steps of zeros at their ends, and a last channel `mask` that is 1 in the steps of the series and 0 in those added.
    End,
}

/// What becomes of readings that are missing, written `?` or `NaN`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// They are an error.
    #[default]
    Refuse,
    /// The mean of the channel's other readings in the same series.
    Mean,
    /// The channel's reading before; before the first of them, the first.
    Previous,
}

/// Time series in the `.ts` text form of aeon and sktime.
///
/// ```
/// use brasa_data::{DataConfig, Files, formats::ts::TsConfig, load};
///
/// let ts = TsConfig { file: Some("steps.ts".into()), ..TsConfig::default() };
/// let config = DataConfig { ts: Some(ts), ..DataConfig::default() }.check()?;
/// let files = Files::embedded(&[(
///     "steps.ts",
///     b"@classLabel true walk rest\n@data\n1,2,3:0.5,0,1:rest\n4,5,6:1,0,2:walk\n",
/// )]);
/// let data = load(&config, &files)?;
/// assert_eq!(data.samples.shape(), [3, 2]); // steps, channels
/// assert_eq!(data.samples.f64_row(0), Some([1.0, 0.5, 2.0, 0.0, 3.0, 1.0].as_slice()));
/// assert_eq!(data.labels(), [1, 0]);
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TsConfig {
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A file for each split instead of `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<SplitFiles>,
    /// What becomes of series that are shorter than the longest; they are refused when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pad: Option<Pad>,
    /// `pad = "end"`: the steps that all series are brought to, where longer ones are to come; those of the longest of all
    /// files when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// What becomes of readings that are missing; they are refused when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
}

impl FormatConfig for TsConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        let parts = match (&self.file, &self.files) {
            (Some(_), Some(_)) => {
                return Err(DataError::config("ts.files", "`file` is there, too; keep one of them"));
            }
            (file, None) => vec![(None, required("ts.file", file.as_ref())?)],
            (None, Some(files)) => {
                files.check("ts.files")?;
                files.iter().map(|(role, file)| (Some(role), file.to_owned())).collect()
            }
        };
        let pad = self.pad.unwrap_or_default();
        match (self.steps, pad) {
            (Some(_), Pad::Refuse) => {
                Err(DataError::config("ts.steps", "applies to pad = \"end\" alone; remove the key"))
            }
            (Some(0), Pad::End) => Err(DataError::config("ts.steps", "expected at least 1 step, found 0")),
            (steps, pad) => {
                Ok(Box::new(TsSource { parts, pad, steps, missing: self.missing.unwrap_or_default(), task }))
            }
        }
    }
}
