//! Softmax cross-entropy: against PyTorch, and at the edges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use brasa_kernels::{Mode, set_mode, softmax_cross_entropy};
use burn::tensor::{Device, Tensor};
use common::{SHAPES, assert_close, len, tensor, uniform, values, with_threads};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    shape: [usize; 2],
    logits: Vec<f32>,
    targets: Vec<f32>,
    loss: f32,
    gradient: Vec<f32>,
}

fn random(shape: [usize; 2], seed: u64) -> Case {
    let targets = uniform(len(shape), 0.0, 2.0 / (len(shape) as f32).max(1.0), seed + 1000);
    Case {
        case: format!("{shape:?}"),
        shape,
        logits: uniform(len(shape), -8.0, 8.0, seed),
        targets,
        loss: 0.0,
        gradient: vec![],
    }
}

/// The loss times 3, so that the upstream gradient is not 1, and the gradient of that.
fn run(case: &Case, device: &Device) -> (Vec<f32>, Vec<f32>) {
    let logits = tensor(&case.logits, case.shape, device).require_grad();
    let loss =
        softmax_cross_entropy(logits.clone(), tensor(&case.targets, case.shape, device)).mul_scalar(3.0);
    let gradients = loss.backward();
    (values(loss), values(logits.grad(&gradients).unwrap()))
}

/// The mode holds for the whole process, so everything that changes it is one test.
#[test]
fn both_modes_equal_pytorch_and_each_other() {
    let device = Device::flex().autodiff();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/cross_entropy.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    for case in &fixture.cases {
        for mode in [Mode::Reference, Mode::Fast] {
            set_mode(mode);
            let (loss, gradient) = run(case, &device);
            let what = format!("{}, {mode:?}", case.case);
            assert_close(&loss, &[3.0 * case.loss], 1e-5, 1e-6, &what);
            let expected: Vec<f32> = case.gradient.iter().map(|gradient| 3.0 * gradient).collect();
            assert_close(&gradient, &expected, 1e-5, 1e-6, &what);
        }
    }
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let case = random(shape, seed as u64);
        set_mode(Mode::Reference);
        let expected = run(&case, &device);
        set_mode(Mode::Fast);
        let actual = run(&case, &device);
        assert_close(&actual.0, &expected.0, 1e-5, 1e-7, &case.case);
        let size = expected.1.iter().fold(0.0f32, |size, value| size.max(value.abs()));
        assert_close(&actual.1, &expected.1, 0.0, 1e-5 * size, &case.case);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let case = random([1027, 211], 1);
    let run = || run(&case, &Device::flex().autodiff());
    let one = with_threads(1, run);
    for threads in [2, 3] {
        assert_eq!(one, with_threads(threads, run), "{threads} threads");
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
