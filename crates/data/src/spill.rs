//! Numbers that are written once, and read in their order or mapped: in memory, or in a temporary file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use bytemuck::Pod;
use tempfile::NamedTempFile;

use crate::limits::check_memory;
use crate::{Buffer, DataError, Result};

/// A growing row of numbers.
pub(crate) struct Spill<T> {
    place: Place<T>,
    /// Where the file is made, and beyond how many bytes in memory.
    folder: Option<(PathBuf, usize)>,
}

enum Place<T> {
    Memory(Vec<T>),
    File { file: Box<BufWriter<NamedTempFile>>, count: usize },
}

impl<T: Pod> Spill<T> {
    /// Bytes that are sensibly kept in memory.
    pub const MOST: usize = 32 << 20;

    /// Beyond so many bytes in a file of the folder, which is made; in memory where there is none or no file can be made in it.
    pub fn beyond(bytes: usize, folder: Option<&Path>) -> Self {
        let folder = folder.map(|folder| (folder.to_owned(), bytes));
        Self { place: Place::Memory(Vec::new()), folder }
    }

    /// Numbers so far.
    pub fn len(&self) -> usize {
        match &self.place {
            Place::Memory(memory) => memory.len(),
            Place::File { count, .. } => *count,
        }
    }

    pub fn write(&mut self, numbers: &[T]) -> Result<()> {
        if let Place::Memory(memory) = &mut self.place {
            let bytes = size_of_val(memory.as_slice()) + size_of_val(numbers);
            match self.folder.take_if(|(_, most)| bytes > *most) {
                Some((folder, _)) => self.move_to(&folder)?,
                None => {
                    if memory.len() + numbers.len() > memory.capacity() {
                        // What grows is there twice for a while.
                        check_memory(2 * bytes as u64)
                            .map_err(|problem| DataError::refused("keep the data in memory", problem))?;
                    }
                    memory.extend_from_slice(numbers);
                    return Ok(());
                }
            }
        }
        match &mut self.place {
            Place::Memory(memory) => memory.extend_from_slice(numbers),
            Place::File { file, count } => {
                let written = file.write_all(bytemuck::cast_slice(numbers));
                written.map_err(|source| io("write", file.get_ref().path(), source))?;
                *count += numbers.len();
            }
        }
        Ok(())
    }

    /// Goes on in a file of the folder, if one can be made.
    fn move_to(&mut self, folder: &Path) -> Result<()> {
        let made = std::fs::create_dir_all(folder).and_then(|()| NamedTempFile::new_in(folder));
        if let (Ok(file), Place::Memory(memory)) = (made, &mut self.place) {
            let memory = std::mem::take(memory);
            self.place = Place::File { file: Box::new(BufWriter::with_capacity(1 << 18, file)), count: 0 };
            self.write(&memory)?;
        }
        Ok(())
    }

    /// All numbers, to be read from the start.
    pub fn reader(&mut self) -> Result<SpillReader<'_, T>> {
        match &mut self.place {
            Place::Memory(memory) => Ok(SpillReader::Memory(memory)),
            Place::File { file, .. } => {
                file.flush().map_err(|source| io("write", file.get_ref().path(), source))?;
                let path = file.get_ref().path();
                let error = |source| io("read", path, source);
                let mut again = file.get_ref().reopen().map_err(error)?;
                again.rewind().map_err(error)?;
                Ok(SpillReader::File { reader: BufReader::with_capacity(1 << 18, again), path })
            }
        }
    }

    /// All numbers as a slice; a file of them is mapped, and removed with the last copy.
    pub fn into_buffer(self) -> Result<Buffer<T>> {
        match self.place {
            Place::Memory(memory) => Ok(Buffer::from(memory)),
            Place::File { file, count } => {
                let path = file.get_ref().path().to_owned();
                let file = file.into_inner().map_err(|error| io("write", &path, error.into_error()))?;
                let (file, name) = file.into_parts();
                Buffer::map(&file, 0, count, Some(name)).map_err(|source| io("map", &path, source))
            }
        }
    }
}

/// Reads a [`Spill`] from its start.
pub(crate) enum SpillReader<'s, T> {
    Memory(&'s [T]),
    File { reader: BufReader<File>, path: &'s Path },
}

impl<T: Pod> SpillReader<'_, T> {
    /// Fills `numbers` with the next ones.
    pub fn read(&mut self, numbers: &mut [T]) -> Result<()> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_beyond_its_room_goes_on_in_a_file_and_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let numbers: Vec<f64> = (0..1_000).map(f64::from).collect();
        for (most, mapped) in [(8_000, false), (7_999, true), (0, true)] {
            let mut spill = Spill::beyond(most, Some(folder.path()));
            numbers.chunks(7).for_each(|part| spill.write(part).unwrap());
            assert_eq!((spill.len(), files()), (1_000, usize::from(mapped)));
            let mut again = vec![0.0; 1_000];
            let mut reader = spill.reader().unwrap();
            again.chunks_mut(13).for_each(|part| reader.read(part).unwrap());
            assert_eq!(again, numbers);
            let buffer = spill.into_buffer().unwrap();
            assert_eq!((buffer.is_mapped(), &*buffer), (mapped, &*numbers));
            drop(buffer);
            assert_eq!(files(), 0);
        }
    }

    #[test]
    fn without_a_folder_to_write_in_it_stays_in_memory() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for folder in [None, Some(file.path())] {
            let mut spill = Spill::beyond(0, folder);
            spill.write(&[1_u32, 2]).unwrap();
            spill.write(&[3]).unwrap();
            assert_eq!(spill.into_buffer().unwrap(), Buffer::from(vec![1, 2, 3]));
        }
    }
}
