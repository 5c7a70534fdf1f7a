//! Rows and groups that are in two splits, where a model can learn them by heart.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use foldhash::fast::FixedState;
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

/// A row with the features of others, and which features these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeated {
    /// Its place among the rows that were looked at.
    pub place: usize,
    /// The place of the first row with its features.
    pub first: usize,
}

/// Those of `rows` that have the features of another one, in their order, and once in an age one that has its hash alone in common. Of
/// all others only a hash is held, and that not for long: few rows of many are equal.
pub(crate) fn repeated(data: &Labelled, rows: &[usize]) -> Vec<Repeated> {
    let hash = |row: usize| data.samples.hash_row(row);
    let mut hashes = rows.par_iter().map(|&row| hash(row)).collect::<Vec<_>>();
    hashes.par_sort_unstable();
    let shared = hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    let shared = shared.collect::<HashSet<u64, FixedState>>();
    drop(hashes);
    if shared.is_empty() {
        return Vec::new();
    }
    let of_shared = |(place, &row): (usize, &usize)| {
        let hash = hash(row);
        shared.contains(&hash).then_some((hash, place))
    };
    let mut hashes = rows.par_iter().enumerate().filter_map(of_shared).collect::<Vec<_>>();
    hashes.par_sort_unstable();
    let mut found = Vec::with_capacity(hashes.len());
    for same_hash in hashes.chunk_by(|a, b| a.0 == b.0) {
        // Rows of one hash are nearly always equal; comparing makes it certain.
        let mut distinct: Vec<usize> = Vec::new();
        for &(_, place) in same_hash {
            let known = distinct.iter().find(|&&d| data.samples.rows_equal(rows[d], rows[place]));
            let first = known.copied().unwrap_or_else(|| {
                distinct.push(place);
                place
            });
            found.push(Repeated { place, first });
        }
    }
    found.sort_unstable_by_key(|row| row.place);
    found
}

/// Rows with the features of a row before them.
pub(crate) fn repetitions(rows: &[Repeated]) -> usize {
    rows.iter().filter(|row| row.place != row.first).count()
}

/// One row of a split that is not the only one with its features, and what these are.
struct Entry {
    row: usize,
    content: usize,
}

/// Looks for rows with exactly the same features, and for groups, in two splits.
///
/// Rows that the data do not have are ignored.
#[must_use]
pub fn check_leaks(data: &Labelled, split: &Split) -> LeakReport {
    let rows_of = |role| split.rows(role).iter().copied().filter(|&row| row < data.len());
    let rows = Role::ALL.into_iter().flat_map(rows_of).collect::<Vec<_>>();
    let counts = Role::ALL.map(|role| rows_of(role).count());
    let repeated = repeated(data, &rows);
    let mut from = 0;
    let entries = counts.map(|count| {
        let own = from..from + count;
        from += count;
        let own = repeated.iter().filter(|row| own.contains(&row.place));
        let mut entries =
            own.map(|row| Entry { row: rows[row.place], content: row.first }).collect::<Vec<_>>();
        entries.sort_unstable_by_key(|entry| (entry.content, entry.row));
        entries
    });
    drop(rows);

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
                shared_groups: shared_groups(data, rows_of(Role::ALL[earlier]), rows_of(role)),
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
        report.splits.push(SplitDuplicates { role, rows: counts[later], duplicates: repeated });
    }
    report.test_duplicates = test_duplicates.into_iter().collect();
    report
}

/// Groups with rows in both.
fn shared_groups(
    data: &Labelled,
    first: impl Iterator<Item = usize>,
    second: impl Iterator<Item = usize>,
) -> usize {
    let Some(groups) = &data.groups else { return 0 };
    let of = |rows: &mut dyn Iterator<Item = usize>| {
        rows.filter_map(|row| groups.get(row).copied()).collect::<BTreeSet<_>>()
    };
    let (mut first, mut second) = (first, second);
    of(&mut first).intersection(&of(&mut second)).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::testing::table;

    fn split(train: &[usize], valid: &[usize], test: &[usize]) -> Split {
        Split { train: train.to_vec(), valid: valid.to_vec(), test: test.to_vec() }
    }

    proptest::proptest! {
        #[test]
        fn rows_that_are_not_alone_are_found(values in proptest::collection::vec(0_u8..12, 0..24)) {
            let values: Vec<f32> = values.into_iter().map(f32::from).collect();
            let data = table(&values, &vec![0; values.len()]);
            // In another order than they stand in.
            let rows: Vec<usize> = (0..values.len()).rev().collect();
            let with = |row: usize| rows.iter().enumerate().filter(|&(_, &other)| values[other] == values[row]).map(|(place, _)| place).collect::<Vec<_>>();
            let mut expected = Vec::new();
            for (place, &row) in rows.iter().enumerate() {
                let places = with(row);
                expected.extend((places.len() > 1).then(|| Repeated { place, first: places[0] }));
            }
            proptest::prop_assert_eq!(repeated(&data, &rows), expected);
        }
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
