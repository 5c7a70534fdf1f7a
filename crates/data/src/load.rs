//! From a checked `[data]` table to a data set.

use crate::checked::{CheckedData, Source};
use crate::{Files, Labelled, Result, csv, idx};

/// Reads the data set that the table describes.
///
/// # Errors
/// What is wrong with a file, and where; see [`DataError`](crate::DataError).
pub fn load(config: &CheckedData, files: &Files) -> Result<Labelled> {
    let data = match &config.source {
        Source::Csv(source) => {
            let file = files.read(&source.file)?;
            csv::read(source, &file.label, &file.bytes)?
        }
        Source::Idx(source) => idx::read(source, files)?,
    };
    data.check()?;
    Ok(data)
}
