use brasa_data::keys::{Bounds, Fault};

use super::Shape;
use super::kind::{self, Counting, Run, ScheduleKind};

brasa_data::table! {
    /// Multiplied by `gamma` every `step_size` units, as `torch.optim.lr_scheduler.StepLR`.
    pub struct Step = "step" {
        /// Units between two cuts.
        step_size: usize, Bounds::at_least(1.0);
        /// Factor of each cut.
        gamma: f64 = 0.1, Bounds::up_to(0.0, 1.0);
    }
}

impl Counting for Step {}

impl ScheduleKind for Step {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, Fault> {
        Ok(Curve { lr: run.lr, step: self.clone() })
    }
}

/// See [`Step`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    lr: f64,
    step: Step,
}

impl kind::Curve for Curve {
    fn lr(&self, t: usize) -> f64 {
        self.lr * self.step.gamma.powf((t / self.step.step_size) as f64)
    }

    fn shape(&self) -> Shape {
        self.step.clone().into()
    }
}
