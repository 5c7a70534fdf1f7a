//! A convolution with the batch norm behind it: as one operation what it is as two.
#![cfg(feature = "flex")]

use crate::common;
use crate::convolution;

use brasa_kernels::{batch_norm_train, conv2d, conv2d_batch_norm};
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, uniform, values, with_threads};
use convolution::{Case, Data};

const EPS: f64 = 1e-5;

fn cases() -> [Case; 8] {
    [
        Case::new([5, 3, 9, 11], [7, 3, 3, 3]).padding(1, 1),
        Case::new([4, 2, 28, 28], [16, 2, 5, 5]).padding(2, 2).relu(),
        Case::new([6, 32, 12, 12], [48, 32, 3, 3]).padding(1, 1).relu(),
        Case::new([4, 20, 8, 9], [35, 20, 3, 3]).padding(1, 1).without_bias(),
        Case::new([3, 24, 7, 5], [33, 24, 1, 1]).relu(),
        Case::new([4, 16, 12, 11], [24, 8, 3, 3]).stride(2, 1).groups(2).relu().without_bias(),
        Case::new([1, 4, 3, 3], [5, 4, 3, 3]),
        Case::new([40, 6, 5, 5], [8, 6, 3, 3]).relu(),
    ]
}

/// Output, mean and variance, and the gradients of x, weight, bias, gamma and beta where they are wanted.
fn everything(case: &Case, seed: u64, wanted: [bool; 5], together: bool) -> Vec<Vec<f32>> {
    let (data, device) = (Data::new(case, seed), Device::flex().autodiff());
    let channels = case.weight[0];
    let x = tensor(&data.x, case.x, &device).set_require_grad(wanted[0]);
    let weight = tensor(&data.weight, case.weight, &device).set_require_grad(wanted[1]);
    let bias = case.bias.then(|| tensor(&data.bias, [channels], &device).set_require_grad(wanted[2]));
    let vector = |low, seed| tensor(&uniform(channels, low, 1.5, seed), [channels], &device);
    let gamma = vector(0.5, seed + 7).set_require_grad(wanted[3]);
    let beta = vector(-0.5, seed + 8).set_require_grad(wanted[4]);
    let (conv, norm) = ((x.clone(), weight.clone(), bias.clone()), (gamma.clone(), beta.clone()));
    let (y, mean, variance) = if together {
        conv2d_batch_norm(conv.0, conv.1, conv.2, case.options, norm.0, norm.1, EPS)
    } else {
        batch_norm_train(conv2d(conv.0, conv.1, conv.2, case.options), norm.0, norm.1, EPS)
    };
    let gradients = (y.clone() * tensor(&data.upstream, case.output(), &device)).sum().backward();
    let found = [x.grad(&gradients).map(values), weight.grad(&gradients).map(values)];
    let vectors = bias.into_iter().chain([gamma, beta]).map(|vector| vector.grad(&gradients).map(values));
    [values(y), values(mean), values(variance)]
        .into_iter()
        .chain(found.into_iter().chain(vectors).flatten())
        .collect()
}

fn agree(case: &Case, seed: u64, wanted: [bool; 5]) {
    let expected = everything(case, seed, wanted, false);
    let actual = everything(case, seed, wanted, true);
    assert_eq!(actual.len(), expected.len(), "{case:?} {wanted:?}");
    for (place, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
        let largest = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
        assert_close(actual, expected, 1e-5, 2e-6 * largest, &format!("{case:?} {wanted:?}, {place}"));
    }
}

#[test]
fn results_and_gradients_are_those_of_one_after_the_other() {
    for (seed, case) in cases().iter().enumerate() {
        agree(case, seed as u64, [true; 5]);
    }
}

#[test]
fn what_is_constant_gets_no_gradient_and_the_others_keep_theirs() {
    for (seed, case) in cases().iter().enumerate() {
        for wanted in [
            [false, true, true, true, true],
            [true, false, false, false, false],
            [false, false, false, true, true],
            [true, true, false, false, true],
        ] {
            agree(case, seed as u64, wanted);
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for (seed, case) in cases().iter().enumerate() {
        let run = || everything(case, seed as u64, [true; 5], true);
        let one = with_threads(1, run);
        for threads in [2, 3] {
            assert!(with_threads(threads, run) == one, "{case:?} on {threads} threads");
        }
    }
}

#[test]
fn one_value_for_each_channel_has_no_gradient_of_the_maps() {
    let case = Case::new([1, 4, 3, 3], [5, 4, 3, 3]);
    let [y, _, variance, dx, dw, db, dgamma, dbeta] =
        everything(&case, 6, [true; 5], true).try_into().unwrap();
    assert!(y.iter().chain(&dbeta).all(|value| value.is_finite()));
    assert_eq!(variance, [0.0; 5]);
    assert!([dx, dw, db, dgamma].concat().iter().all(|gradient| *gradient == 0.0));
}

#[test]
fn without_gradients_the_results_are_the_same() {
    let case = Case::new([6, 32, 12, 12], [48, 32, 3, 3]).padding(1, 1).relu();
    let (data, device) = (Data::new(&case, 3), Device::flex());
    let vector = |value: f32| Tensor::<1>::full([48], value, &device);
    let given = || {
        let x = tensor(&data.x, case.x, &device);
        (x, tensor(&data.weight, case.weight, &device), Some(tensor(&data.bias, [48], &device)))
    };
    let (x, weight, bias) = given();
    let together = conv2d_batch_norm(x, weight, bias, case.options, vector(2.0), vector(0.5), EPS);
    let (x, weight, bias) = given();
    let apart = batch_norm_train(conv2d(x, weight, bias, case.options), vector(2.0), vector(0.5), EPS);
    assert_close(&values(together.0), &values(apart.0), 1e-5, 1e-5, "output");
    assert_close(&values(together.1), &values(apart.1), 1e-5, 1e-6, "mean");
}
