//! Repeated k-fold cross-validation of a recipe.
//!
//! [`CrossValidation`] plans the folds, [`run_fold`](CrossValidation::run_fold) trains and judges one of them, and
//! [`summarise`](CrossValidation::summarise) puts the results together, whatever the order in which they came. Each fold
//! is a function of the recipe's seeds, the repeat and the fold, but Burn's `flex` backend draws from one
//! generator per process: folds that run at once must run in processes of their own, as `<app> cv` does.

mod fold;
mod folder;
mod kept;
mod result;
mod run_report;
mod setup;
mod statistics;
mod student;

pub use fold::{FoldId, FoldLeaks, FoldResult, FoldSummary, HeldOut, Said};
pub use folder::{CrossValidationFolder, CrossValidationRecord};
pub use result::{CrossValidated, MetricSummaries, add_counts};
pub use setup::{CrossValidation, CrossValidationConfig};
pub use statistics::{IntervalKind, MetricSummary};

#[cfg(test)]
mod tests;
