//! Features of many fixed convolutions over time series, and a linear layer that is solved for.

mod config;
mod emit;
mod fit;
mod recipe;
#[cfg(test)]
mod tests;
mod transform;

use brasa_rocket::Series;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use crate::layers::linear;
use crate::{Input, Model, Result, read_back};

pub use config::{RocketConfig, RocketFeatures};
pub use fit::RocketTargets;
pub use recipe::{HydraMultiRocketRecipe, MiniRocketRecipe};
use transform::Transform;

/// MiniRocket, or Hydra and MultiRocket side by side, with a linear layer over their features. What they were fitted to is tensors,
/// saved and loaded like weights, but nothing of it is trained by gradients; series are transformed on the host, whatever the
/// device.
///
/// ```
/// use brasa_models::{Model, Rocket, RocketConfig, RocketFeatures, RocketTargets};
/// use burn::tensor::{Device, Tensor};
///
/// let series: Vec<f32> = (0..8 * 30).map(|at| ((at % 30) as f32 * if at / 30 % 2 == 0 { 0.5 } else { 1.5 }).sin()).collect();
/// let config = RocketConfig::new([30, 1], 2, RocketFeatures::Mini { features: 336, max_dilations: 8 });
/// let device = Device::default();
/// let labels = [0, 1, 0, 1, 0, 1, 0, 1];
/// let rocket = Rocket::fit(&config, &series, RocketTargets::Classes(&labels), 1, &device)?;
/// let outputs = rocket.forward(&Tensor::<1>::from_floats(&series[..60], &device).reshape([2, 30]).into());
/// let outputs = outputs.into_data().try_into_vec::<f32>()?;
/// assert!(outputs[0] > outputs[1] && outputs[3] > outputs[2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct Rocket {
    /// What convolutions are compared with.
    biases: Param<Tensor<1>>,
    /// The kernels of Hydra.
    kernels: Param<Tensor<1>>,
    /// Taken off each feature.
    means: Param<Tensor<1>>,
    /// What each feature is divided by.
    scales: Param<Tensor<1>>,
    output: Linear,
    #[module(skip)]
    config: RocketConfig,
}

impl Rocket {
    /// The same model whose outputs are all multiplied by a number.
    #[must_use]
    pub fn sharpened(mut self, by: f64) -> Self {
        self.output.weight = self.output.weight.map(|weight| weight.mul_scalar(by));
        self.output.bias = self.output.bias.map(|bias| bias.map(|bias| bias.mul_scalar(by)));
        self
    }

    fn transform(&self) -> Result<Option<Transform>> {
        let host = |param: &Param<Tensor<1>>| read_back(param.val(), "what was fitted to series");
        let numbers = [host(&self.biases)?, host(&self.kernels)?, host(&self.means)?, host(&self.scales)?];
        Transform::of_numbers(&self.config, numbers)
    }

    /// The features of samples, row-major; those of a sample that is no series, by a number that is none, are none either.
    fn features(&self, samples: &[f32]) -> Result<Option<Vec<f32>>> {
        let Some(transform) = self.transform()? else { return Ok(None) };
        let (_, width) = transform.sizes();
        let turned = self.config.series(samples);
        let series: Vec<_> =
            turned.iter().map(|(values, channels)| Series::new(values, *channels).ok()).collect();
        let good: Vec<_> = series.iter().flatten().copied().collect();
        let mut found = transform.features(&good)?.into_iter();
        let mut features = Vec::with_capacity(series.len() * width);
        for one in &series {
            match one {
                Some(_) => features.extend(found.by_ref().take(width)),
                None => features.extend(std::iter::repeat_n(f32::NAN, width)),
            }
        }
        Ok(Some(features))
    }
}

impl Model for Rocket {
    fn forward(&self, input: &Input) -> Tensor<2> {
        let flat = input.flat();
        let (device, [rows, _]) = (flat.device(), flat.dims());
        let features = read_back(flat, "the samples").and_then(|samples| self.features(&samples));
        let wanted = rows * self.output.weight.dims()[0];
        match features {
            Ok(Some(features)) if rows > 0 && features.len() == wanted => {
                let shape = [rows, wanted / rows];
                linear(&self.output, Tensor::from_data(TensorData::new(features, shape), &device))
            }
            // What was fitted to nothing, and a device that fails, say nothing.
            _ => silent(rows, self.config.outputs, &device),
        }
    }
}

fn silent(rows: usize, outputs: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(vec![f32::NAN; rows * outputs], [rows, outputs]), device)
}
