//! Runs joined to whole series, which must all have the same steps, each once and in order.

use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;

use rayon::prelude::*;

use super::runs::{Columns, Run, Runs};
use crate::decode::Text;
use crate::formats::delimited::Expected;
use crate::formats::records::{Header, Layout, parse_blocks};
use crate::{DataError, Result, Samples, Values};

/// The series of a file, in the order in which they first appear.
#[derive(Debug)]
pub(super) struct Grouped {
    /// `[steps, channels]` each.
    pub samples: Samples,
    pub ids: Vec<String>,
    /// The line of the first row of each.
    pub lines: Vec<u64>,
    /// The cells of [`Columns::constant`] of each.
    pub constant: Vec<Vec<String>>,
}

struct Series {
    id: Box<str>,
    constant: Vec<Box<str>>,
    first_step: i64,
    rows: usize,
    /// The line of its first row.
    line: u64,
    /// Where its readings are.
    pieces: Vec<Range<usize>>,
}

impl Series {
    fn next_step(&self) -> i64 {
        self.first_step.saturating_add_unsigned(self.rows as u64)
    }

    fn steps(&self) -> String {
        format!("{} steps ({} to {})", self.rows, self.first_step, self.next_step() - 1)
    }
}

/// Reads and groups the rows of a text of about `bytes` bytes.
pub(super) fn read(
    file: &str,
    content: impl Read + Send,
    bytes: u64,
    expected: &Expected<'_>,
    columns: impl FnOnce(&Header) -> Result<Columns>,
) -> Result<Grouped> {
    let (mut all, mut channels) = (All { bytes, ..All::default() }, 1);
    parse_blocks(
        file,
        &Layout::of(expected),
        |feed| feed.take(Text::new(file, content)?),
        columns,
        |columns, runs, lines_before| {
            channels = columns.features.len();
            all.add(file, runs, channels, lines_before)
        },
    )?;
    let Some(first) = all.series.first() else {
        return Err(DataError::no_rows(file));
    };
    if let Some(other) = all.series.iter().find(|series| series.rows != first.rows) {
        let problem =
            format!("expected {} as in series `{}`, found {}", first.steps(), first.id, other.steps());
        return Err(DataError::series(file, other.line, &other.id, problem));
    }
    let shape = vec![first.rows, channels];
    Ok(Grouped {
        ids: all.series.iter().map(|series| series.id.to_string()).collect(),
        lines: all.series.iter().map(|series| series.line).collect(),
        constant: all
            .series
            .iter()
            .map(|series| series.constant.iter().map(ToString::to_string).collect())
            .collect(),
        samples: Samples::new(shape, Values::F64(all.into_values().into()))?,
    })
}

/// What was read so far.
#[derive(Default)]
struct All {
    series: Vec<Series>,
    places: HashMap<Box<str>, usize>,
    /// Readings in the order of the file.
    values: Vec<f64>,
    /// About so long is the file.
    bytes: u64,
}

impl All {
    fn add(&mut self, file: &str, runs: Runs, channels: usize, lines_before: u64) -> Result<()> {
        if self.values.is_empty() {
            // Without the room at once, it is made as it is needed.
            let _ = self.values.try_reserve_exact(runs.expected(self.bytes));
        }
        let mut start = self.values.len();
        self.values.extend_from_slice(&runs.values);
        for run in runs.runs {
            let (end, line) = (start + run.rows * channels, lines_before + run.line);
            let fault =
                |series: &str, problem: String| DataError::series(file, line, series.to_owned(), problem);
            match self.places.get(&run.series).and_then(|&place| self.series.get_mut(place)) {
                None if run.series.is_empty() => {
                    return Err(fault("", "a row needs the id of its series".into()));
                }
                None => {
                    self.places.insert(run.series.clone(), self.series.len());
                    self.series.push(Series {
                        id: run.series,
                        constant: run.constant,
                        first_step: run.first_step,
                        rows: run.rows,
                        line,
                        pieces: std::iter::once(start..end).collect(),
                    });
                }
                Some(series) => {
                    check_follows(series, &run).map_err(|problem| fault(&run.series, problem))?;
                    series.rows += run.rows;
                    match series.pieces.last_mut() {
                        Some(last) if last.end == start => last.end = end,
                        _ => series.pieces.push(start..end),
                    }
                }
            }
            start = end;
        }
        Ok(())
    }

    /// The readings series by series, which all have the same length.
    fn into_values(self) -> Vec<f64> {
        if self.series.iter().all(|series| series.pieces.len() == 1) {
            return self.values;
        }
        let len = self.values.len() / self.series.len().max(1);
        let mut sorted = vec![0.0; self.values.len()];
        sorted.par_chunks_mut(len.max(1)).zip(&self.series).for_each(|(sample, series)| {
            let pieces = series.pieces.iter().filter_map(|piece| self.values.get(piece.clone())).flatten();
            sample.iter_mut().zip(pieces).for_each(|(value, &reading)| *value = reading);
        });
        sorted
    }
}

fn check_follows(series: &Series, run: &Run) -> std::result::Result<(), String> {
    let (expected, found) = (series.next_step(), run.first_step);
    if found != expected {
        let problem = match found {
            _ if found > expected => "steps are missing or out of order",
            _ if found >= series.first_step => "the step is there twice",
            _ => "steps are out of order",
        };
        return Err(format!("expected step {expected}, found step {found}: {problem}"));
    }
    match series.constant.iter().zip(&run.constant).find(|(a, b)| a != b) {
        Some((a, b)) => Err(format!("labelled or grouped as `{a}` first and as `{b}` here")),
        None => Ok(()),
    }
}
