//! The process-wide switch: one test, because every test of a binary shares it.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/optimizers.rs"]
mod fixtures;

use brasa_kernels::{ActivationKind, Mode, activation, batch_norm_train, dropout, mode, set_mode};
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

#[test]
fn the_reference_bodies_give_the_same_results_and_can_be_switched_on_and_off() {
    assert_eq!(mode(), Mode::Fast);
    let fast = chain();
    let ones = Tensor::<1>::ones([10_000], &Device::flex());
    let mask = values(dropout(ones.clone(), 0.25, 1));

    set_mode(Mode::Reference);
    assert_eq!(mode(), Mode::Reference);
    let reference = chain();
    fixtures::follow_pytorch(&Device::flex());
    let other_mask = values(dropout(ones.clone(), 0.25, 1));
    assert_ne!(other_mask, mask, "the reference draws from Burn's generator");
    let kept = other_mask.iter().filter(|&&y| y != 0.0).count();
    assert!((7200..7800).contains(&kept), "{kept} kept");

    set_mode(Mode::Fast);
    assert_eq!(values(dropout(ones, 0.25, 1)), mask);
    assert_close(&fast.0, &reference.0, 1e-5, 1e-6, "output");
    assert_close(&fast.1, &reference.1, 1e-5, 1e-5, "gradient");
}
