//! The process-wide switch: one test, because every test of a binary shares it.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/optimizers.rs"]
mod fixtures;

use brasa_kernels::{
    ActivationKind, ConvOptions, Mode, PoolOptions, activation, avg_pool2d, batch_norm_train, conv1d, conv2d,
    dropout, global_avg_pool, max_over_time, max_pool2d, mode, set_mode,
};
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, uniform, values};

/// Output and gradient of one operation after the other.
fn chain() -> (Vec<f32>, Vec<f32>) {
    let device = Device::flex().autodiff();
    let x = tensor(&uniform(130, -2.0, 2.0, 1), [26, 5], &device).require_grad();
    let (y, ..) = batch_norm_train(x.clone(), Tensor::ones([5], &device), Tensor::zeros([5], &device), 1e-5);
    let y = activation(y, ActivationKind::Gelu);
    let gradients = (y.clone() * y.clone()).sum().backward();
    (values(y), values(x.grad(&gradients).unwrap()))
}

/// Output and gradient of convolutions and poolings in a row.
fn convolutions() -> (Vec<f32>, Vec<f32>) {
    let device = Device::flex().autodiff();
    let random = |len, seed| uniform(len, -1.0, 1.0, seed);
    let x = tensor(&random(4 * 2 * 144, 1), [4, 2, 12, 12], &device).require_grad();
    let same = ConvOptions { padding: [1, 1], relu: true, ..Default::default() };
    let bias = Some(tensor(&random(16, 2), [16], &device));
    let y = conv2d(x.clone(), tensor(&random(288, 3), [16, 2, 3, 3], &device), bias, same);
    let y = conv2d(y, tensor(&random(16 * 144, 4), [16, 16, 3, 3], &device), None, same);
    let y = max_pool2d(y, PoolOptions { kernel: [2, 2], stride: [2, 2], padding: [0, 0] });
    let strided = ConvOptions { stride: [2, 1], groups: 4, ..same };
    let y = conv2d(y, tensor(&random(12 * 36, 5), [12, 4, 3, 3], &device), None, strided);
    let y = avg_pool2d(y, PoolOptions { kernel: [1, 3], stride: [1, 2], padding: [0, 1] });
    let means = global_avg_pool(y.clone());
    let options = ConvOptions { padding: [1], ..Default::default() };
    let z = conv1d(y.reshape([4, 12, 9]), tensor(&random(5 * 24, 6), [5, 12, 2], &device), None, options);
    let y = Tensor::cat(vec![means, max_over_time(z)], 1);
    let gradients = (y.clone() * y.clone()).sum().backward();
    (values(y), values(x.grad(&gradients).unwrap()))
}

#[test]
fn the_reference_bodies_give_the_same_results_and_can_be_switched_on_and_off() {
    assert_eq!(mode(), Mode::Fast);
    let fast = chain();
    let fast_convolutions = convolutions();
    let ones = Tensor::<1>::ones([10_000], &Device::flex());
    let mask = values(dropout(ones.clone(), 0.25, 1));

    set_mode(Mode::Reference);
    assert_eq!(mode(), Mode::Reference);
    let reference = chain();
    let reference_convolutions = convolutions();
    fixtures::follow_pytorch(&Device::flex());
    let other_mask = values(dropout(ones.clone(), 0.25, 1));
    assert_ne!(other_mask, mask, "the reference draws from Burn's generator");
    let kept = other_mask.iter().filter(|&&y| y != 0.0).count();
    assert!((7200..7800).contains(&kept), "{kept} kept");

    set_mode(Mode::Fast);
    assert_eq!(values(dropout(ones, 0.25, 1)), mask);
    assert_close(&fast.0, &reference.0, 1e-5, 1e-6, "output");
    assert_close(&fast.1, &reference.1, 1e-5, 1e-5, "gradient");
    let (y, gradient) = (reference_convolutions.0, reference_convolutions.1);
    let largest = |values: &[f32]| values.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    assert_close(&fast_convolutions.0, &y, 1e-4, 1e-5 * largest(&y), "convolutions");
    assert_close(&fast_convolutions.1, &gradient, 1e-4, 1e-5 * largest(&gradient), "their gradient");
}
