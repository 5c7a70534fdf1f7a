use std::ops::Range;

use super::PoolOptions;

/// The sizes of a pooling that fits together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    /// Images times channels.
    pub(super) planes: usize,
    pub(super) size: [usize; 2],
    pub(super) output: [usize; 2],
    pub(super) options: PoolOptions<2>,
}

#[cfg_attr(not(feature = "flex"), allow(dead_code))]
impl Windows {
    /// # Panics
    ///
    /// If the sizes do not fit together.
    pub(super) fn new([batch, channels, height, width]: [usize; 4], options: PoolOptions<2>) -> Self {
        let PoolOptions { kernel, stride, padding } = options;
        assert!(stride.iter().all(|&stride| stride > 0), "a stride is at least 1, got {stride:?}");
        assert!(
            (0..2).all(|axis| padding[axis] <= kernel[axis] / 2),
            "the padding {padding:?} is more than half of the window {kernel:?}"
        );
        let padded = [height + 2 * padding[0], width + 2 * padding[1]];
        assert!(
            (0..2).all(|axis| 0 < kernel[axis] && kernel[axis] <= padded[axis]),
            "the window {kernel:?} does not fit into the padded input {padded:?}"
        );
        let output = [0, 1].map(|axis| (padded[axis] - kernel[axis]) / stride[axis] + 1);
        Self { planes: batch * channels, size: [height, width], output, options }
    }

    pub(super) fn input_plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    pub(super) fn output_plane(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Elements of a window, padding included.
    pub(super) fn area(&self) -> usize {
        self.options.kernel[0] * self.options.kernel[1]
    }

    /// Whether the windows are 2 x 2, side by side.
    pub(super) fn are_quarters(&self) -> bool {
        let PoolOptions { kernel, stride, padding } = self.options;
        kernel == [2, 2] && stride == [2, 2] && padding == [0, 0]
    }

    /// Whether they are, in rows of so few that these had better be taken together.
    pub(super) fn are_short_quarters(&self) -> bool {
        self.are_quarters() && self.output[1] < 64
    }

    /// The input rows of the windows of output row `row`, each with its row in the window.
    #[inline(always)]
    pub(super) fn rows(&self, row: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (padding, size) = (self.options.padding[0], self.size[0]);
        let first = row * self.options.stride[0];
        (0..self.options.kernel[0]).filter_map(move |i| {
            (first + i).checked_sub(padding).filter(|&row| row < size).map(|row| (i, row))
        })
    }

    /// The output columns whose windows have an input in their column `j`, and the first of these inputs.
    #[inline(always)]
    pub(super) fn columns(&self, j: usize) -> (Range<usize>, usize) {
        let (stride, padding) = (self.options.stride[1], self.options.padding[1]);
        let first = padding.saturating_sub(j).div_ceil(stride).min(self.output[1]);
        let end = (self.size[1] + padding).saturating_sub(j).div_ceil(stride).min(self.output[1]);
        (first..end.max(first), (first * stride + j).saturating_sub(padding))
    }
}
