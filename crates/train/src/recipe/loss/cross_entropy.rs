//! Cross-entropy over logits.

use brasa_data::keys::{Bounds, Fault};
use serde::{Deserialize, Serialize};

use super::{LossKind, Objective};

/// Weights of the classes in the loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"none\", \"balanced\", or a list with one number per class")]
pub enum ClassWeights {
    /// By name.
    Named(WeightRule),
    /// One weight per class.
    Each(Vec<f64>),
}

impl Default for ClassWeights {
    fn default() -> Self {
        Self::Named(WeightRule::None)
    }
}

/// How class weights follow from the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightRule {
    /// All classes alike.
    None,
    /// `rows / (classes * rows of the class)` of the training split, as scikit-learn's `balanced`.
    Balanced,
}

brasa_data::table! {
    /// Cross-entropy over logits, as PyTorch's `CrossEntropyLoss`; for classes.
    pub struct CrossEntropy = "cross-entropy" {
        /// Share of the target's probability spread evenly over all classes.
        label_smoothing: f64 = 0.0, Bounds::below(0.0, 1.0);
        /// Weights of the classes: `"none"`, `"balanced"`, or a list with one number per class.
        class_weights: ClassWeights = ClassWeights::default();
    }
}

impl LossKind for CrossEntropy {
    fn objective(&self) -> Objective<'_> {
        Objective::Classes(self)
    }

    fn check(&self) -> Result<(), Fault> {
        match &self.class_weights {
            ClassWeights::Each(weights) if !weights.iter().all(|w| *w > 0.0 && w.is_finite()) => {
                Err(Fault::value("class_weights", "numbers above 0", format!("{weights:?}")))
            }
            _ => Ok(()),
        }
    }
}
