//! Optimizers: against PyTorch, and as part of training.
#![cfg(feature = "flex")]

use crate::common;
#[path = "../common/optimizers.rs"]
mod fixtures;

use brasa_kernels::optim::{Adam, AdamW, RmsProp, Sgd};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, Optimizer};
use burn::tensor::Device;
use common::{assert_close, tensor, uniform, values, with_threads};

#[test]
fn ten_steps_follow_pytorch() {
    fixtures::follow_pytorch(&Device::flex());
}

#[cfg(feature = "ndarray")]
#[test]
#[allow(deprecated)]
fn ten_steps_follow_pytorch_on_another_backend() {
    fixtures::follow_pytorch(&Device::ndarray());
}

fn model(device: &Device) -> Linear {
    let mut linear = LinearConfig::new(7, 5).init(device);
    let initial = tensor(&uniform(35, -0.5, 0.5, 1), [7, 5], device);
    linear.weight = linear.weight.map(|_| initial.require_grad());
    linear
}

fn step(optimizer: &mut ModuleOptimizer, linear: Linear, scale: f32) -> Linear {
    let device = linear.weight.val().device();
    let x = tensor(&uniform(21, -1.0, 1.0, 2), [3, 7], &device);
    let loss = linear.forward(x).powf_scalar(2.0).mean() * scale;
    let gradients = GradientsParams::from_grads(loss.backward(), &linear);
    optimizer.step(0.01, linear, gradients)
}

fn weights(linear: &Linear) -> Vec<f32> {
    values(linear.weight.val())
}

/// Two steps, then one more: of the same optimizer, and of one that was restored from its record.
fn resumes<O: Optimizer>(optimizer: O) {
    let mut original = ModuleOptimizer::from(optimizer.clone());
    let mut linear = model(&Device::flex().autodiff());
    for scale in [1.0, 0.3] {
        linear = step(&mut original, linear, scale);
    }
    let mut restored = ModuleOptimizer::from(optimizer).from_bytes(original.into_bytes().unwrap()).unwrap();
    let expected = weights(&step(&mut original, linear.clone(), -0.1));
    assert_eq!(weights(&step(&mut restored, linear, -0.1)), expected);
}

#[test]
fn a_record_restores_the_state() {
    resumes(Sgd { momentum: 0.9, ..Sgd::default() });
    resumes(Sgd::default());
    resumes(RmsProp { momentum: 0.9, centered: true, ..RmsProp::default() });
    resumes(RmsProp::default());
    resumes(Adam::default());
    resumes(AdamW::default());
}

#[test]
fn a_record_of_burns_adam_goes_on_in_ours() {
    let mut burn = AdamConfig::new().with_epsilon(1e-8).init();
    let linear = step(&mut burn, model(&Device::flex().autodiff()), 1.0);
    let record = burn.into_bytes().unwrap();
    let mut ours = ModuleOptimizer::from(Adam::default()).from_bytes(record).unwrap();
    let expected = weights(&step(&mut burn, linear.clone(), 0.5));
    assert_close(&weights(&step(&mut ours, linear, 0.5)), &expected, 1e-5, 1e-7, "weights");
}

#[test]
fn tensors_that_others_hold_keep_their_values() {
    let device = Device::flex();
    let parameter = tensor(&[1.0, 2.0, 3.0], [3], &device);
    let gradient = tensor(&[0.5, 0.5, 0.5], [3], &device);
    let optimizer = Adam::default();
    let (_, state) = optimizer.step(0.1, parameter.clone(), gradient.clone(), None);
    let kept = state.clone().unwrap();
    let (moved, _) = optimizer.step(0.1, parameter.clone(), gradient.clone(), state);
    assert_eq!(values(parameter), [1.0, 2.0, 3.0]);
    assert_eq!(values(gradient), [0.5, 0.5, 0.5]);
    assert_close(&values(kept.momentum.moment_1), &[0.05; 3], 1e-6, 0.0, "first moment");
    assert!(values(moved).iter().zip([1.0, 2.0, 3.0]).all(|(moved, from)| *moved < from));
}

#[test]
fn a_transposed_gradient_reaches_the_right_elements() {
    let device = Device::flex();
    let parameter = tensor(&[0.0; 6], [2, 3], &device);
    let gradient = tensor(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0], [3, 2], &device).transpose();
    let (parameter, _) = Sgd::default().step(-1.0, parameter, gradient, None);
    assert_eq!(values(parameter), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let len = 150_001;
    let run = || {
        let mut parameter = tensor(&uniform(len, -1.0, 1.0, 1), [len], &Device::flex());
        let mut state = None;
        for seed in 2..5 {
            let gradient = tensor(&uniform(len, -1.0, 1.0, seed), [len], &Device::flex());
            (parameter, state) = AdamW::default().step(1e-3, parameter, gradient, state);
        }
        values(parameter)
    };
    assert_eq!(with_threads(1, run), with_threads(3, run));
}

/// What a table of vectors is after a few steps of gradients of which some rows are zero, and its state.
fn lazily(device: &Device, gradients: &[[f32; 6]], lazy: bool) -> [Vec<f32>; 3] {
    let optimizer = AdamW { lazy, weight_decay: 0.1, ..AdamW::default() };
    let mut table = tensor(&uniform(6, -1.0, 1.0, 3), [3, 2], device);
    let mut state = None;
    for gradient in gradients {
        (table, state) = optimizer.step(0.1, table, tensor(gradient, [3, 2], device), state);
    }
    let momentum = state.unwrap().momentum;
    [values(table), values(momentum.moment_1), values(momentum.moment_2)]
}

#[test]
fn lazy_steps_leave_rows_without_a_gradient_alone_and_move_the_others_as_ever() {
    let steps =
        [[1.0, -2.0, 0.0, 0.0, 0.5, 0.0], [0.3, 0.1, 0.0, -0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0, -1.0, 1.0]];
    let begin = uniform(6, -1.0, 1.0, 3);
    let device = Device::flex();
    let [table, m, v] = lazily(&device, &steps, true);
    assert_eq!(table[2..4], begin[2..4]);
    assert_eq!((&m[2..4], &v[2..4]), (&[0.0, 0.0][..], &[0.0, 0.0][..]));
    // Row 0 has a gradient in every step.
    let [every, ..] = lazily(&device, &steps, false);
    assert_eq!(table[..2], every[..2]);
    assert_ne!(table[2..4], every[2..4], "weight decay takes a part of every row");
    // Row 2 rests in the second step: its moments are those of two steps, with the corrections of the third.
    let twice = lazily(&device, &[steps[0], steps[2]], true);
    assert_eq!((&m[4..], &v[4..]), (&twice[1][4..], &twice[2][4..]));
    // The same in Burn's primitives.
    let _reference = brasa_kernels::Mode::Reference.enter();
    for (found, expected) in lazily(&device, &steps, true).iter().zip([table, m, v]) {
        assert_close(found, &expected, 1e-6, 1e-7, "lazy");
    }
}
