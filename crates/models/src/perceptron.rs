//! The perceptron and its error-driven rule.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::summary::{LayerSummary, Summary};
use crate::{ModelError, Result};

/// A single neuron for two classes that starts at zero and learns by correction alone
/// ([Rosenblatt 1958](https://doi.org/10.1037/h0042519)).
///
/// ```
/// use brasa_models::PerceptronConfig;
/// use burn::tensor::Device;
///
/// // Logical and: 1 where both inputs are.
/// let (inputs, targets) = ([0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], [0, 0, 0, 1]);
/// let mut perceptron = PerceptronConfig { inputs: 2 }.init(&Device::default())?;
/// for _epoch in 0..10 {
///     (perceptron, _) = perceptron.learn(&inputs, &targets, 0.5)?;
/// }
/// let weights = perceptron.weights()?;
/// assert!(inputs.chunks(2).zip(targets).all(|(row, target)| weights.predict(row) == target));
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerceptronConfig {
    /// Numbers in one sample, all axes multiplied.
    pub inputs: usize,
}

impl PerceptronConfig {
    /// A perceptron whose weights and bias are 0.
    ///
    /// # Errors
    /// [`ModelError::Config`] for samples without numbers.
    pub fn init(&self, device: &Device) -> Result<Perceptron> {
        self.check()?;
        Ok(Perceptron {
            weight: Param::from_tensor(Tensor::zeros([self.inputs], device)),
            bias: Param::from_tensor(Tensor::zeros([1], device)),
        })
    }

    /// Its one layer.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn summary(&self) -> Result<Summary> {
        self.check()?;
        let layer = LayerSummary::linear("perceptron".into(), self.inputs, 1);
        Ok(Summary { input: vec![self.inputs], layers: vec![layer] })
    }

    fn check(&self) -> Result<()> {
        match self.inputs {
            0 => Err(ModelError::Config { key: "inputs", expected: "at least 1".into(), found: "0".into() }),
            _ => Ok(()),
        }
    }
}

/// The neuron made by [`PerceptronConfig::init`].
#[derive(Module, Debug)]
pub struct Perceptron {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
}

/// The numbers of a [`Perceptron`] on the host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PerceptronWeights {
    /// One weight per input.
    pub weight: Vec<f32>,
    /// The constant that is added.
    pub bias: f32,
}

impl PerceptronWeights {
    /// The class of `row`: 1 where `sigmoid(w.x + b) >= 0.5`, else 0. Summed in 64 bits, as the learning rule does.
    pub fn predict(&self, row: &[f32]) -> u32 {
        let weight: Vec<f64> = self.weight.iter().copied().map(f64::from).collect();
        fires(sum(&weight, f64::from(self.bias), row))
    }
}

fn sum(weight: &[f64], bias: f64, row: &[f32]) -> f64 {
    bias + weight.iter().zip(row).map(|(weight, &x)| weight * f64::from(x)).sum::<f64>()
}

fn fires(sum: f64) -> u32 {
    u32::from(1.0 / (1.0 + (-sum).exp()) >= 0.5)
}

/// A sum of 0 is class 1, but equal logits would name the first class: sums from 0 up to this are lifted to it, the
/// least that a softmax in 32 bits still tells from 0.
const ON_THE_LINE: f32 = f32::EPSILON;

impl Perceptron {
    /// Logits of both classes, `0` and `w.x + b`, so that softmax gives class 1 the sigmoid of the sum.
    ///
    /// # Shapes
    /// `[batch, inputs]` to `[batch, 2]`.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let sum = input.matmul(self.weight.val().unsqueeze_dim(1)) + self.bias.val().unsqueeze();
        let on_the_line = sum.clone().greater_equal_elem(0.0).bool_and(sum.clone().lower_elem(ON_THE_LINE));
        let sum = sum.mask_fill(on_the_line, ON_THE_LINE);
        Tensor::cat(vec![sum.zeros_like(), sum], 1)
    }

    /// Goes through the points in their order and corrects after each: `w += rate * (target - predicted) * x` and
    /// `b += rate * (target - predicted)`, where `predicted` is 1 for `sigmoid(w.x + b) >= 0.5` and else 0. Points
    /// that are right change nothing. The steps are taken in 64 bits and the result is rounded once.
    ///
    /// Answers the new perceptron and the logits of each point as it was met, before its correction.
    ///
    /// # Shapes
    /// `inputs` is `[rows, inputs]` row-major with `rows` targets of 0 or 1; the logits are `[rows, 2]`.
    ///
    /// # Errors
    /// [`ModelError::Rows`] for inputs that do not go with the targets, [`ModelError::ReadBack`] where the device
    /// does not answer.
    pub fn learn(self, inputs: &[f32], targets: &[u32], rate: f64) -> Result<(Self, Vec<f32>)> {
        let start = self.weights()?;
        let mut weight: Vec<f64> = start.weight.iter().copied().map(f64::from).collect();
        let mut bias = f64::from(start.bias);
        if inputs.len() != targets.len() * weight.len() {
            return Err(ModelError::Rows { rows: targets.len(), width: weight.len(), found: inputs.len() });
        }
        let mut logits = Vec::with_capacity(targets.len() * 2);
        for (row, &target) in inputs.chunks(weight.len()).zip(targets) {
            let z = sum(&weight, bias, row);
            let predicted = fires(z);
            let logit = z as f32;
            logits.extend([0.0, if predicted == 1 { logit.max(ON_THE_LINE) } else { logit }]);
            let error = f64::from(target) - f64::from(predicted);
            bias += rate * error;
            weight.iter_mut().zip(row).for_each(|(weight, &x)| *weight += rate * error * f64::from(x));
        }
        let weight: Vec<f32> = weight.into_iter().map(|weight| weight as f32).collect();
        Ok((self.replaced(weight, bias as f32), logits))
    }

    /// Its numbers, read back from the device.
    ///
    /// # Errors
    /// [`ModelError::ReadBack`].
    pub fn weights(&self) -> Result<PerceptronWeights> {
        let bias = host(self.bias.val())?;
        Ok(PerceptronWeights { weight: host(self.weight.val())?, bias: bias.first().copied().unwrap_or(0.0) })
    }

    fn replaced(self, weight: Vec<f32>, bias: f32) -> Self {
        let put = |param: Param<Tensor<1>>, values: Vec<f32>| {
            param.map(|old| {
                let shape = [values.len()];
                Tensor::from_data(TensorData::new(values, shape), &old.device())
            })
        };
        Self { weight: put(self.weight, weight), bias: put(self.bias, vec![bias]) }
    }
}

fn host(tensor: Tensor<1>) -> Result<Vec<f32>> {
    let failed = |reason: String| ModelError::ReadBack { what: "the perceptron's weights", reason };
    let data = tensor.try_into_data().map_err(|error| failed(error.to_string()))?;
    data.convert::<f32>().try_into_vec().map_err(|error| failed(format!("{error:?}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::activation::softmax;

    use super::*;

    fn start(inputs: usize) -> Perceptron {
        PerceptronConfig { inputs }.init(&Device::default()).unwrap()
    }

    #[test]
    fn each_point_corrects_the_next_ones_weights() {
        // By hand: (2, 1) is 0 but said 1, then (1, 3) is 1 but said 0, then (1, 0) is said 0 and is.
        let (learned, logits) = start(2).learn(&[2.0, 1.0, 1.0, 3.0, 1.0, 0.0], &[0, 1, 0], 0.5).unwrap();
        let weights = learned.weights().unwrap();
        assert_eq!(weights, PerceptronWeights { weight: vec![-0.5, 1.0], bias: 0.0 });
        assert_eq!(logits, [0.0, f32::EPSILON, 0.0, -3.0, 0.0, -0.5]);
    }

    #[test]
    fn a_point_on_the_line_is_class_1_for_the_rule_for_the_logits_and_after_softmax() {
        let device = Device::default();
        let (learned, _) = start(2).learn(&[1.0, 1.0], &[0], 1.0).unwrap();
        let (learned, _) = learned.learn(&[1.0, 0.0], &[1], 1.0).unwrap();
        // w = (0, -1), b = 0: the first axis is the line.
        let rows = [[5.0, 0.0], [5.0, 1e-3], [5.0, -1e-3]];
        let weights = learned.weights().unwrap();
        assert_eq!(rows.map(|row| weights.predict(&row)), [1, 0, 1]);
        let logits = learned.forward(Tensor::from_floats(rows, &device));
        for scores in [logits.clone(), softmax(logits, 1)] {
            let scores: Vec<f32> = scores.into_data().try_into_vec().unwrap();
            let said: Vec<bool> = scores.chunks(2).map(|pair| pair[1] > pair[0]).collect();
            assert_eq!(said, [true, false, true]);
        }
    }

    #[test]
    fn logits_give_the_sigmoid() {
        let (learned, _) = start(1).learn(&[2.0, -1.0], &[0, 1], 0.25).unwrap();
        let weights = learned.weights().unwrap();
        let probabilities =
            softmax(learned.forward(Tensor::from_floats([[0.7], [-3.0]], &Device::default())), 1);
        let probabilities: Vec<f32> = probabilities.into_data().try_into_vec().unwrap();
        for (x, pair) in [0.7_f32, -3.0].into_iter().zip(probabilities.chunks(2)) {
            let expected = 1.0 / (1.0 + (-(weights.weight[0] * x + weights.bias)).exp());
            assert!((pair[1] - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn rows_that_do_not_go_with_the_targets_are_refused() {
        let message = start(2).learn(&[1.0, 2.0, 3.0], &[0, 1], 0.5).unwrap_err().to_string();
        assert_eq!(message, "a perceptron of 2 inputs needs 4 numbers for 2 rows, found 3");
        assert!(PerceptronConfig { inputs: 0 }.init(&Device::default()).is_err());
    }
}
