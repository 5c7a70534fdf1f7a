//! Cross-entropy on tensors.

use brasa_data::Batch;
use brasa_kernels::softmax_cross_entropy;
use burn::tensor::{Device, Tensor, TensorData};

use crate::recipe::RecipeError;
use crate::recipe::{ClassWeights, CrossEntropy, WeightRule};

/// Cross-entropy with class weights and label smoothing, as PyTorch's `CrossEntropyLoss` with mean reduction.
///
/// Targets become rows of weights on the host, so that the loss is one product whatever its options: for classes `y`
/// they are `(1 - s) [c = y] w_y + s / C w_c` divided by the batch's sum of `w_y`; for rows of probabilities `t` they are
/// `((1 - s) t_c + s / C) w_c` divided by the number of rows.
#[derive(Debug, Clone)]
pub(crate) struct Criterion {
    weights: Vec<f64>,
    smoothing: f64,
}

impl Criterion {
    /// The loss of `recipe`, with balanced weights from the training split's `counts` per class.
    pub(crate) fn new(recipe: &CrossEntropy, counts: &[usize]) -> Result<Self, RecipeError> {
        let classes = counts.len();
        let weights = match &recipe.class_weights {
            ClassWeights::Named(WeightRule::None) => vec![1.0; classes],
            ClassWeights::Named(WeightRule::Balanced) => {
                let rows: usize = counts.iter().sum();
                let weight = |&count: &usize| rows as f64 / (classes * count.max(1)) as f64;
                counts.iter().map(weight).collect()
            }
            ClassWeights::Each(weights) if weights.len() == classes => weights.clone(),
            ClassWeights::Each(weights) => {
                let expected = format!("{classes} numbers, one per class");
                return Err(RecipeError::value("loss.class_weights", expected, weights.len()));
            }
        };
        Ok(Self { weights, smoothing: recipe.label_smoothing })
    }

    /// The weight of each class.
    pub(crate) fn class_weights(&self) -> &[f64] {
        &self.weights
    }

    /// Mean loss of a batch, against its soft targets where it has them.
    ///
    /// # Shapes
    /// `logits [rows, classes]` to `[1]`.
    pub(crate) fn forward(&self, logits: Tensor<2>, batch: &Batch, device: &Device) -> Tensor<1> {
        let rows = match batch.targets.soft() {
            Some(soft) => self.soft_rows(soft, batch.len()),
            None => self.target_rows(batch.targets.labels()),
        };
        softmax_cross_entropy(logits, Tensor::from_data(rows, device))
    }

    fn soft_rows(&self, soft: &[f32], rows: usize) -> TensorData {
        let classes = self.weights.len();
        let spread = self.smoothing / classes as f64;
        let weighted = |(target, weight): (&f32, &f64)| {
            (((1.0 - self.smoothing) * f64::from(*target) + spread) * weight / rows as f64) as f32
        };
        let values = soft.iter().zip(self.weights.iter().cycle()).map(weighted).collect::<Vec<_>>();
        TensorData::new(values, [rows, classes])
    }

    fn target_rows(&self, targets: &[u32]) -> TensorData {
        let classes = self.weights.len();
        let weight = |target: u32| self.weights.get(target as usize).copied().unwrap_or(0.0);
        let total: f64 = targets.iter().map(|&target| weight(target)).sum();
        let spread = self.smoothing / classes as f64;
        let mut rows = Vec::with_capacity(targets.len() * classes);
        for &target in targets {
            rows.extend(self.weights.iter().enumerate().map(|(class, class_weight)| {
                let hit =
                    if class == target as usize { (1.0 - self.smoothing) * weight(target) } else { 0.0 };
                ((hit + spread * class_weight) / total) as f32
            }));
        }
        TensorData::new(rows, [targets.len(), classes])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::{BatchInputs, BatchTargets};
    use serde::Deserialize;

    use super::*;
    use crate::fixtures::{assert_all_close, cases};

    #[derive(Deserialize)]
    struct Case {
        case: String,
        logits: Vec<Vec<f32>>,
        targets: Vec<u32>,
        /// `[rows][classes]`, in the place of the targets.
        soft: Option<Vec<Vec<f32>>>,
        weights: Option<Vec<f64>>,
        label_smoothing: f64,
        loss: f64,
        gradient: Vec<Vec<f64>>,
    }

    #[test]
    fn loss_and_gradient_agree_with_torch() {
        let device = Device::default().autodiff();
        for case in cases::<Case>("losses.json") {
            let classes = case.logits[0].len();
            let recipe = CrossEntropy {
                label_smoothing: case.label_smoothing,
                class_weights: case.weights.map(ClassWeights::Each).unwrap_or_default(),
            };
            let criterion = Criterion::new(&recipe, &vec![1; classes]).unwrap();
            let data = TensorData::new(case.logits.concat(), [case.logits.len(), classes]);
            let logits = Tensor::<2>::from_data(data, &device).require_grad();
            let batch = Batch {
                inputs: BatchInputs::Numbers(Vec::new()),
                indices: (0..case.targets.len()).collect(),
                targets: BatchTargets::Classes {
                    labels: case.targets,
                    soft: case.soft.map(|rows| rows.concat()),
                },
            };
            let loss = criterion.forward(logits.clone(), &batch, &device);
            let gradient = logits.grad(&loss.backward()).unwrap();
            assert_all_close(&loss.into_data(), &[case.loss], 1e-5, &case.case);
            assert_all_close(&gradient.into_data(), &case.gradient.concat(), 1e-6, &case.case);
        }
    }

    #[test]
    fn balanced_weights_follow_the_counts_as_in_scikit_learn() {
        let recipe = CrossEntropy {
            class_weights: ClassWeights::Named(WeightRule::Balanced),
            ..CrossEntropy::default()
        };
        let criterion = Criterion::new(&recipe, &[30, 10, 20]).unwrap();
        assert_eq!(criterion.weights, [60.0 / 90.0, 2.0, 1.0]);
    }

    #[test]
    fn weights_must_be_as_many_as_classes() {
        let recipe =
            CrossEntropy { class_weights: ClassWeights::Each(vec![1.0, 2.0]), ..CrossEntropy::default() };
        let error = Criterion::new(&recipe, &[1, 1, 1]).unwrap_err().to_string();
        assert_eq!(error, "`loss.class_weights`: expected 3 numbers, one per class, found 2");
    }
}
