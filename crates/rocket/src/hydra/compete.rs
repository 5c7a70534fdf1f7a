//! The competition of kernels at each step, for several groups at once.

use std::array;

use pulp::{Simd, WithSimd};

use super::{HydraParts, SOURCES};
use crate::{KERNEL_LENGTH, Series};

/// Groups that are computed at once.
const LANES: usize = 16;

type Lanes = [f32; LANES];

/// Weights with groups side by side: `[dilations][series, difference][blocks of groups][kernels][9][lanes]`, zeros for the groups
/// that the last block lacks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Packed(Vec<[Lanes; KERNEL_LENGTH]>);

impl Packed {
    pub(super) fn new(parts: &HydraParts) -> Self {
        let (groups, kernels) = (parts.groups as usize, parts.kernels as usize);
        let mut packed = Vec::new();
        for source in parts.weights.chunks_exact(groups * kernels * KERNEL_LENGTH) {
            for block in source.chunks(LANES * kernels * KERNEL_LENGTH) {
                for kernel in 0..kernels {
                    let mut taps = [[0.0; LANES]; KERNEL_LENGTH];
                    for (lane, group) in block.chunks_exact(kernels * KERNEL_LENGTH).enumerate() {
                        let weights = &group[kernel * KERNEL_LENGTH..][..KERNEL_LENGTH];
                        taps.iter_mut().zip(weights).for_each(|(tap, &weight)| tap[lane] = weight);
                    }
                    packed.push(taps);
                }
            }
        }
        Self(packed)
    }
}

#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// What each group sees, with zeros at both ends: `[length + 8 shift][lanes]`.
    inputs: Vec<Lanes>,
    /// `[kernels][largest, smallest]`.
    counts: Vec<[Lanes; 2]>,
}

/// One series and its difference, compiled for each instruction set.
pub(super) struct Competition<'a> {
    pub(super) parts: &'a HydraParts,
    pub(super) packed: &'a Packed,
    pub(super) sources: [Series<'a>; SOURCES],
    pub(super) scratch: &'a mut Scratch,
    pub(super) row: &'a mut [f32],
}

impl WithSimd for Competition<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { parts, packed, sources, scratch, row } = self;
        let [groups, kernels, per_group] =
            [parts.groups, parts.kernels, parts.channels_per_group].map(|count| count as usize);
        let each = groups * kernels;
        let mut weights = packed.0.chunks_exact(kernels);
        let mut channels = parts.channel_indices.chunks_exact(groups * per_group);
        let mut rows = row.chunks_exact_mut(2 * each);
        for &dilation in &parts.dilations {
            for (source, ((channels, row), _)) in
                sources.iter().zip(channels.by_ref().zip(&mut rows).zip(0..SOURCES))
            {
                // Further apart, only the middle weight meets the series.
                let shift = (dilation as usize).min(source.len());
                let (largest, smallest) = row.split_at_mut(each);
                for (block, channels) in channels.chunks(LANES * per_group).enumerate() {
                    load(&mut scratch.inputs, source, shift, channels.chunks_exact(per_group));
                    scratch.counts.clear();
                    scratch.counts.resize(kernels, [[0.0; LANES]; 2]);
                    if let Some(weights) = weights.next() {
                        let size = (shift, source.len());
                        compete(simd, &scratch.inputs, size, weights, &mut scratch.counts);
                    }
                    for lane in 0..channels.len() / per_group {
                        for (kernel, counts) in scratch.counts.iter().enumerate() {
                            let feature = (block * LANES + lane) * kernels + kernel;
                            largest[feature] = counts[0][lane];
                            smallest[feature] = counts[1][lane];
                        }
                    }
                }
            }
        }
    }
}

/// Adds up the channels of each group.
#[inline(always)]
fn load<'a>(
    inputs: &mut Vec<Lanes>,
    source: &Series<'_>,
    shift: usize,
    groups: impl Iterator<Item = &'a [u32]>,
) {
    inputs.clear();
    inputs.resize(source.len() + (KERNEL_LENGTH - 1) * shift, [0.0; LANES]);
    for (lane, channels) in groups.enumerate() {
        for &channel in channels {
            let values = source.channel(channel as usize);
            let inputs = &mut inputs[KERNEL_LENGTH / 2 * shift..];
            inputs.iter_mut().zip(values).for_each(|(lanes, value)| lanes[lane] += value);
        }
    }
}

/// Of equal responses the first kernel takes the step. Products and sums are not fused, so that each processor finds the same.
#[inline(always)]
fn compete<S: Simd>(
    simd: S,
    inputs: &[Lanes],
    (shift, length): (usize, usize),
    weights: &[[Lanes; KERNEL_LENGTH]],
    counts: &mut [[Lanes; 2]],
) {
    let [zero, one] = [0.0, 1.0].map(|number| simd.splat_f32s(number));
    for vector in 0..LANES / S::F32_LANES {
        let part = |lanes: &Lanes| S::as_simd_f32s(lanes).0[vector];
        for step in 0..length {
            let taps: [S::f32s; KERNEL_LENGTH] = array::from_fn(|tap| part(&inputs[step + tap * shift]));
            let [mut most, mut least] =
                [f32::NEG_INFINITY, f32::INFINITY].map(|number| simd.splat_f32s(number));
            let [mut most_at, mut least_at, mut kernel] = [zero; 3];
            for weights in weights {
                let products =
                    taps.iter().zip(weights).map(|(&tap, weight)| simd.mul_f32s(tap, part(weight)));
                let response = products.fold(zero, |sum, product| simd.add_f32s(sum, product));
                let more = simd.greater_than_f32s(response, most);
                most = simd.select_f32s(more, response, most);
                most_at = simd.select_f32s(more, kernel, most_at);
                let less = simd.less_than_f32s(response, least);
                least = simd.select_f32s(less, response, least);
                least_at = simd.select_f32s(less, kernel, least_at);
                kernel = simd.add_f32s(kernel, one);
            }
            let mut kernel = zero;
            for [largest, smallest] in &mut *counts {
                let [largest, smallest] =
                    [largest, smallest].map(|lanes| &mut S::as_mut_simd_f32s(lanes).0[vector]);
                let takes = simd.equal_f32s(most_at, kernel);
                *largest = simd.add_f32s(*largest, simd.select_f32s(takes, most, zero));
                let takes = simd.equal_f32s(least_at, kernel);
                *smallest = simd.add_f32s(*smallest, simd.select_f32s(takes, one, zero));
                kernel = simd.add_f32s(kernel, one);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Hydra, HydraConfig};

    #[test]
    fn plain_code_finds_the_same_bits() {
        let values = (0..120).map(|at| (at as f32 * 0.7).sin() + (at % 7) as f32).collect::<Vec<_>>();
        let series = Series::new(&values, 3).unwrap();
        let config = HydraConfig { kernels: 5, groups: 38, max_channels: 2 };
        let hydra = Hydra::fit(&[series], &config, 1).unwrap();
        let mut row = vec![0.0; hydra.features()];
        let mut kept = Vec::new();
        let competition = Competition {
            parts: &hydra.parts,
            packed: &hydra.packed,
            sources: [series, series.difference(&mut kept)],
            scratch: &mut Scratch::default(),
            row: &mut row,
        };
        pulp::Scalar::new().vectorize(competition);
        assert!(hydra.transform(&[series]).unwrap() == row);
    }
}
