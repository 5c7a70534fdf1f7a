//! The perceptron.

use brasa_onnx::Value;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::summary::{LayerSummary, Summary};
use crate::{
    Architecture, ArchitectureKind, DataSizes, Emitter, Input, Model, ModelError, NetworkConfig, Result,
    read_back,
};

/// A single neuron for two classes that starts at zero; it can learn by correction alone
/// ([Rosenblatt 1958](https://doi.org/10.1037/h0042519)).
///
/// ```
/// use brasa_models::{PerceptronConfig, PerceptronWeights};
/// use burn::tensor::Device;
///
/// // Logical and: 1 where both inputs are.
/// let and = PerceptronWeights { weight: vec![1.0, 1.0], bias: -1.5 };
/// let perceptron = PerceptronConfig { inputs: 2 }.init(&Device::default())?.with_weights(and);
/// let weights = perceptron.weights()?;
/// assert_eq!([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(|row| weights.predict(&row)), [0, 0, 1]);
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

impl Architecture for PerceptronConfig {
    type Network = Perceptron;

    fn build(&self, seed: u64, device: &Device) -> Result<Perceptron> {
        let _ = seed;
        self.init(device)
    }

    fn layers(&self) -> Result<Summary> {
        self.summary()
    }

    fn input_len(&self) -> usize {
        self.inputs
    }

    fn output_len(&self) -> usize {
        2
    }

    fn emit(&self, network: &Perceptron, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let input = emitter.node("Flatten", &[input], [("axis", 1.into())]);
        let weight = emitter.parameter("weight", network.weight.val().unsqueeze_dim::<2>(1))?;
        let bias = emitter.parameter("bias", network.bias.val())?;
        let sum = emitter.node("Gemm", &[&input, &weight, &bias], []);
        let zero = emitter.number(0.0);
        let zeros = emitter.node("Mul", &[&sum, &zero], []);
        // On the line, it says the second class.
        let least = emitter.number(ON_THE_LINE);
        let below = emitter.node("Less", &[&sum, &zero], []);
        let raised = emitter.node("Max", &[&sum, &least], []);
        let sum = emitter.node("Where", &[&below, &sum, &raised], []);
        Ok(emitter.node("Concat", &[&zeros, &sum], [("axis", 1.into())]))
    }
}

impl Model for Perceptron {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.flat())
    }
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
        let products = self.weight.iter().zip(row).map(|(&weight, &x)| f64::from(weight) * f64::from(x));
        let sum = f64::from(self.bias) + products.sum::<f64>();
        u32::from(1.0 / (1.0 + (-sum).exp()) >= 0.5)
    }
}

/// A sum of 0 is class 1, but equal logits would name the first class: sums from 0 up to this are lifted to it, the
/// least that a softmax in 32 bits still tells from 0.
pub const ON_THE_LINE: f32 = f32::EPSILON;

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

    /// Its numbers, read back from the device.
    ///
    /// # Errors
    /// [`ModelError::ReadBack`].
    pub fn weights(&self) -> Result<PerceptronWeights> {
        let what = "the perceptron's weights";
        let bias = read_back(self.bias.val(), what)?;
        Ok(PerceptronWeights {
            weight: read_back(self.weight.val(), what)?,
            bias: bias.first().copied().unwrap_or(0.0),
        })
    }

    /// The same neuron with other numbers.
    #[must_use]
    pub fn with_weights(self, weights: PerceptronWeights) -> Self {
        let PerceptronWeights { weight, bias } = weights;
        let put = |param: Param<Tensor<1>>, values: Vec<f32>| {
            param.map(|old| {
                let shape = [values.len()];
                Tensor::from_data(TensorData::new(values, shape), &old.device())
            })
        };
        Self { weight: put(self.weight, weight), bias: put(self.bias, vec![bias]) }
    }
}

brasa_keys::table! {
    /// A perceptron for two classes, taught by the error-driven rule: `[optimizer]` of kind `perceptron`.
    pub struct PerceptronRecipe = "perceptron" {}
}

impl ArchitectureKind for PerceptronRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::Perceptron(PerceptronConfig { inputs: sizes.shape.iter().product() })
    }

    fn takes_any_shape(&self) -> bool {
        true
    }
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
    fn a_point_on_the_line_is_class_1_for_the_weights_for_the_logits_and_after_softmax() {
        let device = Device::default();
        // w = (0, -1), b = 0: the first axis is the line.
        let rows = [[5.0, 0.0], [5.0, 1e-3], [5.0, -1e-3]];
        let weights = PerceptronWeights { weight: vec![0.0, -1.0], bias: 0.0 };
        let learned = start(2).with_weights(weights.clone());
        assert_eq!(learned.weights().unwrap(), weights);
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
        let weights = PerceptronWeights { weight: vec![-0.75], bias: 0.25 };
        let learned = start(1).with_weights(weights.clone());
        let probabilities =
            softmax(learned.forward(Tensor::from_floats([[0.7], [-3.0]], &Device::default())), 1);
        let probabilities: Vec<f32> = probabilities.into_data().try_into_vec().unwrap();
        for (x, pair) in [0.7_f32, -3.0].into_iter().zip(probabilities.chunks(2)) {
            let expected = 1.0 / (1.0 + (-(weights.weight[0] * x + weights.bias)).exp());
            assert!((pair[1] - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn a_neuron_without_inputs_is_refused() {
        assert!(PerceptronConfig { inputs: 0 }.init(&Device::default()).is_err());
    }
}
