//! Rows of a large table that are kept to judge its columns by.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use crate::formats::table::records::Records;

/// Rows that were drawn by lot, as many as are enough whatever there are in all: rows in equal distances would all be of one kind where
/// kinds take turns.
pub(super) struct Sample {
    rows: Records,
    width: usize,
    /// Bytes at most, of cells and of where they end.
    most: usize,
    /// A row is drawn with a chance of one half to this power.
    level: u32,
    passed: u64,
}

impl Sample {
    /// Of rows of so many cells, of so many bytes at most.
    pub fn of_width(width: usize, most: usize) -> Self {
        Self { rows: Records::of_width(width, [0; 3]), width, most, level: 0, passed: 0 }
    }

    /// Takes the next rows, or some of them.
    pub fn append(&mut self, rows: &Records) {
        for row in rows.iter() {
            if lot(self.passed) >= self.level {
                self.rows.copy(row, self.passed);
            }
            self.passed += 1;
            while self.bytes() > self.most && self.rows.len() > 1 {
                self.thin();
            }
        }
    }

    fn bytes(&self) -> usize {
        self.rows.bytes() + self.rows.len() * self.width * size_of::<u32>()
    }

    /// Keeps about every other row.
    fn thin(&mut self) {
        self.level += 1;
        let all = std::mem::replace(&mut self.rows, Records::of_width(self.width, [0; 3]));
        all.iter()
            .filter(|row| lot(row.place()) >= self.level)
            .for_each(|row| self.rows.copy(row, row.place()));
    }

    pub fn into_rows(self) -> Records {
        self.rows
    }
}

/// The lot of a row: n or more with a chance of one half to the power of n, always the same for the same row.
fn lot(row: u64) -> u32 {
    FixedState::default().hash_one(row).trailing_zeros()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(numbers: impl Iterator<Item = usize>) -> Records {
        let mut rows = Records::of_width(1, [0; 3]);
        numbers.for_each(|row| assert!(rows.push(std::iter::once(row.to_string().as_bytes()), 0)));
        rows
    }

    fn kept(sample: Sample) -> Vec<usize> {
        let number = |cell: &[u8]| std::str::from_utf8(cell).unwrap().parse().unwrap();
        sample.into_rows().iter().map(|row| number(row.get(0).unwrap())).collect()
    }

    proptest! {
        #[test]
        fn the_same_rows_are_drawn_however_they_come(count in 0_usize..300, most in 5_usize..400, part in 1_usize..30) {
            let mut at_once = Sample::of_width(1, most);
            at_once.append(&rows(0..count));
            let mut by_parts = Sample::of_width(1, most);
            for start in (0..count).step_by(part) {
                by_parts.append(&rows(start..count.min(start + part)));
            }
            let level = at_once.level;
            let kept = kept(at_once);
            prop_assert_eq!(&kept, &self::kept(by_parts));
            let bytes: usize = kept.iter().map(|row| row.to_string().len() + 4).sum();
            prop_assert!(bytes <= most || kept.len() == 1, "{:?}", kept);
            let drawn: Vec<usize> = (0..count).filter(|row| lot(*row as u64) >= level).collect();
            prop_assert_eq!(kept, drawn);
        }
    }

    #[test]
    fn about_half_of_the_rows_go_each_time_and_no_kind_of_them_alone() {
        let mut sample = Sample::of_width(1, 100_000);
        sample.append(&rows(0..100_000));
        let kept = kept(sample);
        assert!((5_000..12_000).contains(&kept.len()), "{}", kept.len());
        let even = kept.iter().filter(|row| *row % 2 == 0).count() as f64 / kept.len() as f64;
        assert!((0.47..0.53).contains(&even), "{even}");
    }
}
