//! One block of rows as runs: rows that follow each other in one series, step by step.

use crate::formats::delimited::{no_number, not_finite};
use crate::formats::records::{Fault, Lines, Parser, Record, each_record};

/// Where the columns are.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// All columns of the file.
    pub count: usize,
    pub delimiter: u8,
    pub series: usize,
    pub step: usize,
    pub features: Vec<usize>,
    /// Columns that must be the same in all rows of a series: target and group.
    pub constant: Vec<usize>,
}

/// Rows of one series with consecutive steps.
#[derive(Debug)]
pub(super) struct Run {
    pub series: Box<str>,
    /// The cells of [`Columns::constant`].
    pub constant: Vec<Box<str>>,
    pub first_step: i64,
    pub rows: usize,
    /// Lines of the block up to its first row, that one counted.
    pub line: u64,
}

/// The runs of a block, and the values of all of them, row by row.
#[derive(Debug)]
pub(super) struct Runs {
    pub runs: Vec<Run>,
    pub values: Vec<f64>,
    /// The length of the block.
    block: usize,
}

impl Runs {
    /// How many values a file of so many bytes will hold, as this block is, and some more.
    pub fn expected(&self, bytes: u64) -> usize {
        let blocks = usize::try_from(bytes).unwrap_or_default() / self.block.max(1) + 1;
        self.values.len().saturating_mul(blocks).saturating_add(self.values.len())
    }
}

impl Parser for Columns {
    type Part = Runs;

    fn parse(&self, block: &[u8]) -> Result<Runs, Fault> {
        // A reading takes some eight characters.
        let mut part =
            Runs { block: block.len(), runs: Vec::new(), values: Vec::with_capacity(block.len() / 8) };
        let mut lines = Lines::of(block);
        each_record(block, self.delimiter, self.count, |record| {
            let record = record?;
            let step = step(record, self.step)?;
            match part.runs.last_mut().filter(|run| continues(run, record, self, step)) {
                Some(run) => run.rows += 1,
                None => {
                    let text = |column| record.text(column).map(Box::from);
                    part.runs.push(Run {
                        series: text(self.series)?,
                        constant: self
                            .constant
                            .iter()
                            .map(|&column| text(column))
                            .collect::<Result<_, _>>()?,
                        first_step: step,
                        rows: 1,
                        line: lines.at(record.offset),
                    });
                }
            }
            for &column in &self.features {
                part.values.push(reading(record, column)?);
            }
            Ok(())
        })?;
        Ok(part)
    }
}

fn continues(run: &Run, record: &Record<'_>, columns: &Columns, step: i64) -> bool {
    *run.series.as_bytes() == *record.trimmed(columns.series)
        && run.first_step.checked_add_unsigned(run.rows as u64) == Some(step)
        && run
            .constant
            .iter()
            .zip(&columns.constant)
            .all(|(cell, &column)| *cell.as_bytes() == *record.trimmed(column))
}

fn step(record: &Record<'_>, column: usize) -> Result<i64, Fault> {
    let number = std::str::from_utf8(record.trimmed(column)).ok().and_then(|cell| cell.parse().ok());
    number.ok_or_else(|| record.fault(column, "a step, a whole number"))
}

fn reading(record: &Record<'_>, column: usize) -> Result<f64, Fault> {
    let cell = record.trimmed(column);
    if let Some(value) = short_decimal(cell) {
        return Ok(value);
    }
    let wrong = match fast_float2::parse::<f64, _>(cell) {
        Ok(value) if value.is_finite() => return Ok(value),
        Ok(_) => not_finite(record.text(column)?),
        Err(_) => no_number(record.text(column)?),
    };
    Err(record.not_a_number(column, wrong))
}

/// A number of at most 53 bits and 15 decimals, which is nearly every reading: the quotient of two floats that are exact
/// is rounded right (Clinger, "How to read floating point numbers accurately", 1990). `None` for any other text.
fn short_decimal(cell: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] =
        [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, digits) = match cell {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 17 {
        return None;
    }
    let (mut number, mut point) = (0_u64, None);
    for (place, byte) in digits.iter().enumerate() {
        match byte.wrapping_sub(b'0') {
            digit @ 0..=9 => number = number.wrapping_mul(10).wrapping_add(u64::from(digit)),
            _ if *byte == b'.' && point.is_none() => point = Some(place),
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |point| digits.len() - point - 1);
    if number > 1 << 53 || digits.len() == usize::from(point.is_some()) {
        return None;
    }
    let value = number as f64 / POWERS.get(decimals)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    /// What a column of one cell reads as.
    fn read(cell: &str) -> Option<f64> {
        let columns = Columns {
            count: 3,
            delimiter: b',',
            series: 0,
            step: 1,
            features: vec![2],
            constant: Vec::new(),
        };
        columns.parse(format!("a,0,{cell}\n").as_bytes()).ok().map(|part| part.values[0])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn numbers_are_those_of_the_standard_library_to_the_last_bit(
            text in "[-+]?[0-9]{0,12}[.]?[0-9]{0,20}(e[-+]?[0-9]{1,2})?",
        ) {
            let expected = text.parse::<f64>().ok().filter(|value| value.is_finite());
            prop_assert_eq!(read(&text).map(f64::to_bits), expected.map(f64::to_bits));
        }

        #[test]
        fn short_numbers_are_those_of_the_standard_library_to_the_last_bit(text in "-?[0-9]{0,9}[.]?[0-9]{0,9}") {
            let expected = text.parse::<f64>().ok();
            prop_assert_eq!(read(&text).map(f64::to_bits), expected.map(f64::to_bits));
        }

        #[test]
        fn any_other_text_is_an_error_as_in_the_standard_library(text in "[-+.e0-9a-fx_ ]{0,8}") {
            let expected = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
            prop_assert_eq!(read(&text).map(f64::to_bits), expected.map(f64::to_bits));
        }
    }
}
