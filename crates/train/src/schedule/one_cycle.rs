use brasa_data::keys::{Bounds, Fault};

use super::cosine::cosine;
use super::kind::{self, Counting, Run, ScheduleKind};
use super::{Per, Shape};

brasa_data::table! {
    /// Up to `max_lr` and down to almost nothing along two cosines over the whole run, as
    /// `torch.optim.lr_scheduler.OneCycleLR` with `anneal_strategy="cos"`, `three_phase=False`.
    pub struct OneCycle = "one-cycle" {
        /// The peak. Where it is left out, the base learning rate, which is not used otherwise.
        max_lr: Option<f64> = None, Bounds::above(0.0);
        /// Share of the cycle spent rising.
        pct_start: f64 = 0.3, Bounds::below(0.0, 1.0);
        /// The first learning rate is `max_lr / div_factor`.
        div_factor: f64 = 25.0, Bounds::at_least(1.0);
        /// The last learning rate is the first one divided by this.
        final_div_factor: f64 = 1e4, Bounds::at_least(1.0);
    }
}

impl Counting for OneCycle {
    fn per(&self) -> Per {
        Per::Step
    }
}

impl ScheduleKind for OneCycle {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, Fault> {
        let Self { max_lr, pct_start, div_factor, final_div_factor } = *self;
        let max_lr = max_lr.unwrap_or(run.lr);
        Ok(Curve { max_lr, pct_start, div_factor, final_div_factor, total: run.units })
    }
}

/// See [`OneCycle`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    max_lr: f64,
    pct_start: f64,
    div_factor: f64,
    final_div_factor: f64,
    total: usize,
}

impl kind::Curve for Curve {
    fn lr(&self, t: usize) -> f64 {
        let initial_lr = self.max_lr / self.div_factor;
        let last = self.total.saturating_sub(1) as f64;
        let t = (t as f64).min(last);
        let peak = self.pct_start * self.total as f64 - 1.0;
        if t < peak {
            cosine(initial_lr, self.max_lr, t / peak)
        } else {
            cosine(self.max_lr, initial_lr / self.final_div_factor, (t - peak) / (last - peak))
        }
    }

    fn shape(&self) -> Shape {
        let Self { max_lr, pct_start, div_factor, final_div_factor, .. } = *self;
        OneCycle { max_lr: Some(max_lr), pct_start, div_factor, final_div_factor }.into()
    }
}
