//! Which rows train, which choose, and which judge.

use serde::{Deserialize, Serialize};

use crate::checked::CheckedSplit;
use crate::config::{SplitKind, ValidFrom};
use crate::ordered::cut_in_order;
use crate::partition::{Parts, cut, thin};
use crate::{DataError, Labelled, Result, Role, seed};

/// The rows of each split, ascending. No row is in two of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to choose by.
    pub valid: Vec<usize>,
    /// Rows for the final judgement; may be empty.
    pub test: Vec<usize>,
}

impl Split {
    /// The rows of one split.
    #[must_use]
    pub fn rows(&self, role: Role) -> &[usize] {
        match role {
            Role::Train => &self.train,
            Role::Valid => &self.valid,
            Role::Test => &self.test,
        }
    }
}

/// Deals the rows of the data to training, validation and test.
///
/// Data that come with training and test rows keep them; the validation rows are cut from one of the two. Kind "given"
/// takes the validation rows that the data give, and cuts them like that where they give none: by whole groups if
/// there are groups, by class if not. All choices derive from the split's seed.
///
/// # Errors
/// [`DataError::Refused`] when a split would be empty, a class or group cannot be in all splits it
/// must be in, or the data give splits that the settings contradict.
pub fn make_split(data: &Labelled, config: &CheckedSplit) -> Result<Split> {
    data.check()?;
    let mut rng = seed::rng(config.seed, &[seed::purpose::SPLIT]);
    let kind = kind_of_cut(data, config);
    let mut cut = |rows: &[usize], fractions: &[f64]| match kind {
        SplitKind::Ordered => cut_in_order(data, rows, &Parts::splits(fractions), config.order.as_deref()),
        kind => cut(data, rows, &Parts::splits(fractions), kind, &mut rng),
    };
    let mut split = match given_split(data, config)? {
        Some(given) if !given.valid.is_empty() => given,
        Some(given) if given.train.is_empty() => given,
        Some(_) if config.valid == 0.0 => {
            let problem = "the data give no validation rows, and split.valid is 0; give a fraction to cut";
            return Err(DataError::split(&data.name, problem));
        }
        Some(given) => match config.valid_from {
            ValidFrom::Train => {
                let [train, valid] = take(cut(&given.train, &[1.0 - config.valid, config.valid])?);
                Split { train, valid, test: given.test }
            }
            ValidFrom::Test => {
                let [test, valid] = take(cut(&given.test, &[1.0 - config.valid, config.valid])?);
                Split { train: given.train, valid, test }
            }
        },
        None => {
            let rows = (0..data.len()).collect::<Vec<_>>();
            let fractions = [1.0 - config.valid - config.test, config.valid, config.test];
            let [train, valid, test] = take(cut(&rows, &fractions)?);
            Split { train, valid, test }
        }
    };
    for (role, rows) in [(Role::Train, &split.train), (Role::Valid, &split.valid)] {
        if rows.is_empty() {
            return Err(DataError::split(&data.name, format!("there are no {role} rows")));
        }
    }
    if let Some(limit) = config.limit {
        let splits = [&mut split.train, &mut split.valid, &mut split.test];
        for (rows, role) in splits.into_iter().zip(0..) {
            let mut rng = seed::rng(config.seed, &[seed::purpose::LIMIT, role]);
            thin(data, rows, limit, config.kind, &mut rng);
        }
    }
    Ok(split)
}

/// How rows are cut where the data do not say: kind "given" leaves it to them, whose groups stay whole.
pub(crate) fn kind_of_cut(data: &Labelled, config: &CheckedSplit) -> SplitKind {
    match config.kind {
        SplitKind::Given if data.groups.is_some() => SplitKind::Grouped,
        SplitKind::Given => SplitKind::Stratified,
        kind => kind,
    }
}

/// The split that the data give, if they do and the settings agree with it.
fn given_split(data: &Labelled, config: &CheckedSplit) -> Result<Option<Split>> {
    let error = |problem: &str| Err(DataError::split(&data.name, problem));
    let Some(roles) = &data.roles else {
        return match (config.kind, config.valid_from) {
            (SplitKind::Given, _) => error("kind \"given\" needs data that come split"),
            (_, ValidFrom::Test) => error("valid_from \"test\" needs data that give test rows"),
            _ => Ok(None),
        };
    };
    let rows = |wanted: Role| {
        let rows = roles.iter().enumerate().filter(|&(_, &role)| role == wanted);
        rows.map(|(row, _)| row).collect::<Vec<_>>()
    };
    let given = Split { train: rows(Role::Train), valid: rows(Role::Valid), test: rows(Role::Test) };
    if config.kind != SplitKind::Given {
        if config.test != 0.0 {
            return error("the data give test rows; set the test fraction to 0");
        }
        if !given.valid.is_empty() {
            return error("the data give validation rows; use kind \"given\"");
        }
    }
    Ok(Some(given))
}

/// The first `N` of `parts`, which holds as many.
fn take<const N: usize>(parts: Vec<Vec<usize>>) -> [Vec<usize>; N] {
    let mut parts = parts.into_iter();
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
