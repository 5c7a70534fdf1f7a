//! Blocks of a text that is read or decompressed piece by piece.

use std::io::{self, Read};

use super::cut::whole_records;
use crate::Limit;

/// An iterator of blocks of whole records of about the given length. The text is never in memory as a whole.
pub(crate) struct Blocks<R> {
    reader: R,
    block_len: usize,
    delimiter: u8,
    /// The beginning of a record whose end has not been read.
    carry: Vec<u8>,
    /// Bytes that came out of the reader.
    read: u64,
    done: bool,
}

/// Why there is no next block.
#[derive(Debug)]
pub(crate) enum BlockError {
    /// The reader failed after so many bytes.
    Io(io::Error, u64),
    /// A record goes on and on.
    TooLong,
}

impl<R: Read> Blocks<R> {
    pub fn new(reader: R, block_len: usize, delimiter: u8) -> Self {
        Self { reader, block_len: block_len.max(1), delimiter, carry: Vec::new(), read: 0, done: false }
    }

    fn next_block(&mut self) -> Result<Option<Vec<u8>>, BlockError> {
        let mut block = std::mem::take(&mut self.carry);
        let mut window = self.block_len.max(block.len() + 1);
        loop {
            let wanted = window - block.len();
            block.reserve_exact(wanted);
            let before = block.len();
            let read = self.reader.by_ref().take(wanted as u64).read_to_end(&mut block);
            self.read += (block.len() - before) as u64;
            let read = read.map_err(|error| BlockError::Io(error, self.read))?;
            if read < wanted {
                self.done = true;
                return Ok(Some(block).filter(|block| !block.is_empty()));
            }
            if let Some(end) = whole_records(&block, self.delimiter) {
                self.carry = block.split_off(end);
                return Ok(Some(block));
            }
            if window as u64 > Limit::Row.most() {
                return Err(BlockError::TooLong);
            }
            // One byte more than is taken tells that a record goes on.
            window = (2 * window).min(Limit::Row.most_len().saturating_add(1)).max(window + 1);
        }
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = Result<Vec<u8>, BlockError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let block = self.next_block().transpose();
        self.done |= matches!(block, Some(Err(_)));
        block
    }
}
