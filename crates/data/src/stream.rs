//! Files read piece by piece, unpacked on the way where they are gzip.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::manifest::hex;
use crate::{DataError, Files, Result, SourceFile};

const BUFFER: usize = 1 << 16;

/// The bytes of a file after unpacking, as a buffered reader whose faults name the file.
pub(crate) struct Stream<'a> {
    label: String,
    reader: BufReader<Box<dyn Read + 'a>>,
    gzip: bool,
    /// Bytes taken out so far, unpacked.
    taken: u64,
}

impl<'a> Stream<'a> {
    /// The file of that name, which is not read as a whole.
    pub fn open(files: &Files, name: &str) -> Result<Stream<'static>> {
        let (label, reader, _) = files.open(name)?;
        Stream::new(label, reader)
    }

    /// `content`, under the name that messages give it.
    pub fn of_bytes(label: &str, content: &'a [u8]) -> Result<Self> {
        Self::new(label.to_owned(), Box::new(content))
    }

    fn new(label: String, reader: Box<dyn Read + 'a>) -> Result<Self> {
        let mut packed = BufReader::with_capacity(BUFFER, reader);
        let gzip = packed.fill_buf().map_err(|error| io_error(&label, error))?.starts_with(&[0x1F, 0x8B]);
        let reader: Box<dyn Read + 'a> = match gzip {
            true => Box::new(MultiGzDecoder::new(packed)),
            false => Box::new(packed),
        };
        let mut stream = Self { label, reader: BufReader::with_capacity(BUFFER, reader), gzip, taken: 0 };
        if stream.buffer()?.starts_with(b"\xEF\xBB\xBF") {
            stream.take(3);
        }
        Ok(stream)
    }

    /// The name for messages.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The next bytes; none at the end.
    pub fn buffer(&mut self) -> Result<&[u8]> {
        match self.reader.fill_buf() {
            // Asked again, as the borrow checker does not let the first answer go out of a match.
            Ok(_) => Ok(self.reader.buffer()),
            Err(error) => Err(match self.gzip {
                true => crate::formats::idx::gzip_error(&self.label, self.taken, &error),
                false => io_error(&self.label, error),
            }),
        }
    }

    /// Passes over bytes of the buffer.
    pub fn take(&mut self, count: usize) {
        self.reader.consume(count);
        self.taken += count as u64;
    }

    /// Puts the next line into `line`, without its end: whether there is one. Of a line with more than `limit`
    /// bytes, only the first `limit + 1` are kept.
    pub fn line(&mut self, line: &mut Vec<u8>, limit: usize) -> Result<bool> {
        line.clear();
        let mut any = false;
        loop {
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let room = (limit + 1).saturating_sub(line.len()).min(part.len());
            line.extend_from_slice(part.get(..room).unwrap_or_default());
            let count = part.len() + usize::from(end.is_some());
            self.take(count);
            if end.is_some() {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(true);
            }
        }
    }
}

fn io_error(label: &str, source: std::io::Error) -> DataError {
    DataError::Io { action: "read", path: label.into(), source }
}

/// The records of files, each read once in pieces.
pub(crate) fn records(files: &Files, names: &[&str]) -> Result<Vec<SourceFile>> {
    let record = |name: &&str| {
        let (label, reader, _) = files.open(name)?;
        let mut recorded = Recorded::new(reader);
        std::io::copy(&mut recorded, &mut std::io::sink()).map_err(|error| io_error(&label, error))?;
        Ok(recorded.record(name))
    };
    names.iter().map(record).collect()
}

/// A reader that takes down size and checksum of what it reads.
pub(crate) struct Recorded<R> {
    reader: R,
    bytes: u64,
    hasher: Sha256,
}

impl<R> Recorded<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, bytes: 0, hasher: Sha256::new() }
    }

    /// The record of all that was read, under a name.
    pub fn record(self, name: &str) -> SourceFile {
        SourceFile { name: name.to_owned(), bytes: self.bytes, sha256: hex(&self.hasher.finalize()) }
    }
}

impl<R: Read> Read for Recorded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}
