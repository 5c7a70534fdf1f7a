//! Token numbers in memory, or in a file that is mapped.

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use mmap_io::MemoryMappedFile;
use tempfile::TempPath;

use crate::{DataError, Result};

/// Numbers of tokens, read as a slice: held in memory, or left in a file and paged in as they are read, so that
/// ten million titles need no memory of their own.
///
/// ```
/// use brasa_data::TokenIds;
/// let ids = TokenIds::from(vec![3, 1, 0]);
/// assert_eq!(ids[..2], [3, 1]);
/// ```
#[derive(Clone)]
pub struct TokenIds(Place);

#[derive(Clone)]
enum Place {
    Memory(Arc<Vec<u32>>),
    Mapped {
        map: MemoryMappedFile,
        start: u64,
        bytes: u64,
        /// Removes the file once nothing maps it.
        _temporary: Option<Arc<TempPath>>,
    },
}

impl TokenIds {
    /// `count` numbers in the machine's byte order from byte `start` of a file, which must not change while it is
    /// mapped; it is this crate's own, written under another name and renamed.
    ///
    /// # Errors
    /// [`DataError::Io`] when the file cannot be mapped, is shorter, or `start` is not a multiple of 4.
    pub(crate) fn mapped(path: &Path, start: u64, count: usize, temporary: Option<TempPath>) -> Result<Self> {
        if count == 0 {
            return Ok(Self::from(Vec::new()));
        }
        let refused = |problem: String| DataError::Io {
            action: "map",
            path: path.to_owned(),
            source: std::io::Error::other(problem),
        };
        let map = MemoryMappedFile::open_ro(path).map_err(|error| refused(error.to_string()))?;
        let bytes = count as u64 * size_of::<u32>() as u64;
        let content = map.as_slice_bytes(start, bytes).map_err(|error| refused(error.to_string()))?;
        bytemuck::try_cast_slice::<u8, u32>(content).map_err(|error| refused(error.to_string()))?;
        Ok(Self(Place::Mapped { map, start, bytes, _temporary: temporary.map(Arc::new) }))
    }

    /// Whether the numbers lie in a file.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        matches!(self.0, Place::Mapped { .. })
    }
}

impl From<Vec<u32>> for TokenIds {
    fn from(ids: Vec<u32>) -> Self {
        Self(Place::Memory(Arc::new(ids)))
    }
}

impl Deref for TokenIds {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match &self.0 {
            Place::Memory(ids) => ids,
            // Both steps were tried when the file was mapped, and neither a map nor its place changes.
            Place::Mapped { map, start, bytes, .. } => {
                let content = map.as_slice_bytes(*start, *bytes).unwrap_or_default();
                bytemuck::try_cast_slice(content).unwrap_or_default()
            }
        }
    }
}

impl PartialEq for TokenIds {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for TokenIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.is_mapped() { "mapped" } else { "in memory" };
        write!(f, "TokenIds({} {place})", self.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_part_of_a_file_reads_like_memory_and_outlives_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, bytemuck::cast_slice::<u32, u8>(&[9, 7, 0, 5])).unwrap();
        let path = file.path().to_owned();
        let ids = TokenIds::mapped(&path, 4, 3, Some(file.into_temp_path())).unwrap();
        let again = ids.clone();
        drop(ids);
        assert_eq!(again, TokenIds::from(vec![7, 0, 5]));
        assert!(again.is_mapped() && path.exists());
        drop(again);
        assert!(!path.exists());
    }

    #[test]
    fn a_short_or_crooked_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, [0; 16]).unwrap();
        for (start, count) in [(0, 5), (4, 4), (2, 1), (17, 1)] {
            let error = TokenIds::mapped(file.path(), start, count, None).unwrap_err();
            assert!(matches!(error, DataError::Io { action: "map", .. }), "{start} {count}: {error}");
        }
    }
}
