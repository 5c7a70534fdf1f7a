//! The four pooling operators of MultiRocket (Tan et al. 2022), for several kernels at once.

use std::array;

use pulp::Simd;

/// Kernels that are pooled at once.
pub(crate) const LANES: usize = 16;

/// One number per kernel.
pub(crate) type Lanes = [f32; LANES];

/// Number of pooling operators.
pub(crate) const OPERATORS: usize = 4;

/// Share of values above the bias, their longest stretch, the mean of value and bias summed, the mean index. As the
/// authors' program has them: a stretch is the distance of two values below the bias, or of one and an end; without a value above the
/// bias the mean is 0 and the mean index -1. Counts are exact up to 2^24 steps.
#[inline(always)]
pub(crate) fn pool<S: Simd>(simd: S, values: &[Lanes], biases: &Lanes) -> [Lanes; OPERATORS] {
    // Steps above the bias, longest stretch, sum, sum of places, last step below the bias.
    let mut totals = [[0.0; LANES]; OPERATORS + 1];
    let [zero, one] = [0.0, 1.0].map(|number| simd.splat_f32s(number));
    for (vector, &bias) in S::as_simd_f32s(biases).0.iter().enumerate() {
        let [mut above, mut longest, mut sum, mut places, mut last, mut step] = [zero; 6];
        for lanes in values {
            let value = S::as_simd_f32s(lanes).0[vector];
            let is_above = simd.greater_than_f32s(value, bias);
            let ends = simd.less_than_f32s(value, bias);
            above = simd.add_f32s(above, simd.select_f32s(is_above, one, zero));
            places = simd.add_f32s(places, simd.select_f32s(is_above, step, zero));
            sum = simd.add_f32s(sum, simd.select_f32s(is_above, simd.add_f32s(value, bias), zero));
            longest = simd.max_f32s(longest, simd.select_f32s(ends, simd.sub_f32s(step, last), zero));
            last = simd.select_f32s(ends, step, last);
            step = simd.add_f32s(step, one);
        }
        for (lanes, total) in totals.iter_mut().zip([above, longest, sum, places, last]) {
            S::as_mut_simd_f32s(lanes).0[vector] = total;
        }
    }
    let [above, longest, sum, places, last] = totals;
    let steps = values.len() as f32;
    let mean = |total: f32, above: f32, none: f32| if above > 0.0 { total / above } else { none };
    [
        above.map(|above| above / steps),
        array::from_fn(|lane| longest[lane].max(steps - 1.0 - last[lane])),
        array::from_fn(|lane| mean(sum[lane], above[lane], 0.0)),
        array::from_fn(|lane| mean(places[lane], above[lane], -1.0)),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulp::{Arch, WithSimd};

    use super::*;

    struct Pool<'a>(&'a [Lanes], &'a Lanes);

    impl WithSimd for Pool<'_> {
        type Output = [Lanes; OPERATORS];

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            pool(simd, self.0, self.1)
        }
    }

    /// The authors' loop.
    fn plain(values: &[f32], bias: f32) -> [f32; 4] {
        let (mut count, mut last, mut longest, mut places, mut sum) = (0, 0, 0, 0, 0.0);
        for (step, &value) in values.iter().enumerate() {
            if value > bias {
                count += 1;
                places += step;
                sum += value + bias;
            } else if value < bias {
                longest = longest.max(step - last);
                last = step;
            }
        }
        longest = longest.max(values.len() - 1 - last);
        let mean = |sum: f32, none: f32| if count > 0 { sum / count as f32 } else { none };
        [count as f32 / values.len() as f32, longest as f32, mean(sum, 0.0), mean(places as f32, -1.0)]
    }

    proptest! {
        #[test]
        fn lanes_are_the_plain_loop(
            values in prop::collection::vec(prop::array::uniform16(-9_i8..9), 1..50),
            biases in prop::array::uniform16(-9_i8..9),
        ) {
            let values = values.iter().map(|lanes| lanes.map(|one| f32::from(one) / 2.0)).collect::<Vec<_>>();
            let biases = biases.map(|one| f32::from(one) / 2.0);
            let pooled = Arch::new().dispatch(Pool(&values, &biases));
            prop_assert_eq!(pooled, pool(pulp::Scalar::new(), &values, &biases));
            for lane in 0..LANES {
                let column = values.iter().map(|lanes| lanes[lane]).collect::<Vec<_>>();
                let found = pooled.map(|operator| operator[lane]);
                prop_assert_eq!(found, plain(&column, biases[lane]));
            }
        }
    }
}
