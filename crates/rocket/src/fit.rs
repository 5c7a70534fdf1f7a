//! Drawing what a set of kernels learns from training series: channels and biases.

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::bank::Bank;
use crate::convolve::Convolver;
use crate::kernels::{TRIPLES, quantile, quantiles, spread};
use crate::series::reference_length;
use crate::{KERNELS, KernelParts, Result, Series, random};

/// Most channels that one combination adds up, as many as a kernel has weights.
const MOST_CHANNELS: usize = 9;

/// Fits kernels to series that all have `channels` channels.
pub(crate) fn fit_bank(
    series: &[Series<'_>],
    channels: usize,
    (features, max_dilations): (usize, usize),
    rng: &mut ChaCha8Rng,
) -> Result<Bank> {
    let reference = reference_length(series);
    let (dilations, features_per_dilation) = spread(reference, features, max_dilations);
    let combinations = dilations.len() * KERNELS;
    let mut parts = KernelParts {
        channels: channels as u32,
        alternate_padding: series.iter().all(|one| one.len() == reference),
        biases: quantiles(KERNELS * features_per_dilation.iter().sum::<u32>() as usize),
        dilations,
        features_per_dilation,
        ..KernelParts::default()
    };
    for _ in 0..combinations {
        let chosen = draw_channels(channels, rng);
        parts.channel_counts.push(chosen.len() as u32);
        parts.channel_indices.extend(chosen);
    }
    // Which series each combination looks at is drawn before the work is shared out among threads.
    let drawn = (0..combinations).map(|_| random::below(rng, series.len())).collect::<Vec<_>>();
    let bank = Bank::new(parts)?;
    let biases = drawn.par_iter().enumerate().map_init(Scratch::default, |scratch, (combination, &drawn)| {
        biases(&bank, combination, &series[drawn], scratch)
    });
    let biases = biases.collect::<Vec<_>>().concat();
    Bank::new(KernelParts { biases, ..bank.into() })
}

#[derive(Default)]
struct Scratch {
    convolver: Convolver,
    ascending: Vec<f32>,
}

/// Quantiles of the convolution of one series. The bank's biases hold which quantiles.
fn biases(bank: &Bank, combination: usize, series: &Series<'_>, scratch: &mut Scratch) -> Vec<f32> {
    let (dilation, kernel) = (combination / KERNELS, combination % KERNELS);
    scratch.convolver.load(series, bank.parts().dilations[dilation]);
    let output = scratch.convolver.kernel(TRIPLES[kernel], bank.channels_of(dilation, kernel));
    scratch.ascending.clear();
    scratch.ascending.extend_from_slice(output);
    scratch.ascending.sort_unstable_by(f32::total_cmp);
    let quantiles = &bank.parts().biases[bank.features_of(dilation, kernel)];
    quantiles.iter().map(|&share| quantile(&scratch.ascending, share)).collect()
}

/// Channels of one combination: 2^U, where U is uniform, so that few are likelier than many.
fn draw_channels(channels: usize, rng: &mut ChaCha8Rng) -> Vec<u32> {
    if channels == 1 {
        return vec![0];
    }
    let most = channels.min(MOST_CHANNELS);
    let exponent = random::uniform(rng) * libm::log2(most as f64 + 1.0);
    random::choose(rng, (libm::exp2(exponent) as usize).clamp(1, most), channels)
}
