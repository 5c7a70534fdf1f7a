//! The transforms between what is stored and what runs.

use brasa_rocket::{
    Hydra, HydraMultiRocket, HydraParts, KernelParts, MiniRocket, MultiParts, MultiRocket, Series,
    SparseScaler, StandardScaler,
};
use serde::{Deserialize, Serialize};

use super::RocketConfig;
use crate::Result;

/// What was fitted, but for its numbers, which are tensors: the whole numbers that say which channels and dilations there are, with
/// no biases and no weights among them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fitted {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mini: Option<KernelParts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    multi: Option<MultiParts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hydra: Option<HydraParts>,
    /// Numbers of each tensor: biases, kernels, features.
    pub(super) sizes: [usize; 3],
    /// Biases of MultiRocket's kernels on the series; the others are of those on the difference.
    #[serde(default)]
    biases_of_series: usize,
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
                let mut parts = mini.parts().clone();
                let biases = std::mem::take(&mut parts.biases);
                let numbers = [biases, Vec::new(), scaler.means().to_vec(), scaler.scales().to_vec()];
                (Fitted { mini: Some(parts), ..Fitted::default() }, numbers)
            }
            Self::Both(both) => {
                let ((hydra, sparse), (multi, standard)) = (both.hydra(), both.multi());
                let (mut multi, mut groups) = (multi.parts(), hydra.parts().clone());
                let [series, difference] =
                    [&mut multi.series, &mut multi.difference].map(|parts| std::mem::take(&mut parts.biases));
                let kernels = std::mem::take(&mut groups.weights);
                let biases_of_series = series.len();
                let numbers = [
                    [series, difference].concat(),
                    kernels,
                    [sparse.means(), standard.means()].concat(),
                    [sparse.scales(), standard.scales()].concat(),
                ];
                let fitted =
                    Fitted { multi: Some(multi), hydra: Some(groups), biases_of_series, ..Fitted::default() };
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
            let mini = MiniRocket::from_parts(KernelParts { biases, ..mini.clone() })?;
            return Ok(Some(Self::Mini(Box::new(mini), StandardScaler::from_parts(means, scales)?)));
        }
        let (Some(multi), Some(hydra)) = (&fitted.multi, &fitted.hydra) else { return Ok(None) };
        let apart = |mut numbers: Vec<f32>, at: usize| {
            let rest = numbers.split_off(at.min(numbers.len()));
            (numbers, rest)
        };
        let (of_series, of_difference) = apart(biases, fitted.biases_of_series);
        let MultiParts { series, difference } = multi.clone();
        let multi = MultiRocket::from_parts(MultiParts {
            series: KernelParts { biases: of_series, ..series },
            difference: KernelParts { biases: of_difference, ..difference },
        })?;
        let hydra = Hydra::from_parts(HydraParts { weights: kernels, ..hydra.clone() })?;
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
