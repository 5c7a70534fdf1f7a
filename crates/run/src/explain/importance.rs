//! How much worse a model's answers are without what a column says.

use brasa_data::seed;
use brasa_models::Model;
use brasa_train::metrics::{Direction, Metric, Range};
use brasa_train::{CheckedRecipe, Prepared, score_rows};
use burn::tensor::Device;
use serde::Serialize;

use super::rows::ExplainedRows;
use crate::cross_validation::{IntervalKind, MetricSummary};
use crate::{Result, RunError};

/// Purpose of the order that rows are shuffled in, for [`seed::rng`].
const IMPORTANCE: u64 = 0x696d_7074; // "impt"

/// How much worse the answers get when a column's cells change places between rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Importance {
    /// The column.
    pub column: String,
    /// How much worse the metric is, in the mean of the repeats; below 0 where it is better.
    pub mean: f64,
    /// 95 % interval of the mean over the repeats, by Student's t: of the shuffling, not of the choice of rows.
    pub interval: [f64; 2],
}

/// The permutation importance of each column ([Breiman 2001](https://doi.org/10.1023/A:1010933404324)) by `metric`, the
/// greatest first. Columns that say the same share what they say: each is told as less important than it is.
///
/// # Errors
/// [`RunError::Explain`] for a metric that is undefined on these rows; whatever scoring answers.
pub fn importance(
    model: &impl Model,
    recipe: &CheckedRecipe,
    rows: &ExplainedRows,
    metric: &dyn Metric,
    repeats: usize,
    device: &Device,
) -> Result<(f64, Vec<Importance>)> {
    let figure = |prepared: &Prepared| -> Result<f64> {
        let scores = score_rows(model, recipe, prepared, &prepared.split.test, device)?;
        let figure = scores.figure(metric.name()).filter(|figure| !figure.is_nan());
        figure.ok_or_else(|| RunError::Explain(format!("`{}` is undefined on these rows", metric.name())))
    };
    let base = figure(rows.prepared())?;
    let mut found = Vec::with_capacity(rows.columns().len());
    for (place, column) in rows.columns().iter().enumerate() {
        let mut worse = Vec::with_capacity(repeats);
        for repeat in 0..repeats.max(1) {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            let purpose = [IMPORTANCE, place as u64, repeat as u64];
            seed::shuffle(&mut order, &mut seed::rng(recipe.recipe().training.seed, &purpose));
            let shuffled = rows.with(column, |row, own| {
                let other = order.get(row).and_then(|&other| rows.numbers(column, other));
                other.into_iter().for_each(|numbers| own.copy_from_slice(numbers));
            })?;
            let change = figure(&shuffled)? - base;
            worse.push(if metric.direction() == Direction::HigherIsBetter { -change } else { change });
        }
        found.push(summary(&column.name, &worse));
    }
    found.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Ok((base, found))
}

fn summary(column: &str, worse: &[f64]) -> Importance {
    let (mean, interval) = match worse {
        &[one] => (one, [one, one]),
        several => {
            let summary = MetricSummary::new(several, IntervalKind::StudentT, 0.0, Range::UNBOUNDED);
            (summary.mean, summary.interval)
        }
    };
    Importance { column: column.to_owned(), mean, interval }
}
