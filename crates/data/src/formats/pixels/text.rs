//! Text that may be compressed: plain, gzip, or the one CSV file of a zip archive, told apart by content.

use std::borrow::Cow;
use std::io::Cursor;

use zip::ZipArchive;

use crate::decode::{self, Text};
use crate::{DataError, Result};

/// Calls `visit` with the text.
pub(super) fn with_text<T>(file: &str, bytes: &[u8], visit: impl FnOnce(Text<'_>) -> Result<T>) -> Result<T> {
    if !is_zip(bytes) {
        return visit(Text::new(file, bytes)?);
    }
    let fault = |found: String| {
        DataError::in_file(file, format!("expected an archive with one .csv file, found {found}"))
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| fault(error.to_string()))?;
    let is_csv = |name: &String| name.to_ascii_lowercase().ends_with(".csv") && !name.contains("__MACOSX");
    let names = archive.file_names().flatten().map(Cow::into_owned).filter(is_csv).collect::<Vec<_>>();
    let [name] = names.as_slice() else {
        return Err(fault(names.len().to_string()));
    };
    let entry = archive.by_name(name).map_err(|error| fault(format!("`{name}`: {error}")))?;
    visit(Text::new(file, entry)?)
}

/// The whole text.
pub(super) fn read_text<'b>(file: &str, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>> {
    match is_zip(bytes) {
        true => with_text(file, bytes, |text| text.into_bytes()).map(Cow::Owned),
        false => decode::whole(file, bytes),
    }
}

fn is_zip(bytes: &[u8]) -> bool {
    matches!(bytes, [b'P', b'K', 3 | 5, 4 | 6, ..])
}
