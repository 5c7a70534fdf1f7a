//! The file of a checkpoint: a header, parts of bytes, and a checksum of all that.
//!
//! ```text
//! "brasackp"  length of the header (u64)  header (JSON)  { length (u64)  bytes }*  SHA-256 of everything before
//! ```
//!
//! Numbers are little-endian. One file, so that it is whole or not there, and takes one sync.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"brasackp";
const CHECKSUM: usize = 32;
const DAMAGED: &str = "is damaged: its checksum is another";
/// A header is the history of a training: more than this is no header.
const LONGEST_HEADER: u64 = 1 << 30;

/// Makes the bytes of a part when it is its turn.
pub(super) type Part = Box<dyn FnOnce() -> io::Result<Vec<u8>> + Send>;

/// Writes header and parts under a temporary name, and renames the file when it is on the disk.
pub(super) fn write(path: &Path, header: &impl Serialize, parts: Vec<Part>) -> io::Result<()> {
    brasa_data::write_atomic_by(path, |file| {
        let mut out = Hashing { inner: file, hash: Sha256::new() };
        let header = serde_json::to_vec(header)?;
        out.write_all(MAGIC)?;
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        for part in parts {
            let bytes = part()?;
            out.write_all(&(bytes.len() as u64).to_le_bytes())?;
            out.write_all(&bytes)?;
        }
        let checksum = out.hash.finalize();
        out.inner.write_all(&checksum)
    })
}

/// Reads what [`write`] wrote; what is wrong with a file that is not that.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<(T, Vec<Vec<u8>>), String> {
    let (file, length) = open(path)?;
    read_from(file, length)
}

/// What is wrong with a file that is not whole, which is not kept in memory.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let (mut file, length) = open(path)?;
    let mut left = length.checked_sub(CHECKSUM as u64).ok_or("is cut off")?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 20];
    while left > 0 {
        let length = left.min(block.len() as u64) as usize;
        let part = block.get_mut(..length).unwrap_or_default();
        file.read_exact(part).map_err(|_| "is cut off")?;
        hash.update(part);
        left -= length as u64;
    }
    let mut checksum = [0; CHECKSUM];
    file.read_exact(&mut checksum).map_err(|_| "is cut off")?;
    match hash.finalize().as_slice() == checksum {
        true => Ok(()),
        false => Err(DAMAGED.into()),
    }
}

/// A file and its length.
fn open(path: &Path) -> Result<(File, u64), String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    // Before it is opened: a pipe would be waited for.
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is no regular file".into());
    }
    Ok((File::open(path).map_err(unreadable)?, metadata.len()))
}

/// As [`read`], from `length` bytes.
fn read_from<T: DeserializeOwned>(source: impl Read, length: u64) -> Result<(T, Vec<Vec<u8>>), String> {
    let cut = |_| "is cut off".to_owned();
    let mut left = length.checked_sub(CHECKSUM as u64).ok_or("is cut off")?;
    let mut source = Hashing { inner: source, hash: Sha256::new() };
    let mut take = |left: &mut u64, bytes: u64| -> Result<Vec<u8>, String> {
        *left = left.checked_sub(bytes).ok_or("is cut off, or a length in it is wrong")?;
        let mut taken = vec![0; usize::try_from(bytes).map_err(|_| "has a part that is too long")?];
        source.read_exact(&mut taken).map_err(cut)?;
        Ok(taken)
    };
    let number = |bytes: Vec<u8>| bytes.try_into().map(u64::from_le_bytes).unwrap_or(u64::MAX);
    if take(&mut left, MAGIC.len() as u64)? != MAGIC {
        return Err("is no checkpoint of this version".into());
    }
    let header = number(take(&mut left, 8)?);
    if header > LONGEST_HEADER {
        return Err("has a header that is too long".into());
    }
    let header = take(&mut left, header)?;
    let mut parts = Vec::new();
    while left > 0 {
        let part = number(take(&mut left, 8)?);
        parts.push(take(&mut left, part)?);
    }
    let Hashing { mut inner, hash } = source;
    let mut checksum = [0; CHECKSUM];
    inner.read_exact(&mut checksum).map_err(cut)?;
    if hash.finalize().as_slice() != checksum {
        return Err(DAMAGED.into());
    }
    let header = serde_json::from_slice(&header).map_err(|error| format!("has a damaged header: {error}"))?;
    Ok((header, parts))
}

/// Hashes what goes through it.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.hash.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(header: &str, parts: &[Vec<u8>]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ckpt");
        let written = parts.iter().cloned().map(|part| -> Part { Box::new(move || Ok(part)) }).collect();
        write(&path, &header, written).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing beside it");
        let (read_header, read_parts) = read::<String>(&path).unwrap();
        assert_eq!(read_header, header);
        assert_eq!(read_parts, parts);
        std::fs::read(path).unwrap()
    }

    fn read_bytes(bytes: &[u8]) -> Result<(String, Vec<Vec<u8>>), String> {
        read_from(bytes, bytes.len() as u64)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(header in ".{0,40}", parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..5)) {
            let bytes = written(&header, &parts);
            prop_assert_eq!(read_bytes(&bytes), Ok((header, parts)));
        }

        #[test]
        fn a_byte_that_changed_and_a_file_that_was_cut_are_noticed(place in 0usize..200, to in any::<u8>()) {
            let bytes = written("a header", &[vec![7; 60], vec![]]);
            let place = place % bytes.len();
            prop_assert!(read_bytes(&bytes[..place]).is_err());
            let mut changed = bytes.clone();
            changed[place] = to;
            prop_assert!(to == bytes[place] || read_bytes(&changed).is_err());
        }

        #[test]
        fn noise_is_refused(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(read_bytes(&noise).is_err());
            let begun = [MAGIC.as_slice(), &noise].concat();
            prop_assert!(read_bytes(&begun).is_err());
        }
    }

    #[test]
    fn a_part_that_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let part: Part = Box::new(|| Err(io::ErrorKind::StorageFull.into()));
        let error = write(&folder.path().join("x.ckpt"), &"header", vec![part]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
