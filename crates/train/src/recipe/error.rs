//! What can be wrong with a recipe.

use brasa_data::Location;
use brasa_data::keys::{Fault, Problem};

/// What is wrong with a recipe, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// The text is not TOML, or a value does not fit into it.
    #[error("{at}: {message}")]
    Syntax {
        /// File, line and column.
        at: Location,
        /// The parser's words.
        message: String,
    },
    /// A key that its table does not have, that is missing, or whose value cannot be.
    #[error("{}{problem}", before(.at, .problem))]
    Key {
        /// The place: a line of a file, or an override. Only the key where the recipe was made in code.
        at: Location,
        /// What is wrong with it.
        problem: Box<Problem>,
    },
    /// An override that cannot be applied.
    #[error("--set {text}: {problem}")]
    Override {
        /// The override as given.
        text: String,
        /// What is wrong, and what was expected.
        problem: String,
    },
}

fn before(at: &Location, problem: &Problem) -> String {
    match (at.to_string(), problem) {
        (nothing, _) if nothing.is_empty() => nothing,
        (at, Problem::Unknown { .. }) => format!("{at} "),
        (at, _) => format!("{at}: "),
    }
}

impl RecipeError {
    /// A value that cannot be, at a key of which the line is not known.
    pub(crate) fn value(key: &str, expected: impl Into<String>, found: impl ToString) -> Self {
        Fault::value(key, expected, found).into()
    }

    /// Where it is.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Syntax { at, .. } | Self::Key { at, .. } => Some(at),
            Self::Override { .. } => None,
        }
    }
}

impl From<Fault> for RecipeError {
    fn from(Fault { key, problem }: Fault) -> Self {
        let at = if key.is_empty() { Location::default() } else { Location::key(key) };
        Self::Key { at, problem }
    }
}
