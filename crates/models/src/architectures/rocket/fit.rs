//! Transforms and the linear layer, fitted to training series.

use brasa_rocket::{
    Features, HydraMultiRocket, MiniRocket, MiniRocketConfig, RidgeConfig, Series, StandardScaler,
};
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use super::transform::Transform;
use super::{Rocket, RocketConfig, RocketFeatures};
use crate::Result;

/// What series are to be told.
#[derive(Debug, Clone, Copy)]
pub enum RocketTargets<'a> {
    /// The class of each.
    Classes(&'a [u32]),
    /// Numbers of each, row-major.
    Numbers(&'a [f32]),
}

impl Rocket {
    /// Fits the transforms to training samples, row-major `[samples][steps][channels]`, and the linear layer by ridge regression,
    /// whose strength is chosen by leaving one out.
    ///
    /// # Errors
    /// [`ModelError::Config`](crate::ModelError::Config) for sizes that cannot be,
    /// [`ModelError::Rocket`](crate::ModelError::Rocket) for series that nothing can be fitted to.
    pub fn fit(
        config: &RocketConfig,
        samples: &[f32],
        targets: RocketTargets<'_>,
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        config.check()?;
        let turned = config.series(samples);
        let series = turned.iter().map(|(values, channels)| Series::new(values, *channels));
        let series = series.collect::<brasa_rocket::Result<Vec<_>>>()?;
        let (transform, features) = match config.features {
            RocketFeatures::Mini { features, max_dilations } => {
                let own = MiniRocketConfig { features, max_dilations };
                let mini = MiniRocket::fit(&series, &own, seed)?;
                let mut features = mini.transform(&series)?;
                let scaler = StandardScaler::fit(&Features::new(&features, mini.features())?);
                scaler.apply(&mut features)?;
                (Transform::Mini(Box::new(mini), scaler), features)
            }
            RocketFeatures::HydraMulti => {
                let (both, features) = HydraMultiRocket::fit(&series, seed)?;
                (Transform::Both(Box::new(both)), features)
            }
        };
        let (fitted, numbers) = transform.stored();
        let width = fitted.sizes[2];
        let features = Features::new(&features, width)?;
        let ridge = RidgeConfig::default();
        let ridge = match targets {
            RocketTargets::Classes(classes) => ridge.fit_classes(&features, classes, config.outputs)?,
            RocketTargets::Numbers(numbers) => ridge.fit(&features, numbers, config.outputs)?,
        };
        let coefficients = ridge.coefficients();
        // From a row for each output to a column.
        let weight = (0..width).flat_map(|feature| {
            coefficients.iter().skip(feature).step_by(width).map(|coefficient| *coefficient as f32)
        });
        let put = |values: Vec<f32>| Param::from_tensor(vector(values, device));
        let [biases, kernels, means, scales] = numbers.map(put);
        let weight = TensorData::new(weight.collect::<Vec<f32>>(), [width, config.outputs]);
        let bias = ridge.intercepts().iter().map(|intercept| *intercept as f32).collect();
        Ok(Self {
            biases,
            kernels,
            means,
            scales,
            output: Linear {
                weight: Param::from_tensor(Tensor::from_data(weight, device)),
                bias: Some(put(bias)),
            },
            config: RocketConfig { fitted: Some(Box::new(fitted)), ..config.clone() },
        })
    }
}

/// A tensor of these numbers; of a zero where there are none, since a module has no tensor without elements.
pub(super) fn vector(mut values: Vec<f32>, device: &Device) -> Tensor<1> {
    if values.is_empty() {
        values.push(0.0);
    }
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
