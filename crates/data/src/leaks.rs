//! Rows and groups that are in two splits, where a model can learn them by heart.

use std::collections::BTreeSet;
use std::fmt;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Labelled, Role, Split};

/// What two splits share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairLeaks {
    /// The split that is seen first.
    pub earlier: Role,
    /// The split that is seen later.
    pub later: Role,
    /// Rows of the later split with exactly the features of a row of the earlier one.
    pub duplicates: usize,
    /// Those of them that some such row gives another label.
    pub conflicting: usize,
    /// Groups with rows in both splits.
    pub shared_groups: usize,
}

/// Repetitions in one split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitDuplicates {
    /// The split.
    pub role: Role,
    /// Its rows.
    pub rows: usize,
    /// Rows with exactly the features of a row before them in it.
    pub duplicates: usize,
}

/// What [`check_leaks`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakReport {
    /// Train and valid, train and test, valid and test.
    pub pairs: Vec<PairLeaks>,
    /// Train, valid, test.
    #[serde(alias = "sides")]
    pub splits: Vec<SplitDuplicates>,
    /// Test rows whose features occur in train or valid, ascending, so that a score
    /// can be given without them.
    #[serde(skip_serializing, default)]
    pub test_duplicates: Vec<usize>,
}

impl LeakReport {
    /// Whether no row and no group is in two splits. Repetitions within a split are no leak.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.pairs.iter().all(|pair| pair.duplicates == 0 && pair.shared_groups == 0)
    }

    /// What two splits share; `None` unless `earlier` comes before `later` and was checked.
    #[must_use]
    pub fn pair(&self, earlier: Role, later: Role) -> Option<&PairLeaks> {
        self.pairs.iter().find(|pair| pair.earlier == earlier && pair.later == later)
    }
}

impl fmt::Display for LeakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            f.write_str("no row or group is in two splits")?;
        }
        let mut separator = "";
        for pair in self.pairs.iter().filter(|pair| pair.duplicates + pair.shared_groups > 0) {
            write!(
                f,
                "{separator}{} rows of {} are also in {} ({} with another label)",
                pair.duplicates, pair.later, pair.earlier, pair.conflicting
            )?;
            if pair.shared_groups > 0 {
                write!(f, ", and {} groups are in both", pair.shared_groups)?;
            }
            separator = "\n";
        }
        for split in self.splits.iter().filter(|split| split.duplicates > 0) {
            write!(f, "\n{} of {} rows of {} are repetitions", split.duplicates, split.rows, split.role)?;
        }
        Ok(())
    }
}

/// For each row of `rows`, the place in `rows` of the first one with its features: equal rows have equal numbers.
pub(crate) fn number_contents(data: &Labelled, rows: &[usize]) -> Vec<usize> {
    let mut hashes = rows
        .par_iter()
        .enumerate()
        .map(|(place, &row)| (data.samples.hash_row(row), place))
        .collect::<Vec<_>>();
    hashes.par_sort_unstable();
    let mut numbers = vec![0; rows.len()];
    for same_hash in hashes.chunk_by(|a, b| a.0 == b.0) {
        // Rows of one hash are nearly always equal; comparing makes it certain.
        let mut distinct: Vec<usize> = Vec::new();
        for &(_, place) in same_hash {
            let known = distinct.iter().find(|&&d| data.samples.rows_equal(rows[d], rows[place]));
            numbers[place] = known.copied().unwrap_or_else(|| {
                distinct.push(place);
                place
            });
        }
    }
    numbers
}

/// Rows with the features of a row before them, by their [numbers](number_contents).
pub(crate) fn repetitions(numbers: &[usize]) -> usize {
    numbers.iter().enumerate().filter(|&(place, &first)| place != first).count()
}

/// One row of a split, and what its features are.
struct Entry {
    row: usize,
    content: usize,
}

/// Looks for rows with exactly the same features, and for groups, in two splits.
///
/// Rows that the data do not have are ignored.
#[must_use]
pub fn check_leaks(data: &Labelled, split: &Split) -> LeakReport {
    let splits = Role::ALL
        .map(|role| split.rows(role).iter().copied().filter(|&row| row < data.len()).collect::<Vec<_>>());
    let numbers = number_contents(data, &splits.concat());
    let mut numbers = numbers.iter().copied();
    let entries = splits.map(|rows| {
        let entry = |(row, content): (usize, usize)| Entry { row, content };
        let mut entries = rows.into_iter().zip(numbers.by_ref()).map(entry).collect::<Vec<_>>();
        entries.sort_unstable_by_key(|entry| (entry.content, entry.row));
        entries
    });

    let mut report = LeakReport::default();
    let mut test_duplicates = BTreeSet::new();
    for (later, role) in Role::ALL.into_iter().enumerate() {
        for earlier in 0..later {
            let (first, second) = (&entries[earlier], &entries[later]);
            let mut pair = PairLeaks {
                earlier: Role::ALL[earlier],
                later: role,
                duplicates: 0,
                conflicting: 0,
                shared_groups: shared_groups(data, first, second),
            };
            for entry in second {
                let start = first.partition_point(|other| other.content < entry.content);
                let twins = || first[start..].iter().take_while(|o| o.content == entry.content);
                if twins().next().is_some() {
                    pair.duplicates += 1;
                    pair.conflicting += usize::from(twins().any(|o| !data.targets.same(o.row, entry.row)));
                    if role == Role::Test {
                        test_duplicates.insert(entry.row);
                    }
                }
            }
            report.pairs.push(pair);
        }
        let repeated = entries[later].windows(2).filter(|w| w[0].content == w[1].content).count();
        let rows = entries[later].len();
        report.splits.push(SplitDuplicates { role, rows, duplicates: repeated });
    }
    report.test_duplicates = test_duplicates.into_iter().collect();
    report
}

fn shared_groups(data: &Labelled, first: &[Entry], second: &[Entry]) -> usize {
    let Some(groups) = &data.groups else { return 0 };
    let of = |entries: &[Entry]| {
        entries.iter().filter_map(|entry| groups.get(entry.row).copied()).collect::<BTreeSet<_>>()
    };
    of(first).intersection(&of(second)).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::testing::table;

    fn split(train: &[usize], valid: &[usize], test: &[usize]) -> Split {
        Split { train: train.to_vec(), valid: valid.to_vec(), test: test.to_vec() }
    }

    #[test]
    fn duplicates_conflicts_and_groups_are_counted() {
        //                  train            valid       test
        let values = [1.0, 2.0, 2.0, 3.0, 2.0, 5.0, 1.0, 2.0, 5.0];
        let mut data = table(&values, &[0, 1, 1, 0, 0, 1, 0, 1, 1]);
        data.groups = Some(vec![0, 0, 1, 1, 1, 2, 2, 3, 3]);
        let report = check_leaks(&data, &split(&[0, 1, 2, 3], &[4, 5], &[6, 7, 8]));
        let counts = report
            .pairs
            .iter()
            .map(|p| (p.earlier, p.later, p.duplicates, p.conflicting, p.shared_groups))
            .collect::<Vec<_>>();
        assert_eq!(
            counts,
            [
                (Role::Train, Role::Valid, 1, 1, 1),
                (Role::Train, Role::Test, 2, 0, 0),
                (Role::Valid, Role::Test, 2, 1, 1),
            ]
        );
        assert_eq!(report.test_duplicates, [6, 7, 8]);
        assert_eq!(report.splits[0].duplicates, 1);
        assert!(!report.is_clean());
        assert_eq!(
            report.to_string(),
            "1 rows of valid are also in train (1 with another label), and 1 groups are in both\n\
             2 rows of test are also in train (0 with another label)\n\
             2 rows of test are also in valid (1 with another label), and 1 groups are in both\n\
             1 of 4 rows of train are repetitions"
        );
    }

    #[test]
    fn a_clean_split_is_clean_even_with_repetitions_on_a_split() {
        let data = table(&[1.0, 1.0, 2.0, 3.0], &[0, 1, 0, 1]);
        let report = check_leaks(&data, &split(&[0, 1], &[2], &[3]));
        assert!(report.is_clean());
        assert!(report.test_duplicates.is_empty());
        assert_eq!(
            report.to_string(),
            "no row or group is in two splits\n1 of 2 rows of train are repetitions"
        );
    }

    #[test]
    fn the_saved_report_leaves_the_rows_out() {
        let data = table(&[1.0, 2.0, 1.0], &[0, 1, 0]);
        let report = check_leaks(&data, &split(&[0], &[1], &[2]));
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains("test_duplicates"));
        let read: LeakReport = serde_json::from_str(&json).unwrap();
        assert_eq!(read.pairs, report.pairs);
    }
}
