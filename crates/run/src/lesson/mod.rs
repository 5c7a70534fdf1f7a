//! A lesson puts finished trainings of several recipes side by side: what underfitting and overfitting look
//! like, what the batch size does, what regularisation does.
//!
//! Its two sentences of reading are computed from the figures of the very trainings that it shows, also where
//! these say that the expected did not happen.

mod error;
mod figures;
mod leak;
mod page;
mod reading;
#[cfg(test)]
mod tests;

use brasa_data::ColumnSpread;
use serde::Serialize;

use crate::SideScores;
use crate::report::ReportError;
use brasa_train::EpochRecord;
use brasa_train::GroupOverlap;

pub use error::LessonError;
pub use figures::{KeptFigures, LessonFigures};
pub use leak::{JudgedSplit, leak_reading};

/// What a lesson compares, and with it the order of its recipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LessonKind {
    /// A network that is too small, one that is about right, and one that is too large for the data.
    Overfitting,
    /// The whole training side in one step against many small batches.
    BatchSize,
    /// A network that overfits, and then the same with one or more remedies.
    Regularisation,
    /// Columns as they are against columns of mean 0 and deviation 1.
    Scaling,
    /// A random split against one that keeps every group on one side.
    Leak,
}

impl LessonKind {
    /// What the first recipes of such a lesson are, in order; of the last role there may be more.
    pub fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Overfitting => &["underfitting", "good", "overfitting"],
            Self::BatchSize => &["full batch", "mini-batch"],
            Self::Regularisation => &["overfitting", "regularised"],
            Self::Scaling => &["raw columns", "standardised"],
            Self::Leak => &["random split", "grouped split"],
        }
    }

    fn allows(self, recipes: usize) -> bool {
        match self {
            Self::Regularisation => recipes >= self.roles().len(),
            _ => recipes == self.roles().len(),
        }
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
    pub scores: SideScores,
    /// Steps of the optimizer in each epoch.
    pub updates_per_epoch: usize,
    /// How the test side stands to the groups of the training side.
    pub overlap: Option<GroupOverlap>,
    /// How differently the columns of the data vary, before any scaling.
    pub columns: Option<ColumnSpread>,
}

/// The trainings of a lesson, not yet checked.
#[derive(Debug, Clone, PartialEq)]
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
                roles: self.kind.roles(),
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
#[derive(Debug, Clone, PartialEq)]
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
        reading::of(self.lesson.kind, &self.figures)
    }

    /// The whole page: one self-contained HTML file.
    ///
    /// # Errors
    /// [`ReportError::Picture`] names the chart that could not be drawn.
    pub fn to_html(&self) -> Result<String, ReportError> {
        page::render(&self.lesson, &self.figures, &self.reading())
    }
}
