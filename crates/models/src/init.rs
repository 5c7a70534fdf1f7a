//! Initial weights, drawn on the host so that every backend starts from the same numbers.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal, Uniform};
use serde::{Deserialize, Serialize};

/// Slope of the leaky ReLU below zero, PyTorch's default.
const LEAKY_SLOPE: f64 = 0.01;

/// Distribution of a layer's initial weights. Biases always follow PyTorch: `U(-k, k)` with
/// `k = 1 / sqrt(fan_in)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// PyTorch's `nn.Linear` default, `U(-k, k)` with `k = 1 / sqrt(fan_in)`.
    #[default]
    Pytorch,
    /// `kaiming_normal_(nonlinearity="relu")`: `N(0, 2 / fan_in)` ([He et al. 2015](https://arxiv.org/abs/1502.01852)).
    HeNormal,
    /// `kaiming_normal_(a=0.01, nonlinearity="leaky_relu")`: the gain of this crate's leaky ReLU.
    HeNormalLeaky,
    /// `kaiming_uniform_(nonlinearity="relu")`.
    HeUniform,
    /// `xavier_normal_`: `N(0, 2 / (fan_in + fan_out))` ([Glorot and Bengio 2010](https://proceedings.mlr.press/v9/glorot10a.html)).
    XavierNormal,
    /// `xavier_uniform_`.
    XavierUniform,
}

/// The shape of a weight distribution around zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Spread {
    /// Standard deviation of a normal distribution.
    Normal(f64),
    /// Half width of a uniform distribution.
    Uniform(f64),
}

impl Init {
    pub(crate) fn spread(self, fan_in: usize, fan_out: usize) -> Spread {
        let fan_in = fan_in as f64;
        let both = fan_in + fan_out as f64;
        match self {
            Self::Pytorch => Spread::Uniform((1.0 / fan_in).sqrt()),
            Self::HeNormal => Spread::Normal((2.0 / fan_in).sqrt()),
            Self::HeNormalLeaky => Spread::Normal((2.0 / (1.0 + LEAKY_SLOPE * LEAKY_SLOPE) / fan_in).sqrt()),
            Self::HeUniform => Spread::Uniform((6.0 / fan_in).sqrt()),
            Self::XavierNormal => Spread::Normal((2.0 / both).sqrt()),
            Self::XavierUniform => Spread::Uniform((6.0 / both).sqrt()),
        }
    }
}

impl Spread {
    pub(crate) fn sample(self, count: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
        match self {
            Self::Normal(deviation) => (0..count)
                .map(|_| {
                    let value: f64 = StandardNormal.sample(rng);
                    (value * deviation) as f32
                })
                .collect(),
            Self::Uniform(bound) => match Uniform::new_inclusive(-bound, bound) {
                Ok(distribution) => (0..count).map(|_| distribution.sample(rng) as f32).collect(),
                // Only a bound that is not finite gets here, and `fan_in > 0` is checked before.
                Err(_) => vec![0.0; count],
            },
        }
    }
}

/// Draws the parameters of a network's layers, each from its own stream of one seed, so that a layer's
/// weights do not depend on the sizes of the layers before it.
///
/// ```
/// use brasa_models::{Init, Initializer, layers::LinearConfig};
/// use burn::tensor::Device;
///
/// let device = Device::default();
/// let mut weights = Initializer::new(Init::HeNormal, 42, &device);
/// let first = LinearConfig::new(4, 4).init_with(&mut weights)?;
/// let second = LinearConfig::new(4, 4).init_with(&mut weights)?;
/// assert_ne!(first.weight.val().into_data(), second.weight.val().into_data());
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug)]
pub struct Initializer<'a> {
    init: Init,
    seed: u64,
    stream: u64,
    device: &'a Device,
}

impl<'a> Initializer<'a> {
    /// Weights of the distribution `init`, drawn from `seed`, on `device`.
    pub fn new(init: Init, seed: u64, device: &'a Device) -> Self {
        Self { init, seed, stream: 0, device }
    }

    /// The device that parameters are made on.
    pub fn device(&self) -> &'a Device {
        self.device
    }

    /// A linear layer, `weight [inputs, outputs]` and `bias [outputs]`.
    pub(crate) fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        let weight = self.weight([inputs, outputs], inputs, outputs);
        let bias = self.bias(outputs, inputs, outputs);
        Linear { weight, bias: Some(bias) }
    }

    /// A linear layer whose weight and bias come from one distribution.
    pub(crate) fn spread_linear(&mut self, inputs: usize, outputs: usize, spread: Spread) -> Linear {
        let weight = self.draw(spread, inputs * outputs);
        let bias = self.draw(spread, outputs);
        Linear { weight: self.param(weight, [inputs, outputs]), bias: Some(self.param(bias, [outputs])) }
    }

    /// A convolution over time, `weight [outputs, inputs, steps]` and `bias [outputs]`.
    pub(crate) fn conv1d(
        &mut self,
        inputs: usize,
        outputs: usize,
        steps: usize,
    ) -> (Param<Tensor<3>>, Param<Tensor<1>>) {
        let (fan_in, fan_out) = (inputs * steps, outputs * steps);
        let weight = self.weight([outputs, inputs, steps], fan_in, fan_out);
        (weight, self.bias(outputs, fan_in, fan_out))
    }

    /// Vectors of `dims` numbers from `N(0, 1)`, the first of them zeros.
    pub(crate) fn vectors(&mut self, count: usize, dims: usize) -> Vec<f32> {
        let mut vectors = self.draw(Spread::Normal(1.0), count * dims);
        vectors.iter_mut().take(dims).for_each(|value| *value = 0.0);
        vectors
    }

    /// A weight of the initializer's distribution, from the next stream.
    pub(crate) fn weight<const D: usize>(
        &mut self,
        shape: [usize; D],
        fan_in: usize,
        fan_out: usize,
    ) -> Param<Tensor<D>> {
        let values = self.draw(self.init.spread(fan_in, fan_out), shape.iter().product());
        self.param(values, shape)
    }

    /// A bias of PyTorch's distribution, from the next stream.
    pub(crate) fn bias(&mut self, outputs: usize, fan_in: usize, fan_out: usize) -> Param<Tensor<1>> {
        let values = self.draw(Init::Pytorch.spread(fan_in, fan_out), outputs);
        self.param(values, [outputs])
    }

    /// Numbers from the next stream.
    pub(crate) fn draw(&mut self, spread: Spread, count: usize) -> Vec<f32> {
        spread.sample(count, &mut self.rng())
    }

    fn rng(&mut self) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.stream);
        self.stream += 1;
        rng
    }

    /// A parameter with these values.
    pub(crate) fn param<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Param<Tensor<D>> {
        Param::from_data(TensorData::new(values, shape), self.device)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn sample_matches_its_spread() {
        for (fan_in, fan_out) in [(64, 32), (7, 1000)] {
            for init in
                [Init::Pytorch, Init::HeNormal, Init::HeUniform, Init::XavierNormal, Init::XavierUniform]
            {
                let spread = init.spread(fan_in, fan_out);
                let values = spread.sample(200_000, &mut ChaCha8Rng::seed_from_u64(1));
                let n = values.len() as f64;
                let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
                let variance = values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n;
                let expected = match spread {
                    Spread::Normal(deviation) => deviation,
                    Spread::Uniform(bound) => bound / 3f64.sqrt(),
                };
                assert!(mean.abs() < 0.01 * expected, "{init:?}: mean {mean}");
                assert!((variance.sqrt() / expected - 1.0).abs() < 0.01, "{init:?}");
            }
        }
    }

    #[test]
    fn a_layer_draws_the_same_whatever_came_before() {
        let device = Device::default();
        let mut small = Initializer::new(Init::HeNormal, 7, &device);
        let mut large = Initializer::new(Init::HeNormal, 7, &device);
        small.linear(2, 3);
        large.linear(50, 60);
        let (a, b) = (small.linear(4, 5), large.linear(4, 5));
        assert_eq!(a.weight.val().into_data(), b.weight.val().into_data());
    }
}
