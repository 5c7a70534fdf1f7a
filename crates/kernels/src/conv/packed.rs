use pulp::Simd;

use super::pass::Pass;
use crate::flex::{Rows, transpose_into, transposed};

/// Output channels that are computed together: one, two or four vectors of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    pub(super) group: usize,
    /// First channel within the group.
    pub(super) first: usize,
    /// Channels, not more than there are lanes.
    pub(super) channels: usize,
    pub(super) vectors: usize,
    /// Where its weights begin, `[depth][vectors][lanes]`; also lane of all panels times depth.
    pub(super) start: usize,
}

/// The panels of all groups, one after the other, of `widest` vectors at most.
pub(super) fn panels(pass: &Pass, lanes: usize, widest: usize) -> Vec<Panel> {
    let mut panels = vec![];
    let mut start = 0;
    for group in 0..pass.groups {
        let mut first = 0;
        while first < pass.outputs {
            let left = pass.outputs - first;
            let vectors = match left.div_ceil(lanes) {
                4.. if widest >= 4 => 4,
                2.. if widest >= 2 => 2,
                _ => 1,
            };
            let channels = left.min(vectors * lanes);
            panels.push(Panel { group, first, channels, vectors, start });
            start += vectors * lanes * pass.depth();
            first += channels;
        }
    }
    panels
}

/// Elements of all panels of [`panels`].
pub(super) fn packed_len(pass: &Pass, panels: &[Panel], lanes: usize) -> usize {
    panels.last().map_or(0, |panel| panel.start + panel.vectors * lanes * pass.depth())
}

/// The weights `[outputs, inputs of a group, kernel]` in panels, for the forward pass.
pub(super) fn pack(pass: &Pass, panels: &[Panel], lanes: usize, weight: &[f32]) -> Vec<f32> {
    let depth = pass.depth();
    let mut packed = vec![0.0; packed_len(pass, panels, lanes)];
    for panel in panels {
        let width = panel.vectors * lanes;
        let rows = &weight[(panel.group * pass.outputs + panel.first) * depth..][..panel.channels * depth];
        let to = &mut packed[panel.start..][..width * depth];
        transposed(Rows { values: rows, stride: depth }, [panel.channels, depth], to, width);
    }
    packed
}

/// The weights of a convolution for the gradient of its input: inputs and outputs exchanged, the kernel turned.
pub(super) fn pack_turned(pass: &Pass, panels: &[Panel], lanes: usize, weight: &[f32]) -> Vec<f32> {
    let (depth, taps) = (pass.depth(), pass.kernel[0] * pass.kernel[1]);
    let mut packed = vec![0.0; packed_len(pass, panels, lanes)];
    for panel in panels {
        let width = panel.vectors * lanes;
        let to = &mut packed[panel.start..][..width * depth];
        for input in 0..pass.inputs {
            let from = &weight[(panel.group * pass.inputs + input) * pass.outputs * taps..];
            let from = from[panel.first * taps..].chunks_exact(taps).take(panel.channels);
            for (lane, kernel) in from.enumerate() {
                for (tap, &value) in kernel.iter().rev().enumerate() {
                    to[(input * taps + tap) * width + lane] = value;
                }
            }
        }
    }
    packed
}

/// As [`pack_turned`], in the order `[groups][outputs][inputs][kernel]` of the pass.
pub(super) fn turned(pass: &Pass, weight: &[f32]) -> Vec<f32> {
    let taps = pass.kernel[0] * pass.kernel[1];
    let mut turned = Vec::with_capacity(weight.len());
    for group in weight.chunks_exact(pass.inputs * pass.outputs * taps) {
        for output in 0..pass.outputs {
            for input in group.chunks_exact(pass.outputs * taps) {
                turned.extend(input[output * taps..][..taps].iter().rev());
            }
        }
    }
    turned
}

/// Writes the panels of a weight gradient in the order of the weights.
pub(super) fn unpack(pass: &Pass, panels: &[Panel], lanes: usize, packed: &[f32], gradient: &mut [f32]) {
    let depth = pass.depth();
    for panel in panels {
        let width = panel.vectors * lanes;
        let from = Rows { values: &packed[panel.start..][..width * depth], stride: width };
        let to =
            &mut gradient[(panel.group * pass.outputs + panel.first) * depth..][..panel.channels * depth];
        transposed(from, [depth, panel.channels], to, depth);
    }
}

/// Writes `planes` of `channels` as rows of `width` lanes, one for each of `elements`; lanes without a channel are 0.
#[inline(always)]
pub(super) fn lanes_first<S: Simd>(
    simd: S,
    planes: Rows<'_>,
    [channels, elements]: [usize; 2],
    to: &mut [f32],
    width: usize,
) {
    if channels < width {
        to[..elements * width].fill(0.0);
    }
    transpose_into(simd, planes, [channels, elements], to, width);
}
