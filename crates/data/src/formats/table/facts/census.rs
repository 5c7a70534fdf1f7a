//! What the cells of a column say together, counted while a table goes by that is too large to be kept.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher};

use foldhash::quality::FixedState;

use crate::formats::delimited::{is_missing, number};
use crate::warnings::FEWEST_ROWS;

/// Different cells that are counted one by one: of all columns, and of one.
const MOST_COUNTED: usize = 1 << 22;
const MOST_OF_ONE: usize = 1 << 16;

/// What all cells of a column say, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Census {
    pub rows: usize,
    /// Cells that hold nothing.
    pub empty: usize,
    /// Cells that say that a value is missing, by their words.
    pub words: BTreeMap<String, usize>,
    /// The others.
    pub cells: Distinct,
    steps: Steps,
    /// The same for columns with the same cells.
    pub digest: u64,
}

impl Census {
    /// Of one of so many columns.
    pub fn of_one_of(columns: usize) -> Self {
        let most = (MOST_COUNTED / columns.max(1)).clamp(1 << 10, MOST_OF_ONE);
        Self { cells: Distinct { most, ..Distinct::default() }, ..Self::default() }
    }

    /// Takes the next cell, without blanks around it. Of different cells only those of this or a higher level are counted.
    pub fn push(&mut self, cell: &str, missing: &[String], level: u32) {
        self.rows += 1;
        let hash = FixedState::default().hash_one(cell);
        self.digest = chained(self.digest, hash);
        if cell.is_empty() {
            self.empty += 1;
            return;
        }
        if is_missing(cell) || missing.iter().any(|word| word == cell) {
            match self.words.get_mut(cell) {
                Some(count) => *count += 1,
                None => drop(self.words.insert(cell.to_owned(), 1)),
            }
            return;
        }
        self.steps.push(cell);
        self.cells.level = self.cells.level.max(level);
        self.cells.add(hash, 1);
    }

    /// Takes the census of the cells behind these.
    pub fn append(&mut self, next: Self) {
        self.rows += next.rows;
        self.empty += next.empty;
        next.words.into_iter().for_each(|(word, count)| *self.words.entry(word).or_insert(0) += count);
        self.cells.append(next.cells);
        self.steps.append(&next.steps);
        self.digest = chained(self.digest, next.digest);
    }

    /// Cells that say that a value is missing, or nothing.
    pub fn missing(&self) -> usize {
        self.empty + self.words.values().sum::<usize>()
    }

    /// Whether the cells count the rows, up or down.
    pub fn counts_rows(&self) -> bool {
        let by_one = matches!(self.steps, Steps::Steady { step: Some(step), .. } if step.abs() == 1.0);
        by_one && self.missing() == 0 && self.rows >= FEWEST_ROWS
    }

    /// How many different cells there are, without those that are missing: to within some per cent where they are more than are
    /// counted one by one.
    pub fn distinct(&self) -> usize {
        let Distinct { level, counts, .. } = &self.cells;
        if *level == 0 {
            return counts.len();
        }
        let there = self.rows - self.missing();
        match counts.values().all(|count| *count == 1) {
            // Were values there twice as a rule, then of so many some would be.
            true => there,
            false => (counts.len() << level).min(there.saturating_sub(1)),
        }
    }

    /// How often a cell comes; none where it was not counted.
    pub fn count(&self, cell: &str) -> Option<usize> {
        self.words.get(cell).copied().or_else(|| self.cells.count(cell))
    }
}

fn chained(before: u64, hash: u64) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write_u64(before);
    hasher.write_u64(hash);
    hasher.finish()
}

/// Different values, each with how often it came: all while they are few, and then only those whose hash ends in `level` zeros, which
/// are a fair sample of them (distinct sampling: Gibbons, VLDB 2001).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Distinct {
    pub level: u32,
    most: usize,
    counts: HashMap<u64, usize, FixedState>,
}

impl Default for Distinct {
    fn default() -> Self {
        Self { level: 0, most: MOST_OF_ONE, counts: HashMap::default() }
    }
}

impl Distinct {
    fn add(&mut self, hash: u64, count: usize) {
        if hash.trailing_zeros() >= self.level {
            *self.counts.entry(hash).or_insert(0) += count;
            self.thin();
        }
    }

    fn thin(&mut self) {
        while self.counts.len() > self.most {
            self.level += 1;
            self.counts.retain(|hash, _| hash.trailing_zeros() >= self.level);
        }
    }

    fn append(&mut self, other: Self) {
        if other.level > self.level {
            self.level = other.level;
            self.counts.retain(|hash, _| hash.trailing_zeros() >= self.level);
        }
        other.counts.into_iter().for_each(|(hash, count)| self.add(hash, count));
    }

    /// How often a cell came; none where it was not counted.
    fn count(&self, cell: &str) -> Option<usize> {
        self.counts.get(&FixedState::default().hash_one(cell)).copied()
    }

    /// How often the rarest came; none where not all were counted.
    pub fn rarest(&self) -> Option<usize> {
        self.counts.values().copied().min().filter(|_| self.level == 0)
    }
}

/// What numbers grow by from one to the next.
#[derive(Debug, Clone, Default, PartialEq)]
enum Steps {
    /// There are none yet.
    #[default]
    None,
    /// From the first to the last by the same each time; no step for one alone.
    Steady { first: f64, last: f64, step: Option<f64> },
    /// By different steps, or they are no numbers.
    Broken,
}

impl Steps {
    fn push(&mut self, cell: &str) {
        if *self != Self::Broken {
            let one = |value| Self::Steady { first: value, last: value, step: None };
            self.append(&number(cell).map_or(Self::Broken, one));
        }
    }

    fn append(&mut self, next: &Self) {
        *self = match (&*self, next) {
            (own, Self::None) => own.clone(),
            (Self::None, next) => next.clone(),
            (
                Self::Steady { first, last, step },
                Self::Steady { first: next_first, last: next_last, step: next_step },
            ) => {
                let between = next_first - last;
                match [step, next_step].into_iter().flatten().all(|other| *other == between) {
                    true => Self::Steady { first: *first, last: *next_last, step: Some(between) },
                    false => Self::Broken,
                }
            }
            _ => Self::Broken,
        };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn census(cells: &[String]) -> Census {
        let mut census = Census::default();
        cells.iter().for_each(|cell| census.push(cell, &["x".into()], 0));
        census
    }

    proptest! {
        #[test]
        fn parts_say_together_what_the_whole_says(
            cells in proptest::collection::vec(proptest::sample::select(vec!["1", "2", "a", "", "NA", "x"]), 0..40),
            cut in 0_usize..40,
        ) {
            let cells: Vec<String> = cells.into_iter().map(str::to_owned).collect();
            let (a, b) = cells.split_at(cut.min(cells.len()));
            let mut parts = census(a);
            parts.append(census(b));
            let whole = census(&cells);
            // The digest tells columns apart that are cut alike.
            prop_assert_eq!(&Census { digest: 0, ..parts }, &Census { digest: 0, ..whole.clone() });
            let there = |cell: &&String| !matches!(cell.as_str(), "" | "NA" | "x");
            let distinct: std::collections::BTreeSet<_> = cells.iter().filter(there).collect();
            prop_assert_eq!(whole.distinct(), distinct.len());
            prop_assert_eq!(whole.missing(), cells.len() - cells.iter().filter(there).count());
            prop_assert_eq!(whole.empty, cells.iter().filter(|cell| cell.is_empty()).count());
            let ones = cells.iter().filter(|cell| *cell == "1").count();
            prop_assert_eq!(whole.count("1"), Some(ones).filter(|ones| *ones > 0));
            let words = cells.iter().filter(|cell| *cell == "NA").count();
            prop_assert_eq!(whole.count("NA"), Some(words).filter(|words| *words > 0));
        }

        #[test]
        fn numbers_that_grow_by_one_count_rows(from in -50_i32..50, down in any::<bool>(), cut in 0_usize..20, hole in 0_usize..60) {
            let mut cells: Vec<String> = (0..20).map(|row| (if down { from - row } else { from + row }).to_string()).collect();
            if let Some(cell) = cells.get_mut(hole) {
                *cell = "1000".into();
            }
            let (a, b) = cells.split_at(cut);
            let mut parts = census(a);
            parts.append(census(b));
            prop_assert_eq!(parts.counts_rows(), hole >= 20);
        }
    }

    #[test]
    fn of_many_different_cells_a_fair_part_is_counted() {
        let many: Vec<String> = (0..300_000).map(|row| (row * 7 % 150_000).to_string()).collect();
        let whole = census(&many);
        let found = whole.distinct() as f64;
        assert!((found / 150_000.0 - 1.0).abs() < 0.02 && whole.cells.rarest().is_none(), "{found}");
        // However it is cut, and whatever part already knows that there are many.
        let mut parts = Census::default();
        for part in many.chunks(7_001) {
            let mut census = Census::default();
            let level = parts.cells.level;
            part.iter().for_each(|cell| census.push(cell, &["x".into()], level));
            parts.append(census);
        }
        assert_eq!(parts.cells, whole.cells);
        let mut keys: Vec<String> = (0..200_000).map(|row| format!("k{row}")).collect();
        assert_eq!(census(&keys).distinct(), 200_000);
        // Some that come twice make no more different ones than there are rows.
        keys.extend((0..20_000).map(|row| format!("k{}", row * 9)));
        assert!((190_000..220_000).contains(&census(&keys).distinct()));
    }

    #[test]
    fn columns_with_the_same_cells_have_the_same_digest() {
        let cells = |last: &str| census(&["a".into(), String::new(), last.into()]);
        assert_eq!(cells("b").digest, cells("b").digest);
        assert_ne!(cells("b").digest, cells("c").digest);
    }
}
