//! Which elements are dropped: a function of a seed and of their positions.

/// What decides about every element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mask {
    seed: u64,
    /// An element is dropped if its 32-bit draw is below this.
    threshold: u32,
    scale: f32,
}

/// Elements that share a key.
pub(super) const BLOCK: usize = if cfg!(miri) { 16 } else { 4096 };

impl Mask {
    pub(super) fn new(p: f64, seed: u64) -> Self {
        let threshold = (p * 2f64.powi(32)).round().min(f64::from(u32::MAX)) as u32;
        Self { seed, threshold, scale: (1.0 / (1.0 - p)) as f32 }
    }

    /// What the elements of a block are multiplied with, in a part that begins at element `start`.
    #[inline(always)]
    pub(super) fn factors(&self, start: usize, block: usize) -> impl Iterator<Item = f32> {
        let key = split_mix(self.seed, (start / BLOCK + block) as u64);
        let (first, second) = (key as u32, (key >> 32) as u32);
        (0..BLOCK as u32)
            .map(move |i| if draw(i, first, second) >= self.threshold { self.scale } else { 0.0 })
    }

    /// What the elements are multiplied with, from the first on, without an end.
    pub(super) fn all_factors(&self) -> impl Iterator<Item = f32> {
        (0..).flat_map(move |block| self.factors(0, block))
    }
}

/// 32 bits for element `i` of a block with this key: the multiply-xorshift hash of
/// [C. Wellons' search](https://nullprogram.com/blog/2018/07/31/), with half of the key before and half
/// between its rounds.
#[inline(always)]
fn draw(i: u32, first: u32, second: u32) -> u32 {
    let mut h = i.wrapping_add(first);
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h = h.wrapping_add(second).wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

/// The `index`-th output of SplitMix64 seeded with `seed`
/// ([Steele et al. 2014](https://doi.org/10.1145/2660193.2660195)), after mixing the seed, so that
/// neighbouring seeds share no keys.
fn split_mix(seed: u64, index: u64) -> u64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    finalize(finalize(seed.wrapping_add(GOLDEN)).wrapping_add(GOLDEN.wrapping_mul(index.wrapping_add(1))))
}

fn finalize(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
