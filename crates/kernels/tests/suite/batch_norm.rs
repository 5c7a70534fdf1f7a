//! Batch normalisation: against its definition in `f64`, against Burn's primitives, and at the edges.
#![cfg(feature = "flex")]

use crate::common;

use brasa_kernels::batch_norm_train;
use burn::tensor::{Device, Tensor};
use common::{assert_close, len, tensor, uniform, values, with_threads};

const EPS: f64 = 1e-5;

/// Output, mean, variance, and gradients of x, gamma, beta.
type Everything = [Vec<f32>; 6];

/// The operation in `f64`, from its definition. `inner` elements of each of `channels` per sample.
fn exact(channels: usize, inner: usize, data: &Data) -> Everything {
    let of_channel = |c: usize| (0..data.x.len()).filter(move |i| i / inner % channels == c);
    let mut out: [Vec<f64>; 6] = std::array::from_fn(|_| vec![0.0; channels]);
    out[0] = vec![0.0; data.x.len()];
    out[3] = vec![0.0; data.x.len()];
    for c in 0..channels {
        let m = of_channel(c).count() as f64;
        let x = |i: usize| f64::from(data.x[i]);
        let g = |i: usize| f64::from(data.upstream[i]);
        let mean = of_channel(c).map(x).sum::<f64>() / m;
        let variance = of_channel(c).map(|i| (x(i) - mean).powi(2)).sum::<f64>() / m;
        let r = 1.0 / (variance + EPS).sqrt();
        let normal = |i: usize| (x(i) - mean) * r;
        let (gamma, beta) = (f64::from(data.gamma[c]), f64::from(data.beta[c]));
        let g_mean = of_channel(c).map(g).sum::<f64>() / m;
        let gn_mean = of_channel(c).map(|i| g(i) * normal(i)).sum::<f64>() / m;
        for i in of_channel(c) {
            out[0][i] = gamma * normal(i) + beta;
            out[3][i] = gamma * r * (g(i) - g_mean - normal(i) * gn_mean);
        }
        (out[1][c], out[2][c], out[4][c], out[5][c]) = (mean, variance, gn_mean * m, g_mean * m);
    }
    out.map(|values| values.into_iter().map(|value| value as f32).collect())
}

struct Data {
    x: Vec<f32>,
    upstream: Vec<f32>,
    gamma: Vec<f32>,
    beta: Vec<f32>,
}

impl Data {
    fn new(len: usize, channels: usize, seed: u64) -> Self {
        Self {
            x: uniform(len, -2.0, 3.0, seed),
            upstream: uniform(len, -1.0, 1.0, seed + 1000),
            gamma: uniform(channels, 0.5, 1.5, seed + 2000),
            beta: uniform(channels, -1.0, 1.0, seed + 3000),
        }
    }
}

fn ours<const D: usize>(shape: [usize; D], data: &Data, device: &Device) -> Everything {
    let x = tensor(&data.x, shape, device).require_grad();
    let gamma = tensor(&data.gamma, [shape[1]], device).require_grad();
    let beta = tensor(&data.beta, [shape[1]], device).require_grad();
    let (y, mean, variance) = batch_norm_train(x.clone(), gamma.clone(), beta.clone(), EPS);
    let gradients = (y.clone() * tensor(&data.upstream, shape, device)).sum().backward();
    [
        values(y),
        values(mean),
        values(variance),
        values(x.grad(&gradients).unwrap()),
        values(gamma.grad(&gradients).unwrap()),
        values(beta.grad(&gradients).unwrap()),
    ]
}

const NAMES: [&str; 6] = ["output", "mean", "variance", "gradient of x", "of gamma", "of beta"];

#[track_caller]
fn assert_same(actual: &Everything, expected: &Everything, what: &str) {
    for ((actual, expected), name) in actual.iter().zip(expected).zip(NAMES) {
        // Sums of many terms of either sign are compared with the size of the terms, not of the sum.
        assert_close(actual, expected, 1e-5, 4e-5, &format!("{what}: {name}"));
    }
}

fn check<const D: usize>(shape: [usize; D], seed: u64) {
    let data = Data::new(len(shape), shape[1], seed);
    let actual = ours(shape, &data, &Device::flex().autodiff());
    assert_same(&actual, &exact(shape[1], shape[2..].iter().product(), &data), &format!("{shape:?}"));
}

#[test]
fn matrices_follow_the_definition() {
    for (seed, shape) in [[2, 1], [3, 7], [17, 33], [300, 3], [257, 129], [1024, 58]].into_iter().enumerate()
    {
        check(shape, seed as u64);
    }
}

#[test]
fn images_and_sequences_follow_the_definition() {
    check([2, 3, 4, 5], 1);
    check([1, 2, 1, 3], 2);
    check([9, 5, 7, 3], 3);
    check([40, 16, 12, 12], 4);
    check([6, 4, 11], 5);
    check([5, 3, 1, 1], 6);
}

#[test]
fn one_row_has_no_variance_and_passes_no_gradient() {
    let data = Data::new(4, 4, 1);
    let [y, mean, variance, x_gradient, ..] = ours([1, 4], &data, &Device::flex().autodiff());
    assert_eq!(y, data.beta);
    assert_eq!(mean, data.x);
    assert_eq!(variance, [0.0; 4]);
    assert_eq!(x_gradient, [0.0; 4]);
}

#[test]
fn a_large_offset_costs_no_digits_of_the_variance() {
    let small = uniform(3000, -1.0, 1.0, 1);
    // Multiples of 2^-10 keep their exact distance from each other next to 4096.
    let x: Vec<f32> = small.iter().map(|v| (v * 1024.0).round() / 1024.0 + 4096.0).collect();
    let mean = x.iter().map(|&v| f64::from(v)).sum::<f64>() / 3000.0;
    let variance = x.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / 3000.0;
    let device = Device::flex();
    let x = tensor(&x, [3000, 1], &device);
    let (_, _, actual) = batch_norm_train(x, Tensor::ones([1], &device), Tensor::zeros([1], &device), EPS);
    assert_close(&values(actual), &[variance as f32], 2e-7, 0.0, "variance");
}

#[test]
fn a_transposed_input_is_read_in_its_own_order() {
    let data = Data::new(35, 5, 1);
    let device = Device::flex().autodiff();
    let x = tensor(&data.x, [5, 7], &device).require_grad();
    let (gamma, beta) = (tensor(&data.gamma, [5], &device), tensor(&data.beta, [5], &device));
    let (y, ..) = batch_norm_train(x.clone().transpose(), gamma, beta, EPS);
    let upstream = tensor(&data.upstream, [7, 5], &device);
    let gradients = (y.clone() * upstream).sum().backward();

    let straight = Data { x: values(x.clone().transpose()), ..data };
    let expected = exact(5, 1, &straight);
    assert_close(&values(y), &expected[0], 1e-5, 1e-6, "output");
    let gradient = x.grad(&gradients).unwrap().transpose();
    assert_close(&values(gradient), &expected[3], 1e-5, 1e-5, "gradient");
}

#[test]
fn parameters_that_are_constants_get_no_gradient_and_x_still_does() {
    let data = Data::new(12, 3, 1);
    let device = Device::flex().autodiff();
    let x = tensor(&data.x, [4, 3], &device).require_grad();
    let gamma = tensor(&data.gamma, [3], &Device::flex());
    let beta = tensor(&data.beta, [3], &Device::flex());
    let (y, mean, _) = batch_norm_train(x.clone(), gamma, beta, EPS);
    assert!(!mean.is_require_grad());
    let gradients = (y * tensor(&data.upstream, [4, 3], &device)).sum().backward();
    let expected = exact(3, 1, &data);
    assert_close(&values(x.grad(&gradients).unwrap()), &expected[3], 1e-5, 1e-5, "gradient of x");
}

#[test]
fn nan_stays_in_its_channel() {
    let device = Device::flex();
    let x = tensor(&[1.0, f32::NAN, 2.0, 3.0], [2, 2], &device);
    let (y, mean, variance) =
        batch_norm_train(x, Tensor::ones([2], &device), Tensor::zeros([2], &device), EPS);
    let (y, mean, variance) = (values(y), values(mean), values(variance));
    assert!(y[1].is_nan() && y[3].is_nan() && mean[1].is_nan() && variance[1].is_nan());
    assert_close(&[y[0], y[2]], &[-1.0, 1.0], 1e-4, 0.0, "the other channel");
}

#[test]
fn an_empty_batch_has_an_empty_output() {
    let device = Device::flex();
    let (y, ..) = batch_norm_train(
        Tensor::<2>::zeros([0, 3], &device),
        Tensor::ones([3], &device),
        Tensor::zeros([3], &device),
        EPS,
    );
    assert_eq!(y.dims(), [0, 3]);
}

#[test]
#[should_panic(expected = "gamma needs one element per channel: 3 for the shape [2, 3], got 2")]
fn parameters_of_another_length_are_refused() {
    let device = Device::flex();
    let x = Tensor::<2>::zeros([2, 3], &device);
    batch_norm_train(x, Tensor::ones([2], &device), Tensor::zeros([3], &device), EPS);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for threads in [2, 3] {
        let matrix = Data::new(1021 * 131, 131, 1);
        let run = || ours([1021, 131], &matrix, &Device::flex().autodiff());
        assert_eq!(with_threads(1, run), with_threads(threads, run));
        let images = Data::new(97 * 16 * 100, 16, 2);
        let run = || ours([97, 16, 10, 10], &images, &Device::flex().autodiff());
        assert_eq!(with_threads(1, run), with_threads(threads, run));
    }
}
