//! How many operations the processor can do at most.

/// Floating-point operations per second that the threads of the calling thread's pool do together, where each does nothing but fused
/// multiplications and additions in the instructions that the kernels use: what a kernel's speed is a share of. Measured, in some
/// sixty milliseconds; `None` where there are no kernels for the processor.
///
/// ```
/// # #[cfg(feature = "flex")]
/// assert!(brasa_kernels::peak_flops().is_some_and(|peak| peak > 1e8));
/// ```
pub fn peak_flops() -> Option<f64> {
    #[cfg(feature = "flex")]
    return Some(flex::peak());
    #[cfg(not(feature = "flex"))]
    None
}

#[cfg(feature = "flex")]
mod flex {
    use std::hint::black_box;
    use std::time::{Duration, Instant};

    use pulp::{Simd, WithSimd};

    use crate::flex::{dispatch, lanes, mul_add, unrolled};

    /// Sums that do not wait for each other: more than twice as many as the steps that a product takes, and few enough for 16
    /// registers.
    const SUMS: usize = 12;

    /// Products of each sum between two looks at the clock.
    const ROUNDS: usize = 20_000;

    const TIME: Duration = Duration::from_millis(if cfg!(miri) { 0 } else { 20 });

    struct Products(f32);

    impl WithSimd for Products {
        type Output = f32;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> f32 {
            let (half, start) = (simd.splat_f32s(0.5), simd.splat_f32s(self.0));
            let mut sums = [start; SUMS];
            for _ in 0..if cfg!(miri) { 2 } else { ROUNDS } {
                unrolled!(i < SUMS, 14 => { sums[i] = mul_add(simd, sums[i], half, start); });
            }
            let all = sums.into_iter().fold(start, |all, sum| simd.add_f32s(all, sum));
            simd.reduce_sum_f32s(all)
        }
    }

    pub(super) fn peak() -> f64 {
        let once = || {
            let of_threads = rayon::broadcast(|_| {
                let (started, mut times) = (Instant::now(), 0_usize);
                while times == 0 || started.elapsed() < TIME {
                    black_box(dispatch(Products(black_box(1.0))));
                    times += 1;
                }
                let products = times * ROUNDS * SUMS * lanes();
                2.0 * products as f64 / started.elapsed().as_secs_f64()
            });
            of_threads.into_iter().sum::<f64>()
        };
        // Whatever else ran meanwhile makes it less, never more.
        (0..3).map(|_| once()).fold(0.0, f64::max)
    }
}
