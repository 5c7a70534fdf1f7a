use std::mem::MaybeUninit;
use std::sync::Arc;

use burn::backend::flex::FlexTensor;

use super::columns::{self, Columns};
use super::direct::Direct;
use super::epilogue::RowEpilogue;
use super::packed::{Panel, pack, pack_turned, panels, turned};
use super::pass::{Band, Pass};
use super::winograd::{self, Correlation, Tiling};
use crate::flex::kept::{self, Layout, Preparation};

/// How a pass is computed, with all that is prepared for it.
pub(super) struct Correlator<'a> {
    plan: Plan,
    /// As the method wants them.
    weights: Prepared<'a>,
    epilogue: RowEpilogue<'a>,
}

/// How a pass is computed.
struct Plan {
    pass: Pass,
    lanes: usize,
    panels: Vec<Panel>,
    /// Vectors of the widest panel.
    widest: usize,
    method: Method,
}

enum Method {
    Direct { band: Band, taps: Vec<usize> },
    Columns { band: Band, taps: Vec<usize> },
    Winograd(Tiling),
}

enum Prepared<'a> {
    Given(&'a [f32]),
    Made(Arc<Vec<f32>>),
}

/// Products of a convolution below which one thread is as fast as two.
pub(super) const SERIAL_BELOW: usize = if cfg!(miri) { 64 } else { 1 << 20 };

impl Plan {
    /// `kept`: the weights are prepared once for many calls. `apart`: threads may share the panels of an image.
    fn new(pass: Pass, batch: usize, lanes: usize, kept: bool, apart: bool) -> Self {
        let direct = |pass: &Pass| {
            let band = Band::new(pass);
            (band, band.taps(pass))
        };
        let (widest, method) = if columns::fits(&pass, lanes) {
            let (band, taps) = direct(&pass);
            (0, Method::Columns { band, taps })
        } else if winograd::fits(&pass, batch, kept) {
            (winograd::widest(), Method::Winograd(Tiling::new(&pass, lanes)))
        } else {
            let (band, taps) = direct(&pass);
            (2, Method::Direct { band, taps })
        };
        let mut plan = Self { pass, lanes, panels: vec![], widest, method };
        if widest > 0 {
            plan.panels = panels(&pass, lanes, widest);
            let least = if apart && plan.shares_panels(batch) { plan.least_panels(batch) } else { 1 };
            while plan.panels.len() < least && plan.widest > 1 {
                plan.widest /= 2;
                plan.panels = panels(&pass, lanes, plan.widest);
            }
        }
        plan
    }

    /// Whether each of so many images had better be computed panel by panel.
    fn shares_panels(&self, batch: usize) -> bool {
        match self.method {
            Method::Direct { .. } => batch < IMAGES,
            // Images together read the weights once.
            Method::Winograd(_) => batch < winograd::BATCH,
            Method::Columns { .. } => false,
        }
    }

    /// Panels of an image that leave no thread without one.
    fn least_panels(&self, batch: usize) -> usize {
        let Pass { groups, outputs, .. } = self.pass;
        let products = batch * groups * outputs * self.pass.output_plane() * self.pass.depth();
        if products < SERIAL_BELOW { 1 } else { rayon::current_num_threads().div_ceil(batch) }
    }

    /// All that the order of [`Plan::prepare`]d weights depends on.
    fn layout(&self) -> Layout {
        let Pass { inputs, outputs, groups, kernel, .. } = self.pass;
        let preparation = match self.method {
            Method::Winograd(_) => Preparation::Winograd,
            Method::Direct { .. } | Method::Columns { .. } => Preparation::Convolution,
        };
        Layout(preparation, [inputs, outputs, groups, kernel[0], kernel[1], self.lanes, self.widest])
    }

    /// The weights as the method wants them; `pack` brings them into panels.
    fn prepare(&self, weight: &[f32], pack: Pack) -> Vec<f32> {
        let packed = pack(&self.pass, &self.panels, self.lanes, weight);
        match self.method {
            Method::Winograd(_) => winograd::transformed(&self.panels, self.pass.inputs, &packed),
            Method::Direct { .. } | Method::Columns { .. } => packed,
        }
    }
}

type Pack = fn(&Pass, &[Panel], usize, &[f32]) -> Vec<f32>;

/// Elements of the largest layout, per element of a weight: transforms for Winograd's way.
const LARGEST: usize = 4;

/// From this many images on, images are the shares of the threads; with fewer, panels of their channels.
const IMAGES: usize = 8;

impl<'a> Correlator<'a> {
    /// The forward pass. With `reused`, the prepared weights are kept for the next call with the same tensor.
    pub(super) fn forward(
        pass: Pass,
        batch: usize,
        lanes: usize,
        weight: &'a FlexTensor,
        reused: bool,
        epilogue: RowEpilogue<'a>,
    ) -> Self {
        let kept = reused && batch < IMAGES && kept::keeps(weight, LARGEST * weight.storage::<f32>().len());
        let plan = Plan::new(pass, batch, lanes, kept, true);
        let prepare = || plan.prepare(weight.storage(), pack);
        let weights = match plan.method {
            Method::Columns { .. } => Prepared::Given(weight.storage()),
            Method::Winograd(_) | Method::Direct { .. } if kept => {
                Prepared::Made(kept::prepared(weight, plan.layout(), prepare))
            }
            Method::Winograd(_) | Method::Direct { .. } => Prepared::Made(Arc::new(prepare())),
        };
        Self { plan, weights, epilogue }
    }

    /// The gradient of the input.
    pub(super) fn input_gradient(
        pass: Pass,
        batch: usize,
        lanes: usize,
        weight: &[f32],
    ) -> Correlator<'static> {
        let plan = Plan::new(pass, batch, lanes, false, false);
        let weights = match plan.method {
            Method::Columns { .. } => turned(&pass, weight),
            Method::Winograd(_) | Method::Direct { .. } => plan.prepare(weight, pack_turned),
        };
        Correlator { plan, weights: Prepared::Made(Arc::new(weights)), epilogue: RowEpilogue::default() }
    }

    pub(super) fn pass(&self) -> Pass {
        self.plan.pass
    }

    fn weights(&self) -> &[f32] {
        match &self.weights {
            Prepared::Given(weights) => weights,
            Prepared::Made(weights) => weights,
        }
    }

    /// Images to hand to [`Correlator::run`] at most.
    pub(super) fn images(&self) -> usize {
        match &self.plan.method {
            Method::Direct { .. } | Method::Columns { .. } => 1,
            Method::Winograd(tiling) => tiling.images,
        }
    }

    /// The panels of an image, if each of so many images had better be computed by panels.
    pub(super) fn separate_panels(&self, batch: usize) -> Option<&[Panel]> {
        self.plan.shares_panels(batch).then_some(&self.plan.panels)
    }

    /// Writes all channels of some images.
    pub(super) fn run(&self, input: &[f32], output: &mut [MaybeUninit<f32>]) {
        let Plan { pass, lanes, ref panels, ref method, .. } = self.plan;
        let (weights, epilogue) = (self.weights(), self.epilogue);
        match method {
            Method::Direct { .. } => {
                let input = input.chunks_exact(pass.inputs * pass.input_plane());
                let output = output.chunks_exact_mut(pass.outputs * pass.output_plane());
                let panels = panels.chunk_by(|a, b| a.group == b.group);
                for (panels, (input, output)) in panels.zip(input.zip(output)) {
                    self.run_panels(panels, input, output);
                }
            }
            Method::Columns { band, taps } => {
                let columns = Columns { pass, band: *band, taps, lanes };
                columns.image(weights, epilogue, input, output);
            }
            &Method::Winograd(tiling) => {
                Correlation { pass, tiling, panels, lanes, weights, epilogue }.images(input, output);
            }
        }
    }

    /// Writes the channels of [`Correlator::separate_panels`] of one group of one image. `input` has the channels of the
    /// group, `output` those of the panels.
    pub(super) fn run_panels(&self, panels: &[Panel], input: &[f32], output: &mut [MaybeUninit<f32>]) {
        let Plan { pass, lanes, ref method, .. } = self.plan;
        let (weights, epilogue) = (self.weights(), self.epilogue);
        match method {
            Method::Direct { band, taps } => {
                Direct { pass, band: *band, taps, lanes, weights, epilogue }.image(panels, input, output);
            }
            Method::Winograd(_) => {
                let first = panels.first().map_or(0, |panel| panel.first);
                let panels: Vec<Panel> =
                    panels.iter().map(|&panel| Panel { first: panel.first - first, ..panel }).collect();
                let pass = Pass { outputs: panels.iter().map(|panel| panel.channels).sum(), ..pass };
                let (tiling, epilogue) = (Tiling::new(&pass, lanes), epilogue.from(first));
                let correlation = Correlation { pass, tiling, panels: &panels, lanes, weights, epilogue };
                correlation.images(input, output);
            }
            Method::Columns { .. } => unreachable!("columns are not computed by panels"),
        }
    }
}
