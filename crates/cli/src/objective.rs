//! What a trial of a search is judged by.

use brasa_data::FoldRows;
use brasa_run::cross_validation::CrossValidationConfig;
use brasa_tune::{Header, Score, Unit};

use crate::trial::Work;

/// What a trial of a search is judged by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Objective {
    /// The validation split of the recipe, epoch by epoch.
    #[default]
    Validation,
    /// The mean of so many folds of the training and validation rows, fold by fold.
    CrossValidation(usize),
}

/// Reads what is typed, or stands in a recipe.
pub(crate) fn objective(text: &str) -> Result<Objective, String> {
    let folds = || text.strip_prefix("cv=")?.parse().ok().filter(|folds| *folds >= 2);
    match (text, folds()) {
        ("validation", _) => Ok(Objective::Validation),
        (_, Some(folds)) => Ok(Objective::CrossValidation(folds)),
        _ => Err("expected validation, or cv=K with K folds from 2".into()),
    }
}

impl Objective {
    /// The work of a trial.
    pub(crate) fn work(self) -> Work {
        match self {
            Self::Validation => Work::Training,
            Self::CrossValidation(folds) => {
                Work::Folds(CrossValidationConfig { folds, repeats: 1, rows: FoldRows::WithoutTest })
            }
        }
    }

    /// What a study's trials are trained in, and how long at the most: `epochs`, or as many folds as there are.
    pub(crate) fn settle(self, header: &mut Header, epochs: usize) {
        match self {
            Self::Validation => header.max_epochs = epochs,
            Self::CrossValidation(folds) => {
                (header.unit, header.score, header.max_epochs) = (Unit::Fold, Score::Last, folds);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_are_read_and_others_refused() {
        assert_eq!(objective("validation"), Ok(Objective::Validation));
        for folds in [2, 10] {
            assert_eq!(objective(&format!("cv={folds}")), Ok(Objective::CrossValidation(folds)));
        }
        for text in ["", "cv", "cv=1", "cv=five", "test"] {
            assert!(objective(text).is_err(), "{text}");
        }
    }
}
