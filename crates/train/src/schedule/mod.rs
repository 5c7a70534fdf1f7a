//! Learning-rate schedules, with the numbers of PyTorch's schedulers.
//!
//! [`ScheduleConfig`] is the `[schedule]` table of an experiment: a kind, a [`Shape`], and what all kinds have in common.
//! [`ScheduleConfig::check`] turns it into a [`Schedule`], a pure function from the place in the run to the learning rate. A
//! [`Scheduler`] adds the one kind that needs a memory, the plateau, and is what a training loop holds and a checkpoint
//! saves.
//!
//! ```
//! use brasa_train::schedule::{Cosine, Mode, ScheduleConfig, Scheduler};
//!
//! let config = ScheduleConfig::from(Cosine::default());
//! let schedule = config.check(0.1, 100, 40)?;
//! let mut scheduler = Scheduler::new(schedule, Mode::Min);
//! for epoch in 0..40 {
//!     for step in epoch * 100..(epoch + 1) * 100 {
//!         let _learning_rate = scheduler.lr(epoch, step);
//!     }
//!     let validation_loss = 0.5;
//!     scheduler.end_epoch(validation_loss);
//! }
//! assert!((scheduler.lr(20, 2000) - 0.05).abs() < 1e-12);
//! # Ok::<(), brasa_train::schedule::ScheduleError>(())
//! ```
//!
//! One more kind is one file with its table, its [`Counting`] and its curve, and one line in the list below.

mod config;
mod constant;
mod cosine;
mod coslog;
mod error;
mod kind;
mod one_cycle;
mod plateau;
mod polynomial;
mod run;
mod scheduler;
mod step;
mod warm_restarts;

use brasa_data::keys::Fault;
use serde::{Deserialize, Serialize};

pub(crate) use config::Shared;
pub use config::{ScheduleConfig, Warmup};
pub use constant::Constant;
pub use cosine::Cosine;
pub use coslog::Coslog;
pub use error::ScheduleError;
pub use kind::Counting;
use kind::{Curve as _, Run, ScheduleKind as _};
pub use one_cycle::OneCycle;
pub use plateau::{Mode, OnPlateau, Plateau, PlateauState};
pub use polynomial::Polynomial;
pub use run::Schedule;
pub use scheduler::{Scheduler, SchedulerState};
pub use step::Step;
pub use warm_restarts::WarmRestarts;

/// What a schedule counts: all its lengths are in this unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Epochs: the learning rate is constant within one.
    #[default]
    Epoch,
    /// Optimizer steps: the learning rate changes after each batch.
    Step,
}

/// Of each kind the name, its table, and the module with its curve.
macro_rules! schedules {
    ($($kind:ident($table:ident, $module:ident)),* $(,)?) => {
        brasa_data::kinds! {
            /// The kinds of schedule: the learning rate over the run, with the keys of its kind.
            pub enum Shape: pub Counting, default Constant {
                $($kind($table)),*
            }
        }

        /// The learning rate of one run, after the warm-up, with nothing left open.
        #[derive(Debug, Clone, PartialEq)]
        enum Curve {
            $($kind($module::Curve)),*
        }

        impl Shape {
            fn over(&self, run: Run) -> Result<Curve, Fault> {
                match self {
                    $(Self::$kind(kind) => kind.over(run).map(Curve::$kind)),*
                }
            }
        }

        impl Curve {
            fn lr(&self, t: usize) -> f64 {
                match self {
                    $(Self::$kind(curve) => curve.lr(t)),*
                }
            }

            fn shape(&self) -> Shape {
                match self {
                    $(Self::$kind(curve) => curve.shape()),*
                }
            }

            fn cycle_ends(&self) -> Vec<f64> {
                match self {
                    $(Self::$kind(curve) => curve.cycle_ends()),*
                }
            }

            fn plateau(&self) -> Option<OnPlateau> {
                match self {
                    $(Self::$kind(curve) => curve.plateau()),*
                }
            }
        }
    };
}

schedules! {
    Constant(Constant, constant),
    Step(Step, step),
    Cosine(Cosine, cosine),
    WarmRestarts(WarmRestarts, warm_restarts),
    Plateau(OnPlateau, plateau),
    OneCycle(OneCycle, one_cycle),
    Polynomial(Polynomial, polynomial),
    Coslog(Coslog, coslog),
}

#[cfg(test)]
mod tests;
