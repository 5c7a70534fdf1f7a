use std::mem::MaybeUninit;

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use super::epilogue::RowEpilogue;
use super::geometry::Geometry;
use super::method::{Correlator, SERIAL_BELOW};
use super::packed::Panel;
use super::pass::Pass;
use crate::flex::lanes;

/// `[batch, outputs, height, width]`. No size is 0. With `reused`, what is prepared of the weight is kept for the next
/// call with the same tensor.
pub(super) fn forward(
    geometry: &Geometry,
    x: &[f32],
    weight: &FlexTensor,
    reused: bool,
    epilogue: RowEpilogue<'_>,
) -> Vec<f32> {
    let geometry = geometry.flattened();
    let pass = Pass::forward(&geometry);
    let correlator = Correlator::forward(pass, geometry.batch, lanes(), weight, reused, epilogue);
    let len = geometry.batch * pass.groups * pass.outputs * pass.output_plane();
    let mut output = Vec::with_capacity(len);
    let spare = &mut output.spare_capacity_mut()[..len];
    match correlator.separate_panels(geometry.batch) {
        Some(panels) => by_panels(&correlator, panels, x, spare),
        None => by_images(&correlator, x, spare),
    }
    // SAFETY: both ways hand all of `spare` to the correlator, in parts that are whole images or whole panels, and the
    // correlator writes all elements of what it is handed.
    unsafe { output.set_len(len) };
    output
}

fn by_images(correlator: &Correlator<'_>, x: &[f32], output: &mut [MaybeUninit<f32>]) {
    let (pass, images) = (correlator.pass(), correlator.images());
    let from = images * pass.groups * pass.inputs * pass.input_plane();
    let to = images * pass.groups * pass.outputs * pass.output_plane();
    if output.len() * pass.depth() < SERIAL_BELOW {
        x.chunks(from).zip(output.chunks_mut(to)).for_each(|(x, output)| correlator.run(x, output));
    } else {
        let parts = x.par_chunks(from).zip(output.par_chunks_mut(to));
        parts.for_each(|(x, output)| correlator.run(x, output));
    }
}

fn by_panels(correlator: &Correlator<'_>, panels: &[Panel], x: &[f32], output: &mut [MaybeUninit<f32>]) {
    let pass = correlator.pass();
    let parallel = output.len() * pass.depth() >= SERIAL_BELOW;
    let mut tasks = vec![];
    let mut rest = output;
    for x in x.chunks_exact(pass.groups * pass.inputs * pass.input_plane()) {
        for panel in panels {
            let (part, more) = rest.split_at_mut(panel.channels * pass.output_plane());
            rest = more;
            let x = &x[panel.group * pass.inputs * pass.input_plane()..][..pass.inputs * pass.input_plane()];
            tasks.push((std::slice::from_ref(panel), x, part));
        }
    }
    assert!(rest.is_empty(), "the panels are all outputs");
    if parallel {
        tasks.into_par_iter().for_each(|(panels, x, part)| correlator.run_panels(panels, x, part));
    } else {
        tasks.into_iter().for_each(|(panels, x, part)| correlator.run_panels(panels, x, part));
    }
}
