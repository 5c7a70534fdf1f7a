use std::ops::Range;

use super::geometry::Geometry;

/// A correlation of padded planes with kernels: the forward pass, or the input gradient, which is the correlation
/// of the upstream gradient with the turned kernels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    /// Channels of one group.
    pub(super) inputs: usize,
    /// Channels of one group.
    pub(super) outputs: usize,
    pub(super) groups: usize,
    pub(super) size: [usize; 2],
    /// Where the plane begins in the padded plane; what comes before the padded plane is cut off.
    pub(super) offset: [isize; 2],
    /// Distance of neighbours of the plane in the padded plane, zeros between them.
    pub(super) spread: [usize; 2],
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) output: [usize; 2],
}

impl Pass {
    pub(super) fn forward(geometry: &Geometry) -> Self {
        Self {
            inputs: geometry.inputs / geometry.groups,
            outputs: geometry.outputs / geometry.groups,
            groups: geometry.groups,
            size: geometry.size,
            offset: geometry.padding.map(usize::cast_signed),
            spread: [1, 1],
            kernel: geometry.kernel,
            stride: geometry.stride,
            output: geometry.output,
        }
    }

    /// From the gradient of the output to the gradient of the input.
    pub(super) fn input_gradient(geometry: &Geometry) -> Self {
        let offset =
            [0, 1].map(|axis| geometry.kernel[axis].cast_signed() - 1 - geometry.padding[axis].cast_signed());
        Self {
            inputs: geometry.outputs / geometry.groups,
            outputs: geometry.inputs / geometry.groups,
            groups: geometry.groups,
            size: geometry.output,
            offset,
            spread: geometry.stride,
            kernel: geometry.kernel,
            stride: [1, 1],
            output: geometry.size,
        }
    }

    /// Products per output element.
    pub(super) fn depth(&self) -> usize {
        self.inputs * self.kernel[0] * self.kernel[1]
    }

    pub(super) fn input_plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    pub(super) fn output_plane(&self) -> usize {
        self.output[0] * self.output[1]
    }
}

/// Elements of the padded planes of a band: half of a small second-level cache.
const BAND: usize = 64 * 1024;

/// A band of output rows with the padded input rows that they need, for all channels of a group. With a stride along
/// the width, the columns are sorted by their remainder, so that neighbours for the kernel are neighbours in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    /// Output rows, fewer in the last band.
    pub(super) outputs: usize,
    /// Padded input rows.
    pub(super) rows: usize,
    /// Columns with the same remainder.
    width: usize,
    phases: usize,
}

impl Band {
    pub(super) fn new(pass: &Pass) -> Self {
        let phases = pass.stride[1];
        let width = ((pass.output[1] - 1) * pass.stride[1] + pass.kernel[1]).div_ceil(phases);
        let row = width * phases * pass.inputs;
        let rows_at_most = (BAND / row.max(1)).max(pass.kernel[0]);
        let outputs = ((rows_at_most - pass.kernel[0]) / pass.stride[0] + 1).min(pass.output[0]);
        // As equal as possible.
        let outputs = pass.output[0].div_ceil(pass.output[0].div_ceil(outputs));
        let rows = (outputs - 1) * pass.stride[0] + pass.kernel[0];
        Self { outputs, rows, width, phases }
    }

    /// Elements of one padded row.
    pub(super) fn row(&self) -> usize {
        self.width * self.phases
    }

    /// Elements of one channel.
    pub(super) fn plane(&self) -> usize {
        self.rows * self.row()
    }

    /// Where the product of a tap with the first output of the band finds its input.
    pub(super) fn tap(&self, channel: usize, [row, column]: [usize; 2]) -> usize {
        channel * self.plane() + row * self.row() + column % self.phases * self.width + column / self.phases
    }

    /// [`Band::tap`] of every tap, in the order of the weights.
    pub(super) fn taps(&self, pass: &Pass) -> Vec<usize> {
        let [height, width] = pass.kernel;
        let of_row = |row: usize| (0..width).map(move |column| (row / height, [row % height, column]));
        (0..pass.inputs * height).flat_map(of_row).map(|(channel, tap)| self.tap(channel, tap)).collect()
    }

    /// How many of [`Band::taps`] find their inputs side by side, each time.
    pub(super) fn taps_together(&self, pass: &Pass) -> usize {
        if self.phases == 1 { pass.kernel[1] } else { 1 }
    }

    pub(super) fn all(&self, pass: &Pass) -> impl Iterator<Item = Range<usize>> + use<> {
        let (outputs, height) = (self.outputs, pass.output[0]);
        (0..height).step_by(outputs).map(move |first| first..(first + outputs).min(height))
    }

    /// Fills `padded` with the rows of `planes` that the outputs from row `first` on need.
    #[inline(always)]
    pub(super) fn fill(&self, pass: &Pass, first: usize, planes: &[f32], padded: &mut [f32]) {
        let plane = pass.input_plane();
        for (channel, padded) in padded.chunks_exact_mut(self.plane()).take(pass.inputs).enumerate() {
            let source = &planes[channel * plane..][..plane];
            for (row, padded) in padded.chunks_exact_mut(self.row()).enumerate() {
                let row = (first * pass.stride[0] + row).cast_signed() - pass.offset[0];
                match within(row, pass.spread[0], pass.size[0]) {
                    Some(row) => self.fill_row(pass, &source[row * pass.size[1]..][..pass.size[1]], padded),
                    None => padded.fill(0.0),
                }
            }
        }
    }

    #[inline(always)]
    fn fill_row(&self, pass: &Pass, source: &[f32], padded: &mut [f32]) {
        let offset = pass.offset[1];
        if self.phases == 1 && pass.spread[1] == 1 {
            let source = &source[source.len().min((-offset).max(0).cast_unsigned())..];
            let lead = padded.len().min(offset.max(0).cast_unsigned());
            let (before, rest) = padded.split_at_mut(lead);
            let (within, after) = rest.split_at_mut(rest.len().min(source.len()));
            before.fill(0.0);
            within.copy_from_slice(&source[..within.len()]);
            after.fill(0.0);
        } else if pass.spread[1] == 1 {
            for (phase, padded) in padded.chunks_exact_mut(self.width).enumerate() {
                // The first element of the phase that is not padding, and its column.
                let lead = (offset - phase.cast_signed()).max(0).cast_unsigned().div_ceil(self.phases);
                let (before, rest) = padded.split_at_mut(padded.len().min(lead));
                before.fill(0.0);
                let column = ((lead * self.phases + phase).cast_signed() - offset).max(0).cast_unsigned();
                let source = source.get(column..).unwrap_or_default();
                let (within, after) = rest.split_at_mut(rest.len().min(source.len().div_ceil(self.phases)));
                after.fill(0.0);
                if self.phases == 2 {
                    every_second(source, within);
                } else {
                    within.iter_mut().zip(source.iter().step_by(self.phases)).for_each(|(to, &x)| *to = x);
                }
            }
        } else {
            for (phase, padded) in padded.chunks_exact_mut(self.width).enumerate() {
                for (i, padded) in padded.iter_mut().enumerate() {
                    let column = (i * self.phases + phase).cast_signed() - offset;
                    *padded = within(column, pass.spread[1], source.len()).map_or(0.0, |i| source[i]);
                }
            }
        }
    }
}

/// The first of each two, and of what is left.
#[inline(always)]
fn every_second(source: &[f32], to: &mut [f32]) {
    let (pairs, rest) = source.as_chunks::<2>();
    let (wholes, last) = to.split_at_mut(pairs.len().min(to.len()));
    wholes.iter_mut().zip(pairs).for_each(|(to, pair)| *to = pair[0]);
    last.iter_mut().zip(rest).for_each(|(to, &x)| *to = x);
}

/// Which of `size` elements at a distance of `spread` lies at `position`.
#[inline(always)]
fn within(position: isize, spread: usize, size: usize) -> Option<usize> {
    let position = usize::try_from(position).ok()?;
    (position.is_multiple_of(spread) && position / spread < size).then(|| position / spread)
}
