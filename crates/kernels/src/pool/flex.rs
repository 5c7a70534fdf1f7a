use std::mem::MaybeUninit;

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, Tensor, TensorData};
use rayon::prelude::*;

use super::max::{Max, MaxAlone, Place, ToPlaces};
use super::mean::{Mean, PlaneMean, PlaneUnmean, Unmean};
use super::over_time::{RowMax, ToPlace};
use super::windows::Windows;
use crate::flex::{
    CHUNK, Kernel, Routed, SERIAL_BELOW, on_flex, owned_contiguous, plain, route, tracked, vectorized,
};
use crate::{Mode, mode};

/// Whether there is a kernel for `x`.
pub(super) fn can<const D: usize>(x: &Tensor<D>) -> bool {
    mode() == Mode::Fast && on_flex(x) && !x.dims().contains(&0)
}

pub(super) fn max_pool2d(x: Tensor<4>, windows: Windows) -> Tensor<4> {
    let [batch, channels, ..] = x.dims();
    let output = [batch, channels, windows.output[0], windows.output[1]];
    let (from, to) = (windows.input_plane(), windows.output_plane());
    let alone = |x: &[f32]| map_planes(from, to, &MaxAlone(windows), x);
    if windows.area() <= usize::from(u8::MAX) {
        pool(x, output, alone, |x| maxima(from, to, Max(windows), x), |places| Undo::Max(windows, places))
    } else {
        pool(
            x,
            output,
            alone,
            |x| maxima(from, to, Max(windows), x),
            |places| Undo::LargeMax(windows, places),
        )
    }
}

pub(super) fn avg_pool2d(x: Tensor<4>, windows: Windows) -> Tensor<4> {
    let [batch, channels, ..] = x.dims();
    let output = [batch, channels, windows.output[0], windows.output[1]];
    let mean = |x: &[f32]| map_planes(windows.input_plane(), windows.output_plane(), &Mean(windows), x);
    pool(x, output, mean, |x| (mean(x), ()), |()| Undo::Mean(windows))
}

pub(super) fn global_avg_pool(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    let plane = height * width;
    let mean = |x: &[f32]| map_planes(plane, 1, &PlaneMean(plane), x);
    pool(x, [batch, channels], mean, |x| (mean(x), ()), |()| Undo::PlaneMean(plane))
}

pub(super) fn max_over_time(x: Tensor<3>) -> Tensor<2> {
    let [batch, channels, time] = x.dims();
    let with_places = |x: &[f32]| maxima(time, 1, RowMax(time), x);
    pool(x, [batch, channels], |x| with_places(x).0, with_places, |places| Undo::RowMax(time, places))
}

/// What the backward pass needs; `x` is not part of it.
#[derive(Clone, Debug)]
enum Undo {
    Max(Windows, Vec<u8>),
    LargeMax(Windows, Vec<u32>),
    Mean(Windows),
    PlaneMean(usize),
    RowMax(usize, Vec<u32>),
}

impl Undo {
    /// The gradient of the input.
    fn gradient(&self, upstream: &[f32]) -> Vec<f32> {
        match self {
            Self::Max(windows, places) => {
                spread(windows.input_plane(), windows.output_plane(), &ToPlaces(*windows), upstream, places)
            }
            Self::LargeMax(windows, places) => {
                spread(windows.input_plane(), windows.output_plane(), &ToPlaces(*windows), upstream, places)
            }
            Self::Mean(windows) => {
                map_planes(windows.output_plane(), windows.input_plane(), &Unmean(*windows), upstream)
            }
            Self::PlaneMean(plane) => map_planes(1, *plane, &PlaneUnmean(*plane), upstream),
            Self::RowMax(time, places) => spread(*time, 1, &ToPlace(*time), upstream, places),
        }
    }
}

/// Where a gradient is wanted, runs `forward`, which gives the output and what `undo` needs; otherwise `alone`, which gives the
/// output.
fn pool<const D: usize, const E: usize, T>(
    x: Tensor<D>,
    output: [usize; E],
    alone: impl FnOnce(&[f32]) -> Vec<f32>,
    forward: impl FnOnce(&[f32]) -> (Vec<f32>, T),
    undo: impl FnOnce(T) -> Undo,
) -> Tensor<E> {
    let input = Shape::new(x.dims());
    let pooled = |values: Vec<f32>| FlexTensor::from_data(TensorData::new(values, Shape::new(output)));
    match route(x) {
        // Only what `can` let through comes here.
        Routed::Other(x) => {
            let pooled = pooled(alone(FlexTensor::from_data(x.to_data()).storage()));
            Tensor::from_data(plain::<E>(pooled).into_data(), &x.device())
        }
        Routed::Plain(x) => plain(pooled(alone(owned_contiguous(x).storage()))),
        Routed::Tracked(x, strategy) => {
            let (x, node) = x.into_parts();
            let x = owned_contiguous(x);
            let operation = PoolBackward.prepare::<NoCheckpointing>([node]).compute_bound().stateful();
            let output = match operation {
                OpsKind::Tracked(operation) => {
                    let (values, rest) = forward(x.storage());
                    operation.finish((undo(rest), input), pooled(values))
                }
                OpsKind::UnTracked(operation) => operation.finish(pooled(alone(x.storage()))),
            };
            tracked(output, strategy)
        }
    }
}

#[derive(Debug)]
struct PoolBackward;

impl Backward<Flex, 1> for PoolBackward {
    type State = (Undo, Shape);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let (undo, shape) = ops.state;
        if let [Some(parent)] = ops.parents {
            let gradient = TensorData::new(undo.gradient(upstream.storage()), shape);
            grads.register::<Flex>(parent.id, FlexTensor::from_data(gradient));
        }
    }
}

/// Planes that one task takes; small ones are taken several at once.
fn planes_of_task(plane: usize) -> usize {
    match CHUNK.div_ceil(plane) {
        few @ ..16 => few,
        many => many.next_multiple_of(16),
    }
}

/// A plane of `to` elements for each plane of `from` elements, by a kernel that writes all of them.
fn map_planes<K>(from: usize, to: usize, kernel: &K, input: &[f32]) -> Vec<f32>
where
    K: for<'a> Kernel<(&'a [f32], &'a mut [MaybeUninit<f32>])>,
{
    let planes = input.len() / from;
    let mut output = Vec::with_capacity(planes * to);
    let spare = &mut output.spare_capacity_mut()[..planes * to];
    let each = planes_of_task(from.max(to));
    if planes * from.max(to) < SERIAL_BELOW {
        vectorized(kernel, 0, (input, spare));
    } else {
        let parts = input.par_chunks(each * from).zip(spare.par_chunks_mut(each * to));
        parts.for_each(|part| vectorized(kernel, 0, part));
    }
    // SAFETY: the parts are cut alike, so that together they are all planes of `spare`, and the kernels that are
    // passed here write every element of each output plane for which there is an input plane.
    unsafe { output.set_len(planes * to) };
    output
}

/// The maximum and its place for each window of each plane.
fn maxima<P: Place, K>(from: usize, to: usize, kernel: K, input: &[f32]) -> (Vec<f32>, Vec<P>)
where
    K: for<'a> Kernel<(&'a [f32], &'a mut [MaybeUninit<f32>], &'a mut [P])>,
{
    let planes = input.len() / from;
    let mut output = Vec::with_capacity(planes * to);
    let mut places = vec![P::default(); planes * to];
    let spare = &mut output.spare_capacity_mut()[..planes * to];
    let each = planes_of_task(from);
    if input.len() < SERIAL_BELOW {
        vectorized(&kernel, 0, (input, spare, &mut places[..]));
    } else {
        let parts = input.par_chunks(each * from).zip(spare.par_chunks_mut(each * to));
        parts
            .zip(places.par_chunks_mut(each * to))
            .for_each(|((input, output), places)| vectorized(&kernel, 0, (input, output, places)));
    }
    // SAFETY: as in `map_planes`; the kernels write the maximum of every window.
    unsafe { output.set_len(planes * to) };
    (output, places)
}

/// The reverse of [`maxima`]: planes of `to` elements from upstream gradients of `from` elements.
fn spread<P: Place, K>(to: usize, from: usize, kernel: &K, upstream: &[f32], places: &[P]) -> Vec<f32>
where
    K: for<'a> Kernel<(&'a [f32], &'a [P], &'a mut [MaybeUninit<f32>])>,
{
    let planes = upstream.len() / from;
    let mut gradient = Vec::with_capacity(planes * to);
    let spare = &mut gradient.spare_capacity_mut()[..planes * to];
    let each = planes_of_task(to);
    if planes * to < SERIAL_BELOW {
        vectorized(kernel, 0, (upstream, places, spare));
    } else {
        let parts = upstream.par_chunks(each * from).zip(places.par_chunks(each * from));
        parts
            .zip(spare.par_chunks_mut(each * to))
            .for_each(|((upstream, places), gradient)| vectorized(kernel, 0, (upstream, places, gradient)));
    }
    // SAFETY: as in `map_planes`; the kernels write every element of the planes.
    unsafe { gradient.set_len(planes * to) };
    gradient
}
