//! Cross-validation as a plan: which rows train, choose and judge in each fold of each repeat.

use serde::{Deserialize, Serialize};

use crate::checked::CheckedSplit;
use crate::config::SplitKind;
use crate::kfold::fold;
use crate::partition::{Parts, by_class, cut, thin};
use crate::split::kind_of_cut;
use crate::{DataError, Fold, Labelled, Result, Role, Split, k_fold_of, make_split, seed};

/// Which rows are dealt to folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FoldRows {
    /// All but a test split that the data give.
    #[default]
    All,
    /// Those that train and choose under the recipe's split: its test split can judge afterwards what the folds chose.
    WithoutTest,
}

/// Repeated k-fold cross-validation of one data set under the split of its recipe.
///
/// The folds are grouped where the split is, or where a given split has groups, and stratified otherwise. A test
/// split that the data give is in no fold. The validation rows are cut from the rest of each fold, by the same kind and
/// in the proportion to the training rows that the recipe's own split has. Every choice is a function of the
/// split's seed, the repeat and the fold.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldPlan {
    kind: SplitKind,
    rows: Vec<usize>,
    untouched: usize,
    valid_share: f64,
    folds: usize,
    seed: u64,
    /// The rows that each fold holds out, where they are given.
    given: Option<Vec<Vec<usize>>>,
}

impl FoldPlan {
    /// Plans `folds` folds. With a limit in `config`, they are made of at most so many rows in all.
    ///
    /// # Errors
    /// [`DataError::Refused`] where [`make_split`] or [`k_fold_of`] answer it, and where a class or the groups are too
    /// few to train and to choose by beside the held-out fold.
    pub fn new(data: &Labelled, config: &CheckedSplit, rows: FoldRows, folds: usize) -> Result<Self> {
        let kind = match kind_of_cut(data, config) {
            SplitKind::Grouped => SplitKind::Grouped,
            SplitKind::Ordered => {
                let problem = "kind \"ordered\" keeps what is later apart, and folds would train on it; give folds by --folds-from, or \
                               take them at random with --set data.split.kind=random --set data.split.order=";
                return Err(DataError::split(&data.name, problem));
            }
            _ => SplitKind::Stratified,
        };
        let (rows, untouched) = match rows {
            FoldRows::All => all_rows(data, config, kind),
            FoldRows::WithoutTest => {
                let split = make_split(data, config)?;
                let mut rows = [split.train, split.valid].concat();
                rows.sort_unstable();
                (rows, split.test.len())
            }
        };
        let valid_share = valid_share(data, config)?;
        let plan = Self { kind, rows, untouched, valid_share, folds, seed: config.seed, given: None };
        plan.check(data)?;
        Ok(plan)
    }

    /// Plans the folds that `text` gives, a JSON list of lists of rows, counted from 0: those that each fold holds out. Rows
    /// of no fold train in all of them. `file` names the text in messages.
    ///
    /// # Errors
    /// [`DataError::Content`] for what is no such list; as [`new`](Self::new).
    pub fn given(data: &Labelled, config: &CheckedSplit, file: &str, text: &[u8]) -> Result<Self> {
        let folds = read_folds(data, file, text)?;
        let kind = match kind_of_cut(data, config) {
            SplitKind::Given | SplitKind::Ordered => SplitKind::Stratified,
            kind => kind,
        };
        let valid_share = valid_share(data, config)?;
        let (rows, untouched) = all_rows(data, config, kind);
        if let Some(row) = folds.iter().flatten().find(|row| rows.binary_search(row).is_err()) {
            let problem = format!("row {row} is of the test split, or beyond the limit of the recipe");
            return Err(DataError::in_file(file, problem));
        }
        let (count, seed) = (folds.len(), config.seed);
        let plan = Self { kind, rows, untouched, valid_share, folds: count, seed, given: Some(folds) };
        plan.check(data)?;
        Ok(plan)
    }

    /// How the rows are dealt: stratified or grouped.
    #[must_use]
    pub fn kind(&self) -> SplitKind {
        self.kind
    }

    /// Folds of each repeat.
    #[must_use]
    pub fn folds(&self) -> usize {
        self.folds
    }

    /// The rows that are dealt to folds, ascending.
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Test rows that the data give, which are in no fold.
    #[must_use]
    pub fn untouched_test_rows(&self) -> usize {
        self.untouched
    }

    /// The split of one fold, its held-out rows as the test rows. `repeat` and `fold` count from 0.
    ///
    /// # Errors
    /// [`DataError::Refused`] for a fold that the plan does not have.
    pub fn split(&self, data: &Labelled, repeat: usize, fold: usize) -> Result<Split> {
        let place = fold;
        match self.deal(data, repeat)?.into_iter().nth(fold) {
            Some(fold) => self.choose_valid(data, fold, (repeat, place)),
            None => Err(DataError::split(&data.name, format!("there is no fold {fold} of {}", self.folds))),
        }
    }

    fn deal(&self, data: &Labelled, repeat: usize) -> Result<Vec<Fold>> {
        if let Some(given) = &self.given {
            return Ok(given.iter().map(|held_out| fold(&self.rows, held_out.clone())).collect());
        }
        let seed = seed::derive(self.seed, &[seed::purpose::FOLD, repeat as u64]);
        k_fold_of(data, &self.rows, self.kind, self.folds, seed)
    }

    fn choose_valid(&self, data: &Labelled, fold: Fold, (repeat, place): (usize, usize)) -> Result<Split> {
        let mut rng = seed::rng(self.seed, &[seed::purpose::FOLD, repeat as u64, place as u64]);
        let fractions = [1.0 - self.valid_share, self.valid_share];
        let mut parts = cut(data, &fold.train, &Parts::splits(&fractions), self.kind, &mut rng)?.into_iter();
        let mut part = || parts.next().unwrap_or_default();
        Ok(Split { train: part(), valid: part(), test: fold.held_out })
    }

    /// Repeats differ in the order of equals alone: what one of them allows, all do.
    fn check(&self, data: &Labelled) -> Result<()> {
        let folds = self.deal(data, 0)?;
        let error = |problem: String| Err(DataError::split(&data.name, problem));
        if self.kind == SplitKind::Stratified && self.given.is_none() && data.numbers().is_none() {
            for (class, members) in by_class(data, &self.rows, 1).into_iter().enumerate() {
                let left = members.len() - members.len().div_ceil(self.folds);
                if !members.is_empty() && left < 2 {
                    let name = data.class_names().get(class).map_or("", String::as_str);
                    return error(format!(
                        "the class `{name}` has {} of the rows: {} folds leave {left} for training and validation",
                        members.len(),
                        self.folds
                    ));
                }
            }
        }
        for (place, fold) in folds.into_iter().enumerate() {
            self.choose_valid(data, fold, (0, place))?;
        }
        Ok(())
    }
}

/// The share of validation rows among those that the recipe's own split trains and chooses by.
fn valid_share(data: &Labelled, config: &CheckedSplit) -> Result<f64> {
    let own = make_split(data, &CheckedSplit { limit: None, ..config.clone() })?;
    Ok(own.valid.len() as f64 / (own.train.len() + own.valid.len()) as f64)
}

/// The rows of each fold, ascending.
fn read_folds(data: &Labelled, file: &str, text: &[u8]) -> Result<Vec<Vec<usize>>> {
    let wrong = |problem: String| Err(DataError::in_file(file, problem));
    let mut folds: Vec<Vec<usize>> = match serde_json::from_slice(text) {
        Ok(folds) => folds,
        Err(error) => return wrong(format!("expected a list with a list of rows for each fold: {error}")),
    };
    if folds.len() < 2 {
        return wrong(format!("{} folds are too few; give at least 2", folds.len()));
    }
    let mut seen = vec![false; data.len()];
    for (place, rows) in folds.iter_mut().enumerate() {
        rows.sort_unstable();
        if rows.is_empty() {
            return wrong(format!("fold {} has no rows", place + 1));
        }
        for &row in rows.iter() {
            match seen.get_mut(row) {
                None => {
                    return wrong(format!(
                        "fold {} has row {row}; {} has {} rows",
                        place + 1,
                        data.name,
                        data.len()
                    ));
                }
                Some(true) => return wrong(format!("row {row} is in two folds, or twice in one")),
                Some(seen) => *seen = true,
            }
        }
    }
    Ok(folds)
}

/// The rows that are not of a given test split, thinned to the limit, and how many are of one.
fn all_rows(data: &Labelled, config: &CheckedSplit, kind: SplitKind) -> (Vec<usize>, usize) {
    let is_test = |row: usize| data.roles.as_ref().and_then(|roles| roles.get(row)) == Some(&Role::Test);
    let (tests, mut rows): (Vec<usize>, Vec<usize>) = (0..data.len()).partition(|&row| is_test(row));
    if let Some(limit) = config.limit {
        let mut rng = seed::rng(config.seed, &[seed::purpose::LIMIT, 0]);
        thin(data, &mut rows, limit, kind, &mut rng);
    }
    (rows, tests.len())
}
