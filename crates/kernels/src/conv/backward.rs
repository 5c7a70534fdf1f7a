use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::direct::Direct;
use super::geometry::Geometry;
use super::packed::{Panel, lanes, pack_turned, packed_len, panels, unpack};
use super::pass::{Band, Pass};
use super::weights::WeightGradient;
use crate::flex::{Kernel, vectorized, with_scratch};

/// Which gradients somebody asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) input: bool,
    pub(super) weight: bool,
    pub(super) bias: bool,
}

/// The gradients that were wanted, row-major.
pub(super) struct Gradients {
    pub(super) input: Option<Vec<f32>>,
    pub(super) weight: Option<Vec<f32>>,
    pub(super) bias: Option<Vec<f32>>,
}

/// Groups of images whose weight gradients are summed apart, and then in order: a number that does not depend on
/// the threads, so that neither do the sums.
const IMAGE_GROUPS: usize = 16;

/// Elements of all these weight gradients together that are worth their memory.
const SUMS: usize = 4 * 1024 * 1024;

/// `relu` is the output, if a ReLU formed it. No size is 0.
pub(super) fn gradients(
    geometry: &Geometry,
    wanted: Wanted,
    x: &[f32],
    weight: &[f32],
    relu: Option<&[f32]>,
    upstream: &[f32],
) -> Gradients {
    let geometry = geometry.flattened();
    let lanes = lanes();
    let forward = Pass::forward(&geometry);
    let turned = Pass::input_gradient(&geometry);
    let (forward_panels, turned_panels) = (panels(&forward, lanes), panels(&turned, lanes));
    let band = Band::new(&turned);
    let packed = if wanted.input { pack_turned(&turned, &turned_panels, lanes, weight) } else { Vec::new() };
    let task = Task {
        wanted,
        input: Direct {
            pass: turned,
            band,
            taps: &band.taps(&turned),
            lanes,
            weights: &packed,
            bias: None,
            relu: false,
        },
        input_panels: &turned_panels,
        weight: WeightGradient { pass: forward, band: Band::new(&forward), panels: &forward_panels, lanes },
    };

    let sums = packed_len(&forward, &forward_panels, lanes);
    let groups = IMAGE_GROUPS.min((SUMS / sums).max(2)).min(geometry.batch);
    let images = geometry.batch.div_ceil(groups);
    let image = geometry.inputs * forward.input_plane();
    let len = if wanted.input { geometry.batch * image } else { 0 };
    let mut input = Vec::with_capacity(len);
    let outputs = geometry.outputs * forward.output_plane();
    let mut spare = &mut input.spare_capacity_mut()[..len];
    let mut tasks = vec![];
    for (group, upstream) in upstream.chunks(images * outputs).enumerate() {
        let relu = relu.map(|relu| &relu[group * images * outputs..][..upstream.len()]);
        let x = &x[group * images * image..][..upstream.len() / outputs * image];
        let (part, rest) = spare.split_at_mut(if wanted.input { x.len() } else { 0 });
        spare = rest;
        tasks.push(Images { x, relu, upstream, input: part });
    }
    assert!(spare.is_empty(), "the groups are all images");
    let parts: Vec<Sums> = tasks.into_par_iter().map(|images| task.run(&geometry, sums, images)).collect();
    // SAFETY: the parts are all of `spare`, checked above, and `Task::run` writes the input gradient of each of its
    // images, all groups and channels.
    unsafe { input.set_len(len) };

    let (mut sums, mut bias) = (vec![], vec![]);
    for part in parts {
        add(&mut sums, part.weight);
        add(&mut bias, part.bias);
    }
    Gradients {
        input: wanted.input.then_some(input),
        weight: wanted.weight.then(|| {
            let mut gradient = vec![0.0; weight.len()];
            unpack(&forward, &forward_panels, lanes, &sums, &mut gradient);
            gradient
        }),
        bias: wanted.bias.then(|| bias.into_iter().map(|sum| sum as f32).collect()),
    }
}

fn add<T: Copy + std::ops::AddAssign>(total: &mut Vec<T>, more: Vec<T>) {
    if total.is_empty() {
        *total = more;
    } else {
        for (total, more) in total.iter_mut().zip(more) {
            *total += more;
        }
    }
}

/// A group of images.
struct Images<'a> {
    x: &'a [f32],
    relu: Option<&'a [f32]>,
    upstream: &'a [f32],
    input: &'a mut [MaybeUninit<f32>],
}

/// What a group of images adds to the gradients of the parameters.
struct Sums {
    weight: Vec<f32>,
    bias: Vec<f64>,
}

struct Task<'a> {
    wanted: Wanted,
    input: Direct<'a>,
    input_panels: &'a [Panel],
    weight: WeightGradient<'a>,
}

impl Task<'_> {
    /// Image by image, so that the upstream gradient is in the cache for all that is done with it.
    fn run(&self, geometry: &Geometry, sums: usize, images: Images<'_>) -> Sums {
        let Wanted { input, weight, bias } = self.wanted;
        let pass = self.weight.pass;
        let (outputs, inputs) =
            (geometry.outputs * pass.output_plane(), geometry.inputs * pass.input_plane());
        let mut total = Sums {
            weight: if weight { vec![0.0; sums] } else { vec![] },
            bias: if bias { vec![0.0; geometry.outputs] } else { vec![] },
        };
        with_scratch(outputs, |masked| {
            let mut rest = images.input;
            for (i, upstream) in images.upstream.chunks_exact(outputs).enumerate() {
                let upstream = match images.relu {
                    Some(relu) => {
                        vectorized(&Mask, 0, (&relu[i * outputs..][..outputs], upstream, &mut *masked));
                        &*masked
                    }
                    None => upstream,
                };
                vectorized(&PlaneSums(pass.output_plane()), 0, (upstream, &mut total.bias[..]));
                if input {
                    let (image, more) = rest.split_at_mut(inputs);
                    rest = more;
                    self.input_gradient(upstream, image);
                }
                if weight {
                    self.weight.image(&images.x[i * inputs..][..inputs], upstream, &mut total.weight);
                }
            }
        });
        total
    }

    fn input_gradient(&self, upstream: &[f32], image: &mut [MaybeUninit<f32>]) {
        let pass = self.input.pass;
        let upstream = upstream.chunks_exact(pass.inputs * pass.input_plane());
        let image = image.chunks_exact_mut(pass.outputs * pass.output_plane());
        let panels = self.input_panels.chunk_by(|a, b| a.group == b.group);
        for (panels, (upstream, image)) in panels.zip(upstream.zip(image)) {
            self.input.image(panels, upstream, image);
        }
    }
}

/// The upstream gradient where the output is not 0 or less.
struct Mask;

impl Kernel<(&[f32], &[f32], &mut [f32])> for Mask {
    #[inline(always)]
    fn run(&self, _: usize, (output, upstream, masked): (&[f32], &[f32], &mut [f32])) {
        for ((masked, &upstream), &output) in masked.iter_mut().zip(upstream).zip(output) {
            *masked = if output <= 0.0 { 0.0 } else { upstream };
        }
    }
}

/// Adds the sum of each plane, of so many elements.
struct PlaneSums(usize);

impl Kernel<(&[f32], &mut [f64])> for PlaneSums {
    #[inline(always)]
    fn run(&self, _: usize, (upstream, sums): (&[f32], &mut [f64])) {
        const WIDTH: usize = 16;
        for (plane, sum) in upstream.chunks_exact(self.0).zip(sums) {
            // Side by side, because the compiler may not reorder one sum.
            let mut lanes = [0.0f32; WIDTH];
            let (wholes, rest) = plane.as_chunks::<WIDTH>();
            for values in wholes {
                for (lane, value) in lanes.iter_mut().zip(values) {
                    *lane += value;
                }
            }
            *sum += lanes.iter().chain(rest).map(|&value| f64::from(value)).sum::<f64>();
        }
    }
}
