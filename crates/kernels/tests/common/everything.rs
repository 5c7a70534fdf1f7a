//! Every kernel at once: what is compared between instruction sets, bodies and backends.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_kernels::optim::{Adam, RmsProp, Sgd};
use brasa_kernels::{
    ActivationKind, ConvOptions, Epilogue, PoolOptions, activation, avg_pool2d, batch_norm_infer,
    batch_norm_train, conv2d_batch_norm, conv2d_scaled, dropout, global_avg_pool, linear, max_over_time,
    max_pool2d, residual_relu,
};
use burn::optim::Optimizer;
use burn::tensor::{Device, Tensor};

use super::common::{assert_close, len, tensor, uniform, values};
use super::convolution::{self, Data};
use super::{losses, recurrent, tables};

/// What was computed, whether it is the same to the last bit in every instruction set, and the numbers.
pub type Results = Vec<(String, bool, Vec<f32>)>;

/// Output and gradient of `function` of random values.
fn both<const D: usize, const E: usize>(
    device: &Device,
    shape: [usize; D],
    function: impl FnOnce(Tensor<D>) -> Tensor<E>,
) -> [Vec<f32>; 2] {
    let x = tensor(&uniform(len(shape), -3.0, 3.0, 1), shape, device).require_grad();
    let y = function(x.clone());
    let upstream = tensor(&uniform(len(y.dims()), -1.0, 1.0, 2), y.dims(), device);
    let gradients = (y.clone() * upstream).sum().backward();
    [values(y), values(x.grad(&gradients).unwrap())]
}

/// Three steps, the second with a small gradient.
fn steps(device: &Device, optimizer: impl Optimizer) -> Vec<f32> {
    let mut parameter = tensor(&uniform(1003, -1.0, 1.0, 3), [17, 59], device);
    let mut state = None;
    for (seed, size) in [(4, 1.0), (5, 1e-3), (6, 1.0)] {
        let gradient = tensor(&uniform(1003, -size, size, seed), [17, 59], device);
        (parameter, state) = optimizer.step(1e-2, parameter, gradient, state);
    }
    values(parameter)
}

/// Outputs and gradients of every kernel on `plain`, a device which tracks no gradients, in sizes that no vector divides.
pub fn everything(plain: &Device) -> Results {
    let device = plain.clone().autodiff();
    let mut all: Results = vec![];
    let mut add = |name: &str, exact: bool, results: &[Vec<f32>]| {
        all.extend(results.iter().map(|values| (name.to_owned(), exact, values.clone())));
    };
    for kind in ActivationKind::ALL {
        add(&format!("{kind:?}"), true, &both(&device, [37, 11], |x| activation(x, kind)));
    }
    add("dropout", true, &both(&device, [41, 103], |x| dropout(x, 0.4, 7)));
    let halves = PoolOptions { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    let thirds = PoolOptions { kernel: [3, 3], stride: [2, 1], padding: [1, 0] };
    for options in [halves, thirds] {
        add("max pool", true, &both(&device, [3, 5, 13, 18], |x| max_pool2d(x, options)));
        add("mean pool", false, &both(&device, [3, 5, 13, 18], |x| avg_pool2d(x, options)));
    }
    add("maximum over time", true, &both(&device, [9, 7, 19], max_over_time));
    add("global mean", false, &both(&device, [5, 6, 7, 9], global_avg_pool));
    for shape in [[19, 21, 1, 1], [4, 5, 9, 7]] {
        let channels = shape[1];
        let normalised = both(&device, shape, |x| {
            let (gamma, beta) = (Tensor::ones([channels], &device), Tensor::zeros([channels], &device));
            batch_norm_train(x, gamma, beta, 1e-5).0
        });
        add("batch norm", false, &normalised);
    }
    let matrix = |shape: [usize; 2], seed| tensor(&uniform(len(shape), -1.0, 1.0, seed), shape, &device);
    for [rows, inputs, outputs] in [[1, 70, 130], [37, 300, 41]] {
        let layer = both(&device, [rows, inputs], |x| {
            linear(x, matrix([inputs, outputs], 5), Some(Tensor::ones([outputs], &device)))
        });
        let of_weight =
            both(&device, [inputs, outputs], |weight| linear(matrix([rows, inputs], 6), weight, None));
        add("linear", false, &[layer, of_weight].concat());
    }
    let random = |len: usize, seed| tensor(&uniform(len, 0.1, 1.0, seed), [len], plain);
    let weights = || tensor(&uniform(15, -1.0, 1.0, 3), [3, 5], &device);
    add("residual", false, &both(&device, [3, 5, 7, 9], |x| residual_relu(x.clone(), Some(weights()), x)));
    add(
        "residual without weights",
        false,
        &both(&device, [3, 5, 7, 9], |x| residual_relu(x.clone(), None, x)),
    );
    let maps = tensor(&uniform(4 * 17 * 99, -1.0, 1.0, 4), [4, 17, 9, 11], plain);
    let given = [5, 6, 7, 8].map(|seed| random(17, seed));
    let [gamma, beta, mean, variance] = given;
    let normalised = batch_norm_infer(maps.clone(), gamma, beta, mean, variance, 1e-5);
    let kernels = tensor(&uniform(35 * 17 * 9, -1.0, 1.0, 9), [35, 17, 3, 3], plain);
    let relu = ConvOptions { epilogue: Epilogue::Relu, ..Default::default() };
    let joint = both(&device, [4, 17, 9, 11], |x| {
        let kernels = tensor(&uniform(35 * 17 * 9, -1.0, 1.0, 12), [35, 17, 3, 3], &device);
        let (gamma, beta) = (Tensor::ones([35], &device), Tensor::zeros([35], &device));
        conv2d_batch_norm(x, kernels, None, relu, gamma, beta, 1e-5).0
    });
    add("convolution and batch norm", false, &joint);
    let scaled = conv2d_scaled(maps, kernels, None, relu, [random(35, 10), random(35, 11)], Epilogue::Relu);
    add("evaluation", false, &[values(normalised), values(scaled)]);
    add("sgd", true, &[steps(plain, Sgd { momentum: 0.9, ..Sgd::default() })]);
    add("rmsprop", true, &[steps(plain, RmsProp::default())]);
    add("adam", true, &[steps(plain, Adam { weight_decay: 0.1, ..Adam::default() })]);
    let convolutions = [
        convolution::Case::new([2, 20, 9, 17], [20, 1, 3, 3]).padding(1, 1).groups(20).relu(),
        convolution::Case::new([3, 2, 28, 28], [16, 2, 5, 5]).padding(2, 2),
        convolution::Case::new([5, 50, 1, 20], [100, 50, 1, 3]),
        convolution::Case::new([2, 33, 9, 11], [37, 33, 3, 2]).stride(2, 1).padding(1, 0),
        convolution::Case::new([5, 19, 13, 9], [37, 19, 3, 3]).padding(1, 1).relu(),
        convolution::Case::new([4, 32, 12, 12], [48, 32, 3, 3]).padding(1, 1),
    ];
    for (seed, case) in convolutions.into_iter().enumerate() {
        let results = convolution::ours(&case, &Data::new(&case, seed as u64), &device);
        add(&format!("{case:?}"), false, &results);
    }
    for case in recurrent::shapes() {
        let name = format!("{:?} {:?} {}", case.kind, case.shape, case.hidden);
        add(&name, false, &case.everything(&device));
    }
    for case in losses::shapes().filter(|case| case.shape[0] > 0) {
        let (loss, gradient) = losses::run(&case, &device);
        add(&format!("cross-entropy {}", case.case), false, &[loss, gradient]);
    }
    for case in tables::shapes() {
        add(&format!("embedding {}", case.case), true, &case.run(&device));
    }
    all
}

/// Whether `actual` is `expected` but for rounding.
#[track_caller]
pub fn assert_alike(actual: &[f32], expected: &[f32], what: &str) {
    let largest = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
    assert_close(actual, expected, 1e-5, 2e-5 * largest, what);
}
