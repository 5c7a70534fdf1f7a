//! All blocks of a file: one thread reads or decompresses, the others parse.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use super::FacesSource;
use super::rows::{Columns, Rows, read_rows};
use super::text::{block_fault, with_text};
use crate::records::{BLOCK_LEN, Blocks, Header, line_breaks};
use crate::{DataError, Result};

/// Blocks that wait to be parsed.
const WAITING: usize = 4;

/// The images of the file, in its order. In memory at once are the compressed file, a few blocks of text, and the images.
pub(super) fn read(source: &FacesSource, file: &str, bytes: &[u8]) -> Result<Rows> {
    let (sender, receiver) = sync_channel(WAITING);
    thread::scope(|scope| {
        let reader = scope.spawn(move || send_blocks(file, bytes, &sender));
        // What is left of the iterator is dropped with it, and then the reader ends, which can send no more.
        let mut blocks = receiver.into_iter();
        let parts = blocks.next().map(|first| parse(source, file, first, blocks));
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // A fault in what was read comes before the place where the reading broke off.
        match parts {
            Some(rows) => rows.and_then(|rows| read.map(|()| rows)),
            None => read.and_then(|()| Err(DataError::NoRows { file: file.to_owned() })),
        }
    })
}

fn send_blocks(file: &str, bytes: &[u8], sender: &SyncSender<Vec<u8>>) -> Result<()> {
    with_text(file, bytes, |reader| {
        let mut lines = 0;
        for block in Blocks::new(reader, BLOCK_LEN) {
            let block = block.map_err(|error| block_fault(file, bytes, lines + 1, error))?;
            lines += line_breaks(&block);
            if sender.send(block).is_err() {
                break;
            }
        }
        Ok(())
    })
}

fn parse(
    source: &FacesSource,
    file: &str,
    first: Vec<u8>,
    others: impl Iterator<Item = Vec<u8>> + Send,
) -> Result<Rows> {
    let header = Header::read(file, &first)?;
    let columns = Columns {
        count: header.columns.len(),
        pixels: header.column(&source.pixels)?,
        label: header.column(&source.label)?,
        side: source.side.as_deref().map(|side| header.column(side)).transpose()?,
        image_len: source.size.iter().product(),
        classes: source.classes.len(),
    };
    let mut parts = std::iter::once(first)
        .chain(others)
        .enumerate()
        .par_bridge()
        .map(|(place, block)| {
            let start = if place == 0 { header.len } else { 0 };
            let text = block.get(start..).unwrap_or_default();
            let lines_before = line_breaks(block.get(..start).unwrap_or_default());
            // The text is kept only where it is needed to find the line.
            let rows = read_rows(text, &columns).map_err(|fault| (fault, text.to_vec()));
            (place, lines_before, line_breaks(text), rows)
        })
        .collect::<Vec<_>>();
    parts.sort_unstable_by_key(|(place, ..)| *place);
    let mut all = Rows::default();
    let mut lines = 0;
    for (_, before, breaks, rows) in parts {
        lines += before;
        let mut rows = rows.map_err(|(fault, text)| fault.into_error(&header, &text, lines))?;
        lines += breaks;
        all.labels.append(&mut rows.labels);
        all.roles.append(&mut rows.roles);
        all.pixels.append(&mut rows.pixels);
    }
    match all.labels.is_empty() {
        true => Err(DataError::NoRows { file: file.to_owned() }),
        false => Ok(all),
    }
}
