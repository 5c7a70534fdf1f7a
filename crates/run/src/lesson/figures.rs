//! The figures of one training that a lesson compares.

use brasa_data::ColumnSpread;
use serde::Serialize;

use super::LessonRecipe;
use brasa_train::metrics::{ACCURACY, Figures, Scores};
use brasa_train::{EpochRecord, GroupOverlap};

/// What one recipe of a lesson came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LessonFigures {
    /// The recipe's name.
    pub recipe: String,
    /// Epochs run.
    pub epochs: usize,
    /// Steps of the optimizer in each epoch.
    pub updates_per_epoch: usize,
    /// Steps of the optimizer in all.
    pub updates: usize,
    /// Seconds of training, without validation and reading.
    pub train_seconds: f64,
    /// Training figures of the last epoch, taken batch by batch while the weights moved and dropout was on.
    pub last_train: Figures,
    /// Validation figures after the last epoch.
    pub last_valid: Figures,
    /// Validation loss less training loss at the last epoch.
    pub last_gap: f64,
    /// The first epoch whose validation loss is the lowest, from 1.
    pub lowest_epoch: usize,
    /// Validation loss there.
    pub lowest_valid_loss: f64,
    /// Validation loss less training loss there.
    pub lowest_gap: f64,
    /// The weights that were kept, judged with dropout off.
    pub kept: KeptFigures,
    /// How the test split stands to the groups of the training split, where there are such.
    pub overlap: Option<GroupOverlap>,
    /// How differently the columns of the data vary before any scaling, where the data are a table.
    pub columns: Option<ColumnSpread>,
    /// Training loss of each epoch.
    #[serde(skip)]
    pub(super) train_loss: Vec<f64>,
    /// Validation accuracy after each epoch.
    #[serde(skip)]
    pub(super) valid_accuracy: Vec<f64>,
    /// Seconds of training up to the end of each epoch.
    #[serde(skip)]
    pub(super) seconds: Vec<f64>,
}

/// The figures of the kept weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptFigures {
    /// The epoch that they come from, from 1.
    pub epoch: usize,
    /// On the training split.
    pub train: Figures,
    /// On the validation split, which chose them.
    pub valid: Figures,
    /// On the test split, where there is one.
    pub test: Option<Figures>,
    /// Validation loss less training loss.
    pub gap: f64,
    /// 95 % interval of the test accuracy.
    pub test_interval: Option<(f64, f64)>,
    /// Classes that the judged split (test, or else validation) was ever given as an answer.
    pub answered_classes: usize,
    /// Share of the largest class on that split: what answering it alone would get right.
    pub largest_class: f64,
}

impl KeptFigures {
    /// The split to judge by, and its name.
    pub fn judged(&self) -> (&'static str, &Figures) {
        match &self.test {
            Some(test) => ("test", test),
            None => ("validation", &self.valid),
        }
    }
}

impl LessonFigures {
    /// `None` without an epoch.
    pub(super) fn new(recipe: &LessonRecipe) -> Option<Self> {
        let history = &recipe.history;
        let last = history.last()?;
        let lowest = history.iter().min_by(|a, b| a.valid.loss().total_cmp(&b.valid.loss()))?;
        let kept = history.iter().rev().find(|record| record.improved).unwrap_or(last);
        let gap = |record: &EpochRecord| record.valid.loss() - record.train.loss();
        let seconds: Vec<f64> = history
            .iter()
            .scan(0.0, |sum, record| {
                *sum += record.train_seconds;
                Some(*sum)
            })
            .collect();
        let scores = &recipe.scores;
        let judged = scores.test.as_ref().unwrap_or(&scores.valid);
        let split = |scores: &Scores| last.valid.iter().map(|(name, _)| (name, scores.value(name))).collect();
        let confusion = judged.classes().map_or(&[][..], |classes| &classes.confusion);
        let answers = |class: usize| confusion.iter().filter_map(|row| row.get(class)).sum::<u64>();
        let largest = confusion.iter().map(|row| row.iter().sum::<u64>()).max().unwrap_or(0);
        Some(Self {
            recipe: recipe.name.clone(),
            epochs: history.len(),
            updates_per_epoch: recipe.updates_per_epoch,
            updates: recipe.updates_per_epoch * history.len(),
            train_seconds: seconds.last().copied().unwrap_or(0.0),
            last_train: last.train.clone(),
            last_valid: last.valid.clone(),
            last_gap: gap(last),
            lowest_epoch: lowest.epoch,
            lowest_valid_loss: lowest.valid.loss(),
            lowest_gap: gap(lowest),
            kept: KeptFigures {
                epoch: kept.epoch,
                train: split(&scores.train),
                valid: split(&scores.valid),
                test: scores.test.as_ref().map(split),
                test_interval: scores.test.as_ref().and_then(|test| test.interval(ACCURACY)),
                gap: scores.valid.loss() - scores.train.loss(),
                answered_classes: (0..confusion.len()).filter(|class| answers(*class) > 0).count(),
                largest_class: largest as f64 / judged.rows.max(1) as f64,
            },
            overlap: recipe.overlap,
            columns: recipe.columns.clone(),
            train_loss: history.iter().map(|record| record.train.loss()).collect(),
            valid_accuracy: history.iter().map(|record| record.valid.value(ACCURACY)).collect(),
            seconds,
        })
    }
}
