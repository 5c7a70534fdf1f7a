/// Why trainings do not make a lesson.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LessonError {
    /// Too few or too many trainings for its kind.
    #[error(
        "the lesson {lesson} compares {} ({}), but {found} trainings came",
        .roles.len(), .roles.join(", ")
    )]
    Recipes {
        /// Name of the lesson.
        lesson: String,
        /// What each recipe is.
        roles: &'static [&'static str],
        /// Trainings given.
        found: usize,
    },
    /// A training without an epoch.
    #[error("the lesson {lesson} has nothing to show of {recipe}: it ran no epoch")]
    NoEpochs {
        /// Name of the lesson.
        lesson: String,
        /// Name of the recipe.
        recipe: String,
    },
}
