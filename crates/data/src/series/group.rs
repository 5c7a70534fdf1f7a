//! Runs joined to whole series, which must all have the same steps, each once and in order.

use std::collections::HashMap;

use rayon::prelude::*;

use super::runs::{Columns, Part, Run, read_part};
use crate::records::{BLOCK_LEN, Header, line_of, split};
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

struct Series<'p> {
    id: &'p [u8],
    constant: &'p [Box<[u8]>],
    first_step: i64,
    rows: usize,
    /// Where it starts in the file.
    offset: usize,
    /// Pieces of the parts' values.
    pieces: Vec<&'p [f32]>,
}

impl Series<'_> {
    fn next_step(&self) -> i64 {
        self.first_step.saturating_add_unsigned(self.rows as u64)
    }

    fn name(&self) -> String {
        String::from_utf8_lossy(self.id).into_owned()
    }

    fn steps(&self) -> String {
        format!("{} steps ({} to {})", self.rows, self.first_step, self.next_step() - 1)
    }
}

/// Reads and groups the rows of a file.
pub(super) fn read(header: &Header, bytes: &[u8], columns: &Columns) -> Result<Grouped> {
    let file = header.file.as_str();
    let rows = bytes.get(header.len..).unwrap_or_default();
    let mut offset = header.len;
    let blocks = split(rows, BLOCK_LEN).into_iter().map(|block| {
        let start = offset;
        offset += block.len();
        (start, block)
    });
    let read = |(start, block): (usize, &[u8])| {
        let lines_before = || line_of(bytes, start) - 1;
        match read_part(block, columns) {
            Ok(part) => Ok((start, part)),
            Err(fault) => Err(fault.into_error(header, block, lines_before())),
        }
    };
    // All blocks are read before the first fault is told, so that it is the same one every time.
    let parts = blocks.collect::<Vec<_>>().into_par_iter().map(read).collect::<Vec<_>>();
    let parts = parts.into_iter().collect::<Result<Vec<_>>>()?;
    let series = join(file, bytes, &parts, columns)?;
    let Some(first) = series.first() else {
        return Err(DataError::NoRows { file: file.to_owned() });
    };
    if let Some(other) = series.iter().find(|series| series.rows != first.rows) {
        return Err(DataError::SeriesLength {
            file: file.to_owned(),
            line: line_of(bytes, other.offset),
            series: other.name(),
            found: other.steps(),
            expected: format!("{} as in series `{}`", first.steps(), first.name()),
        });
    }

    let (steps, channels) = (first.rows, columns.features.len());
    let mut values = vec![0.0; series.len() * steps * channels];
    values.par_chunks_mut(steps * channels).zip(&series).for_each(|(sample, series)| {
        let pieces = series.pieces.iter().copied().flatten();
        sample.iter_mut().zip(pieces).for_each(|(value, &reading)| *value = reading);
    });
    let text = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    Ok(Grouped {
        samples: Samples::new(vec![steps, channels], Values::F32(values))?,
        ids: series.iter().map(Series::name).collect(),
        lines: lines(bytes, series.iter().map(|series| series.offset)),
        constant: series
            .iter()
            .map(|series| series.constant.iter().map(|cell| text(cell)).collect())
            .collect(),
    })
}

/// The lines of rising offsets, in one pass.
fn lines(bytes: &[u8], offsets: impl Iterator<Item = usize>) -> Vec<u64> {
    let (mut place, mut line) = (0, 1);
    let next = |offset: usize| {
        line += line_of(bytes.get(place..).unwrap_or_default(), offset.saturating_sub(place)) - 1;
        place = offset;
        line
    };
    offsets.map(next).collect()
}

fn join<'p>(
    file: &str,
    bytes: &[u8],
    parts: &'p [(usize, Part)],
    columns: &Columns,
) -> Result<Vec<Series<'p>>> {
    let mut all: Vec<Series<'p>> = Vec::new();
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    for (start, part) in parts {
        let mut values = part.values.as_slice();
        for run in &part.runs {
            let (piece, rest) = values.split_at(run.rows * columns.features.len());
            values = rest;
            let offset = start + run.offset;
            let fault = |problem: String| DataError::Series {
                file: file.to_owned(),
                line: line_of(bytes, offset),
                series: String::from_utf8_lossy(&run.series).into_owned(),
                problem,
            };
            match places.get(&*run.series).and_then(|&place| all.get_mut(place)) {
                None if run.series.is_empty() => {
                    return Err(fault("a row needs the id of its series".into()));
                }
                None => {
                    places.insert(&run.series, all.len());
                    all.push(Series {
                        id: &run.series,
                        constant: &run.constant,
                        first_step: run.first_step,
                        rows: run.rows,
                        offset,
                        pieces: vec![piece],
                    });
                }
                Some(series) => {
                    check_follows(series, run).map_err(fault)?;
                    series.rows += run.rows;
                    series.pieces.push(piece);
                }
            }
        }
    }
    Ok(all)
}

fn check_follows(series: &Series<'_>, run: &Run) -> std::result::Result<(), String> {
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
        Some((a, b)) => {
            let [a, b] = [a, b].map(|cell| String::from_utf8_lossy(cell).into_owned());
            Err(format!("labelled or grouped as `{a}` first and as `{b}` here"))
        }
        None => Ok(()),
    }
}
