//! Numbers that are written once, and read in their order or mapped: in memory, or in a temporary file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytemuck::Pod;

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
    /// Without a name, so that nothing is left of it whatever ends the program.
    File {
        file: Box<BufWriter<File>>,
        count: usize,
        folder: PathBuf,
    },
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
            Place::File { file, count, folder } => {
                let written = file.write_all(bytemuck::cast_slice(numbers));
                written.map_err(|source| io("write", folder, source))?;
                *count += numbers.len();
            }
        }
        Ok(())
    }

    /// Goes on in a file of the folder, if one can be made.
    fn move_to(&mut self, folder: &Path) -> Result<()> {
        let made = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
        if let (Ok(file), Place::Memory(memory)) = (made, &mut self.place) {
            let memory = std::mem::take(memory);
            let file = Box::new(BufWriter::with_capacity(1 << 18, file));
            self.place = Place::File { file, count: 0, folder: folder.to_owned() };
            self.write(&memory)?;
        }
        Ok(())
    }

    /// All numbers, to be read from the start; others may be written once that is done.
    pub fn reader(&mut self) -> Result<SpillReader<'_, T>> {
        match &mut self.place {
            Place::Memory(memory) => Ok(SpillReader::Memory(memory)),
            Place::File { file, folder, .. } => {
                file.flush().map_err(|source| io("write", folder, source))?;
                let file = file.get_mut();
                file.rewind().map_err(|source| io("read", folder, source))?;
                let reader = BufReader::with_capacity(1 << 18, AtEnd(file));
                Ok(SpillReader::File { reader, folder })
            }
        }
    }

    /// All numbers as a slice; a file of them is mapped, and removed with the last copy.
    pub fn into_buffer(self) -> Result<Buffer<T>> {
        match self.place {
            Place::Memory(memory) => Ok(Buffer::from(memory)),
            Place::File { file, count, folder } => {
                let file = file.into_inner().map_err(|error| io("write", &folder, error.into_error()))?;
                Buffer::map(&file, 0, count).map_err(|source| io("map", &folder, source))
            }
        }
    }
}

/// A file that is left at its end, where others write.
pub(crate) struct AtEnd<'f>(&'f mut File);

impl Read for AtEnd<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        let _ = self.0.seek(SeekFrom::End(0));
    }
}

/// Reads a [`Spill`] from its start.
pub(crate) enum SpillReader<'s, T> {
    Memory(&'s [T]),
    File { reader: BufReader<AtEnd<'s>>, folder: &'s Path },
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
            Self::File { reader, folder } => reader
                .read_exact(bytemuck::cast_slice_mut(numbers))
                .map_err(|source| io("read", folder, source)),
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
        for (most, mapped) in [(8_008, false), (7_999, true), (0, true)] {
            let mut spill = Spill::beyond(most, Some(folder.path()));
            numbers.chunks(7).for_each(|part| spill.write(part).unwrap());
            // What is killed now leaves nothing behind.
            assert_eq!((spill.len(), files()), (1_000, 0));
            let mut again = vec![0.0; 990];
            let mut reader = spill.reader().unwrap();
            again.chunks_mut(13).for_each(|part| reader.read(part).unwrap());
            assert_eq!(again, numbers[..990]);
            drop(reader);
            spill.write(&[-1.0]).unwrap();
            let buffer = spill.into_buffer().unwrap();
            assert_eq!((buffer.is_mapped(), &buffer[..1_000], buffer[1_000]), (mapped, &*numbers, -1.0));
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
