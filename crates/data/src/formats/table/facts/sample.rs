//! Rows of a large table that are kept to judge its columns by.

use crate::formats::table::records::Records;

/// Rows in equal distances, as many as are enough whatever there are in all.
pub(super) struct Sample {
    rows: Records,
    width: usize,
    /// Bytes at most.
    most: usize,
    /// One of so many rows that come is kept.
    every: usize,
    passed: usize,
}

impl Sample {
    /// Of rows of so many cells, of so many bytes at most.
    pub fn of_width(width: usize, most: usize) -> Self {
        Self { rows: Records::of_width(width, [0; 3]), width, most, every: 1, passed: 0 }
    }

    /// Takes the next rows, or some of them.
    pub fn append(&mut self, rows: &Records) {
        for row in rows.iter() {
            if self.passed.is_multiple_of(self.every) {
                self.rows.copy(row);
            }
            self.passed += 1;
            while self.rows.bytes() > self.most && self.rows.len() > 1 {
                self.thin();
            }
        }
    }

    /// Keeps every other row.
    fn thin(&mut self) {
        let all = std::mem::replace(&mut self.rows, Records::of_width(self.width, [0; 3]));
        all.iter().step_by(2).for_each(|row| self.rows.copy(row));
        self.every *= 2;
    }

    pub fn into_rows(self) -> Records {
        self.rows
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use csv::ByteRecord;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_kept_in_equal_distances(count in 0_usize..200, most in 1_usize..80, part in 1_usize..30) {
            let mut all = Records::of_width(1, [0; 3]);
            (0..count).for_each(|row| assert!(all.push(&ByteRecord::from(vec![row.to_string()]), 0)));
            let mut sample = Sample::of_width(1, most);
            for start in (0..count).step_by(part) {
                let mut rows = Records::of_width(1, [0; 3]);
                all.iter().skip(start).take(part).for_each(|row| rows.copy(row));
                sample.append(&rows);
            }
            let kept: Vec<usize> = sample
                .into_rows()
                .iter()
                .map(|row| std::str::from_utf8(row.get(0).unwrap()).unwrap().parse().unwrap())
                .collect();
            let bytes: usize = kept.iter().map(|row| row.to_string().len()).sum();
            prop_assert!(bytes <= most || kept.len() == 1, "{:?}", kept);
            let step = kept.get(1).copied().unwrap_or(1);
            prop_assert_eq!(&kept, &(0..count).step_by(step).take(kept.len()).collect::<Vec<_>>());
            prop_assert!(kept.len() < 2 || kept.last().is_none_or(|last| last + step >= count), "{:?} of {}", kept, count);
        }
    }
}
