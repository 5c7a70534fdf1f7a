//! The end of a residual block: against Burn's primitives, on any number of threads, and at the edges.
#![cfg(feature = "flex")]

use crate::common;

use brasa_kernels::residual_relu;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use common::{assert_close, len, tensor, uniform, values, with_threads};

type Operation = fn(Tensor<4>, Option<Tensor<2>>, Tensor<4>) -> Tensor<4>;

fn definition(maps: Tensor<4>, weights: Option<Tensor<2>>, short: Tensor<4>) -> Tensor<4> {
    let [batch, channels, ..] = maps.dims();
    relu(match weights {
        Some(weights) => maps * weights.reshape([batch, channels, 1, 1]) + short,
        None => maps + short,
    })
}

/// Output and gradients of maps, short cut and, where there are any, weights.
fn everything(operation: Operation, shape: [usize; 4], weighted: bool, seed: u64) -> Vec<Vec<f32>> {
    let device = Device::flex().autodiff();
    let of = |seed: u64| tensor(&uniform(len(shape), -1.0, 1.0, seed), shape, &device).require_grad();
    let (maps, short) = (of(seed), of(seed + 1));
    let flat = [shape[0], shape[1]];
    let weights =
        weighted.then(|| tensor(&uniform(len(flat), -2.0, 2.0, seed + 2), flat, &device).require_grad());
    let y = operation(maps.clone(), weights.clone(), short.clone());
    let upstream = tensor(&uniform(len(shape), -1.0, 1.0, seed + 3), shape, &device);
    let gradients = (y.clone() * upstream).sum().backward();
    let mut all =
        vec![values(y), values(maps.grad(&gradients).unwrap()), values(short.grad(&gradients).unwrap())];
    all.extend(weights.map(|weights| values(weights.grad(&gradients).unwrap())));
    all
}

const SHAPES: [[usize; 4]; 6] =
    [[1, 1, 1, 1], [2, 3, 5, 7], [3, 5, 1, 17], [4, 33, 4, 4], [9, 16, 24, 24], [2, 3, 130, 129]];

#[test]
fn values_and_gradients_follow_the_definition() {
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        for weighted in [false, true] {
            let ours = everything(residual_relu, shape, weighted, seed as u64);
            let expected = everything(definition, shape, weighted, seed as u64);
            for (ours, expected) in ours.iter().zip(&expected) {
                assert_close(ours, expected, 1e-5, 1e-5, &format!("{shape:?}, weighted: {weighted}"));
            }
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let with = |threads| with_threads(threads, || everything(residual_relu, [9, 16, 24, 24], true, 1));
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(3));
}

#[test]
fn no_rows_and_nan() {
    let device = Device::flex();
    let none = Tensor::<4>::zeros([0, 2, 3, 3], &device);
    assert_eq!(residual_relu(none.clone(), None, none).dims(), [0, 2, 3, 3]);
    let nan = tensor(&[f32::NAN, -1.0], [1, 1, 1, 2], &device);
    let y = values(residual_relu(nan, None, Tensor::zeros([1, 1, 1, 2], &device)));
    assert!(y[0].is_nan() && y[1] == 0.0, "{y:?}");
}

#[test]
fn a_short_cut_alone_may_want_its_gradient() {
    let shape = [2, 2, 3, 3];
    let plain = |seed| tensor(&uniform(len(shape), -1.0, 1.0, seed), shape, &Device::flex());
    let tracked = Device::flex().autodiff();
    let maps = Tensor::from_inner(plain(1));
    let short = tensor(&uniform(len(shape), -1.0, 1.0, 2), shape, &tracked).require_grad();
    let gradients = residual_relu(maps, None, short.clone()).sum().backward();
    let sums = plain(1) + short.clone().inner();
    let expected: Vec<f32> = values(sums).into_iter().map(|sum| f32::from(u8::from(sum > 0.0))).collect();
    assert_eq!(values(short.grad(&gradients).unwrap()), expected);
}
