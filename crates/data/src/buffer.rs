//! The values of a data set, in memory or in a file that is mapped.

use std::fmt;
use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::ops::Deref;
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::{Mmap, MmapOptions};

/// Values, read as a slice; copies share them. They are held in memory, or left in a file of this crate and paged in as
/// they are read, so that ten million titles need no memory of their own: what the system has read it may let go of
/// again.
///
/// ```
/// use brasa_data::Buffer;
/// let ids = Buffer::from(vec![3_u32, 1, 0]);
/// assert_eq!(ids[..2], [3, 1]);
/// ```
pub struct Buffer<T>(Arc<Place<T>>);

enum Place<T> {
    Memory(Vec<T>),
    Mapped(Mmap),
}

impl<T: Pod> Buffer<T> {
    /// `count` values in the machine's byte order from byte `start` of a file, aligned as they need it.
    ///
    /// # Errors
    /// When the file is shorter or cannot be mapped.
    pub(crate) fn map(file: &File, start: u64, count: usize) -> Result<Self> {
        if count == 0 {
            return Ok(Self::from(Vec::new()));
        }
        let bytes = count.checked_mul(size_of::<T>()).ok_or(ErrorKind::UnexpectedEof)?;
        if file.metadata()?.len() < start.saturating_add(bytes as u64) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let map = map_file(MmapOptions::new().offset(start).len(bytes), file)?;
        match bytemuck::try_cast_slice::<u8, T>(&map) {
            Ok(_) => Ok(Self(Arc::new(Place::Mapped(map)))),
            Err(problem) => Err(Error::new(ErrorKind::InvalidInput, problem.to_string())),
        }
    }

    /// Whether the values lie in a file.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        matches!(*self.0, Place::Mapped(_))
    }
}

impl<T> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The one unsafe line outside `brasa-kernels`: docs/ARCHITECTURE.md says why there is one.
#[expect(unsafe_code, reason = "no safe function maps a file, as others could change it")]
fn map_file(options: &MmapOptions, file: &File) -> Result<Mmap> {
    // SAFETY: the slice must not change while it is borrowed. The file is one of two that this crate alone writes: a cache,
    // written under a name of its own and renamed when whole, or a temporary file, mapped after its last byte was
    // written. No code of ours opens either for writing again; a cache that is made anew is another file under the
    // same name, and removing a name leaves the mapped file as it is.
    unsafe { options.map(file) }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(values: Vec<T>) -> Self {
        Self(Arc::new(Place::Memory(values)))
    }
}

impl<T> FromIterator<T> for Buffer<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::from(Vec::from_iter(values))
    }
}

impl<T: Pod> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &*self.0 {
            Place::Memory(values) => values,
            // Tried when the file was mapped; a map stays where it is.
            Place::Mapped(map) => bytemuck::try_cast_slice(map).unwrap_or_default(),
        }
    }
}

impl<T: Pod + PartialEq> PartialEq for Buffer<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Pod + Eq> Eq for Buffer<T> {}

impl<T: Pod> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.is_mapped() { "mapped" } else { "in memory" };
        write!(f, "Buffer({} {place})", self.len())
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
        let ids = Buffer::<u32>::map(file.as_file(), 4, 3).unwrap();
        let again = ids.clone();
        drop(ids);
        assert_eq!(again, Buffer::from(vec![7, 0, 5]));
        assert!(again.is_mapped());
        // What takes the name is another file.
        drop(file);
        assert!(!path.exists());
        std::fs::write(&path, [0; 16]).unwrap();
        assert_eq!(*again, [7, 0, 5]);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_short_or_crooked_file_is_refused() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(16).unwrap();
        for (start, count) in [(0, 5), (4, 4), (2, 1), (17, 1), (0, usize::MAX / 4), (0, usize::MAX)] {
            assert!(Buffer::<u32>::map(&file, start, count).is_err(), "{start} {count}");
        }
        assert_eq!(Buffer::<u32>::map(&file, 16, 0).unwrap(), Buffer::from(Vec::new()));
    }
}
