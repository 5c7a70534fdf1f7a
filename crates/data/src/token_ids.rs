//! Token numbers of a data set.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use crate::{DataError, Result};

/// Numbers of tokens, read as a slice; copies share them.
///
/// ```
/// use brasa_data::TokenIds;
/// let ids = TokenIds::from(vec![3, 1, 0]);
/// assert_eq!(ids[..2], [3, 1]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TokenIds(Arc<Vec<u32>>);

impl TokenIds {
    /// `count` numbers in the machine's byte order from byte `start` of a file.
    ///
    /// # Errors
    /// [`DataError::Io`] when the file cannot be read or is shorter.
    pub(crate) fn read(path: &Path, start: u64, count: usize) -> Result<Self> {
        let refused = |source| DataError::Io { action: "read", path: path.to_owned(), source };
        let mut file = File::open(path).map_err(refused)?;
        let there = file.metadata().map_err(refused)?.len();
        if there < start.saturating_add(count as u64 * size_of::<u32>() as u64) {
            return Err(refused(std::io::ErrorKind::UnexpectedEof.into()));
        }
        file.seek(SeekFrom::Start(start)).map_err(refused)?;
        let mut ids = vec![0_u32; count];
        file.read_exact(bytemuck::cast_slice_mut(&mut ids)).map_err(refused)?;
        Ok(Self::from(ids))
    }
}

impl From<Vec<u32>> for TokenIds {
    fn from(ids: Vec<u32>) -> Self {
        Self(Arc::new(ids))
    }
}

impl Deref for TokenIds {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        &self.0
    }
}

impl fmt::Debug for TokenIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenIds({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_part_of_a_file_reads_like_memory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, bytemuck::cast_slice::<u32, u8>(&[9, 7, 0, 5])).unwrap();
        assert_eq!(TokenIds::read(file.path(), 4, 3).unwrap(), TokenIds::from(vec![7, 0, 5]));
    }

    #[test]
    fn a_short_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, [0; 16]).unwrap();
        for (start, count) in [(0, 5), (4, 4), (17, 1), (0, usize::MAX / 4)] {
            let error = TokenIds::read(file.path(), start, count).unwrap_err();
            assert!(matches!(error, DataError::Io { action: "read", .. }), "{start} {count}: {error}");
        }
    }
}
