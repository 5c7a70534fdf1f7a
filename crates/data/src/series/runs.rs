//! One block of rows as runs: rows that follow each other in one series, step by step.

use crate::records::{Fault, Record, each_record};

/// Where the columns are.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// All columns of the file.
    pub count: usize,
    pub series: usize,
    pub step: usize,
    pub features: Vec<usize>,
    /// Columns that must be the same in all rows of a series: target and group.
    pub constant: Vec<usize>,
}

/// Rows of one series with consecutive steps.
#[derive(Debug)]
pub(super) struct Run {
    pub series: Box<[u8]>,
    /// The cells of [`Columns::constant`].
    pub constant: Vec<Box<[u8]>>,
    pub first_step: i64,
    pub rows: usize,
    /// Where its first row starts in the block.
    pub offset: usize,
}

/// The runs of a block, and the values of all of them, row by row.
#[derive(Debug)]
pub(super) struct Part {
    pub runs: Vec<Run>,
    pub values: Vec<f32>,
}

/// Reads a block.
pub(super) fn read_part(block: &[u8], columns: &Columns) -> Result<Part, Fault> {
    // A reading takes some eight characters.
    let mut part = Part { runs: Vec::new(), values: Vec::with_capacity(block.len() / 8) };
    each_record(block, columns.count, |record| {
        let step = step(record, columns.step)?;
        match part.runs.last_mut().filter(|run| continues(run, record, columns, step)) {
            Some(run) => run.rows += 1,
            None => part.runs.push(Run {
                series: record.trimmed(columns.series).into(),
                constant: columns.constant.iter().map(|&column| record.trimmed(column).into()).collect(),
                first_step: step,
                rows: 1,
                offset: record.offset,
            }),
        }
        for &column in &columns.features {
            part.values.push(reading(record, column)?);
        }
        Ok(())
    })?;
    Ok(part)
}

fn continues(run: &Run, record: &Record<'_>, columns: &Columns, step: i64) -> bool {
    *run.series == *record.trimmed(columns.series)
        && run.first_step.checked_add_unsigned(run.rows as u64) == Some(step)
        && run.constant.iter().zip(&columns.constant).all(|(cell, &column)| **cell == *record.trimmed(column))
}

fn step(record: &Record<'_>, column: usize) -> Result<i64, Fault> {
    let number = std::str::from_utf8(record.trimmed(column)).ok().and_then(|cell| cell.parse().ok());
    number.ok_or_else(|| record.fault(column, "a step, a whole number"))
}

fn reading(record: &Record<'_>, column: usize) -> Result<f32, Fault> {
    match fast_float2::parse::<f32, _>(record.trimmed(column)) {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(record.fault(column, "a finite number")),
        Err(_) => Err(record.fault(column, "a number")),
    }
}
