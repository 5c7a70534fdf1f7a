use std::f64::consts::TAU;

use brasa_data::keys::Bounds;

use super::kind::{self, Counting, Run, ScheduleKind};
use super::{Per, Shape};

brasa_data::table! {
    /// Cycles, each twice as long as the one before, from 0 up to the learning rate and down to 0 along a cosine
    /// ([Holzmüller et al. 2024](https://arxiv.org/abs/2407.04491)). A change after each step, unless `per` says otherwise.
    pub struct Coslog = "coslog" {
        /// How many.
        cycles: usize = 4, Bounds::within(1.0, 30.0);
        /// Whether the run ends after a cycle that brought no improvement: the next one, of twice its length, would be in vain.
        stop_early: bool = false;
    }
}

impl Counting for Coslog {
    fn per(&self) -> Per {
        Per::Step
    }
}

impl ScheduleKind for Coslog {
    type Curve = Curve;

    fn over(&self, run: Run) -> Result<Curve, brasa_data::keys::Fault> {
        Ok(Curve { lr: run.lr, kind: self.clone(), units: run.units })
    }
}

/// See [`Coslog`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    lr: f64,
    kind: Coslog,
    units: usize,
}

impl kind::Curve for Curve {
    fn lr(&self, t: usize) -> f64 {
        let longest = (self.kind.cycles as f64).exp2() - 1.0;
        let cycle = (1.0 + longest * t as f64 / self.units as f64).log2();
        self.lr * 0.5 * (1.0 - (TAU * cycle).cos())
    }

    fn shape(&self) -> Shape {
        self.kind.clone().into()
    }

    fn cycle_ends(&self) -> Vec<f64> {
        let longest = (self.kind.cycles as f64).exp2() - 1.0;
        let end = |cycle: usize| ((cycle as f64).exp2() - 1.0) / longest;
        if self.kind.stop_early { (1..self.kind.cycles).map(end).collect() } else { Vec::new() }
    }
}
