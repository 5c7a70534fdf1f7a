//! Pooling: against PyTorch, and at the edges.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/torch.rs"]
mod torch;

use brasa_kernels::{PoolOptions, avg_pool2d, global_avg_pool, max_over_time, max_pool2d};
use burn::tensor::{Device, Tensor};
use common::{tensor, values};

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

const HALVES: PoolOptions<2> = PoolOptions { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };

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
