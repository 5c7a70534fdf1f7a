//! Losses of PyTorch, from `tests/fixtures/cross_entropy.json`, and random ones.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_kernels::softmax_cross_entropy;
use burn::tensor::Device;
use serde::Deserialize;

use super::common::{SHAPES, assert_close, len, tensor, uniform, values};

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Case {
    pub case: String,
    pub shape: [usize; 2],
    pub logits: Vec<f32>,
    pub targets: Vec<f32>,
    pub loss: f32,
    pub gradient: Vec<f32>,
}

pub fn random(shape: [usize; 2], seed: u64) -> Case {
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
pub fn run(case: &Case, device: &Device) -> (Vec<f32>, Vec<f32>) {
    let logits = tensor(&case.logits, case.shape, device).require_grad();
    let loss =
        softmax_cross_entropy(logits.clone(), tensor(&case.targets, case.shape, device)).mul_scalar(3.0);
    let gradients = loss.backward();
    (values(loss), values(logits.grad(&gradients).unwrap()))
}

pub fn follow_pytorch() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/cross_entropy.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    for case in &fixture.cases {
        let (loss, gradient) = run(case, &Device::flex().autodiff());
        assert_close(&loss, &[3.0 * case.loss], 1e-5, 1e-6, &case.case);
        let expected: Vec<f32> = case.gradient.iter().map(|gradient| 3.0 * gradient).collect();
        assert_close(&gradient, &expected, 1e-5, 1e-6, &case.case);
    }
}

pub fn shapes() -> impl Iterator<Item = Case> {
    SHAPES.into_iter().enumerate().map(|(seed, shape)| random(shape, seed as u64))
}
