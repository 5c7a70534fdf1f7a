//! Files read piece by piece, decoded on the way.

use std::io::{BufRead, BufReader, Read};

use sha2::{Digest, Sha256};

use crate::decode::Text;
use crate::manifest::hex;
use crate::{DataError, Files, Result, SourceFile};

const BUFFER: usize = 1 << 16;

/// A text as a buffered reader whose faults name the file.
pub(crate) struct Stream<'a> {
    reader: BufReader<Text<'a>>,
    /// Bytes taken out so far.
    taken: u64,
}

impl<'a> Stream<'a> {
    /// The file of that name, which is not read as a whole.
    pub fn open(files: &Files, name: &str) -> Result<Stream<'static>> {
        let (label, reader, len) = files.open(name)?;
        Ok(Stream::new(Text::of_len(&label, reader, Some(len))?))
    }

    /// `content`, under the name that messages give it.
    pub fn of_bytes(label: &str, content: &'a [u8]) -> Result<Self> {
        Text::of_len(label, content, Some(content.len() as u64)).map(Self::new)
    }

    fn new(text: Text<'a>) -> Self {
        Self { reader: BufReader::with_capacity(BUFFER, text), taken: 0 }
    }

    /// The name for messages.
    pub fn label(&self) -> &str {
        &self.reader.get_ref().origin().label
    }

    /// The start of the text, and whether it is all of it.
    pub fn head(&self) -> (&[u8], bool) {
        self.reader.get_ref().head()
    }

    /// The next bytes; none at the end.
    pub fn buffer(&mut self) -> Result<&[u8]> {
        match self.reader.fill_buf() {
            // Asked again, as the borrow checker does not let the first answer go out of a match.
            Ok(_) => Ok(self.reader.buffer()),
            Err(error) => Err(self.reader.get_ref().origin().fault(error, self.taken)),
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
            let room = limit.saturating_add(1).saturating_sub(line.len()).min(part.len());
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
