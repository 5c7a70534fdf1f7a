//! Softmax cross-entropy: against PyTorch, and at the edges.

use crate::common;
#[path = "../common/cross_entropy.rs"]
mod losses;

use brasa_kernels::softmax_cross_entropy;
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, values, with_threads};
use losses::{Case, random, run};

#[test]
fn losses_and_gradients_follow_pytorch() {
    losses::follow_pytorch();
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let case = random([1027, 211], 1);
    let run = || run(&case, &Device::flex().autodiff());
    let one = with_threads(1, run);
    for threads in [2, 3] {
        assert!(one == with_threads(threads, run), "{threads} threads");
    }
}

#[test]
fn extreme_logits_have_finite_losses_and_gradients() {
    let device = Device::flex().autodiff();
    let case = Case { targets: vec![1.0, 0.0, 0.0, 1.0], ..random([2, 2], 1) };
    let case = Case { logits: vec![3e38, -3e38, 1e30, 2e30], ..case };
    assert_eq!(run(&case, &device), (vec![0.0], vec![0.0; 4]));
}

#[test]
fn a_class_ruled_out_counts_nothing() {
    let device = Device::flex().autodiff();
    let case = Case { targets: vec![1.0, 0.0, 0.0], ..random([1, 3], 1) };
    let case = Case { logits: vec![0.0, f32::NEG_INFINITY, 0.0], ..case };
    let (loss, gradient) = run(&case, &device);
    assert_close(&loss, &[3.0 * std::f32::consts::LN_2], 1e-6, 0.0, "loss");
    assert_close(&gradient, &[-1.5, 0.0, 1.5], 1e-6, 0.0, "gradient");
}

#[test]
fn nan_reaches_the_loss_and_stays_in_its_row_of_the_gradient() {
    let device = Device::flex().autodiff();
    let mut case = random([3, 4], 1);
    case.logits[5] = f32::NAN;
    let (loss, gradient) = run(&case, &device);
    assert!(loss[0].is_nan());
    for (row, gradient) in gradient.chunks(4).enumerate() {
        assert!(gradient.iter().all(|value| value.is_nan() == (row == 1)), "{row}: {gradient:?}");
    }
}

#[test]
fn transposed_logits_are_read_in_their_own_order() {
    let device = Device::flex();
    let case = random([5, 7], 1);
    let (logits, targets) = (tensor(&case.logits, [5, 7], &device), tensor(&case.targets, [5, 7], &device));
    let straight = softmax_cross_entropy(logits.clone(), targets.clone());
    let turned = Tensor::<2>::from_data(logits.transpose().into_data(), &device).transpose();
    assert_eq!(values(straight), values(softmax_cross_entropy(turned, targets)));
}

#[test]
#[should_panic(expected = "one target for each logit: [2, 3], got targets of the shape [2, 2]")]
fn targets_of_another_shape_are_refused() {
    let device = Device::flex();
    softmax_cross_entropy(Tensor::zeros([2, 3], &device), Tensor::zeros([2, 2], &device));
}
