//! A lesson puts finished trainings of several recipes side by side: what underfitting and overfitting look
//! like, what the batch size does, what regularisation does.
//!
//! Its two sentences of reading are computed from the figures of the very trainings that it shows, also where
//! these say that the expected did not happen.

mod error;
mod figures;
mod kinds;
mod page;
#[cfg(test)]
mod tests;
pub mod words;

use std::fmt;

use brasa_data::ColumnSpread;

use crate::RunScores;
use crate::report::ReportError;
use brasa_train::EpochRecord;
use brasa_train::GroupOverlap;

pub use error::LessonError;
pub use figures::{KeptFigures, LessonFigures};
pub use kinds::{BATCH_SIZE, OVERFITTING, REGULARISATION};

/// What a lesson compares: what each of its recipes is, and what is read from their figures.
#[derive(Clone, Copy)]
pub struct LessonKind {
    /// Its name: `batch-size`.
    pub name: &'static str,
    /// What the first recipes of such a lesson are, in order.
    pub roles: &'static [&'static str],
    /// Whether there may be more recipes of the last role.
    pub open: bool,
    /// Two sentences with an ending for every outcome, from the figures of one recipe per role, or of more of the last.
    pub reading: fn(&[LessonFigures]) -> [String; 2],
}

impl LessonKind {
    fn allows(&self, recipes: usize) -> bool {
        match self.open {
            true => recipes >= self.roles.len(),
            false => recipes == self.roles.len(),
        }
    }
}

impl fmt::Debug for LessonKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LessonKind").field(&self.name).finish()
    }
}

/// One finished training of a lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct LessonRecipe {
    /// The recipe's name.
    pub name: String,
    /// What it does, in a sentence; may be empty.
    pub description: String,
    /// Every epoch that was run.
    pub history: Vec<EpochRecord>,
    /// Scores of the kept weights.
    pub scores: RunScores,
    /// Steps of the optimizer in each epoch.
    pub updates_per_epoch: usize,
    /// How the test split stands to the groups of the training split.
    pub overlap: Option<GroupOverlap>,
    /// How differently the columns of the data vary, before any scaling.
    pub columns: Option<ColumnSpread>,
}

/// The trainings of a lesson, not yet checked.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The app that trained them.
    pub app: String,
    /// The lesson's name.
    pub name: String,
    /// Heading of its page.
    pub title: String,
    /// What is compared.
    pub kind: LessonKind,
    /// The trainings, in the order of [`LessonKind::roles`].
    pub recipes: Vec<LessonRecipe>,
}

impl Lesson {
    /// Checks that the lesson has its recipes, and each of them an epoch.
    ///
    /// # Errors
    /// [`LessonError`] with the lesson and what it lacks.
    pub fn check(self) -> Result<FinishedLesson, LessonError> {
        if !self.kind.allows(self.recipes.len()) {
            return Err(LessonError::Recipes {
                lesson: self.name,
                roles: self.kind.roles,
                found: self.recipes.len(),
            });
        }
        let figures = self.recipes.iter().map(LessonFigures::new).collect::<Option<Vec<_>>>();
        let Some(figures) = figures else {
            let empty = self.recipes.into_iter().find(|recipe| recipe.history.is_empty());
            let recipe = empty.map(|recipe| recipe.name).unwrap_or_default();
            return Err(LessonError::NoEpochs { lesson: self.name, recipe });
        };
        Ok(FinishedLesson { lesson: self, figures })
    }
}

/// A lesson that has what it needs.
#[derive(Debug, Clone)]
pub struct FinishedLesson {
    lesson: Lesson,
    figures: Vec<LessonFigures>,
}

impl FinishedLesson {
    /// The figures of each recipe, in order.
    pub fn figures(&self) -> &[LessonFigures] {
        &self.figures
    }

    /// Two sentences that say what the figures show.
    pub fn reading(&self) -> [String; 2] {
        (self.lesson.kind.reading)(&self.figures)
    }

    /// The whole page: one self-contained HTML file.
    ///
    /// # Errors
    /// [`ReportError::Picture`] names the chart that could not be drawn.
    pub fn to_html(&self) -> Result<String, ReportError> {
        page::render(&self.lesson, &self.figures, &self.reading())
    }
}
