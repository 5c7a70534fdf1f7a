//! Initial weights that fit the training rows.

use burn::module::{Module, RunningState};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1};

use super::RealMlp;
use crate::{Result, read_back};

/// Values whose weighted mean a unit's bias turns to zero.
const CORNERS: usize = 5;

impl RealMlp {
    /// Scales every unit to deviation 1 over `rows`, and puts the kink of each where a random mean of some rows is; centres
    /// and scales the indicators by their quartiles. `range` bounds the outputs in evaluation.
    ///
    /// # Shapes
    /// `rows [batch, columns]` on the network's device without autodiff; `range` has a pair for each output, or none.
    pub(super) fn calibrated(mut self, rows: Tensor<2>, range: &[[f32; 2]], seed: u64) -> Result<Self> {
        let device = self.scale.val().device();
        if let Some(indicators) = self.front.indicators(&rows) {
            let [_, width] = indicators.dims();
            let values = read_back(indicators, "indicators")?;
            let scales: Vec<[f32; 2]> =
                (0..width).map(|place| quartile_scale(column(&values, width, place))).collect();
            self.front.centre = constant(scales.iter().map(|scale| scale[0]).collect(), &device);
            self.front.factor = constant(scales.iter().map(|scale| scale[1]).collect(), &device);
        }
        let mut draws = ChaCha8Rng::seed_from_u64(seed);
        let plain = self.clone().valid();
        let mut features = plain.front.forward(rows) * plain.scale.val().unsqueeze::<2>();
        for (place, block) in plain.hidden.iter().enumerate() {
            let (linear, after) = fitted(&block.linear, features, &device, &mut draws)?;
            features = brasa_kernels::parametric_activation(after, block.slope.val(), plain.activation);
            if let Some(block) = self.hidden.get_mut(place) {
                block.linear = linear;
            }
        }
        self.output = fitted(&plain.output, features, &device, &mut draws)?.0;
        if range.len() == self.least.value().dims()[0] {
            self.least = constant(range.iter().map(|range| range[0]).collect(), &device);
            self.greatest = constant(range.iter().map(|range| range[1]).collect(), &device);
        }
        Ok(self)
    }
}

fn constant(values: Vec<f32>, device: &Device) -> RunningState<Tensor<1>> {
    let count = values.len();
    RunningState::new(Tensor::from_data(TensorData::new(values, [count]), device))
}

fn column(values: &[f32], width: usize, place: usize) -> Vec<f32> {
    values.iter().skip(place).step_by(width).copied().collect()
}

/// The layer with units of deviation 1 and biases of its own, on `device`; and what it makes of `features`.
fn fitted(
    linear: &Linear,
    features: Tensor<2>,
    device: &Device,
    draws: &mut ChaCha8Rng,
) -> Result<(Linear, Tensor<2>)> {
    let plain = features.device();
    let (weight, products) = (linear.weight.val(), features.matmul(linear.weight.val()));
    let ([inputs, width], [rows, _]) = (weight.dims(), products.dims());
    let values = read_back(products, "units")?;
    let mut factors = vec![1.0_f32; width];
    let mut biases = vec![0.0_f32; width];
    for (unit, (factor, bias)) in factors.iter_mut().zip(&mut biases).enumerate() {
        let values = column(&values, width, unit);
        let deviation = deviation(&values);
        if deviation > 1e-12 && deviation.is_finite() {
            *factor = (1.0 / deviation) as f32;
        }
        *bias = -mean_of_some(&values, draws) * *factor;
    }
    let mut weights = read_back(weight, "weights")?;
    weights
        .chunks_mut(width)
        .for_each(|row| row.iter_mut().zip(&factors).for_each(|(weight, factor)| *weight *= factor));
    let after = values.chunks(width).flat_map(|row| {
        row.iter().zip(&factors).zip(&biases).map(|((value, factor), bias)| value * factor + bias)
    });
    let after = Tensor::from_data(TensorData::new(after.collect::<Vec<_>>(), [rows, width]), &plain);
    let mut fitted = linear.clone();
    fitted.weight = burn::module::Param::from_data(TensorData::new(weights, [inputs, width]), device);
    fitted.bias = Some(burn::module::Param::from_data(TensorData::new(biases, [width]), device));
    Ok((fitted, after))
}

fn deviation(values: &[f32]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    (values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// A mean of a few values drawn at random, its weights drawn evenly from all that there are.
fn mean_of_some(values: &[f32], draws: &mut ChaCha8Rng) -> f32 {
    let (mut sum, mut weights) = (0.0_f64, 0.0_f64);
    for _ in 0..CORNERS {
        let place = (draws.next_u64() % values.len().max(1) as u64) as usize;
        let weight: f64 = Exp1.sample(draws);
        sum += weight * values.get(place).map_or(0.0, |&value| f64::from(value));
        weights += weight;
    }
    (sum / weights.max(f64::MIN_POSITIVE)) as f32
}

/// Median, and one over the distance of the quartiles; of half the range where that is 0, and 0 for a constant.
fn quartile_scale(mut values: Vec<f32>) -> [f32; 2] {
    values.sort_by(f32::total_cmp);
    let at = |share: f64| {
        let place = share * values.len().saturating_sub(1) as f64;
        let value = |place: f64| values.get(place as usize).copied().unwrap_or(0.0);
        let (below, above) = (value(place.floor()), value(place.ceil()));
        below + (above - below) * (place - place.floor()) as f32
    };
    let spread = match at(0.75) - at(0.25) {
        0.0 => (at(1.0) - at(0.0)) / 2.0,
        spread => spread,
    };
    [at(0.5), if spread == 0.0 { 0.0 } else { 1.0 / spread }]
}

#[cfg(test)]
mod tests {
    use super::quartile_scale;

    #[test]
    fn indicators_are_scaled_by_their_quartiles_or_their_range() {
        // numpy.quantile of the same values.
        assert_eq!(quartile_scale(vec![1.0, 0.0, 0.0, 1.0, 1.0]), [1.0, 1.0]);
        assert_eq!(quartile_scale(vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), [0.0, 2.0]);
        assert_eq!(quartile_scale(vec![1.0, 2.0, 3.0, 4.0]), [2.5, 1.0 / 1.5]);
        assert_eq!(quartile_scale(vec![1.0; 3]), [1.0, 0.0]);
    }
}
