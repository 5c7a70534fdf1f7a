//! What fixed convolutions are over, and what was fitted.

use brasa_onnx::Value;
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::Rocket;
use super::emit;
use super::fit::vector;
use super::transform::{Fitted, Transform};
use crate::checks::at_least_one;
use crate::summary::{LayerSummary, Summary};
use crate::{Architecture, Emitter, ModelError, Result};

/// Which features are made of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum RocketFeatures {
    /// MiniRocket's ([Dempster et al. 2021](https://arxiv.org/abs/2012.08791)).
    Mini {
        /// About so many, a multiple of 84.
        features: usize,
        /// Dilations of a kernel, at most.
        max_dilations: usize,
    },
    /// Hydra's ([Dempster et al. 2023](https://arxiv.org/abs/2203.13652)) and MultiRocket's
    /// ([Tan et al. 2022](https://arxiv.org/abs/2102.00457)).
    HydraMulti,
}

/// Features of fixed convolutions over time series, with a linear layer; how many there are, fitting decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocketConfig {
    /// Steps and channels of a series.
    pub input: [usize; 2],
    /// Classes, or numbers to predict.
    pub outputs: usize,
    /// Which features.
    pub features: RocketFeatures,
    /// Whether the last channel tells padding: it has another value there than in the first step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
    /// What was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fitted: Option<Box<Fitted>>,
}

/// Numbers of each tensor, at most.
const MOST: usize = 1 << 28;

impl RocketConfig {
    /// Over series of steps and channels, before anything is fitted.
    pub fn new(input: [usize; 2], outputs: usize, features: RocketFeatures) -> Self {
        Self { input, outputs, features, masked: false, fitted: None }
    }

    pub(super) fn check(&self) -> Result<()> {
        let [steps, channels] = self.input;
        at_least_one("input", steps)?;
        at_least_one("input", channels.saturating_sub(usize::from(self.masked)))?;
        at_least_one("outputs", self.outputs)?;
        let wrong = |key, expected: String, found: String| Err(ModelError::Config { key, expected, found });
        if steps.checked_mul(channels).is_none_or(|numbers| numbers > MOST) {
            return wrong("input", format!("at most {MOST} numbers"), format!("{:?}", self.input));
        }
        let sizes = self.fitted.as_ref().map_or([0; 3], |fitted| fitted.sizes);
        if let Some(size) =
            sizes.iter().find(|&&size| size.max(1).checked_mul(self.outputs).is_none_or(|all| all > MOST))
        {
            return wrong(
                "fitted",
                format!("at most {MOST} numbers"),
                format!("{size} by {} outputs", self.outputs),
            );
        }
        let Some(fitted) = &self.fitted else { return Ok(()) };
        let [biases, kernels, features] = fitted.sizes;
        let numbers = [vec![0.0; biases], vec![0.0; kernels], vec![0.0; features], vec![1.0; features]];
        let found = Transform::of_numbers(self, numbers)?.map(|transform| transform.sizes());
        let expected = (channels - usize::from(self.masked), features);
        match found == Some(expected) {
            true => Ok(()),
            false => wrong("fitted", format!("channels and features {expected:?}"), format!("{found:?}")),
        }
    }

    /// Each sample as `[channels][steps]` of its own steps, with its channels.
    pub(super) fn series(&self, samples: &[f32]) -> Vec<(Vec<f32>, usize)> {
        let [steps, width] = self.input;
        let channels = width - usize::from(self.masked);
        samples
            .chunks_exact((steps * width).max(1))
            .map(|sample| {
                let steps: Vec<&[f32]> = sample.chunks_exact(width.max(1)).collect();
                let first = steps.first().and_then(|step| step.last());
                let own = |step: &&&[f32]| !self.masked || step.last() == first;
                let length = steps.iter().take_while(own).count();
                let channel = |channel: usize| {
                    steps.iter().take(length).map(move |step| step.get(channel).copied().unwrap_or(0.0))
                };
                ((0..channels).flat_map(channel).collect(), channels)
            })
            .collect()
    }
}

impl Architecture for RocketConfig {
    type Network = Rocket;

    fn build(&self, seed: u64, device: &Device) -> Result<Rocket> {
        let _ = seed;
        self.check()?;
        let [biases, kernels, features] = self.fitted.as_ref().map_or([0; 3], |fitted| fitted.sizes);
        let zeros = |size: usize| Param::from_tensor(vector(vec![0.0; size], device));
        let width = features.max(1);
        Ok(Rocket {
            biases: zeros(biases),
            kernels: zeros(kernels),
            means: zeros(features),
            scales: zeros(features),
            output: Linear {
                weight: Param::from_tensor(Tensor::zeros([width, self.outputs], device)),
                bias: Some(zeros(self.outputs)),
            },
            config: self.clone(),
        })
    }

    fn layers(&self) -> Result<Summary> {
        self.check()?;
        let [biases, kernels, features] = self.fitted.as_ref().map_or([0; 3], |fitted| fitted.sizes);
        let [steps, channels] = self.input;
        let transform = LayerSummary {
            name: "features".into(),
            output: vec![features.max(1)],
            size: None,
            parameters: biases + kernels + 2 * features,
            // A comparison and a sum at each step.
            flops: biases.saturating_mul(2).saturating_mul(steps),
        };
        let output = LayerSummary::linear("output".into(), features.max(1), self.outputs);
        Ok(Summary { input: vec![steps, channels], layers: vec![transform, output] })
    }

    fn input_len(&self) -> usize {
        self.input.iter().product()
    }

    fn output_len(&self) -> usize {
        self.outputs
    }

    fn emit(&self, network: &Rocket, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let cannot = |found: &str| ModelError::Config {
            key: "kind",
            expected: "a network whose graph can be written".into(),
            found: found.into(),
        };
        if self.masked {
            return Err(cannot("features of series of several lengths, whose graph cannot be written"));
        }
        let transform =
            network.transform()?.ok_or_else(|| cannot("fixed convolutions that were not fitted"))?;
        let features =
            emitter.within("features", |emitter| emit::features(emitter, &transform, input, self.input));
        emitter.within("output", |emitter| emitter.linear(&network.output, &features))
    }

    fn fitted(&self, network: &Rocket) -> Self {
        network.config.clone()
    }
}
