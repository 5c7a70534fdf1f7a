use super::columns::{self, Columns};
use super::packed::{Panel, packed_len, panels, unpack};
use super::pass::{Band, Pass};
use super::taps::TapSums;
use super::winograd::{self, Tiling, WeightSums};

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
        } else if winograd::fits(&pass, batch, false) {
            let method = WeightMethod::Winograd(Tiling::new(&pass, lanes));
            Self { pass, lanes, panels: panels(&pass, lanes, winograd::widest()), method }
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
