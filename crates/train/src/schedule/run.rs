use brasa_data::keys::{Bounds, Fault, check_range};

use super::kind::Run;
use super::{Curve, Mode, Per, Plateau, ScheduleConfig, ScheduleError, Warmup};

/// A checked schedule: the learning rate as a function of the place in the run.
///
/// Made by [`ScheduleConfig::check`].
///
/// # Reference
/// The numbers are those of `torch.optim.lr_scheduler`; each kind names its class. `ReduceLROnPlateau` is
/// [`Plateau`](super::Plateau).
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    per: Per,
    steps_per_epoch: usize,
    /// 0 for none.
    warmup: usize,
    start_factor: f64,
    curve: Curve,
}

impl ScheduleConfig {
    /// Checks every key and fills in the defaults.
    ///
    /// `base_lr` is the optimizer's learning rate, above 0. `steps_per_epoch` and `epochs` are the length of the
    /// whole run, which the cosine and the one-cycle kinds are fitted to.
    ///
    /// # Errors
    /// A value outside its range, a warm-up as long as the run, or a run without steps.
    pub fn check(
        &self,
        base_lr: f64,
        steps_per_epoch: usize,
        epochs: usize,
    ) -> Result<Schedule, ScheduleError> {
        self.shape.check_ranges()?;
        check_range("lr", &base_lr, Bounds::above(0.0))?;
        if epochs == 0 || steps_per_epoch == 0 {
            return Err(ScheduleError::EmptyRun { epochs, steps_per_epoch });
        }
        let per = self.per;
        let total = match per {
            Per::Epoch => epochs,
            Per::Step => epochs.saturating_mul(steps_per_epoch),
        };
        let (warmup, start_factor) = match self.warmup {
            Warmup::None => (0, 1.0),
            Warmup::Linear { units, start_factor } => (units, start_factor),
        };
        check_range("warmup_start_factor", &start_factor, Bounds::up_to(0.0, 1.0))?;
        if warmup >= total {
            let found = format!("{warmup}, which leaves nothing of them");
            return Err(
                Fault::value("warmup", format!("less than the {total} {per}s of the run"), found).into()
            );
        }
        let curve = self.shape.over(Run { lr: base_lr, units: total - warmup })?;
        Ok(Schedule { per, steps_per_epoch, warmup, start_factor, curve })
    }
}

impl Schedule {
    /// The learning rate of one step. `epoch` counts from 0, `step_in_run` counts optimizer steps from 0 over the
    /// whole run; a schedule per epoch looks at `epoch` only, one per step at `step_in_run` only.
    ///
    /// After the end of the run a one-cycle schedule keeps its last value. For kind plateau this is the learning
    /// rate before any cut; [`Scheduler::lr`](super::Scheduler::lr) knows the cuts.
    pub fn lr(&self, epoch: usize, step_in_run: usize) -> f64 {
        let unit = self.unit(epoch, step_in_run);
        match unit.checked_sub(self.warmup) {
            Some(t) => self.curve.lr(t),
            None => self.curve.lr(0) * self.warmup_factor(unit),
        }
    }

    /// What was read, with every default that applies filled in. Checked again for the same run it gives this
    /// same schedule.
    pub fn config(&self) -> ScheduleConfig {
        let warmup = match self.warmup {
            0 => Warmup::None,
            units => Warmup::Linear { units, start_factor: self.start_factor },
        };
        ScheduleConfig { shape: self.curve.shape(), per: self.per, warmup }
    }

    /// The memory of kind plateau at the start of the run; none for every other kind, which needs no metric.
    pub fn plateau(&self, mode: Mode) -> Option<Plateau> {
        self.curve.plateau().map(|settings| Plateau::new(settings, mode, self.curve.lr(0)))
    }

    /// The epochs, from 1, after which the run ends unless one since the end of the cycle before has improved on all
    /// before; none for most schedules.
    pub fn cycle_ends(&self, epochs: usize) -> Vec<usize> {
        let epoch = |share: f64| ((share * epochs as f64).ceil() as usize).max(1);
        self.curve.cycle_ends().into_iter().map(epoch).collect()
    }

    /// What the schedule counts.
    pub fn per(&self) -> Per {
        self.per
    }

    /// Whether any step of `epoch` belongs to the warm-up.
    pub(super) fn warms_up_in(&self, epoch: usize) -> bool {
        self.unit(epoch, epoch.saturating_mul(self.steps_per_epoch)) < self.warmup
    }

    /// 1 after the warm-up.
    pub(super) fn warmup_factor_at(&self, epoch: usize, step_in_run: usize) -> f64 {
        let unit = self.unit(epoch, step_in_run);
        if unit < self.warmup { self.warmup_factor(unit) } else { 1.0 }
    }

    fn warmup_factor(&self, unit: usize) -> f64 {
        let progress = unit as f64 / self.warmup as f64;
        self.start_factor + (1.0 - self.start_factor) * progress
    }

    fn unit(&self, epoch: usize, step_in_run: usize) -> usize {
        match self.per {
            Per::Epoch => epoch,
            Per::Step => step_in_run,
        }
    }
}
