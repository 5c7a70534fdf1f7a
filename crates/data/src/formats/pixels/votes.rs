//! Soft labels from the votes of several people, as FER+ publishes them.
//!
//! Barsoum et al., "Training deep networks for facial expression recognition with crowd-sourced label distribution"
//! (2016, arXiv:1608.01041).

use super::PixelsSource;
use super::rows::Rows;
use super::text::read_text;
use crate::formats::delimited::{BadRows, Dialect, Expected};
use crate::formats::table::Table;
use crate::{DataError, Result};

/// Each class's share of the votes, `[images * classes]`.
pub(super) fn soft_labels(
    source: &PixelsSource,
    columns: &[String],
    images: &str,
    rows: &Rows,
    file: &str,
    bytes: &[u8],
) -> Result<Vec<f32>> {
    let text = read_text(file, bytes)?;
    let expected = Expected { columns: columns.iter().map(String::as_str).collect(), ..Expected::default() };
    let dialect = Dialect::of(&text, true, &expected);
    let table = Table::read(file, &text, dialect, &|_| true, &mut BadRows::default())?;
    if table.rows.len() != rows.labels.len() {
        return Err(DataError::count_mismatch(images, rows.labels.len(), file, table.rows.len()));
    }
    let places = columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?;
    let split = source.split.as_ref().and_then(|split| Some((split, table.column(&split.column).ok()?)));
    if let Some((split, column)) = split {
        // Files of two orders would give every image the votes of another one.
        for ((record, cell), expected) in table.rows.iter().zip(table.names(column)?).zip(&rows.roles) {
            if split.role(cell) != Some(*expected) {
                return Err(table.cell_error(
                    record,
                    column,
                    &format!("the {expected} split, as in {images}"),
                ));
            }
        }
    }
    let mut votes = table.numbers(&places)?;
    let classes = places.len();
    for ((votes, &label), record) in votes.chunks_mut(classes).zip(&rows.labels).zip(table.rows.iter()) {
        if let Some(class) = votes.iter().position(|&votes| votes < 0.0) {
            let place = places.get(class).copied().unwrap_or_default();
            return Err(table.cell_error(record, place, "a number of votes, 0 or more"));
        }
        let total = votes.iter().sum::<f64>();
        match total > 0.0 {
            true => votes.iter_mut().for_each(|share| *share /= total),
            false => votes.iter_mut().skip(label as usize).take(1).for_each(|share| *share = 1.0),
        }
    }
    Ok(votes.into_iter().map(|share| share as f32).collect())
}
