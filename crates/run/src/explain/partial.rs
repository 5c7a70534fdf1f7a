//! What a model says in the mean when a column has one value in all rows.

use brasa_models::Model;
use brasa_predict::softmax;
use brasa_train::{CheckedRecipe, Prepared, outputs};
use burn::tensor::Device;
use serde::Serialize;

use super::rows::{Column, ExplainedRows};
use crate::Result;

/// Values of a column of numbers that are tried.
const VALUES: usize = 20;

/// Levels of a column of categories that are tried, the first ones.
const LEVELS: usize = 30;

/// The partial dependence of the answers on a column ([Friedman 2001](https://doi.org/10.1214/aos/1013203451)).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Partial {
    /// The column.
    pub column: String,
    /// The values that it was given, as numbers; of a column with levels, the numbers of these.
    pub values: Vec<f64>,
    /// The levels, of a column that has some.
    pub levels: Vec<String>,
    /// The classes or the numbers that are predicted.
    pub names: Vec<String>,
    /// Of each of them, for each value: the mean probability or the mean number.
    pub answers: Vec<Vec<f64>>,
}

/// The partial dependence on the column of this name; `None` for one that no single number stands for, such as a date or a text.
/// It tells of rows that may not be: a value is put into all rows, whatever else they hold.
///
/// # Errors
/// Whatever predicting answers.
pub fn partial_dependence(
    model: &impl Model,
    recipe: &CheckedRecipe,
    rows: &ExplainedRows,
    column: &str,
    device: &Device,
) -> Result<Option<Partial>> {
    let Some(column) = rows.columns().iter().find(|own| own.name == column) else { return Ok(None) };
    let values = values(rows, column);
    let data = &rows.prepared().data;
    // A number that may be missing has a second number that says so; dates and texts are more.
    if values.is_empty() || column.width > 2 {
        return Ok(None);
    }
    let names = match data.numbers() {
        Some(numbers) => numbers.names.clone(),
        None => data.class_names().to_vec(),
    };
    let mut answers = vec![Vec::with_capacity(values.len()); names.len()];
    for &value in &values {
        let changed = rows.with(column, |_, own| {
            own.fill(0.0);
            own.iter_mut().take(1).for_each(|number| *number = value);
        })?;
        let said = means(model, recipe, &changed, names.len(), device)?;
        answers.iter_mut().zip(said).for_each(|(answers, mean)| answers.push(mean));
    }
    let levels =
        values.iter().filter_map(|&value| column.levels.get((value as usize).checked_sub(1)?).cloned());
    let levels = if column.levels.is_empty() { Vec::new() } else { levels.collect() };
    Ok(Some(Partial { column: column.name.clone(), values, levels, names, answers }))
}

/// What is tried: evenly spread values that rows have, or levels that rows have.
fn values(rows: &ExplainedRows, column: &Column) -> Vec<f64> {
    let mut known: Vec<f64> = rows.of_place(column.from).filter(|value| value.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    known.dedup();
    if !column.levels.is_empty() {
        known.retain(|&level| level >= 1.0);
        known.truncate(LEVELS);
        return known;
    }
    let last = known.len().saturating_sub(1);
    let count = known.len().min(VALUES);
    (0..count).filter_map(|step| known.get(step * last / (count - 1).max(1)).copied()).collect()
}

/// The mean answer over all rows: probabilities of classes, numbers in their units.
fn means(
    model: &impl Model,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    width: usize,
    device: &Device,
) -> Result<Vec<f64>> {
    let loader = prepared.eval_loader(&prepared.split.test, 0)?;
    let outputs = outputs(model, recipe, &loader, device)?;
    let answers: Vec<f64> = match prepared.data.numbers() {
        Some(_) => prepared.target_scale.restore(&outputs),
        None => outputs.chunks(width.max(1)).flat_map(softmax).collect(),
    };
    let mut sums = vec![0.0; width];
    answers.chunks(width.max(1)).for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, one)| *sum += one));
    let rows = prepared.data.len().max(1) as f64;
    Ok(sums.into_iter().map(|sum| sum / rows).collect())
}
