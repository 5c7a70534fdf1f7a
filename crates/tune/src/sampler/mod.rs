//! Where the values of a trial come from.
//!
//! A trial's values are a function of the study's seed and the trial's number, whatever ends first; for [`Tpe`] also of
//! the results of trials far enough before it (see [`TpeConfig::parallel`]).

mod config;
mod grid;
mod random;
mod sampling;
mod sobol;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
mod tpe;

pub use config::SamplerConfig;
pub use grid::Grid;
pub use random::Random;
pub use sampling::Sampling;
pub use sobol::Sobol;
pub use tpe::{Tpe, TpeConfig};

use crate::Values;

/// What is known of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Outcome {
    /// Nothing yet.
    #[default]
    Running,
    /// It failed: nothing was learned from it.
    Failed,
    /// Its metric ceased to be finite: worse than all others.
    Diverged,
    /// It has a result.
    Result {
        /// Epochs trained so far.
        epoch: usize,
        /// Whether these are all that it was to be trained for; a paused or stopped trial has seen fewer.
        complete: bool,
        /// The metric as something to minimise; finite.
        loss: f64,
    },
}

/// What is asked of a sampler.
#[derive(Debug)]
pub struct Request<'a> {
    /// Number of the trial, from 0.
    pub trial: usize,
    /// Number of the draw: the trial's, unless several trials share one since the space has `grid` keys.
    pub draw: usize,
    /// Values that are fixed already.
    pub fixed: Values,
    /// What is known of the trials before, by number.
    pub outcomes: &'a [Outcome],
}

/// A source of values. Implementations hold what they need of the space and the study's seed.
pub trait Sampler: std::fmt::Debug + Send {
    /// The values of a trial: the fixed ones, and one for each other key that has a value there.
    fn draw(&mut self, request: Request<'_>) -> Values;

    /// Whether the values of a trial can be told now, or results of earlier trials are still missing.
    fn is_ready(&self, _trial: usize, _outcomes: &[Outcome]) -> bool {
        true
    }

    /// Hears of the values of a trial, drawn just now or read from a study's file; in the order of their numbers.
    fn record(&mut self, _trial: usize, _values: &Values) {}
}
