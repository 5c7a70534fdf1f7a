use std::f32::consts::TAU;

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::{PeriodicWeights, reference};
use crate::flex::{
    Kernel, into_plain, into_tracked, math, on_flex, owned_contiguous, plain, tensor, tracked, vectorized,
};

pub(super) fn periodic(x: Tensor<2>, weights: PeriodicWeights) -> Tensor<2> {
    let [batch, _] = x.dims();
    let [features, dims, waves] = weights.weight.dims();
    let sizes = Sizes { batch, features, dims, waves };
    let PeriodicWeights { frequency, phase, weight, bias } = &weights;
    let all_on_flex = on_flex(&x) && on_flex(frequency) && on_flex(phase) && on_flex(weight) && on_flex(bias);
    if !all_on_flex || [batch, features, dims, waves].contains(&0) {
        return reference(x, weights);
    }
    let devices = [x.device(), frequency.device(), phase.device(), weight.device(), bias.device()];
    let mut strategies = devices.into_iter().map(|device| device.gradient_checkpointing_strategy());
    let strategy = strategies.find_map(|strategy| strategy);
    let PeriodicWeights { frequency, phase, weight, bias } = weights;
    let Some(strategy) = strategy else {
        let tables = [into_plain(frequency), into_plain(phase), into_plain(weight), into_plain(bias)];
        return plain(forward(&transposed(&into_plain(x), sizes), &tables, sizes));
    };
    let (x, x_node) = into_tracked(x).into_parts();
    let (frequency, frequency_node) = into_tracked(frequency).into_parts();
    let (phase, phase_node) = into_tracked(phase).into_parts();
    let (weight, weight_node) = into_tracked(weight).into_parts();
    let (bias, bias_node) = into_tracked(bias).into_parts();
    let x = transposed(&owned_contiguous(x), sizes);
    let tables = [frequency, phase, weight, bias].map(owned_contiguous);
    let output = forward(&x, &tables, sizes);
    let nodes = [x_node, frequency_node, phase_node, weight_node, bias_node];
    let output = match PeriodicBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(operation) => operation.finish(Saved { x, tables, sizes }, output),
        OpsKind::UnTracked(operation) => operation.finish(output),
    };
    tracked(output, strategy)
}

#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch: usize,
    features: usize,
    dims: usize,
    waves: usize,
}

/// Feature by feature, so that the rows of one lie side by side.
fn transposed(x: &FlexTensor, sizes: Sizes) -> Vec<f32> {
    turned(x.storage(), sizes.batch, sizes.features)
}

/// `[rows, columns]` as `[columns, rows]`.
fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut turned = vec![0.0; values.len()];
    for (column, to) in turned.chunks_exact_mut(rows).enumerate() {
        let from = values.iter().skip(column).step_by(columns);
        to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
    }
    turned
}

/// What one feature has of the tables `frequency`, `phase`, `weight` and `bias`.
#[derive(Clone, Copy)]
struct Feature<'a> {
    frequency: &'a [f32],
    phase: &'a [f32],
    weight: &'a [f32],
    bias: &'a [f32],
}

fn feature(tables: &[FlexTensor; 4], of: usize, sizes: Sizes) -> Feature<'_> {
    let [frequency, phase, weight, bias] = tables.each_ref().map(|table| table.storage::<f32>());
    let Sizes { dims, waves, .. } = sizes;
    let part = |table: &'_ [f32], len: usize| -> std::ops::Range<usize> {
        debug_assert!((of + 1) * len <= table.len());
        of * len..(of + 1) * len
    };
    Feature {
        frequency: &frequency[part(frequency, waves)],
        phase: &phase[part(phase, waves)],
        weight: &weight[part(weight, dims * waves)],
        bias: &bias[part(bias, dims)],
    }
}

/// Waves times rows below which one thread is as fast as two.
const SERIAL_BELOW: usize = 32 * 1024;

fn forward(x: &[f32], tables: &[FlexTensor; 4], sizes: Sizes) -> FlexTensor {
    let Sizes { batch, features, dims, waves } = sizes;
    // `[features, dims, batch]`.
    let mut numbers = vec![0.0_f32; features * dims * batch];
    let of_feature = |(of, (x, numbers)): (usize, (&[f32], &mut [f32]))| {
        vectorized(&Forward(feature(tables, of, sizes)), 0, (x, numbers));
    };
    if x.len() * waves < SERIAL_BELOW {
        x.chunks_exact(batch).zip(numbers.chunks_exact_mut(dims * batch)).enumerate().for_each(of_feature);
    } else {
        let parts = x.par_chunks_exact(batch).zip(numbers.par_chunks_exact_mut(dims * batch));
        parts.enumerate().for_each(of_feature);
    }
    tensor(turned(&numbers, features * dims, batch), [batch, features * dims])
}

struct Forward<'a>(Feature<'a>);

impl Kernel<(&[f32], &mut [f32])> for Forward<'_> {
    #[inline(always)]
    fn run(&self, _: usize, (x, numbers): (&[f32], &mut [f32])) {
        let Feature { frequency, phase, weight, bias } = self.0;
        let waves = frequency.len();
        for (numbers, &bias) in numbers.chunks_exact_mut(x.len()).zip(bias) {
            numbers.fill(bias);
        }
        let mut wave = vec![0.0_f32; x.len()];
        for (k, (&frequency, &phase)) in frequency.iter().zip(phase).enumerate() {
            let turn = TAU * frequency;
            for (wave, &x) in wave.iter_mut().zip(x) {
                *wave = math::sin_cos(x * turn + phase).1;
            }
            for (numbers, weight) in numbers.chunks_exact_mut(x.len()).zip(weight.chunks_exact(waves)) {
                let weight = weight[k];
                for (number, &wave) in numbers.iter_mut().zip(&wave) {
                    *number += wave * weight;
                }
            }
        }
    }
}

/// What the backward pass needs; `x` is `[features, batch]`, the tables are contiguous.
#[derive(Clone, Debug)]
struct Saved {
    x: Vec<f32>,
    tables: [FlexTensor; 4],
    sizes: Sizes,
}

#[derive(Debug)]
struct PeriodicBackward;

impl Backward<Flex, 5> for PeriodicBackward {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let Saved { x, tables, sizes } = ops.state;
        let Sizes { batch, features, dims, waves } = sizes;
        let upstream = turned(upstream.storage(), batch, features * dims);
        let mut of_x = vec![0.0_f32; features * batch];
        // Of each feature: frequencies, phases, weights, biases.
        let width = 2 * waves + dims * waves + dims;
        let mut of_tables = vec![0.0_f32; features * width];
        let of_feature = |(of, ((x, g), (of_x, of_tables))): (usize, FeatureBuffers<'_>)| {
            vectorized(&Gradient(feature(&tables, of, sizes)), 0, ((x, g), (of_x, of_tables)));
        };
        if x.len() * waves < SERIAL_BELOW {
            let read = x.chunks_exact(batch).zip(upstream.chunks_exact(dims * batch));
            let written = of_x.chunks_exact_mut(batch).zip(of_tables.chunks_exact_mut(width));
            read.zip(written).enumerate().for_each(of_feature);
        } else {
            let read = x.par_chunks_exact(batch).zip(upstream.par_chunks_exact(dims * batch));
            let written = of_x.par_chunks_exact_mut(batch).zip(of_tables.par_chunks_exact_mut(width));
            read.zip(written).enumerate().for_each(of_feature);
        }
        let table = |start: usize, len: usize| {
            of_tables
                .chunks_exact(width)
                .flat_map(|of| &of[start..start + len])
                .copied()
                .collect::<Vec<f32>>()
        };
        let [x_node, frequency_node, phase_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = x_node {
            grads.register::<Flex>(node.id, tensor(turned(&of_x, features, batch), [batch, features]));
        }
        if let Some(node) = frequency_node {
            grads.register::<Flex>(node.id, tensor(table(0, waves), [features, waves]));
        }
        if let Some(node) = phase_node {
            grads.register::<Flex>(node.id, tensor(table(waves, waves), [features, waves]));
        }
        if let Some(node) = weight_node {
            grads.register::<Flex>(node.id, tensor(table(2 * waves, dims * waves), [features, dims, waves]));
        }
        if let Some(node) = bias_node {
            grads.register::<Flex>(node.id, tensor(table((2 + dims) * waves, dims), [features, dims]));
        }
    }
}

type Read<'a> = (&'a [f32], &'a [f32]);
type Written<'a> = (&'a mut [f32], &'a mut [f32]);
type FeatureBuffers<'a> = (Read<'a>, Written<'a>);

struct Gradient<'a>(Feature<'a>);

impl Kernel<(Read<'_>, Written<'_>)> for Gradient<'_> {
    #[inline(always)]
    fn run(&self, _: usize, ((x, upstream), (of_x, of_tables)): (Read<'_>, Written<'_>)) {
        let Feature { frequency, phase, weight, bias } = self.0;
        let (waves, batch) = (frequency.len(), x.len());
        let (of_frequency, rest) = of_tables.split_at_mut(waves);
        let (of_phase, rest) = rest.split_at_mut(waves);
        let (of_weight, of_bias) = rest.split_at_mut(bias.len() * waves);
        for (of, upstream) in of_bias.iter_mut().zip(upstream.chunks_exact(batch)) {
            *of = sum(upstream);
        }
        let (mut wave, mut slope) = (vec![0.0_f32; batch], vec![0.0_f32; batch]);
        let mut of_wave = vec![0.0_f32; batch];
        for (k, (&frequency, &phase)) in frequency.iter().zip(phase).enumerate() {
            let turn = TAU * frequency;
            for ((wave, slope), &x) in wave.iter_mut().zip(&mut slope).zip(x) {
                let (sin, cos) = math::sin_cos(x * turn + phase);
                (*wave, *slope) = (cos, -sin);
            }
            of_wave.fill(0.0);
            for (dim, upstream) in upstream.chunks_exact(batch).enumerate() {
                let weight = weight[dim * waves + k];
                of_weight[dim * waves + k] = dot(upstream, &wave);
                of_wave.iter_mut().zip(upstream).for_each(|(of, g)| *of += g * weight);
            }
            of_wave.iter_mut().zip(&slope).for_each(|(of, slope)| *of *= slope);
            of_phase[k] = sum(&of_wave);
            of_frequency[k] = TAU * dot(&of_wave, x);
            of_x.iter_mut().zip(&of_wave).for_each(|(of_x, of)| *of_x += of * turn);
        }
    }
}

/// Sums run in lanes side by side, because the compiler may not reorder one sum.
const WIDTH: usize = 16;

#[inline(always)]
fn total(lanes: [f32; WIDTH]) -> f32 {
    lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>() as f32
}

#[inline(always)]
fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; WIDTH];
    for values in values.chunks(WIDTH) {
        lanes.iter_mut().zip(values).for_each(|(lane, value)| *lane += value);
    }
    total(lanes)
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; WIDTH];
    for (a, b) in a.chunks(WIDTH).zip(b.chunks(WIDTH)) {
        lanes.iter_mut().zip(a.iter().zip(b)).for_each(|(lane, (a, b))| *lane += a * b);
    }
    total(lanes)
}
