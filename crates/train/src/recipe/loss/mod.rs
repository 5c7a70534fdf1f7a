//! The `[loss]` table: the objective.
//!
//! One more loss is one file with its table and its [`LossKind`], and one line in the list below.

mod cross_entropy;
mod huber;
mod mae;
mod mse;
mod quantile;

use brasa_data::TaskKind;
use brasa_data::keys::{Entries, Fault, KindFacts};
use burn::tensor::Tensor;

pub use cross_entropy::{ClassWeights, CrossEntropy, WeightRule};
pub use huber::Huber;
pub use mae::Mae;
pub use mse::Mse;
pub use quantile::Quantile;

/// What every kind of loss can do.
pub trait LossKind {
    /// What it judges.
    fn objective(&self) -> Objective<'_>;

    /// Checks what the range of one key does not say.
    ///
    /// # Errors
    /// The first key with a value that cannot be.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A loss as its task computes it.
pub enum Objective<'a> {
    /// Of logits of classes.
    Classes(&'a CrossEntropy),
    /// Of the differences between predicted and true numbers.
    Numbers(&'a dyn ResidualLoss),
}

/// A loss of the differences between predicted and true numbers, the mean over all of them.
pub trait ResidualLoss {
    /// The loss of each difference.
    ///
    /// # Shapes
    /// `[rows, outputs]` to the same.
    fn forward(&self, residuals: Tensor<2>) -> Tensor<2>;

    /// The loss of one difference, on the host.
    fn of(&self, residual: f64) -> f64;
}

brasa_data::kinds! {
    /// The objective: its kind with the kind's keys, every one with a value.
    ///
    /// ```
    /// use brasa_train::recipe::{Huber, LossRecipe};
    ///
    /// let read: LossRecipe = toml::from_str("kind = 'huber'\ndelta = 0.5")?;
    /// assert_eq!(read, Huber { delta: 0.5 }.into());
    /// # Ok::<(), toml::de::Error>(())
    /// ```
    pub enum LossRecipe: pub LossKind, default CrossEntropy {
        CrossEntropy(CrossEntropy),
        Mse(Mse),
        Mae(Mae),
        Huber(Huber),
        Quantile(Quantile),
    }
}

impl LossRecipe {
    /// The loss of a recipe that names none.
    pub fn default_of(task: TaskKind) -> Self {
        match task {
            TaskKind::Classification => CrossEntropy::default().into(),
            TaskKind::Regression => Mse::default().into(),
        }
    }

    /// Checks every value, and that the loss is one of the task.
    ///
    /// # Errors
    /// The first key with a value that cannot be.
    pub(crate) fn check(&self, task: TaskKind) -> Result<(), Fault> {
        self.check_ranges()?;
        self.kind().check()?;
        if self.task() == task {
            return Ok(());
        }
        let (name, others) = (self.name(), Self::names(task));
        let words = match task {
            TaskKind::Regression => format!("\"{name}\" is for classes; numbers have {others}"),
            TaskKind::Classification => format!(
                "\"{name}\" is for numbers, which data.task = \"regression\" predicts; classes have {others}"
            ),
        };
        Err(Fault::refused("kind", words))
    }

    fn task(&self) -> TaskKind {
        match self.kind().objective() {
            Objective::Classes(_) => TaskKind::Classification,
            Objective::Numbers(_) => TaskKind::Regression,
        }
    }

    /// The kinds for a task, as in a sentence.
    fn names(task: TaskKind) -> String {
        let read = |facts: KindFacts| {
            let kind = toml::Table::from_iter([("kind".to_owned(), facts.name.into())]);
            Self::take(&mut Entries::new(kind), &[]).ok()
        };
        let losses = Self::facts().into_iter().filter_map(read).filter(|loss| loss.task() == task);
        losses.map(|loss| loss.name()).collect::<Vec<_>>().join(", ")
    }

    /// The loss of logits, where it is one.
    pub fn classes(&self) -> Option<&CrossEntropy> {
        match self.kind().objective() {
            Objective::Classes(loss) => Some(loss),
            Objective::Numbers(_) => None,
        }
    }
}
