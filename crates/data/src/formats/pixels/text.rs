//! Text that may be compressed: plain, gzip, or the one CSV file of a zip archive, told apart by content.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use zip::ZipArchive;

use crate::formats::records::{BlockError, MAX_RECORD_LEN};
use crate::{DataError, Result};

/// Calls `visit` with a reader of the text.
pub(super) fn with_text<T>(
    file: &str,
    bytes: &[u8],
    visit: impl FnOnce(&mut dyn Read) -> Result<T>,
) -> Result<T> {
    match bytes {
        [0x1F, 0x8B, ..] => visit(&mut MultiGzDecoder::new(bytes)),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            let fault =
                |found: String| DataError::ArchiveContent { file: file.to_owned(), wanted: ".csv", found };
            let mut archive =
                ZipArchive::new(Cursor::new(bytes)).map_err(|error| fault(error.to_string()))?;
            let is_csv =
                |name: &String| name.to_ascii_lowercase().ends_with(".csv") && !name.contains("__MACOSX");
            let names =
                archive.file_names().flatten().map(Cow::into_owned).filter(is_csv).collect::<Vec<_>>();
            let [name] = names.as_slice() else {
                return Err(fault(names.len().to_string()));
            };
            let mut entry = archive.by_name(name).map_err(|error| fault(format!("`{name}`: {error}")))?;
            visit(&mut entry)
        }
        mut plain => visit(&mut plain),
    }
}

/// The whole text.
pub(super) fn read_text<'b>(file: &str, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>> {
    if !matches!(bytes, [0x1F, 0x8B, ..] | [b'P', b'K', 3 | 5, 4 | 6, ..]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut text = Vec::new();
    with_text(file, bytes, |reader| {
        let read = reader.take(MAX_RECORD_LEN as u64).read_to_end(&mut text);
        read.map_err(|error| block_fault(file, bytes, 1, BlockError::Io(error, text.len() as u64)))
    })?;
    match text.len() < MAX_RECORD_LEN {
        true => Ok(Cow::Owned(text)),
        false => Err(DataError::Text {
            file: file.to_owned(),
            line: 1,
            problem: format!("the text takes {MAX_RECORD_LEN} bytes or more, too many for this file"),
        }),
    }
}

/// Why a block could not be read.
pub(super) fn block_fault(file: &str, bytes: &[u8], line: u64, error: BlockError) -> DataError {
    match error {
        BlockError::Io(error, decoded) if bytes.starts_with(&[0x1F, 0x8B]) => {
            let problem = match error.kind() {
                std::io::ErrorKind::UnexpectedEof => "the file is cut short".into(),
                _ => error.to_string(),
            };
            DataError::Gzip { file: file.to_owned(), decoded, problem }
        }
        error => error.into_error(file, line),
    }
}
