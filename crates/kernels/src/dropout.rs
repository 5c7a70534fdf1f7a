//! Dropout without a generator's state.

use burn::tensor::{Distribution, Tensor};

use crate::Mode;

/// Sets each element to zero with probability `p` and multiplies the others by `1/(1-p)`
/// ([Srivastava et al. 2014](https://jmlr.org/papers/v15/srivastava14a.html)).
///
/// On flex with `f32` the draw is a function of `seed` and the element's position alone: the same for any number
/// of threads and on every processor, and the backward pass draws again instead of storing a mask. Give every
/// layer and every step its own seed. Elsewhere, and in [`Mode::Reference`], the draws come from Burn's own
/// generator for the device, and `seed` has no effect.
///
/// It is always active: leave the call out when evaluating. NaN stays NaN also where it is dropped, as with a
/// mask.
///
/// # Shapes
///
/// Any shape; the output has the same.
///
/// # Panics
///
/// If `p` is not in `[0, 1]`.
///
/// ```
/// use brasa_kernels::dropout;
/// use burn::tensor::{Device, Tensor};
///
/// let ones = Tensor::<2>::ones([100, 100], &Device::flex());
/// let dropped = dropout(ones.clone(), 0.25, 42);
/// let kept = dropped.clone().sum().into_scalar::<f32>() * 0.75;
/// assert!((kept - 7500.0).abs() < 200.0);
/// assert_eq!(dropped.into_data(), dropout(ones, 0.25, 42).into_data());
/// ```
pub fn dropout<const D: usize>(x: Tensor<D>, p: f64, seed: u64) -> Tensor<D> {
    assert!((0.0..=1.0).contains(&p), "the dropout probability must be in [0, 1], got {p}");
    if p == 0.0 {
        return x;
    }
    if p == 1.0 {
        return x.mul_scalar(0.0);
    }
    match crate::mode() {
        Mode::Reference => reference(x, p),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::dropout(x, p, seed),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => {
            let _ = seed;
            reference(x, p)
        }
    }
}

fn reference<const D: usize>(x: Tensor<D>, p: f64) -> Tensor<D> {
    let kept = x.random_like(Distribution::Bernoulli(1.0 - p));
    x * kept.mul_scalar(1.0 / (1.0 - p))
}

#[cfg(feature = "flex")]
mod flex {
    use std::mem::MaybeUninit;

    use burn::backend::Flex;
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::flex::FlexTensor;
    use burn::tensor::{Tensor, TensorData};

    use crate::flex::{CHUNK, Kernel, Routed, for_each_chunk, owned_contiguous, plain, route, tracked};

    pub(super) fn dropout<const D: usize>(x: Tensor<D>, p: f64, seed: u64) -> Tensor<D> {
        let mask = Mask::new(p, seed);
        match route(x) {
            Routed::Other(x) => super::reference(x, p),
            Routed::Plain(x) => plain(mask.apply(x)),
            Routed::Tracked(x, strategy) => {
                let (x, node) = x.into_parts();
                let operation = DropoutBackward.prepare::<NoCheckpointing>([node]).compute_bound().stateful();
                let output = match operation {
                    OpsKind::Tracked(operation) => operation.finish(mask, mask.apply(x)),
                    OpsKind::UnTracked(operation) => operation.finish(mask.apply(x)),
                };
                tracked(output, strategy)
            }
        }
    }

    #[derive(Debug)]
    struct DropoutBackward;

    impl Backward<Flex, 1> for DropoutBackward {
        type State = Mask;

        fn backward(self, ops: Ops<Mask, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
            let upstream = grads.consume::<Flex>(&ops.node);
            if let [Some(parent)] = ops.parents {
                grads.register::<Flex>(parent.id, ops.state.apply(upstream));
            }
        }
    }

    /// What decides about every element.
    #[derive(Clone, Copy, Debug)]
    struct Mask {
        seed: u64,
        /// An element is dropped if its 32-bit draw is below this.
        threshold: u32,
        scale: f32,
    }

    /// Elements that share a key. Divides [`CHUNK`], so that every part begins with a block.
    const BLOCK: usize = if cfg!(miri) { 16 } else { 4096 };
    const _: () = assert!(CHUNK.is_multiple_of(BLOCK));

    impl Mask {
        fn new(p: f64, seed: u64) -> Self {
            let threshold = (p * 2f64.powi(32)).round().min(f64::from(u32::MAX)) as u32;
            Self { seed, threshold, scale: (1.0 / (1.0 - p)) as f32 }
        }

        /// In place where nobody else holds `x`.
        fn apply(&self, x: FlexTensor) -> FlexTensor {
            let mut x = owned_contiguous(x);
            if let Some(values) = x.try_storage_mut::<f32>() {
                for_each_chunk(self, 1, values);
                return x;
            }
            let values = x.storage::<f32>();
            let mut output = Vec::with_capacity(values.len());
            let spare = &mut output.spare_capacity_mut()[..values.len()];
            for_each_chunk(self, 1, (values, spare));
            // SAFETY: `spare` is the first `values.len()` elements of the buffer. `for_each_chunk` hands all of them
            // to the kernel, in parts that are cut as `values` is, and the kernel checks that a part is as long as
            // its input and writes one element for each.
            unsafe { output.set_len(values.len()) };
            FlexTensor::from_data(TensorData::new(output, x.layout().shape().clone()))
        }

        /// What the elements of a block are multiplied with, in a part that begins at element `start`.
        #[inline(always)]
        fn factors(&self, start: usize, block: usize) -> impl Iterator<Item = f32> {
            let key = split_mix(self.seed, (start / BLOCK + block) as u64);
            let (first, second) = (key as u32, (key >> 32) as u32);
            (0..BLOCK as u32)
                .map(move |i| if draw(i, first, second) >= self.threshold { self.scale } else { 0.0 })
        }
    }

    impl Kernel<(&[f32], &mut [MaybeUninit<f32>])> for Mask {
        #[inline(always)]
        fn run(&self, start: usize, (x, y): (&[f32], &mut [MaybeUninit<f32>])) {
            assert_eq!(x.len(), y.len());
            for (block, (x, y)) in x.chunks(BLOCK).zip(y.chunks_mut(BLOCK)).enumerate() {
                for ((y, x), factor) in y.iter_mut().zip(x).zip(self.factors(start, block)) {
                    y.write(x * factor);
                }
            }
        }
    }

    impl Kernel<&mut [f32]> for Mask {
        #[inline(always)]
        fn run(&self, start: usize, x: &mut [f32]) {
            for (block, x) in x.chunks_mut(BLOCK).enumerate() {
                for (x, factor) in x.iter_mut().zip(self.factors(start, block)) {
                    *x *= factor;
                }
            }
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
}
