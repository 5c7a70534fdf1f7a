use std::mem::MaybeUninit;

use super::direct::Direct;
use super::packed::{Panel, pack_turned, packed_len, panels, unpack};
use super::pass::{Band, Pass};
use super::taps::TapSums;
use super::winograd::{self, Correlation, Tiling, WeightSums};

/// How the gradient of the input is computed, with all that is prepared for it.
pub(super) struct InputGradient {
    pass: Pass,
    lanes: usize,
    panels: Vec<Panel>,
    /// Packed weights, or their transforms.
    weights: Vec<f32>,
    method: InputMethod,
}

enum InputMethod {
    Direct { band: Band, taps: Vec<usize> },
    Winograd(Tiling),
}

impl InputGradient {
    pub(super) fn new(pass: Pass, batch: usize, lanes: usize, weight: &[f32]) -> Self {
        if winograd::fits(&pass, batch) {
            let panels = panels(&pass, lanes, 4);
            let packed = pack_turned(&pass, &panels, lanes, weight);
            let weights = winograd::transformed(&panels, pass.inputs, &packed);
            let method = InputMethod::Winograd(Tiling::new(&pass, lanes));
            return Self { pass, lanes, panels, weights, method };
        }
        let panels = panels(&pass, lanes, 2);
        let weights = pack_turned(&pass, &panels, lanes, weight);
        let band = Band::new(&pass);
        let method = InputMethod::Direct { band, taps: band.taps(&pass) };
        Self { pass, lanes, panels, weights, method }
    }

    /// Images to hand to [`InputGradient::run`] at most.
    pub(super) fn images(&self) -> usize {
        match &self.method {
            InputMethod::Direct { .. } => 1,
            InputMethod::Winograd(tiling) => tiling.images,
        }
    }

    /// Writes the gradient of all channels of some images.
    pub(super) fn run(&self, upstream: &[f32], gradient: &mut [MaybeUninit<f32>]) {
        let Self { pass, lanes, ref panels, ref weights, .. } = *self;
        match &self.method {
            InputMethod::Direct { band, taps } => {
                let direct = Direct { pass, band: *band, taps, lanes, weights, bias: None, relu: false };
                let upstream = upstream.chunks_exact(pass.inputs * pass.input_plane());
                let gradient = gradient.chunks_exact_mut(pass.outputs * pass.output_plane());
                let panels = panels.chunk_by(|a, b| a.group == b.group);
                for (panels, (upstream, gradient)) in panels.zip(upstream.zip(gradient)) {
                    direct.image(panels, upstream, gradient);
                }
            }
            &InputMethod::Winograd(tiling) => {
                Correlation { pass, tiling, panels, lanes, weights, bias: None, relu: false }
                    .images(upstream, gradient);
            }
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
    Winograd(Tiling),
}

impl WeightGradient {
    pub(super) fn new(pass: Pass, batch: usize, lanes: usize) -> Self {
        if winograd::fits(&pass, batch) {
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
            WeightMethod::Winograd(_) => winograd::transformed_len(packed),
        }
    }

    /// Images to hand to [`WeightGradient::add`] at most.
    pub(super) fn images(&self) -> usize {
        match &self.method {
            WeightMethod::Direct(_) => 1,
            WeightMethod::Winograd(tiling) => tiling.images,
        }
    }

    /// Adds the gradient by some images, all channels, to `sums`.
    pub(super) fn add(&self, input: &[f32], upstream: &[f32], sums: &mut [f32]) {
        let Self { pass, lanes, ref panels, .. } = *self;
        match self.method {
            WeightMethod::Direct(band) => {
                TapSums { pass, band, panels, lanes }.image(input, upstream, sums);
            }
            WeightMethod::Winograd(tiling) => {
                WeightSums { pass, tiling, panels, lanes }.images(input, upstream, sums);
            }
        }
    }

    /// The gradient in the order of the weights, `len` elements.
    pub(super) fn unpack(&self, sums: &[f32], len: usize) -> Vec<f32> {
        let mut gradient = vec![0.0; len];
        match self.method {
            WeightMethod::Direct(_) => unpack(&self.pass, &self.panels, self.lanes, sums, &mut gradient),
            WeightMethod::Winograd(_) => {
                let packed = winograd::inverse_gradient(&self.panels, self.pass.inputs, sums);
                unpack(&self.pass, &self.panels, self.lanes, &packed, &mut gradient);
            }
        }
        gradient
    }
}
