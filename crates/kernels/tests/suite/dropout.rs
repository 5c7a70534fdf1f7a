//! Dropout: its statistics, its gradient, and what the draws depend on.
#![cfg(feature = "flex")]

use crate::common;

use brasa_kernels::dropout;
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, uniform, values, with_threads};

/// Which of `len` elements are kept.
fn kept(len: usize, p: f64, seed: u64) -> Vec<bool> {
    values(dropout(Tensor::<1>::ones([len], &Device::flex()), p, seed)).iter().map(|&x| x != 0.0).collect()
}

/// The distance of a count from its expectation, in standard deviations.
fn deviations(count: usize, trials: usize, probability: f64) -> f64 {
    let trials = trials as f64;
    (count as f64 - trials * probability).abs() / (trials * probability * (1.0 - probability)).sqrt()
}

#[test]
fn keeps_the_right_share_at_the_right_scale() {
    for (seed, p) in [0.001, 0.1, 0.25, 0.5, 0.9, 0.999].into_iter().enumerate() {
        let len = 400_000;
        let y = values(dropout(Tensor::<1>::ones([len], &Device::flex()), p, seed as u64));
        let scale = (1.0 / (1.0 - p)) as f32;
        assert!(y.iter().all(|&y| y == 0.0 || y == scale), "p = {p}");
        let count = y.iter().filter(|&&y| y != 0.0).count();
        assert!(deviations(count, len, 1.0 - p) < 4.0, "p = {p}: {count} of {len} kept");
    }
}

#[test]
fn draws_are_independent_of_their_neighbours_and_of_other_seeds() {
    let len = 200_000;
    let one = kept(len, 0.5, 7);
    for lag in [1, 2, 3, 64, 580, 4096, 16_384] {
        let agree = one.iter().zip(&one[lag..]).filter(|(a, b)| a == b).count();
        assert!(deviations(agree, len - lag, 0.5) < 4.0, "lag {lag}: {agree} agree");
    }
    // Neighbouring seeds, and seeds that differ in one high bit.
    for seed in [6, 8, 0, 7 ^ (1 << 32), 7 ^ (1 << 63)] {
        let agree = one.iter().zip(&kept(len, 0.5, seed)).filter(|(a, b)| a == b).count();
        assert!(deviations(agree, len, 0.5) < 4.0, "seed {seed}: {agree} agree");
    }
}

#[test]
fn the_gradient_is_the_same_mask() {
    let device = Device::flex().autodiff();
    let x = tensor(&uniform(140_000, 1.0, 2.0, 1), [1400, 100], &device).require_grad();
    let upstream = tensor(&uniform(140_000, 1.0, 2.0, 2), [1400, 100], &device);
    let y = dropout(x.clone(), 0.3, 5);
    let gradients = (y.clone() * upstream.clone()).sum().backward();
    let mask: Vec<f32> = values(y).iter().zip(values(x.clone())).map(|(y, x)| y / x).collect();
    let expected: Vec<f32> = values(upstream).iter().zip(&mask).map(|(g, m)| g * m).collect();
    assert_close(&values(x.grad(&gradients).unwrap()), &expected, 1e-6, 0.0, "gradient");
}

#[test]
fn the_draw_belongs_to_the_position_not_to_the_memory() {
    let device = Device::flex();
    let x = tensor(&uniform(35, 1.0, 2.0, 1), [5, 7], &device);
    let view = dropout(x.clone().transpose(), 0.5, 3);
    let copied = dropout(tensor(&values(x.transpose()), [7, 5], &device), 0.5, 3);
    assert_eq!(values(view), values(copied));
    let (long, short) = (kept(200_000, 0.5, 9), kept(5000, 0.5, 9));
    assert_eq!(long[..5000], short);
}

#[test]
fn a_tensor_that_others_hold_keeps_its_values() {
    let x = Tensor::<1>::ones([64], &Device::flex());
    let _ = dropout(x.clone(), 0.5, 1);
    assert_eq!(values(x), [1.0; 64]);
}

#[test]
fn the_ends_drop_nothing_and_everything() {
    let device = Device::flex().autodiff();
    let x = tensor(&[1.0, -2.0, 3.0], [3], &device).require_grad();
    assert_eq!(values(dropout(x.clone(), 0.0, 1)), [1.0, -2.0, 3.0]);
    let y = dropout(x.clone(), 1.0, 1);
    assert_eq!(values(y.clone()), [0.0, 0.0, 0.0]);
    assert_eq!(values(x.grad(&y.sum().backward()).unwrap()), [0.0; 3]);
    assert_eq!(dropout(Tensor::<2>::ones([0, 4], &device), 0.5, 1).dims(), [0, 4]);
}

#[test]
fn nan_is_not_hidden() {
    let x = Tensor::<1>::full([50], f32::NAN, &Device::flex());
    assert!(values(dropout(x, 0.5, 1)).iter().all(|y| y.is_nan()));
}

#[test]
#[should_panic(expected = "must be in [0, 1], got 1.5")]
fn a_probability_above_one_is_refused() {
    dropout(Tensor::<1>::ones([1], &Device::flex()), 1.5, 0);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let run = || kept(200_003, 0.4, 11);
    assert_eq!(with_threads(1, run), with_threads(3, run));
}

#[cfg(feature = "ndarray")]
#[test]
#[allow(deprecated)]
fn other_backends_take_the_default_body() {
    let device = Device::ndarray().autodiff();
    let x = Tensor::<1>::ones([10_000], &device).require_grad();
    let y = dropout(x.clone(), 0.25, 1);
    let gradient = values(x.grad(&y.clone().sum().backward()).unwrap());
    let y = values(y);
    assert_eq!(y, gradient);
    let count = y.iter().filter(|&&y| y != 0.0).count();
    assert!(deviations(count, 10_000, 0.75) < 5.0, "{count} kept");
}
