//! The transforms between what is stored and what runs.

use brasa_rocket::{
    Hydra, HydraMultiRocket, HydraParts, KernelParts, MiniRocket, MultiParts, MultiRocket, Series,
    SparseScaler, StandardScaler,
};
use serde::{Deserialize, Serialize};

use super::RocketConfig;
use crate::Result;

/// What was fitted, but for its numbers, which are tensors: whole numbers that say which channels and dilations there are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fitted {
    mini: Option<Kernels>,
    series: Option<Kernels>,
    difference: Option<Kernels>,
    hydra: Option<Groups>,
    /// Numbers of each tensor: biases, kernels, features.
    pub(super) sizes: [usize; 3],
}

/// [`KernelParts`] without its biases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kernels {
    channels: u32,
    alternate_padding: bool,
    dilations: Vec<u32>,
    features_per_dilation: Vec<u32>,
    channel_counts: Vec<u32>,
    channel_indices: Vec<u32>,
    biases: usize,
}

/// [`HydraParts`] without its weights.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    channels: u32,
    kernels: u32,
    groups: u32,
    channels_per_group: u32,
    dilations: Vec<u32>,
    channel_indices: Vec<u32>,
}

impl Kernels {
    fn of(parts: &KernelParts) -> Self {
        let KernelParts {
            channels,
            alternate_padding,
            dilations,
            features_per_dilation,
            channel_counts,
            channel_indices,
            biases,
        } = parts.clone();
        let biases = biases.len();
        Self {
            channels,
            alternate_padding,
            dilations,
            features_per_dilation,
            channel_counts,
            channel_indices,
            biases,
        }
    }

    fn with(&self, biases: Vec<f32>) -> KernelParts {
        let Self {
            channels,
            alternate_padding,
            dilations,
            features_per_dilation,
            channel_counts,
            channel_indices,
            ..
        } = self.clone();
        KernelParts {
            channels,
            alternate_padding,
            dilations,
            features_per_dilation,
            channel_counts,
            channel_indices,
            biases,
        }
    }
}

impl Groups {
    fn of(parts: &HydraParts) -> Self {
        let HydraParts { channels, kernels, groups, channels_per_group, dilations, channel_indices, .. } =
            parts.clone();
        Self { channels, kernels, groups, channels_per_group, dilations, channel_indices }
    }

    fn with(&self, weights: Vec<f32>) -> HydraParts {
        let Self { channels, kernels, groups, channels_per_group, dilations, channel_indices } = self.clone();
        HydraParts { channels, kernels, groups, channels_per_group, dilations, channel_indices, weights }
    }
}

/// Fitted transforms, ready to run.
pub(super) enum Transform {
    Mini(Box<MiniRocket>, StandardScaler),
    Both(Box<HydraMultiRocket>),
}

impl Transform {
    /// What is stored of it: whole numbers, and biases, kernels, means and scales.
    pub(super) fn stored(&self) -> (Fitted, [Vec<f32>; 4]) {
        let (mut fitted, numbers) = match self {
            Self::Mini(mini, scaler) => {
                let parts = mini.parts();
                let numbers =
                    [parts.biases.clone(), Vec::new(), scaler.means().to_vec(), scaler.scales().to_vec()];
                (Fitted { mini: Some(Kernels::of(parts)), ..Fitted::default() }, numbers)
            }
            Self::Both(both) => {
                let ((hydra, sparse), (multi, standard)) = (both.hydra(), both.multi());
                let MultiParts { series, difference } = multi.parts();
                let fitted = Fitted {
                    series: Some(Kernels::of(&series)),
                    difference: Some(Kernels::of(&difference)),
                    hydra: Some(Groups::of(hydra.parts())),
                    ..Fitted::default()
                };
                let joined = |one: &[f32], other: &[f32]| [one, other].concat();
                let numbers = [
                    joined(&series.biases, &difference.biases),
                    hydra.parts().weights.clone(),
                    joined(sparse.means(), standard.means()),
                    joined(sparse.scales(), standard.scales()),
                ];
                (fitted, numbers)
            }
        };
        let [biases, kernels, means, _] = &numbers;
        fitted.sizes = [biases.len(), kernels.len(), means.len()];
        (fitted, numbers)
    }

    /// Of what is stored; nothing where nothing was fitted yet.
    pub(super) fn of_numbers(config: &RocketConfig, numbers: [Vec<f32>; 4]) -> Result<Option<Self>> {
        let Some(fitted) = &config.fitted else { return Ok(None) };
        let [biases, kernels, means, scales] = numbers;
        if let Some(mini) = &fitted.mini {
            let mini = MiniRocket::from_parts(mini.with(biases))?;
            return Ok(Some(Self::Mini(Box::new(mini), StandardScaler::from_parts(means, scales)?)));
        }
        let (Some(series), Some(difference), Some(hydra)) =
            (&fitted.series, &fitted.difference, &fitted.hydra)
        else {
            return Ok(None);
        };
        let apart = |mut numbers: Vec<f32>, at: usize| {
            let rest = numbers.split_off(at.min(numbers.len()));
            (numbers, rest)
        };
        let (of_series, of_difference) = apart(biases, series.biases);
        let multi = MultiRocket::from_parts(MultiParts {
            series: series.with(of_series),
            difference: difference.with(of_difference),
        })?;
        let hydra = Hydra::from_parts(hydra.with(kernels))?;
        let ((sparse_means, means), (sparse_scales, scales)) =
            (apart(means, hydra.features()), apart(scales, hydra.features()));
        let sparse = SparseScaler::from_parts(sparse_means, sparse_scales)?;
        let standard = StandardScaler::from_parts(means, scales)?;
        let both = HydraMultiRocket::from_parts((hydra, sparse), (multi, standard))?;
        Ok(Some(Self::Both(Box::new(both))))
    }

    /// Channels of a series, and its features.
    pub(super) fn sizes(&self) -> (usize, usize) {
        match self {
            Self::Mini(mini, scaler) if scaler.means().len() == mini.features() => {
                (mini.channels(), mini.features())
            }
            Self::Mini(mini, _) => (mini.channels(), 0),
            Self::Both(both) => (both.hydra().0.channels(), both.features()),
        }
    }

    /// The scaled features of each series, row-major.
    pub(super) fn features(&self, series: &[Series<'_>]) -> Result<Vec<f32>> {
        match self {
            Self::Mini(mini, scaler) => {
                let mut features = mini.transform(series)?;
                scaler.apply(&mut features)?;
                Ok(features)
            }
            Self::Both(both) => Ok(both.transform(series)?),
        }
    }
}
