//! Reading files that others may have put in their place.

use std::fs::File;
use std::io::{Error, Read, Result};
use std::path::Path;

/// The content of a file of at most so many bytes. What is no regular file is refused before it is opened: a pipe would be
/// waited for, and a device may have no end.
///
/// ```
/// let error = brasa_data::read_regular(std::path::Path::new("/"), 1).unwrap_err();
/// assert_eq!(error.to_string(), "it is no regular file");
/// ```
///
/// # Errors
/// What the system says, and what is wrong with the file.
pub fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(Error::other("it is no regular file"));
    }
    let too_long = || Error::other(format!("it has more than {most} bytes"));
    if metadata.len() > most {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // It may grow meanwhile.
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_long());
    }
    Ok(bytes)
}
