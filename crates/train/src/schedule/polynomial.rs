use brasa_data::keys::{Bounds, Fault};

use super::Shape;
use super::kind::{self, Counting, Run, ScheduleKind};

brasa_data::table! {
    /// Down to 0 along a power of the time that is left, as `torch.optim.lr_scheduler.PolynomialLR`.
    pub struct Polynomial = "polynomial" {
        /// Units until it is 0, where it stays. Where it is left out, what remains of the run after the warm-up.
        total_iters: Option<usize> = None, Bounds::at_least(1.0);
        /// The power; 1 is a straight line.
        power: f64 = 1.0, Bounds::above(0.0);
    }
}

impl Counting for Polynomial {}

impl ScheduleKind for Polynomial {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, Fault> {
        Ok(Curve { lr: run.lr, total: self.total_iters.unwrap_or(run.units), power: self.power })
    }
}

/// See [`Polynomial`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    lr: f64,
    total: usize,
    power: f64,
}

impl kind::Curve for Curve {
    fn lr(&self, t: usize) -> f64 {
        let left = self.total.saturating_sub(t) as f64 / self.total as f64;
        self.lr * left.powf(self.power)
    }

    fn shape(&self) -> Shape {
        Polynomial { total_iters: Some(self.total), power: self.power }.into()
    }
}
