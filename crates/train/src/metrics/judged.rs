use super::{Confusion, MetricsError, confusion::check_class};

/// Predicted and true values of all rows of a split: what a [`Metric`](super::Metric) is computed from.
#[derive(Debug, Clone, Copy)]
pub enum Judged<'a> {
    /// Of a classifier.
    Classes(JudgedClasses<'a>),
    /// Of a regression.
    Numbers(JudgedNumbers<'a>),
}

impl<'a> Judged<'a> {
    /// The predictions of a classifier; `None` for those of a regression.
    pub fn classes(&self) -> Option<&JudgedClasses<'a>> {
        match self {
            Self::Classes(classes) => Some(classes),
            Self::Numbers(_) => None,
        }
    }

    /// The predictions of a regression; `None` for those of a classifier.
    pub fn numbers(&self) -> Option<&JudgedNumbers<'a>> {
        match self {
            Self::Numbers(numbers) => Some(numbers),
            Self::Classes(_) => None,
        }
    }
}

/// The predictions of a classifier over all rows of a split.
#[derive(Debug, Clone, Copy)]
pub struct JudgedClasses<'a> {
    /// How often each true class was predicted as each class.
    pub confusion: &'a Confusion,
    /// Sum of the rows' cross-entropies, in nats.
    pub loss_sum: f64,
    /// Hits among the k most likely classes, where they were counted.
    pub top_k: Option<TopKHits>,
    /// Probabilities and targets of each row, where they were kept.
    pub rows: Option<ClassRows<'a>>,
}

/// Rows whose target is among the k most likely classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopKHits {
    /// How many of the most likely classes count.
    pub k: usize,
    /// The rows.
    pub hits: u64,
}

/// Each row's probabilities and target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassRows<'a> {
    classes: usize,
    probabilities: &'a [f64],
    targets: &'a [u32],
}

impl<'a> ClassRows<'a> {
    /// Fails where the lengths do not fit and where a target is no class.
    ///
    /// # Shapes
    /// - `probabilities`: `[rows, classes]`, row-major; a row's sum is 1
    /// - `targets`: `[rows]`, class indices
    pub fn new(classes: usize, probabilities: &'a [f64], targets: &'a [u32]) -> Result<Self, MetricsError> {
        if classes == 0 {
            return Err(MetricsError::NoClasses);
        }
        let expected = targets.len().saturating_mul(classes);
        if probabilities.len() != expected {
            let what = "one probability for each class of each target";
            return Err(MetricsError::Length { what, expected, found: probabilities.len() });
        }
        targets
            .iter()
            .enumerate()
            .try_for_each(|(row, &target)| check_class("target", row, target, classes))?;
        Ok(Self { classes, probabilities, targets })
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The probabilities and the target of each row.
    pub fn iter(&self) -> impl Iterator<Item = (&'a [f64], u32)> + use<'a> {
        self.probabilities.chunks_exact(self.classes).zip(self.targets.iter().copied())
    }

    /// The probability of one class, and whether the row is of it, for each row.
    pub fn of_class(&self, class: usize) -> impl Iterator<Item = (f64, bool)> + use<'a> {
        self.iter()
            .map(move |(row, target)| (row.get(class).copied().unwrap_or(f64::NAN), target as usize == class))
    }
}

/// The predictions of a regression over all rows of a split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedNumbers<'a> {
    outputs: usize,
    predicted: &'a [f64],
    targets: &'a [f64],
    loss: f64,
}

impl<'a> JudgedNumbers<'a> {
    /// Fails without outputs, and where the lengths do not fit.
    ///
    /// # Shapes
    /// - `predicted`, `targets`: `[rows, outputs]`, row-major, in the units of the data
    ///
    /// `loss` is the mean of the training's objective over the rows.
    pub fn new(
        outputs: usize,
        predicted: &'a [f64],
        targets: &'a [f64],
        loss: f64,
    ) -> Result<Self, MetricsError> {
        if outputs == 0 {
            return Err(MetricsError::NoOutputs);
        }
        let expected = targets.len().next_multiple_of(outputs);
        if targets.len() != expected {
            let what = "whole rows of targets";
            return Err(MetricsError::Length { what, expected, found: targets.len() });
        }
        if predicted.len() != expected {
            let what = "one prediction for each target";
            return Err(MetricsError::Length { what, expected, found: predicted.len() });
        }
        Ok(Self { outputs, predicted, targets, loss })
    }

    /// Numbers that each row predicts.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.targets.len() / self.outputs
    }

    /// Mean of the training's objective.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The predicted and the true value of one output, for each row.
    pub fn of_output(&self, output: usize) -> impl Iterator<Item = (f64, f64)> + Clone + use<'a> {
        let every = |values: &'a [f64], outputs| values.iter().copied().skip(output).step_by(outputs);
        every(self.predicted, self.outputs).zip(every(self.targets, self.outputs))
    }

    /// The mean over the outputs of what `of` makes of each, as scikit-learn's `multioutput="uniform_average"`; `None`
    /// without rows and where one output has no value.
    pub fn uniform_average<F>(&self, of: F) -> Option<f64>
    where
        F: Fn(&mut dyn Iterator<Item = (f64, f64)>) -> Option<f64>,
    {
        if self.targets.is_empty() {
            return None;
        }
        let values: Option<Vec<f64>> =
            (0..self.outputs).map(|output| of(&mut self.of_output(output))).collect();
        Some(values?.iter().sum::<f64>() / self.outputs as f64)
    }
}
