//! 3 x 3 kernels by the minimal algorithm `F(4x4, 3x3)` ([Lavin and Gray 2015](https://arxiv.org/abs/1509.09308)): a
//! quarter of the products of the definition. Tiles of six by six inputs and of the weights are transformed,
//! multiplied point by point (a matrix product over the channels for each of the 36 points), and transformed back
//! to four by four outputs. The gradient of the weights is the same sum, transposed.

mod block;
mod product;
mod transform;
mod weights;

use std::ops::Range;

use pulp::{Simd, WithSimd};

pub(super) use block::{Correlation, WeightSums};
pub(super) use weights::{inverse_gradient, transformed, transformed_len};

use super::pass::Pass;
use crate::flex::dispatch;
use transform::{OUT, POINTS};

/// Images below which the transforms of the weights cost more than the fewer products save.
pub(super) const BATCH: usize = 4;

/// Outputs below which reading four times as many weights costs more than the fewer products save.
const OUTPUTS: usize = 4 * OUT * OUT;

/// Channels of either side below which the transforms cost more than the fewer products save.
const CHANNELS: usize = 16;

/// Whether this is the way to compute `pass`, where the transforms of its weights are `kept` or to be made.
pub(super) fn fits(pass: &Pass, batch: usize, kept: bool) -> bool {
    pass.kernel == [3, 3]
        && pass.stride == [1, 1]
        && pass.spread == [1, 1]
        && pass.groups == 1
        && pass.inputs.min(pass.outputs) >= CHANNELS
        && pass.output_plane() >= OUT * OUT
        && (batch >= BATCH || kept && batch * pass.output_plane() >= OUTPUTS)
}

/// Vectors of the widest panel: with 16 registers, six rows of sums of two vectors are faster than three of four.
pub(super) fn widest() -> usize {
    struct Widest;
    impl WithSimd for Widest {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            if S::REGISTER_COUNT < 32 { 2 } else { 4 }
        }
    }
    dispatch(Widest)
}

/// How the images are cut into tiles, and the tiles into blocks whose transforms stay in the cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiling {
    /// Tiles along each axis of an output.
    tiles: [usize; 2],
    /// Whole images of a block, 1 if it is a part of one.
    pub(super) images: usize,
    /// Rows of tiles of a block.
    rows: usize,
    /// Vectors for the channels.
    inputs: usize,
    outputs: usize,
}

/// Elements of the transforms of a block: half of a second-level cache.
const TRANSFORMS: usize = 112 * 1024;

/// Tiles of a block, whatever the cache: fewer would not pay for reading the weights.
const TILES: usize = 36;

impl Tiling {
    pub(super) fn new(pass: &Pass, lanes: usize) -> Self {
        let tiles = pass.output.map(|size| size.div_ceil(OUT));
        let (inputs, outputs) = (pass.inputs.div_ceil(lanes), pass.outputs.div_ceil(lanes));
        let most = (TRANSFORMS / (POINTS * (inputs + outputs) * lanes)).max(TILES);
        let rows = (most / tiles[1]).clamp(1, tiles[0]);
        let rows = tiles[0].div_ceil(tiles[0].div_ceil(rows));
        let images = if rows == tiles[0] { (most / (rows * tiles[1])).max(1) } else { 1 };
        Self { tiles, images, rows, inputs, outputs }
    }

    /// The rows of tiles of each block of an image.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (rows, all) = (self.rows, self.tiles[0]);
        (0..all).step_by(rows).map(move |first| first..(first + rows).min(all))
    }

    /// Most tiles of a block.
    fn most(&self) -> usize {
        self.images * self.rows * self.tiles[1]
    }

    /// Vectors from one point to the next for `vectors` of channels: one more than needed, because points at a distance
    /// of a power of two would share their place in the cache.
    fn point(&self, vectors: usize) -> usize {
        self.most() * vectors + 1
    }
}
