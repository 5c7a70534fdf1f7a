use serde::{Deserialize, Serialize};

use super::kind::{self, Counting, Run, ScheduleKind};
use super::{ScheduleError, Shape};
use brasa_data::keys::{Bounds, Fault, check_range};

brasa_data::table! {
    /// Multiplied by `factor` when the monitored metric stops improving, as
    /// `torch.optim.lr_scheduler.ReduceLROnPlateau` with `threshold_mode="rel"`.
    pub struct OnPlateau = "plateau" {
        /// Factor of each cut.
        factor: f64 = 0.1, Bounds::between(0.0, 1.0);
        /// Epochs without improvement that are tolerated.
        patience: usize = 10;
        /// Smallest relative improvement that counts.
        threshold: f64 = 1e-4, Bounds::below(0.0, 1.0);
        /// Epochs after a cut in which nothing is counted.
        cooldown: usize = 0;
        /// Lowest learning rate, at most the base learning rate.
        min_lr: f64 = 0.0, Bounds::at_least(0.0);
    }
}

impl Counting for OnPlateau {
    fn counts(&self) -> bool {
        false
    }
}

impl ScheduleKind for OnPlateau {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, Fault> {
        run.check_floor("min_lr", self.min_lr)?;
        Ok(Curve { lr: run.lr, settings: self.clone() })
    }
}

/// The learning rate before any cut; see [`OnPlateau`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    lr: f64,
    settings: OnPlateau,
}

impl kind::Curve for Curve {
    fn lr(&self, _: usize) -> f64 {
        self.lr
    }

    fn shape(&self) -> Shape {
        self.settings.clone().into()
    }

    fn plateau(&self) -> Option<OnPlateau> {
        Some(self.settings.clone())
    }
}

/// Smaller cuts than this are not worth making.
const SMALLEST_CUT: f64 = 1e-8;

/// Which direction of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Lower is better, as for a loss.
    Min,
    /// Higher is better, as for accuracy.
    Max,
}

/// What a plateau remembers between epochs; saved in checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlateauState {
    /// The learning rate after the cuts so far.
    pub lr: f64,
    /// The best value of the metric so far; none before the first one that is a number.
    pub best: Option<f64>,
    /// Epochs in a row without improvement.
    pub bad_epochs: usize,
    /// Epochs left in which nothing is counted.
    pub cooldown_left: usize,
}

/// A learning rate that is cut when a metric stops improving.
///
/// Improvement is relative: below `best * (1 - threshold)` or above `best * (1 + threshold)`. A NaN never improves.
/// Cuts of at most 1e-8 are not made. Made by [`Schedule::plateau`](super::Schedule::plateau).
///
/// # Reference
/// `torch.optim.lr_scheduler.ReduceLROnPlateau` with `threshold_mode="rel"` and `eps=1e-8`.
#[derive(Debug, Clone, PartialEq)]
pub struct Plateau {
    settings: OnPlateau,
    mode: Mode,
    state: PlateauState,
}

impl Plateau {
    pub(super) fn new(settings: OnPlateau, mode: Mode, lr: f64) -> Self {
        Self { settings, mode, state: PlateauState { lr, best: None, bad_epochs: 0, cooldown_left: 0 } }
    }

    /// The learning rate after the cuts so far.
    pub fn lr(&self) -> f64 {
        self.state.lr
    }

    /// What to save.
    pub fn state(&self) -> PlateauState {
        self.state
    }

    /// Takes over a saved state. Fails where its learning rate is not finite and above 0.
    pub fn restore(&mut self, state: PlateauState) -> Result<(), ScheduleError> {
        check_range("lr of the saved plateau state", &state.lr, Bounds::above(0.0))?;
        self.state = state;
        Ok(())
    }

    /// Takes in the metric of an epoch and answers the new learning rate where it was cut.
    pub fn observe(&mut self, metric: f64) -> Option<f64> {
        let state = &mut self.state;
        if improves(metric, state.best, self.mode, self.settings.threshold) {
            state.best = Some(metric);
            state.bad_epochs = 0;
        } else {
            state.bad_epochs += 1;
        }
        if state.cooldown_left > 0 {
            state.cooldown_left -= 1;
            state.bad_epochs = 0;
        }
        if state.bad_epochs <= self.settings.patience {
            return None;
        }
        state.cooldown_left = self.settings.cooldown;
        state.bad_epochs = 0;
        let lr = (state.lr * self.settings.factor).max(self.settings.min_lr);
        if state.lr - lr <= SMALLEST_CUT {
            return None;
        }
        state.lr = lr;
        Some(lr)
    }
}

fn improves(metric: f64, best: Option<f64>, mode: Mode, threshold: f64) -> bool {
    match mode {
        Mode::Min => metric < best.unwrap_or(f64::INFINITY) * (1.0 - threshold),
        Mode::Max => metric > best.unwrap_or(f64::NEG_INFINITY) * (1.0 + threshold),
    }
}
