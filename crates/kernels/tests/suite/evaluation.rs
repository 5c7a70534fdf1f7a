//! Batch norm by running statistics, in a pass of its own and in that of a convolution: against Burn's primitives.
#![cfg(feature = "flex")]

use crate::common;

use brasa_kernels::{ConvOptions, Epilogue, batch_norm_infer, conv2d, conv2d_scaled};
use burn::tensor::module::batch_norm;
use burn::tensor::{Device, Tensor};
use common::{assert_close, len, tensor, uniform, values};

fn vector(len: usize, low: f32, high: f32, seed: u64, device: &Device) -> Tensor<1> {
    tensor(&uniform(len, low, high, seed), [len], device)
}

fn norm_agrees<const D: usize>(shape: [usize; D], device: &Device) {
    let x = tensor(&uniform(len(shape), -3.0, 5.0, 1), shape, device);
    let channels = shape[1];
    let [gamma, beta, mean] = [2, 3, 4].map(|seed| vector(channels, -1.0, 2.0, seed, device));
    let variance = vector(channels, 0.01, 4.0, 5, device);
    let args = (gamma, beta, mean, variance);
    let ours =
        batch_norm_infer(x.clone(), args.0.clone(), args.1.clone(), args.2.clone(), args.3.clone(), 1e-5);
    let expected = batch_norm(x, args.0, args.1, args.2, args.3, 1e-5);
    assert_close(&values(ours), &values(expected), 2e-5, 2e-5, &format!("{shape:?}"));
}

#[test]
fn batch_norm_by_given_statistics_agrees_with_burn() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        norm_agrees([5, 7], &device);
        norm_agrees([3, 4, 9], &device);
        norm_agrees([2, 5, 13, 11], &device);
        norm_agrees([40, 32, 24, 24], &device);
    }
}

/// Every method of the convolution: direct, columns in the lanes, and Winograd.
#[test]
fn a_scaled_convolution_is_a_convolution_then_scaled() {
    use Epilogue::{None, Relu};
    let cases = [
        ([2, 3, 9, 11], [20, 3, 3, 3], 1),
        ([2, 20, 9, 17], [20, 1, 3, 3], 20),
        ([3, 8, 6, 40], [3, 8, 3, 3], 1),
        ([5, 19, 13, 9], [37, 19, 3, 3], 1),
        ([2, 24, 7, 7], [48, 24, 1, 1], 1),
        ([2, 12, 9, 11], [40, 6, 3, 3], 2),
    ];
    for device in [Device::flex(), Device::flex().autodiff()] {
        for (shape, kernels, groups) in cases {
            for (epilogue, last) in [(None, None), (None, Relu), (Relu, None), (Relu, Relu)] {
                let x = tensor(&uniform(len(shape), -1.0, 1.0, 1), shape, &device);
                let weight = tensor(&uniform(len(kernels), -1.0, 1.0, 2), kernels, &device);
                let bias = Some(vector(kernels[0], -1.0, 1.0, 3, &device));
                let [scale, shift] = [4, 5].map(|seed| vector(kernels[0], -2.0, 2.0, seed, &device));
                let padding = [kernels[2] / 2; 2];
                let options = ConvOptions { padding, groups, epilogue, ..Default::default() };
                let ours = conv2d_scaled(
                    x.clone(),
                    weight.clone(),
                    bias.clone(),
                    options,
                    [scale.clone(), shift.clone()],
                    last,
                );
                let wide = |values: Tensor<1>| values.reshape([1, kernels[0], 1, 1]);
                let expected = conv2d(x, weight, bias, options) * wide(scale) + wide(shift);
                let expected = if last == Relu { expected.clamp_min(0.0) } else { expected };
                assert_close(&values(ours), &values(expected), 1e-5, 1e-5, &format!("{shape:?} {kernels:?}"));
            }
        }
    }
}

#[test]
#[should_panic(expected = "scale needs one element per output channel: 2, got 3")]
fn a_scale_for_other_channels_is_refused() {
    let device = Device::flex();
    let (x, weight) = (Tensor::<4>::zeros([1, 1, 3, 3], &device), Tensor::<4>::zeros([2, 1, 1, 1], &device));
    let (scale, shift) = (Tensor::<1>::zeros([3], &device), Tensor::<1>::zeros([2], &device));
    let _ = conv2d_scaled(x, weight, None, ConvOptions::default(), [scale, shift], Epilogue::None);
}
