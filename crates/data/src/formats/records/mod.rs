//! Delimited text cut into blocks of whole records, which threads parse side by side.
//!
//! The records are those of the csv crate, to the byte: blocks without quotes are split at delimiters and line breaks, which
//! is several times as fast; any other block is given to the csv crate itself.

mod block;
mod cut;
mod header;
mod parallel;
mod stream;
#[cfg(test)]
mod tests;

use block::long_row;
pub(crate) use block::{Fault, LineFault, Lines, Record, each_record};
pub(crate) use header::{Header, line_breaks, line_of};
pub(crate) use parallel::{Feed, Layout, Parser, parse_blocks};
use stream::{BlockError, Blocks};

/// Long enough that a block's overhead vanishes, short enough that a few of them fit the processor's cache.
const BLOCK_LEN: usize = 1 << 20;
