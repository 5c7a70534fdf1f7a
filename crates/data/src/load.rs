//! From a checked `[data]` table to a data set.

use crate::checked::CheckedData;
use crate::{Files, Labelled, Result};

/// Reads the data set that the table describes, and adds to its warnings what [`Labelled::find_warnings`] says.
///
/// # Errors
/// What is wrong with a file, and where; see [`DataError`](crate::DataError).
pub fn load(config: &CheckedData, files: &Files) -> Result<Labelled> {
    let mut data = config.source.read(files)?;
    data.check()?;
    let found = data.find_warnings();
    data.warnings.extend(found.iter().map(ToString::to_string));
    Ok(data)
}
