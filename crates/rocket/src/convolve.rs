//! Convolutions with the fixed kernels by sums and shifts (Dempster et al. 2021): a kernel of six weights -1
//! and three of 2 is -1 everywhere, which all kernels share, plus 3 in three places. No multiplication per weight.

use crate::{KERNEL_LENGTH, Series};

/// One series at one dilation, from which each kernel takes its sums. Reused: it allocates only to grow.
#[derive(Debug, Default)]
pub(crate) struct Convolver {
    length: usize,
    shift: usize,
    /// 3x with zeros at both ends, `[channels][length + 8 shift]`.
    tripled: Vec<f32>,
    /// Minus the sum of the nine places of a kernel, `[channels][length]`.
    sums: Vec<f32>,
    output: Vec<f32>,
}

impl Convolver {
    #[inline(always)]
    pub(crate) fn load(&mut self, series: &Series<'_>, dilation: u32) {
        let length = series.len();
        // From a shift of the whole length on, only the middle weight meets the series.
        let shift = (dilation as usize).min(length);
        let padded = length + (KERNEL_LENGTH - 1) * shift;
        (self.length, self.shift) = (length, shift);
        self.tripled.clear();
        self.tripled.resize(series.channels() * padded, 0.0);
        self.sums.clear();
        self.sums.resize(series.channels() * length, 0.0);
        self.output.resize(length, 0.0);
        let rows = self.tripled.chunks_exact_mut(padded).zip(self.sums.chunks_exact_mut(length));
        for (channel, (row, sums)) in rows.enumerate() {
            row[KERNEL_LENGTH / 2 * shift..][..length].copy_from_slice(series.channel(channel));
            for tap in 0..KERNEL_LENGTH {
                sums.iter_mut().zip(&row[tap * shift..]).for_each(|(sum, value)| *sum -= value);
            }
            row.iter_mut().for_each(|value| *value *= 3.0);
        }
    }

    /// The convolution with one kernel, summed over `channels`, at every step of the series.
    #[inline(always)]
    pub(crate) fn kernel(&mut self, triple: [usize; 3], channels: &[u32]) -> &[f32] {
        let padded = self.length + (KERNEL_LENGTH - 1) * self.shift;
        let output = &mut self.output[..self.length];
        for (place, &channel) in channels.iter().enumerate() {
            let row = &self.tripled[channel as usize * padded..][..padded];
            let sums = &self.sums[channel as usize * self.length..][..self.length];
            let [a, b, c] = triple.map(|tap| &row[tap * self.shift..][..self.length]);
            let sums = sums.iter().zip(a).zip(b).zip(c).map(|(((sum, a), b), c)| sum + a + b + c);
            if place == 0 {
                output.iter_mut().zip(sums).for_each(|(output, sum)| *output = sum);
            } else {
                output.iter_mut().zip(sums).for_each(|(output, sum)| *output += sum);
            }
        }
        output
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::TRIPLES;

    /// The definition: nine weights, zeros beyond the ends.
    fn direct(series: &Series<'_>, triple: [usize; 3], dilation: usize, channels: &[u32]) -> Vec<f32> {
        let place = |step: usize| {
            let mut sum = 0.0;
            for &channel in channels {
                for tap in 0..9 {
                    let weight = if triple.contains(&tap) { 2.0 } else { -1.0 };
                    let at = (step + tap * dilation).checked_sub(4 * dilation);
                    let value = at.and_then(|at| series.channel(channel as usize).get(at));
                    sum += weight * value.copied().unwrap_or_default();
                }
            }
            sum
        };
        (0..series.len()).map(place).collect()
    }

    proptest! {
        #[test]
        fn sums_and_shifts_are_the_convolution(
            values in prop::collection::vec(-64_i8..64, 1..60),
            dilation in 1_u32..40,
            kernel in 0..84_usize,
            channels in prop::sample::subsequence(vec![0_u32, 1, 2], 1..=3),
        ) {
            // Eighths: every sum is exact, so that the order of adding does not matter.
            let values = values.iter().flat_map(|&one| [f32::from(one) / 8.0; 3]).collect::<Vec<_>>();
            let series = Series::new(&values, 3).unwrap();
            let mut convolver = Convolver::default();
            convolver.load(&Series::new(&[1.0; 80], 1).unwrap(), 5); // what is reused leaves no trace
            convolver.load(&series, dilation);
            let expected = direct(&series, TRIPLES[kernel], dilation as usize, &channels);
            prop_assert_eq!(convolver.kernel(TRIPLES[kernel], &channels), expected);
        }
    }
}
