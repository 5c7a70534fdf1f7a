//! Time series for a saved model.

use serde::{Deserialize, Serialize};

use super::cases::{Cases, Wanted};
use super::config::{Missing, Pad};
use super::pad::{Length, padded};
use crate::Result;
use crate::formats::{RawInput, RawSamples};

/// Time series in `.ts` files, as a model takes them that was trained on such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TsInput {
    /// The channels in the file.
    pub channels: usize,
    /// The steps of a sample.
    pub steps: usize,
    /// What becomes of shorter series.
    pub pad: Pad,
    /// What becomes of missing readings.
    pub missing: Missing,
}

impl RawInput for TsInput {
    const WHAT: &'static str = "time series in the form of aeon, .ts";
    const ENDINGS: &'static [&'static str] = &["ts"];

    fn shape(&self) -> Vec<usize> {
        vec![self.steps, self.pad.channels(self.channels)]
    }

    /// Each case is called by its place in the file, from 1 on. Labels may be there, and are not looked at.
    fn read(&self, label: &str, bytes: &[u8], _: Option<u8>) -> Result<RawSamples> {
        let wanted =
            Wanted { missing: self.missing, channels: Some((self.channels, "in training")), targets: false };
        let cases = Cases::read(label, bytes, &wanted)?;
        let at_most = if self.pad == Pad::End { " at most" } else { "" };
        let length = Length { steps: self.steps, from: format!("this model takes{at_most}") };
        Ok(RawSamples::rows(label, padded(&cases, self.pad, &length)?))
    }
}
