//! What a kind of schedule is.

use brasa_data::keys::{Bounds, Fault, check_range};

use super::{OnPlateau, Per, Shape};

/// What a kind of schedule counts; the same for every run.
pub trait Counting {
    /// The unit of its lengths where the recipe does not say.
    fn per(&self) -> Per {
        Per::Epoch
    }

    /// Whether it has lengths of its own, beside that of a warm-up.
    fn counts(&self) -> bool {
        true
    }
}

/// A kind of schedule, as a recipe has it.
pub(super) trait ScheduleKind: Counting {
    /// What it is on a run, with nothing left open.
    type Curve: Curve;

    /// Checks what depends on the run, and fills in what follows from it.
    fn over(&self, run: Run) -> Result<Self::Curve, Fault>;
}

/// The learning rate of a run, after the warm-up.
pub(super) trait Curve {
    /// The learning rate `t` units after the start.
    fn lr(&self, t: usize) -> f64;

    /// The table that gives this very curve on the same run.
    fn shape(&self) -> Shape;

    /// Where its cycles end, as shares of the run, for one that ends the run after a cycle in vain.
    fn cycle_ends(&self) -> Vec<f64> {
        Vec::new()
    }

    /// What it looks at between epochs, for one that does.
    fn plateau(&self) -> Option<OnPlateau> {
        None
    }
}

/// What a schedule is fitted to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    /// The optimizer's learning rate.
    pub(super) lr: f64,
    /// Its length without the warm-up, in the schedule's unit; at least 1.
    pub(super) units: usize,
}

impl Run {
    /// Whether a learning rate that `key` gives is not above that of the optimizer.
    pub(super) fn check_floor(self, key: &str, lr: f64) -> Result<(), Fault> {
        check_range(key, &lr, Bounds::within(0.0, self.lr)).map_err(|_| {
            Fault::value(key, format!("a number from 0 to the base learning rate {}", self.lr), lr)
        })
    }
}
