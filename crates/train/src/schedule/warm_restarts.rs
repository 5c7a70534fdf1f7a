use brasa_data::keys::{Bounds, Fault};

use super::Shape;
use super::cosine::cosine;
use super::kind::{self, Counting, Run, ScheduleKind};

brasa_data::table! {
    /// Cosines that start over, each `t_mult` times as long as the one before, as
    /// `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`.
    pub struct WarmRestarts = "warm-restarts" {
        /// Units of the first cycle.
        t_0: usize, Bounds::at_least(1.0);
        /// Factor of each cycle's length.
        t_mult: usize = 1, Bounds::at_least(1.0);
        /// Lowest learning rate, at most the base learning rate.
        eta_min: f64 = 0.0, Bounds::at_least(0.0);
    }
}

impl Counting for WarmRestarts {}

impl ScheduleKind for WarmRestarts {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, Fault> {
        run.check_floor("eta_min", self.eta_min)?;
        Ok(Curve { lr: run.lr, restarts: self.clone() })
    }
}

/// See [`WarmRestarts`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    lr: f64,
    restarts: WarmRestarts,
}

impl kind::Curve for Curve {
    fn lr(&self, t: usize) -> f64 {
        let WarmRestarts { t_0, t_mult, eta_min } = self.restarts;
        let (t, cycle) = place_in_cycle(t, t_0, t_mult);
        cosine(self.lr, eta_min, t as f64 / cycle as f64)
    }

    fn shape(&self) -> Shape {
        self.restarts.clone().into()
    }
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
