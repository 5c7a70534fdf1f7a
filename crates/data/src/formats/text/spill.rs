//! Numbers that are written once and read once, in memory or in a temporary file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::{Buffer, DataError, Result};

/// A growing row of numbers.
pub(super) enum Spill {
    Memory(Vec<u32>),
    File(Box<BufWriter<NamedTempFile>>),
}

impl Spill {
    /// In a file of the folder, which is made; in memory where there is none or it cannot be written.
    pub fn new(folder: Option<&Path>) -> Self {
        let file = folder.and_then(|folder| {
            std::fs::create_dir_all(folder).ok()?;
            NamedTempFile::new_in(folder).ok()
        });
        match file {
            Some(file) => Self::File(Box::new(BufWriter::with_capacity(1 << 18, file))),
            None => Self::Memory(Vec::new()),
        }
    }

    pub fn write(&mut self, numbers: &[u32]) -> Result<()> {
        match self {
            Self::Memory(memory) => memory.extend_from_slice(numbers),
            Self::File(file) => {
                let written = file.write_all(bytemuck::cast_slice(numbers));
                written.map_err(|source| io("write", file.get_ref().path(), source))?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File(file) => file.flush().map_err(|source| io("write", file.get_ref().path(), source)),
        }
    }

    /// All numbers, to be read from the start.
    pub fn reader(&mut self) -> Result<SpillReader<'_>> {
        self.flush()?;
        match self {
            Self::Memory(memory) => Ok(SpillReader::Memory(memory)),
            Self::File(file) => {
                let path = file.get_ref().path();
                let error = |source| io("read", path, source);
                let mut again = file.get_ref().reopen().map_err(error)?;
                again.rewind().map_err(error)?;
                Ok(SpillReader::File { reader: BufReader::with_capacity(1 << 18, again), path })
            }
        }
    }

    /// The `count` numbers that were written; a file of them is mapped, and removed with the last copy.
    pub fn into_ids(self, count: usize) -> Result<Buffer<u32>> {
        match self {
            Self::Memory(memory) => Ok(Buffer::from(memory)),
            Self::File(file) => {
                let path = file.get_ref().path().to_owned();
                let file = file.into_inner().map_err(|error| io("write", &path, error.into_error()))?;
                let (file, name) = file.into_parts();
                Buffer::map(&file, 0, count, Some(name)).map_err(|source| io("map", &path, source))
            }
        }
    }
}

/// Reads a [`Spill`] from its start.
pub(super) enum SpillReader<'s> {
    Memory(&'s [u32]),
    File { reader: BufReader<File>, path: &'s Path },
}

impl SpillReader<'_> {
    /// Fills `numbers` with the next ones.
    pub fn read(&mut self, numbers: &mut [u32]) -> Result<()> {
        match self {
            Self::Memory(rest) => {
                let (next, after) = rest.split_at_checked(numbers.len()).unwrap_or_default();
                if next.len() == numbers.len() {
                    numbers.copy_from_slice(next);
                }
                *rest = after;
                Ok(())
            }
            Self::File { reader, path } => reader
                .read_exact(bytemuck::cast_slice_mut(numbers))
                .map_err(|source| io("read", path, source)),
        }
    }
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> DataError {
    DataError::Io { action, path: path.to_owned(), source }
}
