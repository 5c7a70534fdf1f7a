//! Cross-validation.

use crate::config::SplitKind;
use crate::partition::{Parts, cut};
use crate::{DataError, Labelled, Result, Role, seed};

/// One round of cross-validation, rows ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge by. Every row is held out in exactly one fold.
    pub held_out: Vec<usize>,
}

/// Deals all rows, but those of a given test split, to `k` folds, by the rules that [`make_split`](crate::make_split)
/// deals them to splits by.
///
/// Sizes of random and stratified folds differ by one at most, and so do the counts of each class
/// in stratified ones. Grouped folds hold whole groups, and each comes as near to its share of every class as
/// scikit-learn's `StratifiedGroupKFold` brings it. [`absent_classes`](crate::absent_classes) tells where a fold lacks
/// a class nevertheless, which has fewer groups than there are folds.
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

/// Deals the given rows to `k` folds, see [`k_fold`]: say, all but the test rows of a split.
///
/// # Errors
/// [`DataError::Refused`] for fewer than two folds, for more folds than rows, groups or members of
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
    if kind == SplitKind::Given {
        return error("kind \"given\" has no folds; use another".into());
    }
    let mut rng = seed::rng(seed, &[seed::purpose::FOLD]);
    let held_out = cut(data, rows, &Parts::folds(k), kind, &mut rng)?;
    Ok(held_out.into_iter().map(|held_out| fold(rows, held_out)).collect())
}

pub(crate) fn fold(rows: &[usize], held_out: Vec<usize>) -> Fold {
    let outside = |row: &usize| held_out.binary_search(row).is_err();
    let mut train = rows.iter().copied().filter(outside).collect::<Vec<_>>();
    train.sort_unstable();
    Fold { train, held_out }
}
