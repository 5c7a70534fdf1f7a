//! Cross-validation.

use crate::config::SplitKind;
use crate::{DataError, Labelled, Result, Role, partition, seed};

/// One round of cross-validation, rows ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge by. Every row is held out in exactly one fold.
    pub held_out: Vec<usize>,
}

/// Deals all rows, but those of a given test side, to `k` folds.
///
/// Sizes of random and stratified folds differ by one at most, and so do the counts of each class
/// in stratified ones. Grouped folds hold whole groups, the largest dealt first, each to the
/// smallest fold, as scikit-learn's `GroupKFold`.
///
/// # Errors
/// As [`k_fold_of`].
pub fn k_fold(data: &Labelled, kind: SplitKind, k: usize, seed: u64) -> Result<Vec<Fold>> {
    let rows = match &data.roles {
        Some(roles) => {
            let seen = roles.iter().enumerate().filter(|&(_, &role)| role != Role::Test);
            seen.map(|(row, _)| row).collect()
        }
        None => (0..data.len()).collect::<Vec<_>>(),
    };
    k_fold_of(data, &rows, kind, k, seed)
}

/// Deals the given rows to `k` folds, see [`k_fold`]: say, all but the test side of a split.
///
/// # Errors
/// [`DataError::Split`] for fewer than two folds, for more folds than rows, groups or members of
/// a class, or for the kind "given".
pub fn k_fold_of(data: &Labelled, rows: &[usize], kind: SplitKind, k: usize, seed: u64) -> Result<Vec<Fold>> {
    data.check()?;
    let error = |problem: String| Err(DataError::split(&data.name, problem));
    if k < 2 {
        return error(format!("{k} folds are too few; use at least 2"));
    }
    if let Some(row) = rows.iter().find(|&&row| row >= data.len()) {
        return error(format!("there is no row {row}"));
    }
    if rows.len() < k {
        return error(format!("{} rows are too few for {k} folds", rows.len()));
    }
    let mut rng = seed::rng(seed, &[seed::purpose::FOLD]);
    let mut held_out = vec![Vec::new(); k];
    match kind {
        SplitKind::Random => {
            let mut rows = rows.to_vec();
            seed::shuffle(&mut rows, &mut rng);
            (0..k).cycle().zip(rows).for_each(|(fold, row)| held_out[fold].push(row));
        }
        SplitKind::Stratified => {
            // The deal goes on where the class before ended, which keeps the folds even.
            let mut folds = (0..k).cycle();
            for (class, mut members) in partition::by_class(data, rows).into_iter().enumerate() {
                if !members.is_empty() && members.len() < k {
                    let name = data.class_names().get(class).map_or("", String::as_str);
                    let count = members.len();
                    return error(format!(
                        "the class `{name}` has {count} of the rows, too few for {k} folds"
                    ));
                }
                seed::shuffle(&mut members, &mut rng);
                for (row, fold) in members.into_iter().zip(&mut folds) {
                    held_out[fold].push(row);
                }
            }
        }
        SplitKind::Grouped => {
            let groups = partition::groups_by_size(data, rows, &mut rng)?;
            if groups.len() < k {
                return error(format!("{} groups are too few for {k} folds", groups.len()));
            }
            for group in groups {
                if let Some(smallest) = held_out.iter_mut().min_by_key(|fold| fold.len()) {
                    smallest.extend(group);
                }
            }
        }
        SplitKind::Given => return error("kind \"given\" has no folds; use another".into()),
    }
    Ok(held_out.into_iter().map(|held_out| fold(rows, held_out)).collect())
}

fn fold(rows: &[usize], mut held_out: Vec<usize>) -> Fold {
    held_out.sort_unstable();
    let outside = |row: &usize| held_out.binary_search(row).is_err();
    let mut train = rows.iter().copied().filter(outside).collect::<Vec<_>>();
    train.sort_unstable();
    Fold { train, held_out }
}
