//! Learning-rate schedules, with the numbers of PyTorch's schedulers.
//!
//! [`ScheduleConfig`] is the `[schedule]` table of an experiment. [`ScheduleConfig::check`] turns it into a
//! [`Schedule`], a pure function from the place in the run to the learning rate. A [`Scheduler`] adds the one
//! kind that needs a memory, the plateau, and is what a training loop holds and a checkpoint saves.
//!
//! ```
//! use brasa_train::schedule::{Mode, ScheduleConfig, ScheduleKind, Scheduler};
//!
//! let config = ScheduleConfig { kind: ScheduleKind::Cosine, ..ScheduleConfig::default() };
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

mod check;
mod config;
mod curve;
mod error;
mod plateau;
mod scheduler;

pub use config::{Per, ScheduleConfig, ScheduleKind};
pub use curve::Schedule;
pub use error::ScheduleError;
pub use plateau::{Mode, Plateau, PlateauState};
pub use scheduler::{Scheduler, SchedulerState};

#[cfg(test)]
mod tests;
