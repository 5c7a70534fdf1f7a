use std::borrow::Cow;
use std::mem::MaybeUninit;

use super::columns::{self, Columns};
use super::direct::Direct;
use super::finish::Finish;
use super::packed::{Panel, pack, pack_turned, packed_len, panels, turned, unpack};
use super::pass::{Band, Pass};
use super::taps::TapSums;
use super::winograd::{self, Correlation, Tiling, WeightSums};

/// How a pass is computed, with all that is prepared for it.
pub(super) struct Correlator<'a> {
    pub(super) pass: Pass,
    lanes: usize,
    panels: Vec<Panel>,
    /// As the method wants them.
    weights: Cow<'a, [f32]>,
    finish: Finish<'a>,
    method: Method,
}

enum Method {
    Direct { band: Band, taps: Vec<usize> },
    Columns { band: Band, taps: Vec<usize> },
    Winograd(Tiling),
}

impl<'a> Correlator<'a> {
    /// The forward pass.
    pub(super) fn forward(
        pass: Pass,
        batch: usize,
        lanes: usize,
        weight: &'a [f32],
        finish: Finish<'a>,
    ) -> Self {
        Self { finish, ..Self::new(pass, batch, lanes, weight, pack) }
    }

    /// The gradient of the input.
    pub(super) fn input_gradient(
        pass: Pass,
        batch: usize,
        lanes: usize,
        weight: &[f32],
    ) -> Correlator<'static> {
        let in_order = columns::fits(&pass, lanes).then(|| turned(&pass, weight));
        let weight = in_order.as_deref().unwrap_or(weight);
        Correlator::new(pass, batch, lanes, weight, pack_turned).into_owned()
    }

    fn new(
        pass: Pass,
        batch: usize,
        lanes: usize,
        weight: &'a [f32],
        pack: impl FnOnce(&Pass, &[Panel], usize, &[f32]) -> Vec<f32>,
    ) -> Self {
        let (panels, weights, method) = if columns::fits(&pass, lanes) {
            let band = Band::new(&pass);
            (vec![], Cow::Borrowed(weight), Method::Columns { band, taps: band.taps(&pass) })
        } else if winograd::fits(&pass, batch) {
            let panels = panels(&pass, lanes, 4);
            let packed = pack(&pass, &panels, lanes, weight);
            let weights = winograd::transformed(&panels, pass.inputs, &packed);
            (panels, Cow::Owned(weights), Method::Winograd(Tiling::new(&pass, lanes)))
        } else {
            let panels = panels(&pass, lanes, 2);
            let weights = pack(&pass, &panels, lanes, weight);
            let band = Band::new(&pass);
            (panels, Cow::Owned(weights), Method::Direct { band, taps: band.taps(&pass) })
        };
        Self { pass, lanes, panels, weights, finish: Finish::default(), method }
    }

    fn into_owned(self) -> Correlator<'static> {
        let Self { pass, lanes, panels, weights, method, .. } = self;
        let weights = Cow::Owned(weights.into_owned());
        Correlator { pass, lanes, panels, weights, finish: Finish::default(), method }
    }

    /// Images to hand to [`Correlator::run`] at most.
    pub(super) fn images(&self) -> usize {
        match &self.method {
            Method::Direct { .. } | Method::Columns { .. } => 1,
            Method::Winograd(tiling) => tiling.images,
        }
    }

    /// The panels of an image, if they can be computed apart.
    pub(super) fn separate_panels(&self) -> Option<&[Panel]> {
        matches!(self.method, Method::Direct { .. }).then_some(&self.panels)
    }

    /// Writes all channels of some images.
    pub(super) fn run(&self, input: &[f32], output: &mut [MaybeUninit<f32>]) {
        let Self { pass, lanes, ref panels, ref weights, finish, .. } = *self;
        match &self.method {
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
                columns.image(weights, finish, input, output);
            }
            &Method::Winograd(tiling) => {
                Correlation { pass, tiling, panels, lanes, weights, finish }.images(input, output);
            }
        }
    }

    /// Writes the channels of [`Correlator::separate_panels`] of one group of one image. `input` has the channels of the
    /// group, `output` those of the panels.
    pub(super) fn run_panels(&self, panels: &[Panel], input: &[f32], output: &mut [MaybeUninit<f32>]) {
        let Self { pass, lanes, ref weights, finish, .. } = *self;
        if let Method::Direct { band, taps } = &self.method {
            Direct { pass, band: *band, taps, lanes, weights, finish }.image(panels, input, output);
        }
    }
}

/// How the gradient of the weights is summed.
pub(super) struct WeightGradient {
    /// The forward pass.
    pass: Pass,
    lanes: usize,
    panels: Vec<Panel>,
    method: WeightMethod,
}

enum WeightMethod {
    Direct(Band),
    Columns { band: Band, taps: Vec<usize> },
    Winograd(Tiling),
}

impl WeightGradient {
    pub(super) fn new(pass: Pass, batch: usize, lanes: usize) -> Self {
        if columns::fits(&pass, lanes) {
            let band = Band::new(&pass);
            let method = WeightMethod::Columns { band, taps: band.taps(&pass) };
            Self { pass, lanes, panels: vec![], method }
        } else if winograd::fits(&pass, batch) {
            let method = WeightMethod::Winograd(Tiling::new(&pass, lanes));
            Self { pass, lanes, panels: panels(&pass, lanes, 4), method }
        } else {
            let method = WeightMethod::Direct(Band::new(&pass));
            Self { pass, lanes, panels: panels(&pass, lanes, 2), method }
        }
    }

    /// Elements of the sums.
    pub(super) fn len(&self) -> usize {
        let packed = packed_len(&self.pass, &self.panels, self.lanes);
        match self.method {
            WeightMethod::Direct(_) => packed,
            WeightMethod::Columns { .. } => self.pass.groups * self.pass.outputs * self.pass.depth(),
            WeightMethod::Winograd(_) => winograd::transformed_len(packed),
        }
    }

    /// Images to hand to [`WeightGradient::add`] at most.
    pub(super) fn images(&self) -> usize {
        match &self.method {
            WeightMethod::Direct(_) | WeightMethod::Columns { .. } => 1,
            WeightMethod::Winograd(tiling) => tiling.images,
        }
    }

    /// Adds the gradient by some images, all channels, to `sums`.
    pub(super) fn add(&self, input: &[f32], upstream: &[f32], sums: &mut [f32]) {
        let Self { pass, lanes, ref panels, .. } = *self;
        match &self.method {
            &WeightMethod::Direct(band) => {
                TapSums { pass, band, panels, lanes }.image(input, upstream, sums);
            }
            WeightMethod::Columns { band, taps } => {
                Columns { pass, band: *band, taps, lanes }.weight_gradient(input, upstream, sums);
            }
            &WeightMethod::Winograd(tiling) => {
                WeightSums { pass, tiling, panels, lanes }.images(input, upstream, sums);
            }
        }
    }

    /// The gradient in the order of the weights, `len` elements.
    pub(super) fn unpack(&self, sums: Vec<f32>, len: usize) -> Vec<f32> {
        let mut gradient = vec![0.0; len];
        match self.method {
            WeightMethod::Direct(_) => unpack(&self.pass, &self.panels, self.lanes, &sums, &mut gradient),
            WeightMethod::Columns { .. } => return sums,
            WeightMethod::Winograd(_) => {
                let packed = winograd::inverse_gradient(&self.panels, self.pass.inputs, &sums);
                unpack(&self.pass, &self.panels, self.lanes, &packed, &mut gradient);
            }
        }
        gradient
    }
}
