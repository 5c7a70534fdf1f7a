//! Classes that a split has no rows of.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Labelled, Role, Split, name_list};

/// Classes that the same splits have no rows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentClasses {
    /// The splits without a row of them, in order.
    pub splits: Vec<Role>,
    /// The names, in the order of the classes.
    pub names: Vec<String>,
    /// Their rows in the other splits.
    pub rows: usize,
    /// Each has rows of one group alone, which a grouped split cannot have in two places.
    pub one_group: bool,
}

/// Which classes which splits lack: those that training lacks first. A class that no row is of at all is one that
/// training lacks. Splits without rows are not looked at, and nothing is absent from numbers to predict.
///
/// ```
/// use brasa_data::{Labelled, Role, Samples, Split, Values, absent_classes};
///
/// let samples = Samples::new(vec![1], Values::F64(vec![1.0, 2.0, 3.0, 4.0].into()))?;
/// let data = Labelled::new("pets", samples, vec![0, 0, 1, 0], vec!["cat".into(), "dog".into()]);
/// let absent = absent_classes(&data, &Split { train: vec![0, 1], valid: vec![2], test: vec![3] });
/// assert_eq!((absent[0].splits.as_slice(), absent[0].names.as_slice()), ([Role::Train, Role::Test].as_slice(), ["dog".to_owned()].as_slice()));
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[must_use]
pub fn absent_classes(data: &Labelled, split: &Split) -> Vec<AbsentClasses> {
    let used = Role::ALL.into_iter().filter(|&role| !split.rows(role).is_empty());
    let counts = used.map(|role| (role, data.class_counts(split.rows(role)))).collect::<Vec<_>>();
    let mut of_class = vec![BTreeSet::new(); data.class_count()];
    for &row in Role::ALL.iter().flat_map(|&role| split.rows(role)) {
        let group = data.groups.as_ref().and_then(|groups| groups.get(row));
        let class = data.labels().get(row).and_then(|&label| of_class.get_mut(label as usize));
        if let (Some(&group), Some(of_class)) = (group, class) {
            of_class.insert(group);
        }
    }
    let mut found = BTreeMap::<(bool, Vec<Role>, bool), AbsentClasses>::new();
    for ((class, name), groups) in data.class_names().iter().enumerate().zip(of_class) {
        let rows_of = |counts: &Vec<usize>| counts.get(class).copied().unwrap_or_default();
        let splits = counts
            .iter()
            .filter(|(_, counts)| rows_of(counts) == 0)
            .map(|&(role, _)| role)
            .collect::<Vec<_>>();
        if splits.is_empty() {
            continue;
        }
        let one_group = groups.len() == 1;
        let entry = found.entry((!splits.contains(&Role::Train), splits.clone(), one_group));
        let absent = entry.or_insert(AbsentClasses { splits, names: Vec::new(), rows: 0, one_group });
        absent.names.push(name.clone());
        absent.rows += counts.iter().map(|(_, counts)| rows_of(counts)).sum::<usize>();
    }
    found.into_values().collect()
}

impl AbsentClasses {
    /// A sentence, in which `name` says what a split is called: the test rows of a fold are held out.
    #[must_use]
    pub fn sentence(&self, name: impl Fn(Role) -> &'static str) -> String {
        let names = self.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let classes = if names.len() == 1 { "the class" } else { "the classes" };
        let classes = format!("{classes} {}", name_list(&names));
        let (it, its) = if self.names.len() == 1 { ("it", "its") } else { ("them", "their") };
        let splits = self.splits.iter().map(|&role| name(role)).collect::<Vec<_>>().join(" and ");
        if self.splits.contains(&Role::Train) {
            return match self.rows {
                0 => format!(
                    "NO ROW AT ALL is of {classes}: the model cannot learn {it}, and no score says so."
                ),
                rows => format!(
                    "NO TRAINING ROW is of {classes}: the model cannot learn {it}, and {} of the other splits will \
                     be predicted wrong.{}",
                    if rows == 1 { format!("{its} one row") } else { format!("{its} {rows} rows") },
                    self.reason(),
                ),
            };
        }
        let (have, say) = match self.splits.len() {
            1 => ("split has", "its scores say"),
            _ => ("splits have", "their scores say"),
        };
        format!("The {splits} {have} no rows of {classes}, so {say} nothing about {it}.{}", self.reason())
    }

    fn reason(&self) -> &'static str {
        match (self.one_group, self.names.len()) {
            (false, _) => "",
            (true, 1) => " All its rows are of one group, which can be in one split only.",
            (true, _) => " All rows of each are of one group, which can be in one split only.",
        }
    }
}

impl std::fmt::Display for AbsentClasses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence(Role::name))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::testing::table;

    fn words(data: &Labelled, split: &Split) -> Vec<String> {
        absent_classes(data, split).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_class_without_training_rows_is_said_first_and_loudest() {
        let data = table(&[0.0; 6], &[0, 1, 2, 0, 2, 2]);
        let split = Split { train: vec![0, 1], valid: vec![2, 3], test: vec![4, 5] };
        assert_eq!(
            words(&data, &split),
            [
                "NO TRAINING ROW is of the class `2`: the model cannot learn it, and its 3 rows of the other splits \
                 will be predicted wrong.",
                "The valid and test splits have no rows of the class `1`, so their scores say nothing about it.",
                "The test split has no rows of the class `0`, so its scores say nothing about it.",
            ]
        );
    }

    #[test]
    fn a_named_class_that_no_row_is_of_is_said_too() {
        let mut data = table(&[0.0; 3], &[0, 1, 0]);
        if let crate::Targets::Classes(classes) = &mut data.targets {
            classes.names.push("unseen".into());
        }
        let split = Split { train: vec![0, 1], valid: vec![2], test: Vec::new() };
        assert_eq!(
            words(&data, &split),
            [
                "NO ROW AT ALL is of the class `unseen`: the model cannot learn it, and no score says so.",
                "The valid split has no rows of the class `1`, so its scores say nothing about it.",
            ]
        );
    }

    #[test]
    fn one_group_is_a_reason_and_many_names_are_folded() {
        let labels: Vec<u32> = (0..12).chain(0..12).collect();
        let mut data = table(&[0.0; 24], &labels);
        let split =
            Split { train: (0..24).filter(|&row| row > 0).collect(), valid: vec![0], test: Vec::new() };
        let all = words(&data, &split);
        assert!(
            all[0].contains("`1`, `2`, `3`, `4`, `5`, `6`, `7`, `8`, `9`, `10`, ... and 1 more"),
            "{all:?}"
        );
        data.groups = Some(labels);
        assert!(
            words(&data, &split)[0]
                .ends_with("All rows of each are of one group, which can be in one split only.")
        );
        let numbers = crate::NumberTargets { values: vec![0.0; 24], names: vec!["y".into()] };
        assert!(words(&data.with_numbers(numbers), &split).is_empty());
    }
}
