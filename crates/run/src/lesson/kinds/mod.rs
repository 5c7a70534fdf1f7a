//! The lessons that more than one data set teaches; those of a single one are with its app.

mod batch_size;
mod overfitting;
mod regularisation;

pub use batch_size::BATCH_SIZE;
pub use overfitting::OVERFITTING;
pub use regularisation::REGULARISATION;
