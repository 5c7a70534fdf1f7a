//! Series of one length.

use super::cases::Cases;
use super::config::Pad;
use crate::{DataError, Limit, Result, Samples, Values};

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
            (Pad::Refuse, false) => {
                "; pad = \"end\" in [data.ts] lengthens the shorter series to the longest"
            }
            (Pad::End, _) => "; `steps` in [data.ts] says how long the longest may be",
        };
        let problem = format!("{from} {steps} steps, this series has {found}{advice}");
        return Err(DataError::in_line(&cases.label, *line, problem));
    }
    let channels = pad.channels(cases.channels);
    let bytes = [channels, cases.steps.len(), size_of::<f64>()];
    let bytes = bytes.iter().try_fold(steps, |all, &more| all.checked_mul(more)).unwrap_or(usize::MAX);
    // A long series makes all others long.
    let most = Limit::Data.room();
    let mut values = Vec::new();
    if bytes as u64 > most || values.try_reserve_exact(bytes / size_of::<f64>()).is_err() {
        let problem = format!(
            "{} series of {steps} steps in {channels} channels take {bytes} bytes; there is room for {most}",
            cases.steps.len()
        );
        return Err(DataError::in_file(&cases.label, problem));
    }
    let all = bytes / size_of::<f64>();
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
    Samples::new(vec![steps, channels], Values::F64(values.into()))
}
