//! Convolution: against its definition in `f64`, against PyTorch, and at the edges.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/convolution.rs"]
mod convolution;
#[path = "common/torch.rs"]
mod torch;

use brasa_kernels::{ConvOptions, conv1d, conv2d};
use burn::tensor::{Device, Tensor};
use common::tensor;
use convolution::{Case, check};

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
fn pytorch_computes_the_same() {
    let mut seen = 0;
    for case in torch::cases().iter().filter(|case| case.kind.starts_with("conv")) {
        let relu = case.relu.unwrap();
        let groups = case.groups.unwrap();
        if let (&[stride], &[padding]) = (&case.stride[..], &case.padding[..]) {
            let options = ConvOptions { stride: [stride], padding: [padding], groups, relu };
            case.follow(|[x, weight, bias]| {
                let bias = bias.map(torch::Leaf::of::<1>);
                conv1d(x.unwrap().of::<3>(), weight.unwrap().of::<3>(), bias, options)
            });
        } else {
            let (stride, padding) =
                (case.stride[..].try_into().unwrap(), case.padding[..].try_into().unwrap());
            let options = ConvOptions { stride, padding, groups, relu };
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
