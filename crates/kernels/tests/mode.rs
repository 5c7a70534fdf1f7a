//! The mode belongs to a thread, and to a scope of it.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/optimizers.rs"]
mod fixtures;

use brasa_kernels::{
    ActivationKind, ConvOptions, Epilogue, Mode, PoolOptions, activation, avg_pool2d, batch_norm_train,
    conv1d, conv2d, dropout, global_avg_pool, max_over_time, max_pool2d, mode,
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
    let same = ConvOptions { padding: [1, 1], epilogue: Epilogue::Relu, ..Default::default() };
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
fn the_reference_bodies_give_the_same_results() {
    let [fast, reference] = [Mode::Fast, Mode::Reference].map(|mode| mode.scope(chain));
    let [fast_convolutions, reference_convolutions] =
        [Mode::Fast, Mode::Reference].map(|mode| mode.scope(convolutions));
    Mode::Reference.scope(|| fixtures::follow_pytorch(&Device::flex()));
    assert_close(&fast.0, &reference.0, 1e-5, 1e-6, "output");
    assert_close(&fast.1, &reference.1, 1e-5, 1e-5, "gradient");
    let (y, gradient) = (reference_convolutions.0, reference_convolutions.1);
    let largest = |values: &[f32]| values.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    assert_close(&fast_convolutions.0, &y, 1e-4, 1e-5 * largest(&y), "convolutions");
    assert_close(&fast_convolutions.1, &gradient, 1e-4, 1e-5 * largest(&gradient), "their gradient");
}

#[test]
fn the_draws_of_dropout_are_those_of_either_mode() {
    let ones = Tensor::<2>::ones([100, 77], &Device::flex());
    let [fast, reference] =
        [Mode::Fast, Mode::Reference].map(|mode| mode.scope(|| values(dropout(ones.clone(), 0.25, 1))));
    assert_eq!(fast, reference);
    assert!(fast.contains(&0.0));
}

#[test]
fn a_scope_ends_where_it_began() {
    assert_eq!(mode(), Mode::Fast);
    let inner = Mode::Reference.scope(|| [mode(), Mode::Fast.scope(mode), mode()]);
    assert_eq!(inner, [Mode::Reference, Mode::Fast, Mode::Reference]);
    let panicked = std::panic::catch_unwind(|| Mode::Reference.scope(|| panic!("inside")));
    assert!(panicked.is_err());
    assert_eq!(mode(), Mode::Fast);
}

/// What each thread computes is what it computes alone, whatever the modes of the others.
#[test]
fn threads_do_not_share_a_mode() {
    let alone = [Mode::Fast, Mode::Reference].map(|mode| mode.scope(|| (chain(), convolutions())));
    assert_ne!(alone[0], alone[1], "the bodies round differently, or this test says nothing");
    let start = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        let threads: Vec<_> = [0, 1, 0, 1]
            .map(|which| {
                let (start, alone) = (&start, &alone);
                scope.spawn(move || {
                    let _scope = [Mode::Fast, Mode::Reference][which].enter();
                    start.wait();
                    (0..20).all(|_| (chain(), convolutions()) == alone[which])
                })
            })
            .into_iter()
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
}
