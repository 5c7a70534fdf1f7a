//! The numbers of Hydra.

use serde::{Deserialize, Serialize};

use super::SOURCES;
use crate::error::parts;
use crate::{KERNEL_LENGTH, Result};

/// The numbers of [`Hydra`](crate::Hydra), unchecked, to be stored and read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HydraParts {
    /// Channels of a series.
    pub channels: u32,
    /// Kernels of a group.
    pub kernels: u32,
    /// Groups on the series at each dilation; as many on the difference.
    pub groups: u32,
    /// Channels that each group adds up.
    pub channels_per_group: u32,
    /// The dilations.
    pub dilations: Vec<u32>,
    /// The channels of each group, `[dilations][series, difference][groups][channels_per_group]`.
    pub channel_indices: Vec<u32>,
    /// The weights, `[dilations][series, difference][groups][kernels][9]`.
    pub weights: Vec<f32>,
}

impl HydraParts {
    pub(super) fn check(&self) -> Result<()> {
        for (what, count) in [
            ("kernels", self.kernels),
            ("groups", self.groups),
            ("channels_per_group", self.channels_per_group),
            ("dilations", self.dilations.len() as u32),
            ("dilations", self.dilations.iter().min().copied().unwrap_or_default()),
        ] {
            if count == 0 {
                return parts(what, "numbers of at least 1", count);
            }
        }
        let counts = [self.dilations.len() as u64, SOURCES as u64, self.groups.into()];
        for (what, found, each) in [
            ("channel_indices", self.channel_indices.len(), [self.channels_per_group.into(), 1]),
            ("weights", self.weights.len(), [self.kernels.into(), KERNEL_LENGTH as u64]),
        ] {
            let mut factors = counts.iter().chain(&each);
            let expected = factors.try_fold(1_u64, |product, &factor| product.checked_mul(factor));
            if expected != Some(found as u64) {
                let expected = expected.map_or("fewer".to_owned(), |count| count.to_string());
                return parts(what, format!("{expected} numbers"), found);
            }
        }
        if let Some(index) = self.channel_indices.iter().find(|&&index| index >= self.channels) {
            return parts("channel_indices", format!("numbers below {}, the channels", self.channels), index);
        }
        match self.weights.iter().find(|weight| !(-1.0..=1.0).contains(*weight)) {
            Some(weight) => parts("weights", "numbers from -1 to 1", weight),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Hydra;

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let fitted = HydraParts {
            channels: 3,
            kernels: 2,
            groups: 2,
            channels_per_group: 2,
            dilations: vec![1, 2],
            channel_indices: vec![2; 16],
            weights: vec![0.5; 144],
        };
        let hydra = Hydra::from_parts(fitted.clone()).unwrap();
        assert_eq!(serde_json::from_str::<Hydra>(&serde_json::to_string(&hydra).unwrap()).unwrap(), hydra);
        for (change, message) in [
            (
                (|fitted| fitted.dilations[0] = 0) as fn(&mut HydraParts),
                "dilations: expected numbers of at least 1, found 0",
            ),
            (|fitted| fitted.groups = 0, "groups: expected numbers of at least 1, found 0"),
            (|fitted| fitted.groups = 3, "channel_indices: expected 24 numbers, found 16"),
            (|fitted| fitted.kernels = u32::MAX, "weights: expected 309237645240 numbers, found 144"),
            (
                |fitted| fitted.channels = 2,
                "channel_indices: expected numbers below 2, the channels, found 2",
            ),
            (|fitted| fitted.weights[3] = f32::NAN, "weights: expected numbers from -1 to 1, found NaN"),
        ] {
            let mut changed = fitted.clone();
            change(&mut changed);
            assert_eq!(Hydra::from_parts(changed).unwrap_err().to_string(), message);
        }
    }
}
