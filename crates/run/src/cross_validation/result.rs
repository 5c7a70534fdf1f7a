//! All folds together.

use brasa_data::SplitKind;
use serde::Serialize;

use super::{
    CrossValidation, FoldId, FoldLeaks, FoldResult, FoldSummary, HeldOut, IntervalKind, MetricSummary,
};
use crate::{Result, RunError};
use brasa_train::metrics::{Confusion, Scores};
use brasa_train::recipe::Monitor;

/// What cross-validation found. Field names and order are the JSON keys of `cv.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrossValidated {
    /// How the rows were dealt: stratified or grouped.
    pub split: SplitKind,
    /// Folds of each repeat.
    pub folds: usize,
    /// Repeats.
    pub repeats: usize,
    /// The seed that the training seeds of the folds derive from.
    pub seed: u64,
    /// The seed of the folds themselves.
    pub split_seed: u64,
    /// Rows that were dealt to the folds.
    pub rows: usize,
    /// Rows of the test side that the data give; no fold has seen them.
    pub untouched_test_rows: usize,
    /// The figure of the validation side that chose each fold's weights.
    pub monitor: Monitor,
    /// How the intervals are reckoned.
    pub interval: IntervalKind,
    /// Each figure of the held-out rows over the folds.
    pub metrics: MetricSummaries,
    /// What was shared between held-out and other rows, summed over all folds.
    pub leaks: FoldLeaks,
    /// Scores of all held-out predictions taken together; with repeats each row counts once per repeat.
    pub out_of_fold: Scores,
    /// Every fold, by repeat and fold.
    pub fold_results: Vec<FoldSummary>,
    /// Every held-out prediction with its fold, by repeat, fold and row.
    #[serde(skip)]
    pub predictions: Vec<(FoldId, HeldOut)>,
}

/// The figures that are summarised over folds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricSummaries {
    /// Share of rows predicted right.
    pub accuracy: MetricSummary,
    /// Macro average of precision.
    pub precision_macro: MetricSummary,
    /// Macro average of recall.
    pub recall_macro: MetricSummary,
    /// Macro average of F1.
    pub f1_macro: MetricSummary,
    /// Share of rows whose class is among the k most likely, where asked for.
    pub top_k: Option<TopKSummary>,
    /// Mean cross-entropy.
    pub loss: MetricSummary,
}

/// Top-k accuracy over folds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopKSummary {
    /// How many of the most likely classes count.
    pub k: usize,
    /// The share of rows.
    #[serde(flatten)]
    pub summary: MetricSummary,
}

impl MetricSummaries {
    /// What each figure is called, and the figure, in the order in which they are read.
    pub fn named(&self) -> Vec<(String, MetricSummary)> {
        self.figures().into_iter().map(|(name, summary, _)| (name, summary)).collect()
    }

    /// As [`named`](Self::named), with where each figure stands among the scores of a fold.
    pub(super) fn figures(&self) -> Vec<(String, MetricSummary, Figure)> {
        let mut figures: Vec<(String, MetricSummary, Figure)> = vec![
            ("accuracy".into(), self.accuracy, |scores| scores.accuracy),
            ("macro precision".into(), self.precision_macro, |scores| scores.precision_macro),
            ("macro recall".into(), self.recall_macro, |scores| scores.recall_macro),
            ("macro F1".into(), self.f1_macro, |scores| scores.f1_macro),
        ];
        if let Some(top) = &self.top_k {
            figures.push((format!("top-{} accuracy", top.k), top.summary, top_k_accuracy));
        }
        figures.push(("loss".into(), self.loss, |scores| scores.loss));
        figures
    }
}

/// One figure of a fold's scores.
pub(super) type Figure = fn(&Scores) -> f64;

fn top_k_accuracy(scores: &Scores) -> f64 {
    scores.top_k.map_or(f64::NAN, |top| top.accuracy)
}

impl CrossValidated {
    pub(super) fn new(plan: &CrossValidation, mut results: Vec<FoldResult>) -> Result<Self> {
        results.sort_by_key(|result| result.summary.id);
        let wanted = plan.folds();
        for &id in &wanted {
            let found = results.iter().filter(|result| result.summary.id == id).count();
            if found != 1 {
                return Err(RunError::FoldResults { repeat: id.repeat, fold: id.fold, found });
            }
        }
        results.retain(|result| wanted.contains(&result.summary.id));
        let predictions = results
            .iter()
            .flat_map(|result| result.predictions.iter().map(|held_out| (result.summary.id, *held_out)))
            .collect();
        let folds: Vec<FoldSummary> = results.into_iter().map(|result| result.summary).collect();
        let interval = match plan.repeats() {
            1 => IntervalKind::StudentT,
            _ => IntervalKind::CorrectedResampledT,
        };
        let recipe = plan.recipe().recipe();
        Ok(Self {
            split: plan.plan().kind(),
            folds: plan.plan().folds(),
            repeats: plan.repeats(),
            seed: recipe.training.seed,
            split_seed: recipe.data.split.seed,
            rows: plan.plan().rows().len(),
            untouched_test_rows: plan.plan().untouched_test_rows(),
            monitor: recipe.training.monitor,
            interval,
            metrics: summaries(&folds, interval),
            leaks: FoldLeaks {
                duplicates: folds.iter().map(|fold| fold.leaks.duplicates).sum(),
                shared_groups: folds.iter().map(|fold| fold.leaks.shared_groups).sum(),
            },
            out_of_fold: pooled(&folds, plan.data().class_names())?,
            fold_results: folds,
            predictions,
        })
    }
}

fn summaries(folds: &[FoldSummary], interval: IntervalKind) -> MetricSummaries {
    let held_out: u64 = folds.iter().map(|fold| fold.scores.rows).sum();
    let rest: usize = folds.iter().map(|fold| fold.train_rows + fold.valid_rows).sum();
    let of = |figure: Figure| {
        let values: Vec<f64> = folds.iter().map(|fold| figure(&fold.scores)).collect();
        MetricSummary::new(&values, interval, held_out as f64 / rest as f64)
    };
    let k = folds.iter().find_map(|fold| fold.scores.top_k).map(|top| top.k);
    MetricSummaries {
        accuracy: of(|scores| scores.accuracy),
        precision_macro: of(|scores| scores.precision_macro),
        recall_macro: of(|scores| scores.recall_macro),
        f1_macro: of(|scores| scores.f1_macro),
        top_k: k.map(|k| TopKSummary { k, summary: of(top_k_accuracy) }),
        loss: of(|scores| scores.loss),
    }
}

/// The scores of all held-out rows at once.
fn pooled(folds: &[FoldSummary], class_names: &[String]) -> Result<Scores> {
    let mut counts = vec![vec![0; class_names.len()]; class_names.len()];
    let (mut loss, mut top_k) = (0.0, None);
    for FoldSummary { scores, .. } in folds {
        for (sums, row) in counts.iter_mut().zip(&scores.confusion) {
            sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
        }
        loss += scores.loss * scores.rows as f64;
        if let Some(top) = scores.top_k {
            let hits = (top.accuracy * scores.rows as f64).round() as u64;
            top_k = Some((top.k, top_k.map_or(0, |(_, before)| before) + hits));
        }
    }
    Ok(Scores::of_counts(&Confusion::try_from(counts)?, class_names, loss, top_k)?)
}
