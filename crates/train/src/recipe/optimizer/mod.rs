//! The `[optimizer]` table, with PyTorch's defaults and names.
//!
//! One more kind is one file with its table and its [`OptimizerKind`], and one line in the list below. What steps may be
//! an optimizer of `brasa-kernels`, of Burn, or one that the file defines.

mod adagrad;
mod adam;
mod adamw;
mod groups;
mod muon;
mod perceptron;
mod rmsprop;
mod sgd;

use brasa_data::keys::Fault;
use burn::optim::ModuleOptimizer;

pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamw::Adamw;
pub use groups::{ParameterGroups, RunProgress};
pub use muon::Muon;
pub use perceptron::PerceptronRule;
pub use rmsprop::Rmsprop;
pub use sgd::Sgd;

/// What every kind of optimizer can do.
pub trait OptimizerKind {
    /// Its learning rate before the schedule.
    fn lr(&self) -> f64;

    /// The optimizer, without state, for a model whose parameters learn at these rates.
    fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer;

    /// Checks what the range of one key does not say.
    ///
    /// # Errors
    /// The first key that does not go with another.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

brasa_data::kinds! {
    /// The update rule: its kind with the kind's keys, every one with a value.
    ///
    /// ```
    /// use brasa_train::recipe::{Adam, OptimizerRecipe};
    ///
    /// let read: OptimizerRecipe = toml::from_str("kind = 'adam'\nlr = 3e-4")?;
    /// assert_eq!(read, Adam { lr: 3e-4, ..Adam::default() }.into());
    ///
    /// let wrong = toml::from_str::<OptimizerRecipe>("kind = 'adam'\nmomentum = 0.9").unwrap_err().to_string();
    /// assert!(wrong.contains("`momentum` is not a key of `adam`; it has lr, betas, eps, weight_decay"), "{wrong}");
    /// # Ok::<(), toml::de::Error>(())
    /// ```
    pub enum OptimizerRecipe: pub OptimizerKind, default Adam {
        Sgd(Sgd),
        Rmsprop(Rmsprop),
        Adam(Adam),
        Adamw(Adamw),
        Perceptron(PerceptronRule),
        Adagrad(Adagrad),
        Muon(Muon),
    }
}

impl OptimizerRecipe {
    /// Checks every value.
    ///
    /// # Errors
    /// The first key with a value that cannot be.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.check_ranges()?;
        self.kind().check()
    }

    /// Learning rate before the schedule.
    pub(crate) fn base_lr(&self) -> f64 {
        self.kind().lr()
    }

    /// The optimizer, without state.
    pub(crate) fn init(&self, groups: &ParameterGroups) -> ModuleOptimizer {
        self.kind().init(groups)
    }
}

#[cfg(test)]
mod tests;
