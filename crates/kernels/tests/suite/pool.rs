//! Pooling: against PyTorch, and at the edges.
#![cfg(feature = "flex")]

use crate::common;
use crate::torch;

use brasa_kernels::{PoolOptions, avg_pool2d, global_avg_pool, max_over_time, max_pool2d};
use burn::tensor::{Device, Tensor};
use common::{assert_close, len, tensor, uniform, values, with_threads};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const HALVES: PoolOptions<2> = PoolOptions { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };

#[test]
fn pytorch_computes_the_same() {
    let mut seen = 0;
    for case in torch::cases().iter().filter(|case| case.kind.contains("pool")) {
        let pair = |values: &[usize]| values.try_into().unwrap();
        let options = PoolOptions {
            kernel: pair(&case.kernel),
            stride: pair(&case.stride),
            padding: pair(&case.padding),
        };
        case.follow(|[x, ..]| {
            let x = x.unwrap().of::<4>();
            if case.kind == "max_pool2d" { max_pool2d(x, options) } else { avg_pool2d(x, options) }
        });
        seen += 1;
    }
    assert_eq!(seen, 6);
}

/// Output and gradient of `function` of `x`.
fn both<const D: usize, const E: usize>(
    x: &[f32],
    shape: [usize; D],
    upstream: &[f32],
    function: impl FnOnce(Tensor<D>) -> Tensor<E>,
) -> [Vec<f32>; 2] {
    let device = Device::flex().autodiff();
    let x = tensor(x, shape, &device).require_grad();
    let y = function(x.clone());
    let gradients = (y.clone() * tensor(upstream, y.dims(), &device)).sum().backward();
    [values(y), values(x.grad(&gradients).unwrap())]
}

/// Maximum (or mean) over windows of each plane, from the definition, with the gradient.
fn exact(
    maximum: bool,
    x: &[f32],
    shape: [usize; 4],
    options: PoolOptions<2>,
    upstream: &[f32],
) -> [Vec<f32>; 2] {
    let PoolOptions { kernel, stride, padding } = options;
    let [_, _, height, width] = shape;
    let size = |axis: usize| (shape[axis + 2] + 2 * padding[axis] - kernel[axis]) / stride[axis] + 1;
    let (oh, ow) = (size(0), size(1));
    let (mut y, mut gradient) = (vec![], vec![0.0; x.len()]);
    for (i, &g) in upstream.iter().enumerate() {
        let (plane, row, column) = (i / (oh * ow), i / ow % oh * stride[0], i % ow * stride[1]);
        let rows = (row..row + kernel[0]).filter(|r| (padding[0]..height + padding[0]).contains(r));
        let places: Vec<usize> = rows
            .flat_map(|r| (column..column + kernel[1]).map(move |c| (r, c)))
            .filter(|(_, c)| (padding[1]..width + padding[1]).contains(c))
            .map(|(r, c)| (plane * height + r - padding[0]) * width + c - padding[1])
            .collect();
        if maximum {
            let best = places.iter().copied().reduce(|a, b| if x[b] > x[a] { b } else { a }).unwrap();
            y.push(x[best]);
            gradient[best] += g;
        } else {
            let area = (kernel[0] * kernel[1]) as f32;
            y.push(places.iter().map(|&place| x[place]).sum::<f32>() / area);
            places.iter().for_each(|&place| gradient[place] += g / area);
        }
    }
    [y, gradient]
}

fn check(shape: [usize; 4], options: PoolOptions<2>, seed: u64) {
    // Tenths: some windows have equal values.
    let x: Vec<f32> =
        uniform(len(shape), -3.0, 3.0, seed).iter().map(|v| (v * 10.0).round() / 10.0).collect();
    let outputs = max_pool2d(tensor(&x, shape, &Device::flex()), options).dims();
    let upstream = uniform(len(outputs), -1.0, 1.0, seed + 1000);
    let what = format!("{shape:?} {options:?}");
    let maxima = both(&x, shape, &upstream, |x| max_pool2d(x, options));
    for (actual, expected) in maxima.iter().zip(exact(true, &x, shape, options, &upstream)) {
        assert_close(actual, &expected, 1e-6, 1e-6, &format!("max, {what}"));
    }
    let alone = values(max_pool2d(tensor(&x, shape, &Device::flex()), options));
    assert_eq!(alone, maxima[0], "max without its places, {what}");
    let means = both(&x, shape, &upstream, |x| avg_pool2d(x, options));
    for (actual, expected) in means.iter().zip(exact(false, &x, shape, options, &upstream)) {
        assert_close(actual, &expected, 1e-5, 1e-5, &format!("mean, {what}"));
    }
}

#[test]
fn windows_of_every_kind_follow_the_definition() {
    let pool = |kernel, stride, padding| PoolOptions { kernel, stride, padding };
    check([2, 3, 8, 6], HALVES, 1);
    check([1, 1, 2, 2], HALVES, 2);
    check([3, 2, 7, 9], HALVES, 3);
    check([70, 8, 17, 20], HALVES, 4);
    check([30, 16, 17, 20], pool([3, 3], [2, 2], [1, 1]), 5);
    check([1, 2, 40, 41], pool([17, 16], [3, 2], [8, 5]), 6);
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for seed in 10..60 {
        let mut pick = |low: usize, high: usize| rng.random_range(low..=high);
        let kernel = [pick(1, 4), pick(1, 5)];
        let padding = kernel.map(|kernel| pick(0, kernel / 2));
        let size = [0, 1].map(|axis| pick(kernel[axis], 12));
        let options = pool(kernel, [pick(1, 4), pick(1, 4)], padding);
        check([pick(1, 3), pick(1, 4), size[0], size[1]], options, seed);
    }
}

#[test]
fn nan_is_the_largest_and_minus_infinity_is_larger_than_padding() {
    let device = Device::flex();
    let (nan, low) = (f32::NAN, f32::NEG_INFINITY);
    let x = tensor(&[1.0, nan, 2.0, 3.0, low, low, low, low], [1, 2, 2, 2], &device);
    let y = values(max_pool2d(x.clone(), HALVES));
    assert!(y[0].is_nan() && y[1] == low, "{y:?}");
    let padded = PoolOptions { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
    let y = values(max_pool2d(x.clone(), padded));
    assert!(y[0].is_nan() && y[1] == low, "{y:?}");
    let y = values(max_over_time(x.reshape([1, 2, 4])));
    assert!(y[0].is_nan() && y[1] == low, "{y:?}");
    let x = vec![low; 25];
    let [_, gradient] = both(&x, [1, 1, 5, 5], &[1.0; 9], |x| max_pool2d(x, padded));
    assert_eq!(gradient.iter().sum::<f32>(), 9.0);
}

#[test]
fn the_maximum_over_time_follows_the_definition() {
    for (seed, shape) in
        [[1, 1, 1], [3, 5, 16], [7, 4, 19], [128, 100, 17], [2, 3, 70]].into_iter().enumerate()
    {
        let x = uniform(len(shape), -1.0, 1.0, seed as u64);
        let upstream = uniform(shape[0] * shape[1], -1.0, 1.0, 99);
        let row = PoolOptions { kernel: [1, shape[2]], stride: [1, 1], padding: [0, 0] };
        let expected = exact(true, &x, [shape[0], shape[1], 1, shape[2]], row, &upstream);
        assert_eq!(both(&x, shape, &upstream, max_over_time), expected);
    }
}

/// Rows side by side and rows left over, shorter than a vector, as long, and longer; few different values, so that they are often equal.
#[test]
fn the_first_of_equal_maxima_over_time_has_the_gradient_and_the_first_of_nans() {
    let choices = [0.0, 1.0, 2.0, f32::NEG_INFINITY, f32::NAN];
    for (nans, [rows, time]) in [[16, 1], [40, 5], [33, 16], [50, 18], [17, 31], [100, 32], [31, 45]]
        .into_iter()
        .flat_map(|shape| [(false, shape), (true, shape)])
    {
        let draws = uniform(rows * time, 0.0, if nans { 4.999 } else { 3.999 }, time as u64);
        let x: Vec<f32> = draws.iter().map(|draw| choices[*draw as usize]).collect();
        let upstream: Vec<f32> = (1..=rows).map(|row| row as f32).collect();
        let [y, gradient] = both(&x, [1, rows, time], &upstream, max_over_time);
        for (row, x) in x.chunks_exact(time).enumerate() {
            let first = (1..time).fold(0, |best, at| {
                let wins = x[at] > x[best] || x[at].is_nan() && !x[best].is_nan();
                if wins { at } else { best }
            });
            assert_eq!(y[row].to_bits(), x[first].to_bits(), "{rows} x {time}, row {row}: {x:?}");
            let own = &gradient[row * time..][..time];
            assert!((0..time).all(|at| own[at] == if at == first { upstream[row] } else { 0.0 }), "{own:?}");
        }
    }
}

#[test]
fn a_transposed_input_is_read_in_its_own_order() {
    let x = tensor(&uniform(2 * 3 * 6 * 4, -1.0, 1.0, 1), [2, 3, 6, 4], &Device::flex());
    let straight = tensor(&values(x.clone().swap_dims(1, 3)), [2, 4, 6, 3], &Device::flex());
    let turned = x.swap_dims(1, 3);
    assert_eq!(values(max_pool2d(turned.clone(), HALVES)), values(max_pool2d(straight.clone(), HALVES)));
    assert_eq!(values(avg_pool2d(turned.clone(), HALVES)), values(avg_pool2d(straight.clone(), HALVES)));
    assert_eq!(values(global_avg_pool(turned)), values(global_avg_pool(straight)));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let shape = [40, 16, 21, 20];
    let x = uniform(len(shape), -1.0, 1.0, 1);
    for options in [HALVES, PoolOptions { kernel: [3, 3], stride: [2, 2], padding: [1, 1] }] {
        let upstream = uniform(40 * 16 * 11 * 10, -1.0, 1.0, 2);
        let outputs = max_pool2d(tensor(&x, shape, &Device::flex()), options).dims();
        let upstream = &upstream[..len(outputs)];
        let maxima = || both(&x, shape, upstream, |x| max_pool2d(x, options));
        let means = || both(&x, shape, upstream, |x| avg_pool2d(x, options));
        assert_eq!(with_threads(1, maxima), with_threads(3, maxima));
        assert_eq!(with_threads(1, means), with_threads(3, means));
    }
    let global = || both(&x, shape, &uniform(40 * 16, -1.0, 1.0, 3), global_avg_pool);
    assert_eq!(with_threads(1, global), with_threads(3, global));
}

#[test]
fn the_maximum_over_time_hands_its_gradient_to_the_first_largest() {
    let device = Device::flex().autodiff();
    let x = tensor(&[1.0, 3.0, 3.0, -5.0, -7.0, -6.0], [2, 1, 3], &device).require_grad();
    let y = max_over_time(x.clone());
    let gradients = (y.clone() * tensor(&[2.0, 5.0], [2, 1], &device)).sum().backward();
    assert_eq!(values(y), [3.0, -5.0]);
    assert_eq!(values(x.grad(&gradients).unwrap()), [0.0, 2.0, 0.0, 5.0, 0.0, 0.0]);
}

#[test]
fn the_global_mean_spreads_its_gradient() {
    let device = Device::flex().autodiff();
    let x = tensor(&[1.0, 3.0, 5.0, 7.0, -2.0, -4.0, 0.0, 2.0], [1, 2, 2, 2], &device).require_grad();
    let y = global_avg_pool(x.clone());
    let gradients = (y.clone() * tensor(&[4.0, 8.0], [1, 2], &device)).sum().backward();
    assert_eq!(values(y), [4.0, -1.0]);
    assert_eq!(values(x.grad(&gradients).unwrap()), [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
}

#[test]
fn an_empty_batch_has_an_empty_output() {
    let device = Device::flex();
    let x = Tensor::<4>::zeros([0, 3, 4, 4], &device);
    assert_eq!(max_pool2d(x.clone(), HALVES).dims(), [0, 3, 2, 2]);
    assert_eq!(avg_pool2d(x.clone(), HALVES).dims(), [0, 3, 2, 2]);
    assert_eq!(global_avg_pool(x).dims(), [0, 3]);
    assert_eq!(max_over_time(Tensor::zeros([0, 3, 4], &device)).dims(), [0, 3]);
}

#[test]
#[should_panic(expected = "the window [3, 2] does not fit into the padded input [2, 5]")]
fn a_window_larger_than_the_input_is_refused() {
    let options = PoolOptions { kernel: [3, 2], stride: [1, 1], padding: [0, 0] };
    max_pool2d(Tensor::zeros([1, 1, 2, 5], &Device::flex()), options);
}

#[test]
#[should_panic(expected = "the padding [0, 2] is more than half of the window [3, 3]")]
fn padding_of_more_than_half_a_window_is_refused() {
    let options = PoolOptions { kernel: [3, 3], stride: [1, 1], padding: [0, 2] };
    avg_pool2d(Tensor::zeros([1, 1, 5, 5], &Device::flex()), options);
}
