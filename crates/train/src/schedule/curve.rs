use std::f64::consts::PI;

use super::plateau::PlateauSettings;
use super::{Mode, Per, Plateau, ScheduleConfig};

/// A checked schedule: the learning rate as a function of the place in the run.
///
/// Made by [`ScheduleConfig::check`].
///
/// # Reference
/// The numbers are those of `torch.optim.lr_scheduler`: `StepLR`, `CosineAnnealingLR`,
/// `CosineAnnealingWarmRestarts`, `OneCycleLR` (`anneal_strategy="cos"`, `three_phase=False`), and `LinearLR` joined
/// to any of them by `SequentialLR` as the warm-up. `ReduceLROnPlateau` is [`Plateau`](super::Plateau).
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub(super) config: ScheduleConfig,
    pub(super) per: Per,
    pub(super) steps_per_epoch: usize,
    pub(super) warmup: usize,
    pub(super) warmup_start_factor: f64,
    pub(super) curve: Curve,
}

/// The schedule proper, after the warm-up; `t` counts units from its start.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Curve {
    Constant { lr: f64 },
    Step { lr: f64, step_size: usize, gamma: f64 },
    Cosine { lr: f64, t_max: usize, eta_min: f64 },
    WarmRestarts { lr: f64, t_0: usize, t_mult: usize, eta_min: f64 },
    Plateau { lr: f64, settings: PlateauSettings },
    OneCycle { initial_lr: f64, max_lr: f64, min_lr: f64, pct_start: f64, total: usize },
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
    pub fn config(&self) -> &ScheduleConfig {
        &self.config
    }

    /// The memory of kind plateau at the start of the run; none for every other kind, which needs no metric.
    pub fn plateau(&self, mode: Mode) -> Option<Plateau> {
        match self.curve {
            Curve::Plateau { lr, settings } => Some(Plateau::new(settings, mode, lr)),
            _ => None,
        }
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
        self.warmup_start_factor + (1.0 - self.warmup_start_factor) * progress
    }

    fn unit(&self, epoch: usize, step_in_run: usize) -> usize {
        match self.per {
            Per::Epoch => epoch,
            Per::Step => step_in_run,
        }
    }
}

impl Curve {
    fn lr(&self, t: usize) -> f64 {
        match *self {
            Self::Constant { lr } | Self::Plateau { lr, .. } => lr,
            Self::Step { lr, step_size, gamma } => lr * gamma.powf((t / step_size) as f64),
            Self::Cosine { lr, t_max, eta_min } => cosine(lr, eta_min, t as f64 / t_max as f64),
            Self::WarmRestarts { lr, t_0, t_mult, eta_min } => {
                let (t, cycle) = place_in_cycle(t, t_0, t_mult);
                cosine(lr, eta_min, t as f64 / cycle as f64)
            }
            Self::OneCycle { initial_lr, max_lr, min_lr, pct_start, total } => {
                let last = total.saturating_sub(1) as f64;
                let t = (t as f64).min(last);
                let peak = pct_start * total as f64 - 1.0;
                if t < peak {
                    cosine(initial_lr, max_lr, t / peak)
                } else {
                    cosine(max_lr, min_lr, (t - peak) / (last - peak))
                }
            }
        }
    }
}

/// From `start` at progress 0 to `end` at progress 1 along half a cosine.
fn cosine(start: f64, end: f64, progress: f64) -> f64 {
    end + (start - end) * (1.0 + (PI * progress).cos()) / 2.0
}

/// How far into its cycle unit `t` is, and how long that cycle is.
fn place_in_cycle(t: usize, t_0: usize, t_mult: usize) -> (usize, usize) {
    if t_mult == 1 {
        return (t % t_0, t_0);
    }
    let (mut t, mut cycle) = (t, t_0);
    while t >= cycle {
        t -= cycle;
        cycle = cycle.saturating_mul(t_mult);
    }
    (t, cycle)
}
