//! One block of rows: labels, splits and pixels.

use crate::Role;
use crate::formats::SplitColumn;
use crate::formats::records::{Fault, Parser, Record, each_record};

/// Where the columns are, and what they must hold.
#[derive(Debug)]
pub(super) struct Columns {
    /// All columns of the file.
    pub count: usize,
    pub delimiter: u8,
    pub pixels: usize,
    pub label: usize,
    /// The column of the splits, and its words.
    pub split: Option<(usize, SplitColumn)>,
    /// Pixels of an image.
    pub image_len: usize,
    pub classes: usize,
}

/// The images of one or all blocks.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub labels: Vec<u32>,
    /// Empty when there is no column of splits.
    pub roles: Vec<Role>,
    pub pixels: Vec<u8>,
}

impl Parser for Columns {
    type Part = Rows;

    fn parse(&self, block: &[u8]) -> Result<Rows, Fault> {
        let mut rows = Rows::default();
        // Three digits and a blank at most, and hardly less than three bytes a pixel.
        rows.pixels.reserve(block.len() / 3);
        each_record(block, self.delimiter, self.count, |record| {
            let record = record?;
            rows.labels.push(label(record, self)?);
            if let Some((column, split)) = &self.split {
                let role =
                    std::str::from_utf8(record.trimmed(*column)).ok().and_then(|cell| split.role(cell));
                rows.roles.push(role.ok_or_else(|| record.fault(*column, split.expected()))?);
            }
            let before = rows.pixels.len();
            let found = read_pixels(record.cell(self.pixels), &mut rows.pixels);
            let count = rows.pixels.len() - before;
            let found = match found {
                Ok(()) if count == self.image_len => return Ok(()),
                Ok(()) if count == 0 => "nothing".into(),
                Ok(()) => format!("{count} numbers"),
                Err(number) => format!("`{number}` as number {}", count + 1),
            };
            let expected = format!("{} whole numbers from 0 to 255", self.image_len);
            Err(record.fault_of(self.pixels, expected, found))
        })?;
        Ok(rows)
    }
}

fn label(record: &Record<'_>, columns: &Columns) -> Result<u32, Fault> {
    let number = std::str::from_utf8(record.trimmed(columns.label)).ok().and_then(|cell| cell.parse().ok());
    number.filter(|&number: &u32| (number as usize) < columns.classes).ok_or_else(|| {
        record.fault(columns.label, format!("a class number from 0 to {}", columns.classes.saturating_sub(1)))
    })
}

/// Appends the numbers of a cell; the first one that is no pixel comes back as text.
fn read_pixels(cell: &[u8], pixels: &mut Vec<u8>) -> Result<(), String> {
    let mut place = 0;
    while let Some(&[a, b, c, d]) = cell.get(place..).and_then(<[u8]>::first_chunk) {
        // The common case, without a branch per digit: up to three digits, then a blank.
        let word = u32::from_le_bytes([a, b, c, d]);
        let digits = word.wrapping_sub(0x3030_3030);
        // A byte that is no digit has a high bit in one of the two.
        let others = (digits | digits.wrapping_add(0x7676_7676)) & 0x8080_8080;
        let len = others.trailing_zeros() / 8;
        if !(1..=3).contains(&len) || cell.get(place + len as usize) != Some(&b' ') {
            break;
        }
        let digits = digits << (32 - 8 * len);
        let value = (digits >> 8 & 0xFF) * 100 + (digits >> 16 & 0xFF) * 10 + (digits >> 24);
        let Ok(value) = u8::try_from(value) else { break };
        pixels.push(value);
        place += len as usize + 1;
    }
    // The end of the cell, and anything unusual.
    let rest = cell.get(place..).unwrap_or_default();
    for number in rest.split(u8::is_ascii_whitespace).filter(|number| !number.is_empty()) {
        let digits = std::str::from_utf8(number).ok().filter(|_| number.iter().all(u8::is_ascii_digit));
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(pixel) => pixels.push(pixel),
            None => return Err(String::from_utf8_lossy(number).chars().take(40).collect()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers by the standard library alone.
    fn reference(cell: &str) -> Option<Vec<u8>> {
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?;
        cell.split_ascii_whitespace().map(number).collect()
    }

    #[test]
    fn every_two_numbers_between_any_neighbours_read_as_the_standard_library_reads_them() {
        for first in 0..=1000_u32 {
            for second in [0, 7, 25, 99, 100, 255, 256, 999, 1000] {
                for text in [
                    format!("{first} {second}"),
                    format!("{first} {second} "),
                    format!(" {second}  {first}\t{second} 1 2"),
                    format!("0{first} {second} 003 1234"),
                    format!("{first}x {second} 1 1"),
                    format!("{first}/{second} :1 -1 1.5"),
                ] {
                    let mut pixels = Vec::new();
                    let read = read_pixels(text.as_bytes(), &mut pixels).ok().map(|()| pixels);
                    assert_eq!(read, reference(&text), "{text}");
                }
            }
        }
    }

    #[test]
    fn any_byte_between_numbers_is_a_blank_or_an_error() {
        for byte in 0..=255_u8 {
            for text in [[b'1', b'2', byte, b'3', b' ', b'4'], [byte, b'2', b' ', b'3', b' ', b'4']] {
                let mut pixels = Vec::new();
                let read = read_pixels(&text, &mut pixels).ok().map(|()| pixels);
                let expected = std::str::from_utf8(&text).ok().and_then(reference);
                assert_eq!(read, expected, "{text:?}");
            }
        }
    }
}
