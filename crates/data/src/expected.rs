//! What a file must be: its size and its checksum, as far as they are known.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::RangeInclusive;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::manifest::hex;
use crate::{DataError, Result};

/// Digits of a SHA-256.
const WHOLE: usize = 64;

/// The fewest digits of a SHA-256 that a file is checked by: those that PyTorch puts into names of files.
const FEWEST: usize = 8;

/// What a file must be before it is taken for the right one.
///
/// Of some files only the first digits of the checksum are known, as from a name like `resnet18-f37072fd.pth`, and of
/// some the size only to a few bytes.
///
/// ```
/// use brasa_data::Expected;
/// let exact = Expected::new(4551..=4551, "6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0")?;
/// assert!(exact.is_whole());
/// assert!(!Expected::new(531_459_531..=531_460_579, "8a719046")?.is_whole());
/// assert!(Expected::new(1..=2, "8a71904").is_err());
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    bytes: RangeInclusive<u64>,
    sha256: String,
}

impl Expected {
    /// A size between two, and a SHA-256 or its first digits in lower-case hexadecimal.
    ///
    /// # Errors
    /// [`DataError::Refused`] for what can be no checksum or no size.
    pub fn new(bytes: RangeInclusive<u64>, sha256: impl Into<String>) -> Result<Self> {
        let sha256 = sha256.into();
        if !is_sha256(&sha256, FEWEST) {
            let problem = format!("expected {FEWEST} to {WHOLE} digits of 0-9 and a-f, found `{sha256}`");
            return Err(DataError::refused("check a file by its sha256", problem));
        }
        if bytes.is_empty() {
            let problem = format!("expected a smallest and a largest, found {bytes:?}");
            return Err(DataError::refused("check a file by its size", problem));
        }
        Ok(Self { bytes, sha256 })
    }

    /// Of a manifest's file, which was checked with it.
    pub(crate) fn of(bytes: u64, sha256: &str) -> Self {
        Self { bytes: bytes..=bytes, sha256: sha256.to_owned() }
    }

    /// The sizes that it may have.
    #[must_use]
    pub fn bytes(&self) -> &RangeInclusive<u64> {
        &self.bytes
    }

    /// The checksum, or how it begins.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether the whole checksum is known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.sha256.len() == WHOLE
    }

    /// Checks size and checksum of the file at `path`, which messages call `name`.
    ///
    /// # Errors
    /// [`DataError::Missing`], [`DataError::Damaged`], [`DataError::Content`] for a folder, or [`DataError::Io`].
    pub fn verify(&self, name: &str, path: &Path) -> Result<()> {
        let io = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => DataError::missing(name, vec![path.display().to_string()]),
            _ => DataError::Io { action: "read", path: path.to_owned(), source },
        };
        let damaged = |expected, found| DataError::Damaged { path: path.to_owned(), expected, found };
        let mut file = File::open(path).map_err(io)?;
        let meta = file.metadata().map_err(io)?;
        if meta.is_dir() {
            return Err(DataError::is_folder(path));
        }
        if !self.bytes.contains(&meta.len()) {
            return Err(damaged(self.size_words(), meta.len().to_string()));
        }
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut chunk).map_err(io)?;
            match chunk.get(..read) {
                None | Some([]) => break,
                Some(bytes) => hasher.update(bytes),
            }
        }
        let found = hex(&hasher.finalize());
        match found.starts_with(&self.sha256) {
            true => Ok(()),
            false => Err(damaged(self.sum_words(), found)),
        }
    }

    pub(crate) fn size_words(&self) -> String {
        let (least, most) = (self.bytes.start(), self.bytes.end());
        if least == most { format!("{least} bytes") } else { format!("{least} to {most} bytes") }
    }

    fn sum_words(&self) -> String {
        let begins = if self.is_whole() { "sha256" } else { "a sha256 that begins with" };
        format!("{begins} {}", self.sha256)
    }
}

/// Whether `text` is a whole SHA-256, or at least so many of its first digits.
pub(crate) fn is_sha256(text: &str, fewest: usize) -> bool {
    let hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    (fewest..=WHOLE).contains(&text.len()) && text.chars().all(hex)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_beginning_of_the_checksum_and_bounds_of_the_size_are_enough_to_tell_a_damaged_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "abc").unwrap();
        // sha256sum of "abc", from FIPS 180-2.
        let expected = Expected::new(2..=4, "ba7816bf").unwrap();
        expected.verify("x", &path).unwrap();
        std::fs::write(&path, "abd").unwrap();
        let message = expected.verify("x", &path).unwrap_err().to_string();
        assert!(message.contains("expected a sha256 that begins with ba7816bf, found a52d159f"), "{message}");
        std::fs::write(&path, "abcde").unwrap();
        let message = expected.verify("x", &path).unwrap_err().to_string();
        assert!(message.contains("expected 2 to 4 bytes, found 5"), "{message}");
    }

    #[test]
    fn what_can_be_no_checksum_or_size_is_refused() {
        let empty = std::ops::RangeInclusive::new(2, 1);
        for (bytes, sha256) in [(1..=1, "ba7816b"), (1..=1, "BA7816BF"), (1..=1, ""), (empty, "ba7816bf")] {
            assert!(Expected::new(bytes.clone(), sha256).is_err(), "{bytes:?} {sha256}");
        }
    }
}
