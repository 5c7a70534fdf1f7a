use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::direct::Direct;
use super::geometry::Geometry;
use super::packed::{Panel, lanes, pack, panels};
use super::pass::{Band, Pass};
use super::winograd::{self, Correlation, Tiling};

/// From this many images on, one image is the share of a thread; with fewer, a panel of its channels.
const IMAGES: usize = 8;

/// Products of a convolution below which one thread is as fast as two.
const SERIAL_BELOW: usize = 1 << 20;

/// `[batch, outputs, height, width]`. No size is 0.
pub(super) fn forward(
    geometry: &Geometry,
    x: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    relu: bool,
) -> Vec<f32> {
    let geometry = geometry.flattened();
    let pass = Pass::forward(&geometry);
    let lanes = lanes();
    if winograd::fits(&pass, geometry.batch) {
        let panels = panels(&pass, lanes, 4);
        let packed = pack(&pass, &panels, lanes, weight);
        let weights = winograd::transformed(&panels, pass.inputs, &packed);
        let tiling = Tiling::new(&pass, lanes);
        let correlation = Correlation { pass, tiling, panels: &panels, lanes, weights: &weights, bias, relu };
        return correlate_tiles(&correlation, geometry.batch, x);
    }
    let panels = panels(&pass, lanes, 2);
    let band = Band::new(&pass);
    let direct = Direct {
        pass,
        band,
        taps: &band.taps(&pass),
        lanes,
        weights: &pack(&pass, &panels, lanes, weight),
        bias,
        relu,
    };
    correlate(&direct, geometry.batch, &panels, x)
}

/// All images.
fn correlate(direct: &Direct<'_>, batch: usize, panels: &[Panel], input: &[f32]) -> Vec<f32> {
    let pass = direct.pass;
    let len = batch * pass.groups * pass.outputs * pass.output_plane();
    let mut output = Vec::with_capacity(len);
    let mut spare = &mut output.spare_capacity_mut()[..len];
    let mut tasks = vec![];
    for image in 0..batch {
        for panels in shares(panels, batch) {
            let channels: usize = panels.iter().map(|panel| panel.channels).sum();
            let (part, rest) = spare.split_at_mut(channels * pass.output_plane());
            spare = rest;
            tasks.push((image, panels, part));
        }
    }
    assert!(spare.is_empty(), "the panels are all outputs");
    let run = |(image, panels, part): (usize, &[Panel], &mut [MaybeUninit<f32>])| {
        let channels = pass.inputs * pass.input_plane();
        let group = panels.first().map_or(0, |panel| panel.group);
        let input = &input[(image * pass.groups + group) * channels..][..channels];
        direct.image(panels, input, part);
    };
    if len * pass.depth() < SERIAL_BELOW {
        tasks.into_iter().for_each(run);
    } else {
        tasks.into_par_iter().for_each(run);
    }
    // SAFETY: the parts are all of `spare`, checked above; `Direct::image` writes all channels of its panels for all
    // outputs, which is all of its part: the channels of the panels times a plane.
    unsafe { output.set_len(len) };
    output
}

/// All images, by Winograd's algorithm.
fn correlate_tiles(correlation: &Correlation<'_>, batch: usize, input: &[f32]) -> Vec<f32> {
    let (pass, images) = (correlation.pass, correlation.tiling.images);
    let (from, to) = (pass.inputs * pass.input_plane(), pass.outputs * pass.output_plane());
    let mut output = Vec::with_capacity(batch * to);
    let spare = &mut output.spare_capacity_mut()[..batch * to];
    let parts = input.par_chunks(images * from).zip(spare.par_chunks_mut(images * to));
    parts.for_each(|(input, output)| correlation.images(input, output));
    // SAFETY: input and output are cut into the same groups of images, `batch` together, and
    // `Correlation::images` writes all channels of its images.
    unsafe { output.set_len(batch * to) };
    output
}

/// What one task computes of an image: panels of one group.
fn shares(panels: &[Panel], batch: usize) -> impl Iterator<Item = &[Panel]> {
    panels.chunk_by(move |a, b| batch >= IMAGES && a.group == b.group)
}
