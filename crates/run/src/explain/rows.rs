//! Rows of a table whose columns are changed.

use std::sync::Arc;

use brasa_data::{
    ClassTargets, Files, Labelled, NumberTargets, PlacedColumn, Samples, Split, Targets, Values,
};
use brasa_train::Prepared;

use crate::{Result, RunError};

/// Some rows of a table, scaled as a model takes them.
#[derive(Debug, Clone)]
pub struct ExplainedRows {
    prepared: Prepared,
    /// The numbers of all rows, row-major.
    values: Vec<f64>,
    width: usize,
    columns: Vec<Column>,
}

/// A column of the file among the numbers of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub name: String,
    pub from: usize,
    pub width: usize,
    /// What its numbers from 1 stand for, where these are levels.
    pub levels: Vec<String>,
}

impl ExplainedRows {
    /// At most so many of `rows`, evenly spread over them.
    ///
    /// # Errors
    /// [`RunError::Explain`] for samples that are not the columns of a table, and for no rows.
    pub fn new(prepared: &Prepared, rows: &[usize], most: usize) -> Result<Self> {
        let data = &prepared.data;
        let step = rows.len().div_ceil(most.max(1)).max(1);
        let rows: Vec<usize> = rows.iter().copied().step_by(step).collect();
        let columns = columns(data);
        let width = data.samples.sample_len();
        if columns.is_empty() || columns.iter().map(|column| column.width).sum::<usize>() != width {
            return Err(RunError::Explain("needs a model over the columns of a table".into()));
        }
        let values: Vec<f64> =
            rows.iter().filter_map(|&row| data.samples.f64_row(row)).flatten().copied().collect();
        if rows.is_empty() || values.len() != rows.len() * width {
            let problem =
                if rows.is_empty() { "needs rows: that split of the data is empty" } else { "needs numbers" };
            return Err(RunError::Explain(problem.into()));
        }
        let targets = match &data.targets {
            Targets::Classes(classes) => Targets::Classes(ClassTargets {
                labels: rows.iter().filter_map(|&row| classes.labels.get(row).copied()).collect(),
                names: classes.names.clone(),
                soft: None,
            }),
            Targets::Numbers(numbers) => Targets::Numbers(NumberTargets {
                values: rows.iter().flat_map(|&row| numbers.row(row).to_vec()).collect(),
                names: numbers.names.clone(),
            }),
        };
        let samples = Samples::new(vec![width], Values::F64(values.clone().into()))?;
        let own = Labelled {
            feature_names: data.feature_names.clone(),
            levels: data.levels.clone(),
            columns: data.columns.clone(),
            ..Labelled::new(data.name.clone(), samples, Vec::new(), Vec::new())
        };
        let base = Self { prepared: prepared.clone(), values, width, columns };
        let prepared = base.prepared_of(Labelled { targets, ..own });
        Ok(Self { prepared, ..base })
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// Whether there are none; there always are some.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows as they are.
    pub(super) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// All of the numbers of a place in a row.
    pub(super) fn of_place(&self, place: usize) -> impl Iterator<Item = f64> {
        self.values.iter().skip(place).step_by(self.width.max(1)).copied()
    }

    /// The rows with the numbers of `column` that `take` gives: for each row, those of another, or others.
    pub(super) fn with(&self, column: &Column, take: impl Fn(usize, &mut [f64])) -> Result<Prepared> {
        let mut values = self.values.clone();
        for (row, numbers) in values.chunks_mut(self.width).enumerate() {
            if let Some(own) = numbers.get_mut(column.from..column.from + column.width) {
                take(row, own);
            }
        }
        let samples = Samples::new(vec![self.width], Values::F64(values.into()))?;
        Ok(self.prepared_of(Labelled { samples, ..(*self.prepared.data).clone() }))
    }

    /// The numbers of a column in a row.
    pub(super) fn numbers(&self, column: &Column, row: usize) -> Option<&[f64]> {
        let from = row * self.width + column.from;
        self.values.get(from..from + column.width)
    }

    fn prepared_of(&self, data: Labelled) -> Prepared {
        let split = Split { test: (0..data.len()).collect(), ..Split::default() };
        let (scaler, scale) = ((*self.prepared.scaler).clone(), self.prepared.target_scale.clone());
        Prepared::for_scoring(Arc::new(data), split, scaler, scale, &Files::embedded(&[]))
    }
}

fn columns(data: &Labelled) -> Vec<Column> {
    let column = |(place, PlacedColumn { name, from, width, .. }): (usize, PlacedColumn<'_>)| {
        let levels = match data.columns.get(place) {
            Some((_, encoding)) => encoding.level_names(),
            None => data.levels.get(from).cloned().unwrap_or_default(),
        };
        Column { name: name.to_owned(), from, width, levels }
    };
    data.placed_columns().into_iter().enumerate().map(column).collect()
}
