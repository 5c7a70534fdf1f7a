use std::collections::BTreeMap;

use super::census::Census;
use crate::formats::table::columns::Notation;

/// How many cells of a column are of which kind, over all rows: of the cells at hand, or of the census where these are only some.
pub(super) struct Tally<'c> {
    /// Cells that are not missing.
    pub there: usize,
    /// Cells that are.
    pub missing: usize,
    /// Those of them that are empty, or that a person calls missing.
    pub blank: usize,
    /// Different ones that are not missing.
    pub distinct: usize,
    /// Cells at hand that are not missing.
    at_hand: usize,
    census: Option<&'c Census>,
}

impl<'c> Tally<'c> {
    pub fn of(cells: &[&str], there: &[&str], notation: &Notation, census: Option<&'c Census>) -> Self {
        match census {
            Some(all) => Self {
                there: all.rows - all.missing(),
                missing: all.missing(),
                blank: all.empty
                    + all
                        .words
                        .iter()
                        .filter(|(word, _)| notation.is_missing(word))
                        .map(|(_, count)| *count)
                        .sum::<usize>(),
                distinct: all.distinct(),
                at_hand: there.len(),
                census,
            },
            None => Self {
                there: there.len(),
                missing: cells.len() - there.len(),
                blank: cells.iter().filter(|cell| notation.is_missing(cell)).count(),
                distinct: there.iter().collect::<std::collections::HashSet<_>>().len(),
                at_hand: there.len(),
                census,
            },
        }
    }

    /// How often a cell comes in all rows, of which so many are at hand: about, where it was not counted.
    pub fn count(&self, cell: &str, at_hand: usize) -> usize {
        let about = || (at_hand as f64 * self.there as f64 / self.at_hand.max(1) as f64).round() as usize;
        self.census.map_or(at_hand, |census| census.count(cell).unwrap_or_else(about))
    }

    /// Whether only some of the cells are at hand.
    pub fn is_sampled(&self) -> bool {
        self.at_hand < self.there
    }

    /// How often each of some cells comes.
    pub fn counted<'t>(&self, cells: &[&'t str]) -> BTreeMap<&'t str, usize> {
        let mut counts = BTreeMap::new();
        cells.iter().for_each(|&cell| *counts.entry(cell).or_insert(0) += 1);
        counts.iter_mut().for_each(|(cell, count)| *count = self.count(cell, *count));
        counts
    }
}
