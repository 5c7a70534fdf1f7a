//! One of several classes.

use brasa_data::{Batch, BatchTargets};
use burn::tensor::{Device, Tensor};

use super::{Judge, Tallied, Task};
use crate::Result;
use crate::loss::Criterion;
use crate::metrics::{Evaluator, Figures, Metrics, MetricsError, Scores, TaskKind};
use crate::prepared::Prepared;
use crate::recipe::{CrossEntropy, Recipe};

/// Classification: logits, cross-entropy, whole-epoch metrics as scikit-learn defines them.
#[derive(Debug, Clone)]
pub struct ClassTask {
    names: Vec<String>,
    criterion: Criterion,
    top_k: Option<usize>,
}

impl ClassTask {
    pub(crate) fn new(recipe: &Recipe, prepared: &Prepared) -> Result<Self> {
        let counts = prepared.data.class_counts(&prepared.split.train);
        Ok(Self {
            names: prepared.data.class_names().to_vec(),
            criterion: Criterion::new(&cross_entropy(recipe), &counts)?,
            top_k: recipe.training.top_k,
        })
    }

    /// Classes without rows of their own, for a measurement on random data.
    pub(crate) fn of_counts(recipe: &Recipe, counts: &[usize]) -> Result<Self> {
        Ok(Self {
            names: (0..counts.len()).map(|class| class.to_string()).collect(),
            criterion: Criterion::new(&cross_entropy(recipe), counts)?,
            top_k: None,
        })
    }
}

/// The recipe's loss; a checked recipe over classes has none for numbers.
fn cross_entropy(recipe: &Recipe) -> CrossEntropy {
    recipe.loss.classes().cloned().unwrap_or_default()
}

impl Task for ClassTask {
    fn kind(&self) -> TaskKind {
        TaskKind::Classification
    }

    fn outputs(&self) -> usize {
        self.names.len()
    }

    fn loss(&self, outputs: Tensor<2>, batch: &Batch, device: &Device) -> Tensor<1> {
        self.criterion.forward(outputs, batch, device)
    }

    fn judge(&self, rows: bool) -> Result<Box<dyn Judge>> {
        let evaluator = Evaluator::new(self.names.clone(), self.top_k)?;
        Ok(Box::new(if rows { evaluator.with_rows() } else { evaluator }))
    }
}

impl Judge for Evaluator {
    fn push(&mut self, outputs: &[f32], targets: &BatchTargets) -> Result<f64> {
        Ok(Evaluator::push(self, outputs, targets.labels())?)
    }

    fn figures(&self, metrics: &Metrics) -> Result<Figures> {
        Ok(Evaluator::figures(self, metrics)?)
    }

    fn scores(&self, metrics: &Metrics) -> Result<Scores> {
        Ok(self.scores_by(metrics)?)
    }

    fn tallied(&self) -> Tallied {
        Tallied::Classes(self.counts())
    }

    fn restore(&mut self, tallied: Tallied) -> Result<()> {
        match tallied {
            Tallied::Classes(counts) => Ok(self.restore_counts(counts)?),
            Tallied::Numbers { .. } => Err(MetricsError::NoClasses.into()),
        }
    }

    fn row_limit_words(&self) -> Option<String> {
        Evaluator::row_limit_words(self)
    }
}
