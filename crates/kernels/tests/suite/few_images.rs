//! Evaluation of one image or a few, whose prepared weights are kept from call to call.
#![cfg(feature = "flex")]

use crate::common;
use crate::convolution;

use brasa_kernels::conv2d;
use brasa_kernels::optim::Sgd;
use burn::optim::Optimizer;
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, values, with_threads};
use convolution::{Case, Data, exact_sums, wide};

fn cases(batch: usize) -> [Case; 6] {
    [
        Case::new([batch, 1, 20, 19], [32, 1, 3, 3]).padding(1, 1),
        Case::new([batch, 32, 24, 22], [32, 32, 3, 3]).padding(1, 1),
        Case::new([batch, 67, 13, 9], [130, 67, 3, 3]).padding(1, 1),
        Case::new([batch, 40, 6, 6], [72, 40, 3, 3]).padding(1, 1),
        Case::new([batch, 32, 11, 14], [48, 16, 5, 5]).stride(2, 1).groups(2),
        Case::new([batch, 6, 17, 16], [4, 6, 3, 3]),
    ]
}

fn assert_sums(case: &Case, [x, weight, bias]: [&[f32]; 3], actual: &[f32]) {
    let exact = exact_sums(case, &wide(x), &wide(weight), &wide(bias));
    let exact: Vec<f32> = exact.into_iter().map(|sum| sum as f32).collect();
    let largest = exact.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    assert_close(actual, &exact, 1e-5, 1e-5 * largest, &format!("{case:?}"));
}

#[test]
fn every_call_gives_the_sums_whatever_the_threads() {
    let device = Device::flex();
    for (seed, case) in [1, 2, 3, 7].into_iter().flat_map(cases).enumerate() {
        let data = Data::new(&case, seed as u64);
        let x = tensor(&data.x, case.x, &device);
        let weight = tensor(&data.weight, case.weight, &device);
        let bias = tensor(&data.bias, [case.weight[0]], &device);
        let run = || values(conv2d(x.clone(), weight.clone(), Some(bias.clone()), case.options));
        let first = with_threads(2, run);
        assert_sums(&case, [&data.x, &data.weight, &data.bias], &first);
        for threads in [2, 1, 5] {
            assert_eq!(with_threads(threads, run), first, "{case:?} on {threads} threads");
        }
    }
}

#[test]
fn changed_weights_are_seen() {
    let device = Device::flex();
    for (seed, case) in cases(1).into_iter().enumerate() {
        let data = Data::new(&case, seed as u64);
        let x = tensor(&data.x, case.x, &device);
        let run = |weight: &Tensor<4>| values(conv2d(x.clone(), weight.clone(), None, case.options));
        let mut weight = tensor(&data.weight, case.weight, &device);
        let (mut state, optimizer) = (None, Sgd::default());
        for _ in 0..3 {
            assert_sums(&case, [&data.x, &values(weight.clone()), &[]], &run(&weight));
            // A buffer of its own, so that the optimizer may write to the weight in place.
            let gradient = tensor(&values(weight.clone()), case.weight, &device);
            (weight, state) = optimizer.step(0.5, weight, gradient, state);
        }
    }
}

#[test]
fn weights_of_one_call_alone_give_the_sums() {
    let device = Device::flex();
    for (seed, case) in [1, 2, 3].into_iter().flat_map(cases).enumerate() {
        let data = Data::new(&case, seed as u64);
        let x = tensor(&data.x, case.x, &device);
        let sums = conv2d(x, tensor(&data.weight, case.weight, &device), None, case.options);
        assert_sums(&case, [&data.x, &data.weight, &[]], &values(sums));
    }
}

#[test]
fn the_same_numbers_in_another_shape_are_other_weights() {
    let device = Device::flex();
    let data = Data::new(&Case::new([1, 32, 9, 10], [64, 32, 3, 3]), 1);
    let weight: Tensor<4> = tensor(&data.weight, [64, 32, 3, 3], &device);
    for shape in [[64, 32, 3, 3], [32, 64, 3, 3], [64, 16, 6, 3]] {
        let case = Case::new([1, shape[1], 9, 10], shape);
        let x = common::uniform(common::len(case.x), -1.0, 1.0, 2);
        let sums = conv2d(tensor(&x, case.x, &device), weight.clone().reshape(shape), None, case.options);
        assert_sums(&case, [&x, &data.weight, &[]], &values(sums));
    }
}

/// The weight cache has a limit for each thread: weights that one thread evaluates, more than are kept, do not change the
/// method by which another computes.
#[test]
fn what_other_threads_keep_changes_no_bit() {
    let device = Device::flex();
    let case = Case::new([1, 32, 24, 22], [32, 32, 3, 3]).padding(1, 1);
    let data = Data::new(&case, 1);
    let run = || {
        let x = tensor(&data.x, case.x, &device);
        let weight = tensor(&data.weight, case.weight, &device);
        let result = values(conv2d(x, weight.clone(), None, case.options));
        drop(weight);
        result
    };
    let alone = run();
    let (filled, done) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // 16 weights of 2.25 MiB, of which the transforms take four times that.
            let wide = [256, 256, 3, 3];
            let x = Tensor::<4>::ones([1, 256, 8, 8], &device);
            let weights: Vec<Tensor<4>> = (0..16).map(|_| Tensor::ones(wide, &device)).collect();
            for weight in &weights {
                let _ = conv2d(x.clone(), weight.clone(), None, case.options);
            }
            filled.wait();
            done.wait();
        });
        filled.wait();
        let beside = run();
        done.wait();
        assert_eq!(beside, alone);
    });
}
