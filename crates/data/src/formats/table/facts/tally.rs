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
    census: Option<&'c Census>,
}

impl<'c> Tally<'c> {
    pub fn of(cells: &[&str], there: &[&str], notation: &Notation, census: Option<&'c Census>) -> Self {
        match census {
            Some(all) => Self {
                there: all.rows - all.missing,
                missing: all.missing,
                blank: all.blank,
                distinct: all.distinct(),
                census,
            },
            None => Self {
                there: there.len(),
                missing: cells.len() - there.len(),
                blank: cells.iter().filter(|cell| notation.is_missing(cell)).count(),
                distinct: there.iter().collect::<std::collections::HashSet<_>>().len(),
                census,
            },
        }
    }

    /// How often a cell comes in all rows, where that is known better than by the cells at hand.
    pub fn count(&self, cell: &str) -> Option<usize> {
        self.census.and_then(|census| census.cells.count(cell))
    }

    /// How often each of some cells comes.
    pub fn counted<'t>(&self, cells: &[&'t str]) -> BTreeMap<&'t str, usize> {
        let mut counts = BTreeMap::new();
        cells.iter().for_each(|&cell| *counts.entry(cell).or_insert(0) += 1);
        counts.iter_mut().for_each(|(cell, count)| *count = self.count(cell).unwrap_or(*count));
        counts
    }
}
