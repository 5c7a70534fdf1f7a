//! All folds together.

use brasa_data::{SplitKind, Targets};
use serde::Serialize;

use super::{
    CrossValidation, FoldId, FoldLeaks, FoldResult, FoldSummary, HeldOut, IntervalKind, MetricSummary, Said,
};
use crate::{Result, RunError};
use brasa_train::metrics::{Confusion, JudgedClasses, JudgedNumbers, Metric, Metrics, Scores, TopKHits};
use brasa_train::recipe::ChosenMetrics;

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
    /// Rows of the test split that the data give; no fold has seen them.
    pub untouched_test_rows: usize,
    /// The figure of the validation split that chose each fold's weights.
    pub monitor: String,
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

/// Each metric over the folds, in the order of the metrics: those that have a value in every fold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricSummaries(Vec<(String, MetricSummary)>);

impl MetricSummaries {
    /// The summary of the metric of this name.
    pub fn get(&self, name: &str) -> Option<&MetricSummary> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, summary)| summary)
    }

    /// Names and summaries, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &MetricSummary)> {
        self.0.iter().map(|(name, summary)| (name.as_str(), summary))
    }
}

impl Serialize for MetricSummaries {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
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
        let predictions: Vec<(FoldId, HeldOut)> = results
            .iter()
            .flat_map(|result| {
                result.predictions.iter().map(|held_out| (result.summary.id, held_out.clone()))
            })
            .collect();
        let folds: Vec<FoldSummary> = results.into_iter().map(|result| result.summary).collect();
        let interval = match plan.repeats() {
            1 => IntervalKind::StudentT,
            _ => IntervalKind::CorrectedResampledT,
        };
        let metrics = plan.recipe().metrics();
        let recipe = plan.recipe().recipe();
        Ok(Self {
            split: plan.plan().kind(),
            folds: plan.plan().folds(),
            repeats: plan.repeats(),
            seed: recipe.training.seed,
            split_seed: recipe.data.split.seed,
            rows: plan.plan().rows().len(),
            untouched_test_rows: plan.plan().untouched_test_rows(),
            monitor: recipe.training.monitor.clone(),
            interval,
            metrics: summaries(metrics, &folds, interval),
            leaks: FoldLeaks {
                duplicates: folds.iter().map(|fold| fold.leaks.duplicates).sum(),
                shared_groups: folds.iter().map(|fold| fold.leaks.shared_groups).sum(),
            },
            out_of_fold: match &plan.data().targets {
                Targets::Classes(classes) => pooled(metrics.all(), &folds, &classes.names)?,
                Targets::Numbers(numbers) => {
                    pooled_numbers(metrics.all(), &folds, &predictions, &numbers.names)?
                }
            },
            fold_results: folds,
            predictions,
        })
    }
}

fn summaries(metrics: &ChosenMetrics, folds: &[FoldSummary], interval: IntervalKind) -> MetricSummaries {
    let held_out: u64 = folds.iter().map(|fold| fold.scores.rows).sum();
    let rest: usize = folds.iter().map(|fold| fold.train_rows + fold.valid_rows).sum();
    let of = |metric: &dyn Metric| {
        let values: Option<Vec<f64>> = folds.iter().map(|fold| fold.scores.figure(metric.name())).collect();
        let ratio = held_out as f64 / rest as f64;
        Some((metric.name().into(), MetricSummary::new(&values?, interval, ratio, metric.range())))
    };
    MetricSummaries(metrics.all().of(metrics.task()).filter_map(|metric| of(&**metric)).collect())
}

/// The scores of all held-out numbers at once, in the units of the data, which do not depend on the fold. Only the loss does:
/// it is the mean of the folds' losses by their rows, each on its own fold's scale of the targets.
fn pooled_numbers(
    metrics: &Metrics,
    folds: &[FoldSummary],
    predictions: &[(FoldId, HeldOut)],
    names: &[String],
) -> Result<Scores> {
    let (mut targets, mut predicted) = (Vec::new(), Vec::new());
    for (_, held_out) in predictions {
        if let Said::Numbers { targets: right, predicted: said } = &held_out.said {
            targets.extend_from_slice(right);
            predicted.extend_from_slice(said);
        }
    }
    let rows: u64 = folds.iter().map(|fold| fold.scores.rows).sum();
    let loss_sum: f64 = folds.iter().map(|fold| fold.scores.loss() * fold.scores.rows as f64).sum();
    let judged = JudgedNumbers::new(names.len(), &predicted, &targets, loss_sum / rows.max(1) as f64)?;
    Ok(Scores::of_numbers(metrics, &judged, names)?)
}

/// Adds the counts of a confusion matrix to those of another one of as many classes.
pub fn add_counts(sums: &mut [Vec<u64>], counts: &[Vec<u64>]) {
    for (sums, row) in sums.iter_mut().zip(counts) {
        sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
    }
}

/// The scores of all held-out rows at once, by the metrics that counts suffice for: the folds' probabilities come from
/// different networks, and to rank them together would judge how these differ, too (Forman and Scholz, Apples-to-apples in
/// cross-validation studies, SIGKDD Explorations 12 (2010)).
fn pooled(metrics: &Metrics, folds: &[FoldSummary], class_names: &[String]) -> Result<Scores> {
    let mut counts = vec![vec![0; class_names.len()]; class_names.len()];
    let (mut loss_sum, mut top_k) = (0.0, None);
    for FoldSummary { scores, .. } in folds {
        let Some(classes) = scores.classes() else { continue };
        add_counts(&mut counts, &classes.confusion);
        loss_sum += scores.loss() * scores.rows as f64;
        if let Some(top) = classes.top_k {
            let before = top_k.map_or(0, |before: TopKHits| before.hits);
            let hits = before + (top.accuracy * scores.rows as f64).round() as u64;
            top_k = Some(TopKHits { k: top.k, hits });
        }
    }
    let confusion = Confusion::try_from(counts)?;
    let judged = JudgedClasses { confusion: &confusion, loss_sum, top_k, rows: None };
    Ok(Scores::of_classes(metrics, &judged, class_names, None)?)
}
