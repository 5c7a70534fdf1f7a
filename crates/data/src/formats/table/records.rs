//! The records of a table, cell behind cell: a text of its own for each would take ten times the bytes of the file.

/// The records of a table, all of as many cells.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// All cells, one behind another.
    cells: Vec<u8>,
    /// Where each cell ends, counted from the start of its record.
    ends: Vec<u32>,
    /// Where each record starts in `cells`, and in the text.
    starts: Vec<(usize, u64)>,
    /// Cells of a record.
    width: usize,
}

/// A record of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'r> {
    cells: &'r [u8],
    ends: &'r [u32],
    place: u64,
}

impl Records {
    /// Bytes that [`of_width`](Self::of_width) makes room for.
    pub fn memory([bytes, lines, separators]: [usize; 3]) -> u64 {
        let ends = lines.saturating_add(separators).saturating_mul(size_of::<u32>());
        let starts = lines.saturating_mul(size_of::<(usize, u64)>());
        bytes.saturating_add(ends).saturating_add(starts) as u64
    }

    /// Of records of so many cells, with room for those of a text of so many bytes, lines and separators: what grows by doubling leaves as
    /// much behind.
    pub fn of_width(width: usize, [bytes, lines, separators]: [usize; 3]) -> Self {
        Self {
            cells: Vec::with_capacity(bytes),
            ends: Vec::with_capacity(lines.saturating_add(separators)),
            starts: Vec::with_capacity(lines),
            width,
        }
    }

    /// Takes the cells of a record, that many, which stands at `place` in the text. Whether they are short enough to be kept.
    pub fn push<'c>(&mut self, cells: impl Iterator<Item = &'c [u8]>, place: u64) -> bool {
        let (start, ends) = (self.cells.len(), self.ends.len());
        for cell in cells {
            self.cells.extend_from_slice(cell);
            let Ok(end) = u32::try_from(self.cells.len() - start) else {
                self.cells.truncate(start);
                self.ends.truncate(ends);
                return false;
            };
            self.ends.push(end);
        }
        self.starts.push((start, place));
        true
    }

    /// Takes over a record of other ones, which are of as many cells, to stand at `place`.
    pub fn copy(&mut self, record: Record<'_>, place: u64) {
        let len = record.ends.last().map_or(0, |end| *end as usize);
        self.starts.push((self.cells.len(), place));
        self.cells.extend_from_slice(record.cells.get(..len).unwrap_or_default());
        self.ends.extend_from_slice(record.ends);
    }

    /// Bytes of their cells.
    pub fn bytes(&self) -> usize {
        self.cells.len()
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<Record<'_>> {
        let &(start, place) = self.starts.get(index)?;
        let cells = self.cells.get(start..)?;
        let ends = self.ends.get(index * self.width..(index + 1) * self.width)?;
        Some(Record { cells, ends, place })
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = Record<'_>> + Clone {
        (0..self.len()).map(|index| self.get(index).unwrap_or(Record { cells: &[], ends: &[], place: 0 }))
    }
}

impl<'r> Record<'r> {
    /// Where it stands in the text.
    pub fn place(&self) -> u64 {
        self.place
    }

    pub fn get(&self, column: usize) -> Option<&'r [u8]> {
        let end = *self.ends.get(column)? as usize;
        let start =
            column.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.cells.get(start..end)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cells_are_those_that_were_put_in(rows in proptest::collection::vec(proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6), 3), 0..8)) {
            let mut records = Records::of_width(3, [0; 3]);
            for (place, row) in rows.iter().enumerate() {
                prop_assert!(records.push(row.iter().map(Vec::as_slice), place as u64));
            }
            let mut copies = Records::of_width(3, [0; 3]);
            records.iter().for_each(|record| copies.copy(record, record.place()));
            let records = copies;
            prop_assert_eq!(records.len(), rows.len());
            for (place, (record, row)) in records.iter().zip(&rows).enumerate() {
                let cells: Vec<Vec<u8>> = (0..record.ends.len()).map(|column| record.get(column).unwrap().to_vec()).collect();
                prop_assert_eq!(&cells, row);
                prop_assert_eq!(record.place(), place as u64);
                prop_assert!(record.get(3).is_none());
            }
        }
    }
}
