use std::mem::MaybeUninit;

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::reference;
use crate::flex::{
    CHUNK, Kernel, constant, for_each_chunk, into_plain, into_tracked, on_flex, owned_contiguous, plain,
    tensor, tracked, vectorized,
};

pub(super) fn residual_relu(maps: Tensor<4>, weights: Option<Tensor<2>>, short: Tensor<4>) -> Tensor<4> {
    let shape = maps.dims();
    if shape.contains(&0) || !(on_flex(&maps) && on_flex(&short) && weights.as_ref().is_none_or(on_flex)) {
        return reference(maps, weights, short);
    }
    let devices = [Some(maps.device()), Some(short.device()), weights.as_ref().map(Tensor::device)];
    let mut strategies = devices.into_iter().flatten().map(|d| d.gradient_checkpointing_strategy());
    let Some(strategy) = strategies.find_map(|strategy| strategy) else {
        let (maps, weights, short) = (into_plain(maps), weights.map(into_plain), into_plain(short));
        return plain(output(&maps, weights.as_ref(), &short, shape));
    };
    let (maps, maps_node) = into_tracked(maps).into_parts();
    let (short, short_node) = into_tracked(short).into_parts();
    let has_weights = weights.is_some();
    let weights = weights.map_or_else(|| constant(tensor(vec![], [0])), into_tracked);
    let (weights, weights_node) = weights.into_parts();
    let (maps, short, weights) = (owned_contiguous(maps), owned_contiguous(short), owned_contiguous(weights));
    let weighted = has_weights.then_some((maps.clone(), weights));
    let output = output(&maps, weighted.as_ref().map(|(_, weights)| weights), &short, shape);
    let nodes = [maps_node, weights_node, short_node];
    let output = match ResidualBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(operation) => {
            let saved = Saved { weighted, output: output.clone(), shape };
            operation.finish(saved, output)
        }
        OpsKind::UnTracked(operation) => operation.finish(output),
    };
    tracked(output, strategy)
}

/// All contiguous.
fn output(
    maps: &FlexTensor,
    weights: Option<&FlexTensor>,
    short: &FlexTensor,
    shape: [usize; 4],
) -> FlexTensor {
    let (maps, short) = (maps.storage::<f32>(), short.storage::<f32>());
    let len = maps.len();
    let mut output = Vec::with_capacity(len);
    let spare = &mut output.spare_capacity_mut()[..len];
    let plane = shape[2] * shape[3];
    match weights {
        Some(weights) => {
            let weights = weights.storage();
            for_each_chunk(&Weighted { weights, plane }, plane, (maps, short, spare));
        }
        None => for_each_chunk(&Plain, 1, (maps, short, spare)),
    }
    // SAFETY: `spare` is the first `len` elements of the buffer. `for_each_chunk` hands all of them to a kernel, in parts
    // of whole planes as `len` is, cut as `maps` and `short` are; each writes one element for each of `maps`.
    unsafe { output.set_len(len) };
    tensor(output, shape)
}

/// What is read twice and what is written.
type Fresh<'a> = (&'a [f32], &'a [f32], &'a mut [MaybeUninit<f32>]);

/// NaN stays NaN.
#[inline(always)]
fn rectified(sum: f32) -> f32 {
    if sum <= 0.0 { 0.0 } else { sum }
}

struct Plain;

impl Kernel<Fresh<'_>> for Plain {
    #[inline(always)]
    fn run(&self, _: usize, (maps, short, y): Fresh<'_>) {
        for (y, (&x, &short)) in y.iter_mut().zip(maps.iter().zip(short)) {
            y.write(rectified(x + short));
        }
    }
}

/// One weight for each plane.
struct Weighted<'a> {
    weights: &'a [f32],
    plane: usize,
}

impl Kernel<Fresh<'_>> for Weighted<'_> {
    #[inline(always)]
    fn run(&self, start: usize, (maps, short, y): Fresh<'_>) {
        let planes = maps.chunks_exact(self.plane).zip(short.chunks_exact(self.plane));
        let weights = &self.weights[start / self.plane..];
        for (&weight, (y, (maps, short))) in weights.iter().zip(y.chunks_exact_mut(self.plane).zip(planes)) {
            for (y, (&x, &short)) in y.iter_mut().zip(maps.iter().zip(short)) {
                y.write(rectified(x * weight + short));
            }
        }
    }
}

/// What the backward pass needs; all contiguous.
#[derive(Clone, Debug)]
struct Saved {
    /// The maps and their weights.
    weighted: Option<(FlexTensor, FlexTensor)>,
    output: FlexTensor,
    shape: [usize; 4],
}

#[derive(Debug)]
struct ResidualBackward;

impl Backward<Flex, 3> for ResidualBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let mut upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let Saved { weighted, output, shape } = ops.state;
        let [maps_node, weights_node, short_node] = ops.parents;
        match weighted {
            Some((maps, weights)) => {
                let (maps_gradient, weights_gradient) = weighted_gradients(
                    upstream.storage_mut(),
                    output.storage(),
                    maps.storage(),
                    weights.storage(),
                    shape[2] * shape[3],
                );
                if let Some(node) = weights_node {
                    grads.register::<Flex>(node.id, tensor(weights_gradient, [shape[0], shape[1]]));
                }
                if let Some(node) = maps_node {
                    grads.register::<Flex>(node.id, tensor(maps_gradient, shape));
                }
            }
            None => {
                for_each_chunk(&Mask, 1, (output.storage(), upstream.storage_mut()));
                if let Some(node) = maps_node {
                    grads.register::<Flex>(node.id, upstream.clone());
                }
            }
        }
        if let Some(node) = short_node {
            grads.register::<Flex>(node.id, upstream);
        }
    }
}

struct Mask;

impl Kernel<(&[f32], &mut [f32])> for Mask {
    #[inline(always)]
    fn run(&self, _: usize, (output, upstream): (&[f32], &mut [f32])) {
        for (g, &y) in upstream.iter_mut().zip(output) {
            *g = if y <= 0.0 { 0.0 } else { *g };
        }
    }
}

/// Masks `upstream` by the ReLU; answers the gradients of maps and weights.
fn weighted_gradients(
    upstream: &mut [f32],
    output: &[f32],
    maps: &[f32],
    weights: &[f32],
    plane: usize,
) -> (Vec<f32>, Vec<f32>) {
    let planes = CHUNK.div_ceil(plane);
    let mut gradient = vec![0.0; maps.len()];
    let mut sums = vec![0.0; weights.len()];
    let read =
        (output.par_chunks(planes * plane), maps.par_chunks(planes * plane), weights.par_chunks(planes));
    let written = (
        upstream.par_chunks_mut(planes * plane),
        gradient.par_chunks_mut(planes * plane),
        sums.par_chunks_mut(planes),
    );
    read.into_par_iter().zip(written).for_each(|(read, written)| {
        vectorized(&Gradient(plane), 0, (read, written));
    });
    (gradient, sums)
}

type Read<'a> = (&'a [f32], &'a [f32], &'a [f32]);
type Written<'a> = (&'a mut [f32], &'a mut [f32], &'a mut [f32]);

/// Of planes of so many elements.
struct Gradient(usize);

impl Kernel<(Read<'_>, Written<'_>)> for Gradient {
    #[inline(always)]
    fn run(&self, _: usize, ((output, maps, weights), (upstream, gradient, sums)): (Read<'_>, Written<'_>)) {
        const WIDTH: usize = 16;
        let planes = weights.iter().zip(sums).zip(output.chunks(self.0).zip(maps.chunks(self.0)));
        let written = upstream.chunks_mut(self.0).zip(gradient.chunks_mut(self.0));
        for (((&weight, sum), (output, maps)), (upstream, gradient)) in planes.zip(written) {
            // Side by side, because the compiler may not reorder one sum.
            let mut lanes = [0.0f32; WIDTH];
            let values = output.chunks(WIDTH).zip(maps.chunks(WIDTH));
            for ((output, maps), (upstream, gradient)) in
                values.zip(upstream.chunks_mut(WIDTH).zip(gradient.chunks_mut(WIDTH)))
            {
                for (((lane, (&y, &x)), g), to) in
                    lanes.iter_mut().zip(output.iter().zip(maps)).zip(upstream).zip(gradient)
                {
                    let masked = if y <= 0.0 { 0.0 } else { *g };
                    *g = masked;
                    *to = masked * weight;
                    *lane += masked * x;
                }
            }
            *sum = lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>() as f32;
        }
    }
}
