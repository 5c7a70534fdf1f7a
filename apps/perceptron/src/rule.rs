//! The error-driven rule: no gradients, one point after the other.

use brasa_data::{Batch, BatchInputs};
use brasa_models::{Network, ON_THE_LINE, Perceptron, PerceptronWeights};
use brasa_train::recipe::OptimizerRecipe;
use brasa_train::{CheckedRecipe, Result, StepAt, TrainError, UpdateRule};
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

/// The rule of a recipe whose optimizer is the perceptron's.
pub(crate) fn of(recipe: &CheckedRecipe) -> Option<Box<dyn UpdateRule<Network>>> {
    let own = matches!(recipe.recipe().optimizer, OptimizerRecipe::Perceptron(_));
    own.then(|| Box::new(Correction) as Box<dyn UpdateRule<Network>>)
}

/// Goes through the points in their order and corrects after each ([Rosenblatt 1958](https://doi.org/10.1037/h0042519)).
#[derive(Debug)]
struct Correction;

impl UpdateRule<Network> for Correction {
    fn step(&mut self, model: Network, batch: Batch, at: StepAt) -> Result<(Network, Tensor<2>)> {
        let (Network::Perceptron(perceptron), BatchInputs::Numbers(inputs)) = (model, &batch.inputs) else {
            return Err(TrainError::refusal(
                "optimizer.kind `perceptron` teaches only model.kind `perceptron`",
            ));
        };
        let device = perceptron.devices().into_iter().next().unwrap_or_default();
        let (perceptron, logits) = correct(perceptron, inputs, batch.targets.labels(), at.lr)?;
        let logits = Tensor::from_data(TensorData::new(logits, [batch.len(), 2]), &device);
        Ok((Network::Perceptron(perceptron), logits))
    }
}

/// `w += rate * (target - predicted) * x` and `b += rate * (target - predicted)` after each point, where `predicted` is 1 for
/// `sigmoid(w.x + b) >= 0.5` and else 0. Points that are right change nothing. The steps are taken in 64 bits and the
/// result is rounded once. Returns the new perceptron and the logits of each point as it was met, before its correction.
fn correct(
    perceptron: Perceptron,
    inputs: &[f32],
    labels: &[u32],
    rate: f64,
) -> Result<(Perceptron, Vec<f32>)> {
    let start = perceptron.weights()?;
    let mut weight: Vec<f64> = start.weight.iter().copied().map(f64::from).collect();
    let mut bias = f64::from(start.bias);
    if inputs.len() != labels.len() * weight.len() {
        return Err(TrainError::refusal(format!(
            "a perceptron of {} inputs needs {} numbers for {} rows, found {}",
            weight.len(),
            weight.len() * labels.len(),
            labels.len(),
            inputs.len()
        )));
    }
    let mut logits = Vec::with_capacity(labels.len() * 2);
    for (row, &label) in inputs.chunks(weight.len().max(1)).zip(labels) {
        let products = weight.iter().zip(row).map(|(weight, &x)| weight * f64::from(x));
        let sum = bias + products.sum::<f64>();
        let predicted = u32::from(1.0 / (1.0 + (-sum).exp()) >= 0.5);
        let logit = sum as f32;
        logits.extend([0.0, if predicted == 1 { logit.max(ON_THE_LINE) } else { logit }]);
        let error = f64::from(label) - f64::from(predicted);
        bias += rate * error;
        weight.iter_mut().zip(row).for_each(|(weight, &x)| *weight += rate * error * f64::from(x));
    }
    let weight = weight.into_iter().map(|weight| weight as f32).collect();
    Ok((perceptron.with_weights(PerceptronWeights { weight, bias: bias as f32 }), logits))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use brasa_models::PerceptronConfig;
    use burn::tensor::Device;
    use serde::Deserialize;

    use super::*;

    fn start(inputs: usize, device: &Device) -> Perceptron {
        PerceptronConfig { inputs }.init(device).unwrap()
    }

    #[test]
    fn each_point_corrects_the_next_ones_weights() {
        // By hand: (2, 1) is 0 but said 1, then (1, 3) is 1 but said 0, then (1, 0) is said 0 and is.
        let (points, labels) = ([2.0, 1.0, 1.0, 3.0, 1.0, 0.0], [0, 1, 0]);
        let (learned, logits) = correct(start(2, &Device::default()), &points, &labels, 0.5).unwrap();
        let weights = learned.weights().unwrap();
        assert_eq!(weights, PerceptronWeights { weight: vec![-0.5, 1.0], bias: 0.0 });
        assert_eq!(logits, [0.0, f32::EPSILON, 0.0, -3.0, 0.0, -0.5]);
    }

    #[test]
    fn rows_that_do_not_go_with_the_labels_are_refused() {
        let error = correct(start(2, &Device::default()), &[1.0, 2.0, 3.0], &[0, 1], 0.5).unwrap_err();
        assert_eq!(error.to_string(), "a perceptron of 2 inputs needs 4 numbers for 2 rows, found 3");
    }

    #[derive(Deserialize)]
    struct Fixture {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        case: String,
        points: Vec<[f32; 2]>,
        labels: Vec<u32>,
        rate: f64,
        /// `[b, w1, w2]` after each epoch.
        after: Vec<[f64; 3]>,
    }

    #[test]
    fn weights_after_each_epoch_agree_with_the_courses_loop_in_python() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/perceptron.json");
        let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(fixture.cases.len() > 5);
        for case in fixture.cases {
            // On the device with autodiff, as in training.
            let mut perceptron = start(2, &Device::default().autodiff());
            for (epoch, expected) in (1..).zip(&case.after) {
                (perceptron, _) =
                    correct(perceptron, case.points.as_flattened(), &case.labels, case.rate).unwrap();
                let found = perceptron.weights().unwrap();
                for (found, expected) in
                    [found.bias, found.weight[0], found.weight[1]].into_iter().zip(expected)
                {
                    let difference = (f64::from(found) - expected).abs();
                    assert!(difference < 1e-6, "{} epoch {epoch}: {found} for {expected}", case.case);
                }
            }
        }
    }
}
