use brasa_data::keys::Fault;

use super::Shape;
use super::kind::{self, Counting, Run, ScheduleKind};

brasa_data::table! {
    /// The same learning rate throughout.
    pub struct Constant = "constant" {}
}

impl Counting for Constant {
    fn counts(&self) -> bool {
        false
    }
}

impl ScheduleKind for Constant {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, Fault> {
        Ok(Curve { lr: run.lr })
    }
}

/// See [`Constant`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    lr: f64,
}

impl kind::Curve for Curve {
    fn lr(&self, _: usize) -> f64 {
        self.lr
    }

    fn shape(&self) -> Shape {
        Constant {}.into()
    }
}
