//! Series of one length.

use super::cases::{Cases, MOST_READINGS};
use super::config::Pad;
use crate::{DataError, Result, Samples, Values};

/// The steps that series are brought to.
pub(super) struct Length {
    pub steps: usize,
    /// Who says so, for messages that go on with the number of steps.
    pub from: String,
}

impl Pad {
    /// The channels of a sample that has so many in the file.
    pub(super) fn channels(self, read: usize) -> usize {
        match self {
            Self::Refuse => read,
            Self::End => read.saturating_add(1),
        }
    }
}

/// The cases as samples `[steps, channels]`.
pub(super) fn padded(cases: &Cases, pad: Pad, length: &Length) -> Result<Samples> {
    let &Length { steps, ref from } = length;
    let misfit = |&found: &usize| if pad == Pad::End { found > steps } else { found != steps };
    if let Some((found, line)) = cases.steps.iter().zip(&cases.lines).find(|(found, _)| misfit(found)) {
        let advice = match (pad, *found < steps) {
            (Pad::Refuse, true) => "; pad = \"end\" in [data.ts] lengthens the shorter series",
            (Pad::Refuse, false) => "; pad = \"end\" in [data.ts] lengthens the shorter series to the longest",
            (Pad::End, _) => "; `steps` in [data.ts] says how long the longest may be",
        };
        let problem = format!("{from} {steps} steps, this series has {found}{advice}");
        return Err(DataError::in_line(&cases.label, *line, problem));
    }
    let channels = pad.channels(cases.channels);
    let all = steps.checked_mul(channels).and_then(|len| len.checked_mul(cases.steps.len()));
    let too_many = || {
        let (cases, label) = (cases.steps.len(), &cases.label);
        let problem = format!("{cases} series of {steps} steps in {channels} channels are too many readings");
        DataError::in_file(label, format!("{problem}, more than {MOST_READINGS}"))
    };
    let all = all.filter(|&all| all <= MOST_READINGS).ok_or_else(too_many)?;
    let mut values = Vec::new();
    values.try_reserve_exact(all).map_err(|_| too_many())?;
    values.resize(all, 0.0);
    let mut rest = cases.readings.as_slice();
    for (sample, &own) in values.chunks_exact_mut((steps * channels).max(1)).zip(&cases.steps) {
        let (series, after) = rest.split_at_checked(own * cases.channels).unwrap_or((rest, &[]));
        rest = after;
        // Step by step, where the file has channel by channel.
        for (step, out) in sample.chunks_exact_mut(channels.max(1)).take(own).enumerate() {
            let readings = series.iter().skip(step).step_by(own.max(1));
            out.iter_mut().zip(readings).for_each(|(out, &reading)| *out = reading);
            if let (Pad::End, Some(mask)) = (pad, out.last_mut()) {
                *mask = 1.0;
            }
        }
    }
    Samples::new(vec![steps, channels], Values::F64(values))
}
