//! Cross-entropy on tensors.

use burn::tensor::{Device, Tensor, TensorData, activation::log_softmax};

use crate::recipe::{ClassWeights, LossRecipe, WeightRule};
use crate::{Result, TrainError};

/// Cross-entropy with class weights and label smoothing, as PyTorch's `CrossEntropyLoss` with mean reduction.
///
/// Targets become rows of probabilities on the host, `(1 - s) [c = y] w_y + s / C w_c` divided by the batch's
/// sum of `w_y`, so that the loss is one product whatever its options.
#[derive(Debug, Clone)]
pub(crate) struct Criterion {
    weights: Vec<f64>,
    smoothing: f64,
}

impl Criterion {
    /// The loss of `recipe`, with balanced weights from the training side's `counts` per class.
    pub(crate) fn new(recipe: &LossRecipe, counts: &[usize]) -> Result<Self> {
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
                return Err(TrainError::ClassWeights { expected: classes, found: weights.len() });
            }
        };
        Ok(Self { weights, smoothing: recipe.label_smoothing })
    }

    /// Mean loss of a batch.
    ///
    /// # Shapes
    /// `logits [rows, classes]`, `targets [rows]`, to `[1]`.
    pub(crate) fn forward(&self, logits: Tensor<2>, targets: &[u32], device: &Device) -> Tensor<1> {
        let probabilities = Tensor::from_data(self.target_rows(targets), device);
        (log_softmax(logits, 1) * probabilities).sum().neg()
    }

    fn target_rows(&self, targets: &[u32]) -> TensorData {
        let classes = self.weights.len();
        let weight = |target: u32| self.weights.get(target as usize).copied().unwrap_or(0.0);
        let total: f64 = targets.iter().map(|&target| weight(target)).sum();
        let spread = self.smoothing / classes as f64;
        let mut rows = Vec::with_capacity(targets.len() * classes);
        for &target in targets {
            rows.extend(self.weights.iter().enumerate().map(|(class, class_weight)| {
                let hit = if class == target as usize { (1.0 - self.smoothing) * weight(target) } else { 0.0 };
                ((hit + spread * class_weight) / total) as f32
            }));
        }
        TensorData::new(rows, [targets.len(), classes])
    }
}
