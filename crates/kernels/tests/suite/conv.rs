//! Convolution: against its definition in `f64`, against PyTorch, and at the edges.
#![cfg(feature = "flex")]

use crate::common;
use crate::convolution;
use crate::torch;

use brasa_kernels::{ConvOptions, Epilogue, conv1d, conv2d};
use burn::tensor::{Device, Tensor};
use common::{tensor, values, with_threads};
use convolution::{Case, Data, NAMES, assert_same, check, exact, exact_gradients, exact_sums, ours, wide};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[test]
fn small_shapes_follow_the_definition() {
    let cases = [
        Case::new([1, 1, 1, 1], [1, 1, 1, 1]),
        Case::new([2, 3, 5, 7], [4, 3, 3, 3]).padding(1, 1).relu(),
        Case::new([3, 2, 9, 4], [5, 2, 2, 3]).stride(2, 1),
        Case::new([1, 2, 8, 11], [3, 2, 3, 3]).stride(3, 2).padding(2, 1).without_bias(),
        Case::new([2, 6, 5, 5], [9, 2, 3, 3]).padding(1, 1).groups(3).relu(),
        Case::new([2, 5, 6, 7], [5, 1, 3, 3]).padding(1, 1).groups(5),
        Case::new([2, 7, 5, 3], [8, 7, 1, 1]).relu(),
        Case::new([1, 2, 3, 3], [2, 2, 5, 5]).padding(4, 3),
    ];
    for (seed, case) in cases.into_iter().enumerate() {
        check(case, seed as u64);
    }
}

/// Few channels per group, of either side: columns in the lanes.
#[test]
fn depthwise_and_narrow_convolutions_follow_the_definition() {
    let cases = [
        Case::new([2, 20, 9, 17], [20, 1, 3, 3]).padding(1, 1).groups(20).relu(),
        Case::new([1, 6, 12, 70], [12, 1, 5, 5]).padding(2, 2).groups(6),
        Case::new([3, 8, 11, 33], [8, 1, 3, 3]).stride(2, 2).padding(1, 1).groups(8),
        Case::new([2, 24, 8, 100], [3, 24, 3, 4]).padding(1, 0).relu(),
        Case::new([2, 3, 19, 21], [24, 3, 7, 7]).stride(2, 2).padding(3, 3),
        Case::new([2, 1, 1, 130], [1, 1, 1, 1]).without_bias(),
    ];
    for (seed, case) in cases.into_iter().enumerate() {
        check(case, seed as u64);
    }
}

/// Three by three, stride 1 and many channels: Winograd's algorithm.
#[test]
fn square_kernels_over_many_channels_follow_the_definition() {
    let cases = [
        Case::new([4, 16, 12, 12], [16, 16, 3, 3]).padding(1, 1).relu(),
        Case::new([5, 19, 7, 9], [37, 19, 3, 3]).padding(1, 1),
        Case::new([4, 70, 13, 6], [100, 70, 3, 3]).relu().without_bias(),
        Case::new([9, 32, 5, 5], [17, 32, 3, 3]).padding(2, 1),
        Case::new([4, 16, 50, 43], [48, 16, 3, 3]).padding(0, 2),
        Case::new([4, 16, 4, 4], [16, 16, 3, 3]).padding(3, 4),
    ];
    for (seed, case) in cases.into_iter().enumerate() {
        check(case, seed as u64);
    }
}

#[test]
fn random_shapes_follow_the_definition() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for seed in 0..60 {
        let mut pick = |low: usize, high: usize| rng.random_range(low..=high);
        let groups = if pick(0, 3) == 0 { pick(2, 4) } else { 1 };
        let (inputs, outputs) = (pick(1, 20), pick(1, 40));
        let kernel = [pick(1, 5), pick(1, 9)];
        let padding = [pick(0, 2), pick(0, 3)];
        let size = [0, 1].map(|axis| pick(kernel[axis].saturating_sub(2 * padding[axis]).max(1), 20));
        let x = [pick(1, 3), inputs * groups, size[0], size[1]];
        let mut case = Case::new(x, [outputs * groups, inputs, kernel[0], kernel[1]])
            .stride(pick(1, 3), pick(1, 3))
            .padding(padding[0], padding[1])
            .groups(groups);
        case.options.epilogue = if pick(0, 1) == 0 { Epilogue::Relu } else { Epilogue::None };
        case.bias = pick(0, 2) > 0;
        check(case, seed);
    }
}

/// The definition's own gradients, in `f64`.
#[test]
fn central_differences_agree_with_the_definition() {
    let case = Case::new([2, 4, 5, 6], [6, 2, 3, 2]).stride(2, 1).padding(1, 2).groups(2);
    let data = Data::new(&case, 3);
    let upstream = wide(&data.upstream);
    let point = [wide(&data.x), wide(&data.weight), wide(&data.bias)];
    let loss = |[x, weight, bias]: &[Vec<f64>; 3]| -> f64 {
        exact_sums(&case, x, weight, bias).iter().zip(&upstream).map(|(y, g)| y * g).sum()
    };
    let gradients = exact_gradients(&case, &point[0], &point[1], &upstream);
    for (tensor, gradient) in gradients.iter().enumerate() {
        for (i, gradient) in gradient.iter().enumerate() {
            let moved = |step: f64| {
                let mut point = point.clone();
                point[tensor][i] += step;
                loss(&point)
            };
            let difference = (moved(0.5) - moved(-0.5)) / 1.0;
            assert!((difference - gradient).abs() < 1e-10, "{tensor}, {i}: {difference} for {gradient}");
        }
    }
}

#[test]
fn a_transposed_input_is_read_in_its_own_order() {
    let case = Case::new([2, 3, 6, 5], [4, 3, 3, 3]).padding(1, 1).relu();
    let data = Data::new(&case, 1);
    let device = Device::flex().autodiff();
    let x = tensor(&data.x, case.x, &device);
    let turned = tensor(&values(x.swap_dims(1, 3)), [2, 5, 6, 3], &device).require_grad();
    let weight = tensor(&data.weight, case.weight, &device);
    let transposed = tensor(&values(weight.swap_dims(0, 1)), [3, 4, 3, 3], &device).require_grad();
    let bias = tensor(&data.bias, [4], &device);
    let y =
        conv2d(turned.clone().swap_dims(1, 3), transposed.clone().swap_dims(0, 1), Some(bias), case.options);
    let upstream = tensor(
        &values(tensor::<4>(&data.upstream, case.output(), &device).swap_dims(1, 2)),
        [2, 6, 4, 5],
        &device,
    );
    let gradients = (y.clone().swap_dims(1, 2) * upstream).sum().backward();
    let gradient = |leaf: &Tensor<4>, a, b| values(leaf.grad(&gradients).unwrap().swap_dims(a, b));
    let actual = [values(y), gradient(&turned, 1, 3), gradient(&transposed, 0, 1), vec![]];
    let expected = exact(&case, &data, &actual[0]);
    assert_same(
        &actual,
        &[expected[0].clone(), expected[1].clone(), expected[2].clone(), vec![]],
        "transposed",
    );
}

#[test]
fn constants_get_no_gradient_and_the_others_the_same() {
    for case in [
        Case::new([2, 3, 6, 5], [4, 3, 3, 3]).padding(1, 1).relu(),
        Case::new([4, 16, 6, 5], [16, 16, 3, 3]).padding(1, 1),
    ] {
        let data = Data::new(&case, 1);
        let (tracked, device) = (Device::flex().autodiff(), Device::flex());
        for wanted in 0..3 {
            let on = |i: usize| if i == wanted { &tracked } else { &device };
            let mut x: Tensor<4> = tensor(&data.x, case.x, on(0));
            let mut weight: Tensor<4> = tensor(&data.weight, case.weight, on(1));
            let mut bias: Tensor<1> = tensor(&data.bias, [case.weight[0]], on(2));
            match wanted {
                0 => x = x.require_grad(),
                1 => weight = weight.require_grad(),
                _ => bias = bias.require_grad(),
            }
            let y = conv2d(x.clone(), weight.clone(), Some(bias.clone()), case.options);
            let gradients = (y.clone() * tensor(&data.upstream, case.output(), &tracked)).sum().backward();
            let gradient = match wanted {
                0 => values(x.grad(&gradients).unwrap()),
                1 => values(weight.grad(&gradients).unwrap()),
                _ => values(bias.grad(&gradients).unwrap()),
            };
            let everything = ours(&case, &data, &tracked);
            assert_eq!(gradient, everything[wanted + 1], "{}", NAMES[wanted + 1]);
            assert_eq!(values(y), everything[0]);
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let cases = [
        Case::new([37, 5, 14, 13], [20, 5, 5, 5]).padding(2, 2).relu(),
        Case::new([21, 32, 12, 12], [48, 32, 3, 3]).padding(1, 1).relu(),
        Case::new([3, 32, 24, 24], [32, 32, 3, 3]).padding(1, 1),
        Case::new([19, 8, 9, 9], [16, 4, 3, 3]).stride(2, 2).groups(2),
        Case::new([2, 64, 12, 12], [128, 64, 3, 3]).padding(1, 1).relu(),
        Case::new([19, 40, 19, 19], [40, 1, 3, 3]).padding(1, 1).groups(40),
    ];
    for case in cases {
        let data = Data::new(&case, 5);
        let run = || ours(&case, &data, &Device::flex().autodiff());
        let one = with_threads(1, run);
        for threads in [2, 3, 5] {
            assert_eq!(one, with_threads(threads, run), "{threads} threads: {case:?}");
        }
    }
}

#[test]
fn nan_reaches_the_outputs_that_see_it_and_no_others() {
    for channels in [2, 16] {
        let device = Device::flex();
        let mut x = vec![1.0; 4 * channels * 64];
        x[0] = f32::NAN;
        let x = tensor(&x, [4, channels, 8, 8], &device);
        let weight = Tensor::ones([16, channels, 3, 3], &device);
        let options = ConvOptions { padding: [1, 1], epilogue: Epilogue::Relu, ..Default::default() };
        let y = values(conv2d(x, weight, None, options));
        assert!(y[0].is_nan() && y[9].is_nan());
        assert!(y[16 * 64..].iter().all(|y| y.is_finite()), "other images");
    }
}

#[test]
fn pytorch_computes_the_same() {
    let mut seen = 0;
    for case in torch::cases().iter().filter(|case| case.kind.starts_with("conv")) {
        let epilogue = if case.relu.unwrap() { Epilogue::Relu } else { Epilogue::None };
        let groups = case.groups.unwrap();
        if let (&[stride], &[padding]) = (&case.stride[..], &case.padding[..]) {
            let options = ConvOptions { stride: [stride], padding: [padding], groups, epilogue };
            case.follow(|[x, weight, bias]| {
                let bias = bias.map(torch::Leaf::of::<1>);
                conv1d(x.unwrap().of::<3>(), weight.unwrap().of::<3>(), bias, options)
            });
        } else {
            let (stride, padding) =
                (case.stride[..].try_into().unwrap(), case.padding[..].try_into().unwrap());
            let options = ConvOptions { stride, padding, groups, epilogue };
            case.follow(|[x, weight, bias]| {
                let bias = bias.map(torch::Leaf::of::<1>);
                conv2d(x.unwrap().of::<4>(), weight.unwrap().of::<4>(), bias, options)
            });
        }
        seen += 1;
    }
    assert_eq!(seen, 11);
}

#[test]
fn an_empty_batch_has_an_empty_output() {
    let device = Device::flex();
    let (x, weight) = (Tensor::<4>::zeros([0, 2, 5, 5], &device), Tensor::<4>::zeros([3, 2, 3, 3], &device));
    assert_eq!(conv2d(x, weight, None, ConvOptions::default()).dims(), [0, 3, 3, 3]);
}

fn convolve(x: [usize; 4], weight: [usize; 4], bias: usize, options: ConvOptions<2>) {
    let device = Device::flex();
    let ones = |shape: [usize; 4]| tensor(&vec![1.0; common::len(shape)], shape, &device);
    conv2d(ones(x), ones(weight), Some(Tensor::ones([bias], &device)), options);
}

#[test]
#[should_panic(expected = "the kernel [4, 3] does not fit into the padded input [3, 5]")]
fn a_kernel_larger_than_the_input_is_refused() {
    convolve([1, 1, 3, 3], [1, 1, 4, 3], 1, ConvOptions { padding: [0, 1], ..Default::default() });
}

#[test]
#[should_panic(expected = "the weight [4, 2, 3, 3] in 2 groups takes 4 input channels, got 6")]
fn channels_that_do_not_fit_are_refused() {
    convolve([1, 6, 3, 3], [4, 2, 3, 3], 4, ConvOptions { groups: 2, ..Default::default() });
}

#[test]
#[should_panic(expected = "the 3 output channels do not divide into 2 groups")]
fn outputs_that_do_not_divide_into_groups_are_refused() {
    convolve([1, 4, 3, 3], [3, 2, 3, 3], 3, ConvOptions { groups: 2, ..Default::default() });
}

#[test]
#[should_panic(expected = "the bias needs one element per output: 4, got 3")]
fn a_bias_of_another_length_is_refused() {
    convolve([1, 2, 3, 3], [4, 2, 3, 3], 3, ConvOptions::default());
}

#[test]
#[should_panic(expected = "a stride is at least 1, got [1, 0]")]
fn a_stride_of_zero_is_refused() {
    convolve([1, 2, 3, 3], [4, 2, 3, 3], 4, ConvOptions { stride: [1, 0], ..Default::default() });
}
