//! Reading files that others may have put in their place.

use std::fs::File;
use std::io::{Error, Read, Result};
use std::path::Path;

use crate::{Limit, available_memory};

/// Bytes of a file of data that is read whole: what there is room for.
pub(crate) fn most_of_a_file() -> u64 {
    available_memory().map_or(u64::MAX - 1, |bytes| bytes as u64)
}

/// The content of a file, or what comes through a pipe that was named: as much as a file may have, no more.
///
/// # Errors
/// What the system says, and that it is more.
pub fn read_stream(path: &Path) -> Result<Vec<u8>> {
    match path.metadata()?.is_file() {
        true => read_regular(path, most_of_a_file()),
        false => read_to_limit(File::open(path)?, Limit::Stream.room()),
    }
}

/// What a stream says, where it is no more than what is sensible to be piped into a program.
///
/// # Errors
/// As [`read_stream`].
pub fn read_all(stream: impl Read) -> Result<Vec<u8>> {
    read_to_limit(stream, Limit::Stream.room())
}

/// Bytes that there is room for at first.
const ROOM: usize = (256 << 20) + 1;

/// A stream may have no end.
fn read_to_limit(stream: impl Read, most: u64) -> Result<Vec<u8>> {
    let (mut bytes, mut stream) = (Vec::new(), stream.take(most.saturating_add(1)));
    let whole = usize::try_from(most.saturating_add(1)).unwrap_or(usize::MAX);
    loop {
        // Room that is not written to takes no memory, and room that grows is there twice for a while. Beyond, twice as much each time.
        let room = bytes.len().max(ROOM).min(whole - bytes.len());
        let room = match bytes.try_reserve_exact(room) {
            Ok(()) => room,
            // Where memory counts that is not written to.
            Err(_) => {
                let least = (1 << 16).min(room);
                bytes.try_reserve(least)?;
                least
            }
        };
        if stream.by_ref().take(room as u64).read_to_end(&mut bytes)? < room || room == 0 {
            break;
        }
    }
    match bytes.len() as u64 > most {
        true => Err(Error::other(format!(
            "it has more than {most} bytes, or no end; name a file instead, or {}",
            Limit::Stream.hint_beyond(most)
        ))),
        false => Ok(bytes),
    }
}

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
    let too_long =
        || Error::other(format!("it has more than {most} bytes, which is all that there is room for"));
    if metadata.len() > most {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    let room = bytes.try_reserve_exact(metadata.len() as usize);
    room.map_err(|_| Error::other(format!("there is no room in memory for its {} bytes", metadata.len())))?;
    // It may grow meanwhile.
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_long());
    }
    Ok(bytes)
}
