//! All blocks of a text: one thread reads or decompresses, the others parse, and what they make is handed on in order.
//! In memory at once are a few blocks of text, and what was made of blocks that came before their turn.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use super::{BLOCK_LEN, BlockError, Blocks, Fault, Header, LineFault, Lines, line_breaks, long_row};
use crate::decode::Text;
use crate::formats::delimited::{Dialect, Expected};
use crate::{DataError, Result};

/// Blocks that wait to be parsed.
const WAITING: usize = 4;

/// How the rows under a header are read.
pub(crate) trait Parser: Sync {
    /// What is made of a block.
    type Part: Send;

    /// Reads a block of whole rows.
    fn parse(&self, rows: &[u8]) -> std::result::Result<Self::Part, Fault>;
}

/// How a text begins.
pub(crate) struct Layout<'l> {
    /// What is known of it.
    pub expected: &'l Expected<'l>,
    /// What separates its cells, where that is not to be found out.
    pub dialect: Option<Dialect>,
    /// Whether the cells of the first record name the columns.
    pub has_header: &'l (dyn Fn(&[&str]) -> bool + Sync),
}

impl<'l> Layout<'l> {
    /// Of a text whose first record names the columns.
    pub fn of(expected: &'l Expected<'l>) -> Self {
        Self { expected, dialect: None, has_header: &|_| true }
    }
}

/// Where a text goes to be parsed.
pub(crate) struct Feed<'s> {
    sender: &'s SyncSender<Block>,
    layout: &'s Layout<'s>,
}

struct Block {
    text: Vec<u8>,
    delimiter: u8,
    /// Lines of the file before it.
    lines_before: u64,
}

impl Feed<'_> {
    /// Cuts a text into blocks, or as much of it as is wanted: a fault in one block ends it.
    pub fn take(&self, text: Text<'_>) -> Result<()> {
        let mut text = text;
        let (head, whole) = text.head();
        let Dialect { delimiter, start } =
            self.layout.dialect.unwrap_or_else(|| Dialect::of(head, whole, self.layout.expected));
        let origin = text.origin().clone();
        // What stands before the first record is passed over here, so that the first block begins with it.
        let mut lines_before = line_breaks(head.get(..start).unwrap_or_default());
        let passed = std::io::copy(&mut text.by_ref().take(start as u64), &mut std::io::sink());
        passed.map_err(|error| origin.fault(error, 0))?;
        for text in Blocks::new(text, BLOCK_LEN, delimiter) {
            match text {
                Ok(text) => {
                    let lines = line_breaks(&text);
                    if self.sender.send(Block { text, delimiter, lines_before }).is_err() {
                        break;
                    }
                    lines_before += lines;
                }
                Err(BlockError::Io(error, read)) => return Err(origin.fault(error, read)),
                Err(BlockError::TooLong) => {
                    return Err(DataError::in_line(origin.label, lines_before + 1, long_row()));
                }
            }
        }
        Ok(())
    }
}

/// Parses the text that `read` hands over. `sink` gets what came of each block, in order, with
/// the parser and the number of lines before the block. The first block with a fault ends it all, and its fault is told.
pub(crate) fn parse_blocks<P: Parser>(
    file: &str,
    layout: &Layout<'_>,
    read: impl FnOnce(&Feed<'_>) -> Result<()> + Send,
    parser: impl FnOnce(&Header) -> Result<P>,
    sink: impl FnMut(&P, P::Part, u64) -> Result<()> + Send,
) -> Result<()> {
    let (sender, receiver) = sync_channel(WAITING);
    thread::scope(|scope| {
        let reader = scope.spawn(move || read(&Feed { sender: &sender, layout }));
        // What is left of the iterator is dropped with it, and then the reader ends, which can send no more.
        let mut blocks = receiver.into_iter();
        let parsed = blocks.next().map(|first| all_parts(file, layout, first, blocks, parser, sink));
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // A fault in what was read comes before the place where the reading broke off.
        match parsed {
            Some(parsed) => parsed.and(read),
            None => read.and_then(|()| Err(DataError::no_rows(file))),
        }
    })
}

fn all_parts<P: Parser>(
    file: &str,
    layout: &Layout<'_>,
    first: Block,
    others: impl Iterator<Item = Block> + Send,
    parser: impl FnOnce(&Header) -> Result<P>,
    sink: impl FnMut(&P, P::Part, u64) -> Result<()> + Send,
) -> Result<()> {
    let header = Header::read(file, &first.text, first.delimiter, first.lines_before, layout)?;
    let parser = parser(&header)?;
    let order =
        Mutex::new(Order { header: &header, parser: &parser, waiting: BTreeMap::new(), next: 0, sink });
    std::iter::once(first).chain(others).enumerate().par_bridge().try_for_each(|(place, block)| {
        let Block { text, lines_before, .. } = block;
        let (head, rows) = text.split_at(if place == 0 { header.len } else { 0 });
        let parsed = Parsed {
            lines_before: lines_before + line_breaks(head),
            part: parser.parse(rows).map_err(|fault| fault.at_line(&mut Lines::of(rows))),
        };
        drop(text);
        match order.lock() {
            Ok(mut order) => order.take(place, parsed),
            // A panic is on its way, and this error will not be seen.
            Err(_) => Err(DataError::no_rows(file)),
        }
    })
}

struct Parsed<T> {
    /// Lines of the file before the rows.
    lines_before: u64,
    part: std::result::Result<T, LineFault>,
}

/// Hands on what came of the blocks in their order.
struct Order<'a, P: Parser, S> {
    header: &'a Header,
    parser: &'a P,
    waiting: BTreeMap<usize, Parsed<P::Part>>,
    next: usize,
    sink: S,
}

impl<P: Parser, S: FnMut(&P, P::Part, u64) -> Result<()>> Order<'_, P, S> {
    fn take(&mut self, place: usize, parsed: Parsed<P::Part>) -> Result<()> {
        self.waiting.insert(place, parsed);
        while let Some(Parsed { lines_before, part }) = self.waiting.remove(&self.next) {
            let part = part.map_err(|fault| fault.into_error(self.header, lines_before))?;
            (self.sink)(self.parser, part, lines_before)?;
            self.next += 1;
        }
        Ok(())
    }
}
