//! What a model's answers depend on, column by column.

mod importance;
mod partial;
mod rows;

pub use importance::{Importance, importance};
pub use partial::{Partial, partial_dependence};
pub use rows::ExplainedRows;
