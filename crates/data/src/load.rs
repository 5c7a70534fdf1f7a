//! From a checked `[data]` table to a data set.

use crate::checked::CheckedData;
use crate::{Files, Labelled, Result};

/// Reads the data set that the table describes.
///
/// # Errors
/// What is wrong with a file, and where; see [`DataError`](crate::DataError).
pub fn load(config: &CheckedData, files: &Files) -> Result<Labelled> {
    let data = config.source.read(files)?;
    data.check()?;
    Ok(data)
}
