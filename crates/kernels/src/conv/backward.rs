use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::geometry::Geometry;
use super::method::Correlator;
use super::pass::Pass;
use super::weight_gradient::WeightGradient;
use crate::batch_norm::{Denormalize, Dims};
use crate::flex::{Kernel, lanes, vectorized, with_scratch};

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
const SUMS: usize = 8 * 1024 * 1024;

/// What came behind the sums in the same operation. Backward, it is undone for a few images at a time, while they are in the
/// cache.
#[derive(Clone, Copy)]
pub(super) struct Behind<'a> {
    /// What was made of the sums.
    pub(super) output: &'a [f32],
    pub(super) relu: bool,
    /// The batch norm of `output`.
    pub(super) norm: Option<Denormalize<'a>>,
}

/// No size is 0.
pub(super) fn gradients(
    geometry: &Geometry,
    wanted: Wanted,
    x: &[f32],
    weight: &[f32],
    behind: Option<Behind<'_>>,
    upstream: &[f32],
) -> Gradients {
    let geometry = geometry.flattened();
    let lanes = lanes();
    let forward = Pass::forward(&geometry);
    let turned = Pass::input_gradient(&geometry);
    let input = wanted.input.then(|| Correlator::input_gradient(turned, geometry.batch, lanes, weight));
    let weights = WeightGradient::new(forward, geometry.batch, lanes);
    let task = Task { wanted, pass: forward, input, weights };

    let groups = (SUMS / task.weights.len()).clamp(1, IMAGE_GROUPS).min(geometry.batch);
    let images = geometry.batch.div_ceil(1 << groups.ilog2());
    let image = geometry.inputs * forward.input_plane();
    let len = if wanted.input { geometry.batch * image } else { 0 };
    let mut input = Vec::with_capacity(len);
    let outputs = geometry.outputs * forward.output_plane();
    let mut spare = &mut input.spare_capacity_mut()[..len];
    let mut tasks = vec![];
    for (group, upstream) in upstream.chunks(images * outputs).enumerate() {
        let behind = behind.map(|behind| behind.part(group * images * outputs, upstream.len()));
        let x = &x[group * images * image..][..upstream.len() / outputs * image];
        let (part, rest) = spare.split_at_mut(if wanted.input { x.len() } else { 0 });
        spare = rest;
        tasks.push(Images { x, behind, upstream, input: part });
    }
    assert!(spare.is_empty(), "the groups are all images");
    let parts: Vec<Sums> = tasks.into_par_iter().map(|images| task.run(images)).collect();
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
        weight: wanted.weight.then(|| task.weights.unpack(sums, weight.len())),
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
    behind: Option<Behind<'a>>,
    upstream: &'a [f32],
    input: &'a mut [MaybeUninit<f32>],
}

/// What a group of images adds to the gradients of the parameters.
struct Sums {
    weight: Vec<f32>,
    bias: Vec<f64>,
}

struct Task {
    wanted: Wanted,
    /// The forward pass.
    pass: Pass,
    input: Option<Correlator<'static>>,
    weights: WeightGradient,
}

impl Task {
    /// Few images at a time, so that the upstream gradient is in the cache for all that is done with it.
    fn run(&self, images: Images<'_>) -> Sums {
        let pass = self.pass;
        let outputs = pass.groups * pass.outputs * pass.output_plane();
        let inputs = pass.groups * pass.inputs * pass.input_plane();
        let mut total = Sums {
            weight: vec![0.0; if self.wanted.weight { self.weights.len() } else { 0 }],
            bias: vec![0.0; if self.wanted.bias { pass.groups * pass.outputs } else { 0 }],
        };
        let together = self.input.as_ref().map_or(1, Correlator::images).max(self.weights.images());
        with_scratch(together * outputs, |masked| {
            let mut rest = images.input;
            for (i, upstream) in images.upstream.chunks(together * outputs).enumerate() {
                let upstream = match images.behind {
                    Some(behind) => {
                        let masked = &mut masked[..upstream.len()];
                        behind.part(i * together * outputs, upstream.len()).undo(upstream, masked);
                        &*masked
                    }
                    None => upstream,
                };
                if self.wanted.bias {
                    for upstream in upstream.chunks_exact(outputs) {
                        vectorized(&PlaneSums(pass.output_plane()), 0, (upstream, &mut total.bias[..]));
                    }
                }
                let len = upstream.len() / outputs * inputs;
                if let Some(input) = &self.input {
                    let (part, more) = rest.split_at_mut(len);
                    rest = more;
                    for (upstream, part) in upstream
                        .chunks(input.images() * outputs)
                        .zip(part.chunks_mut(input.images() * inputs))
                    {
                        input.run(upstream, part);
                    }
                }
                if self.wanted.weight {
                    let x = &images.x[i * together * inputs..][..len];
                    let each = self.weights.images();
                    for (x, upstream) in x.chunks(each * inputs).zip(upstream.chunks(each * outputs)) {
                        self.weights.add(x, upstream, &mut total.weight);
                    }
                }
            }
        });
        total
    }
}

impl<'a> Behind<'a> {
    fn part(self, first: usize, len: usize) -> Self {
        Self { output: &self.output[first..][..len], ..self }
    }

    /// From the gradient of what it made to that of the sums; of whole images.
    fn undo(&self, upstream: &[f32], to: &mut [f32]) {
        match &self.norm {
            Some(norm) => vectorized(&Undo { norm, relu: self.relu }, 0, (self.output, upstream, to)),
            None if self.relu => vectorized(&Mask, 0, (self.output, upstream, to)),
            None => to.copy_from_slice(upstream),
        }
    }
}

/// Through a batch norm and, where there was one, a ReLU before it.
struct Undo<'a> {
    norm: &'a Denormalize<'a>,
    relu: bool,
}

impl Kernel<(&[f32], &[f32], &mut [f32])> for Undo<'_> {
    #[inline(always)]
    fn run(&self, _: usize, (output, upstream, to): (&[f32], &[f32], &mut [f32])) {
        let Dims { channels, inner } = self.norm.dims;
        let planes = output.chunks_exact(inner).zip(upstream.chunks_exact(inner));
        for (plane, ((x, upstream), to)) in planes.zip(to.chunks_exact_mut(inner)).enumerate() {
            let undo = self.norm.of_channel(plane % channels);
            for ((to, &upstream), &x) in to.iter_mut().zip(upstream).zip(x) {
                let gradient = undo(x, upstream);
                *to = if self.relu && x <= 0.0 { 0.0 } else { gradient };
            }
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
