//! Which rows train, which choose, and which judge.

use serde::{Deserialize, Serialize};

use crate::checked::CheckedSplit;
use crate::config::{SplitKind, ValidFrom};
use crate::{DataError, Labelled, Result, Role, partition, seed};

/// The rows of each side, ascending. No row is on two sides.
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
    /// The rows of one side.
    #[must_use]
    pub fn side(&self, role: Role) -> &[usize] {
        match role {
            Role::Train => &self.train,
            Role::Valid => &self.valid,
            Role::Test => &self.test,
        }
    }
}

/// Deals the rows of the data to the sides.
///
/// Data that come with a training and a test side keep them; the validation side is cut from one
/// of the two. All choices derive from the split's seed.
///
/// # Errors
/// [`DataError::Split`] when a side would be empty, a class or group cannot be on all sides it
/// must be on, or the data give sides that the settings contradict.
pub fn make_split(data: &Labelled, config: &CheckedSplit) -> Result<Split> {
    data.check()?;
    let mut rng = seed::rng(config.seed, &[seed::purpose::SPLIT]);
    let mut cut =
        |rows: &[usize], fractions: &[f64]| partition::cut(data, rows, fractions, config.kind, &mut rng);
    let mut split = match given_sides(data, config)? {
        Some(given) if config.kind == SplitKind::Given => given,
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
            return Err(DataError::split(&data.name, format!("the {role} side has no rows")));
        }
    }
    if let Some(limit) = config.limit {
        let sides = [&mut split.train, &mut split.valid, &mut split.test];
        for (rows, role) in sides.into_iter().zip(0..) {
            let mut rng = seed::rng(config.seed, &[seed::purpose::LIMIT, role]);
            partition::thin(data, rows, limit, config.kind, &mut rng);
        }
    }
    Ok(split)
}

/// The sides that the data give, if they do and the settings agree with it.
fn given_sides(data: &Labelled, config: &CheckedSplit) -> Result<Option<Split>> {
    let error = |problem: &str| Err(DataError::split(&data.name, problem));
    let Some(roles) = &data.roles else {
        return match (config.kind, config.valid_from) {
            (SplitKind::Given, _) => error("kind \"given\" needs data that come split"),
            (_, ValidFrom::Test) => error("valid_from \"test\" needs data that give a test side"),
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
            return error("the data give a test side; set the test fraction to 0");
        }
        if !given.valid.is_empty() {
            return error("the data give a validation side; use kind \"given\"");
        }
    }
    Ok(Some(given))
}

/// The first `N` of `sides`, which holds as many.
fn take<const N: usize>(sides: Vec<Vec<usize>>) -> [Vec<usize>; N] {
    let mut sides = sides.into_iter();
    std::array::from_fn(|_| sides.next().unwrap_or_default())
}
