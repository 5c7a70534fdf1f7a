//! The competition of kernels at each step, for several groups at once.

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
    fn with_simd<S: Simd>(self, _: S) {
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
                        compete(&scratch.inputs, shift, source.len(), weights, &mut scratch.counts);
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

/// Of equal responses the first kernel takes the step.
#[inline(always)]
fn compete(
    inputs: &[Lanes],
    shift: usize,
    length: usize,
    weights: &[[Lanes; KERNEL_LENGTH]],
    counts: &mut [[Lanes; 2]],
) {
    for step in 0..length {
        let (mut most, mut least) = ([f32::NEG_INFINITY; LANES], [f32::INFINITY; LANES]);
        let (mut most_at, mut least_at) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        let mut at = 0.0_f32;
        for taps in weights {
            let mut response = [0.0_f32; LANES];
            for (tap, weights) in taps.iter().enumerate() {
                let inputs = &inputs[step + tap * shift];
                for lane in 0..LANES {
                    response[lane] += weights[lane] * inputs[lane];
                }
            }
            for lane in 0..LANES {
                most_at[lane] = if response[lane] > most[lane] { at } else { most_at[lane] };
                most[lane] = if response[lane] > most[lane] { response[lane] } else { most[lane] };
                least_at[lane] = if response[lane] < least[lane] { at } else { least_at[lane] };
                least[lane] = if response[lane] < least[lane] { response[lane] } else { least[lane] };
            }
            at += 1.0;
        }
        let mut at = 0.0_f32;
        for [largest, smallest] in &mut *counts {
            for lane in 0..LANES {
                largest[lane] += if most_at[lane] == at { most[lane] } else { 0.0 };
                smallest[lane] += if least_at[lane] == at { 1.0 } else { 0.0 };
            }
            at += 1.0;
        }
    }
}
