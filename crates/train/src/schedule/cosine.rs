use std::f64::consts::PI;

use brasa_data::keys::{Bounds, Fault};

use super::Shape;
use super::kind::{self, Counting, Run, ScheduleKind};

brasa_data::table! {
    /// Down along a cosine to `eta_min`, as `torch.optim.lr_scheduler.CosineAnnealingLR`.
    pub struct Cosine = "cosine" {
        /// Units from the base learning rate to `eta_min`; afterwards it rises again. Where it is left out, what remains
        /// of the run after the warm-up.
        t_max: Option<usize> = None, Bounds::at_least(1.0);
        /// Lowest learning rate, at most the base learning rate.
        eta_min: f64 = 0.0, Bounds::at_least(0.0);
    }
}

impl Counting for Cosine {}

impl ScheduleKind for Cosine {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, Fault> {
        run.check_floor("eta_min", self.eta_min)?;
        Ok(Curve { lr: run.lr, t_max: self.t_max.unwrap_or(run.units), eta_min: self.eta_min })
    }
}

/// See [`Cosine`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    lr: f64,
    t_max: usize,
    eta_min: f64,
}

impl kind::Curve for Curve {
    fn lr(&self, t: usize) -> f64 {
        cosine(self.lr, self.eta_min, t as f64 / self.t_max as f64)
    }

    fn shape(&self) -> Shape {
        Cosine { t_max: Some(self.t_max), eta_min: self.eta_min }.into()
    }
}

/// From `start` at progress 0 to `end` at progress 1 along half a cosine.
pub(super) fn cosine(start: f64, end: f64, progress: f64) -> f64 {
    end + (start - end) * (1.0 + (PI * progress).cos()) / 2.0
}
