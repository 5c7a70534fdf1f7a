//! The four pooling operators of MultiRocket (Tan et al. 2022, section 3.2), for several kernels at once.

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
pub(crate) fn pool(values: &[Lanes], biases: &Lanes) -> [Lanes; OPERATORS] {
    let (mut above, mut sum, mut places) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    let (mut last, mut longest) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    let mut step = 0.0_f32;
    for values in values {
        for lane in 0..LANES {
            let (value, bias) = (values[lane], biases[lane]);
            let one = if value > bias { 1.0_f32 } else { 0.0 };
            above[lane] += one;
            places[lane] += one * step;
            sum[lane] += one * (value + bias);
            let stretch = step - last[lane];
            let ends = value < bias;
            let ended = if ends { stretch } else { 0.0 };
            longest[lane] = if ended > longest[lane] { ended } else { longest[lane] };
            last[lane] = if ends { step } else { last[lane] };
        }
        step += 1.0;
    }
    let mut pooled = [[0.0; LANES]; OPERATORS];
    for lane in 0..LANES {
        let stretch = step - 1.0 - last[lane];
        pooled[0][lane] = above[lane] / step;
        pooled[1][lane] = if stretch > longest[lane] { stretch } else { longest[lane] };
        pooled[2][lane] = if above[lane] > 0.0 { sum[lane] / above[lane] } else { 0.0 };
        pooled[3][lane] = if above[lane] > 0.0 { places[lane] / above[lane] } else { -1.0 };
    }
    pooled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            let pooled = pool(&values, &biases);
            for lane in 0..LANES {
                let column = values.iter().map(|lanes| lanes[lane]).collect::<Vec<_>>();
                let found = pooled.map(|operator| operator[lane]);
                prop_assert_eq!(found, plain(&column, biases[lane]));
            }
        }
    }
}
