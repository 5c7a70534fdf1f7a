//! The optimizers against PyTorch's, from `tests/fixtures/optimizers.json`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_kernels::optim::{Adam, AdamW, RmsProp, Sgd};
use burn::optim::Optimizer;
use burn::tensor::{Device, Tensor};
use serde::Deserialize;
use serde_json::Value;

use super::common::{assert_close, tensor, values};

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    kind: String,
    options: Value,
    lr: f64,
    parameters: Vec<Parameter>,
    gradients: Vec<Vec<Vec<f32>>>,
    after: Vec<Vec<Vec<f32>>>,
}

#[derive(Deserialize)]
struct Parameter {
    shape: Vec<usize>,
    values: Vec<f32>,
}

/// Every case, ten steps each.
pub fn follow_pytorch(device: &Device) {
    // Asked when it runs: a cached test binary may come from a clone that is gone.
    let path =
        format!("{}/../../tests/fixtures/optimizers.json", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    for case in &fixture.cases {
        let number = |key: &str| case.options[key].as_f64().unwrap();
        let flag = |key: &str| case.options[key].as_bool().unwrap();
        match case.kind.as_str() {
            "sgd" => run(
                case,
                &Sgd {
                    momentum: number("momentum"),
                    dampening: number("dampening"),
                    weight_decay: number("weight_decay"),
                    nesterov: flag("nesterov"),
                },
                device,
            ),
            "rmsprop" => run(
                case,
                &RmsProp {
                    alpha: number("alpha"),
                    eps: number("eps"),
                    momentum: number("momentum"),
                    centered: flag("centered"),
                    weight_decay: number("weight_decay"),
                },
                device,
            ),
            "adam" | "adamw" => {
                assert!(!flag("amsgrad"));
                let betas = &case.options["betas"];
                let betas = (betas[0].as_f64().unwrap(), betas[1].as_f64().unwrap());
                let (eps, weight_decay) = (number("eps"), number("weight_decay"));
                if case.kind == "adam" {
                    run(case, &Adam { betas, eps, weight_decay, lazy: false }, device);
                } else {
                    run(case, &AdamW { betas, eps, weight_decay, lazy: false }, device);
                }
            }
            other => panic!("{}: no optimizer {other}", case.case),
        }
    }
}

fn run<O: Optimizer>(case: &Case, optimizer: &O, device: &Device) {
    for (index, parameter) in case.parameters.iter().enumerate() {
        match parameter.shape[..] {
            [rows, columns] => run_parameter(case, optimizer, index, [rows, columns], device),
            [len] => run_parameter(case, optimizer, index, [len], device),
            _ => panic!("{}: a shape that no fixture has: {:?}", case.case, parameter.shape),
        }
    }
}

fn run_parameter<O: Optimizer, const D: usize>(
    case: &Case,
    optimizer: &O,
    index: usize,
    shape: [usize; D],
    device: &Device,
) {
    let mut parameter: Tensor<D> = tensor(&case.parameters[index].values, shape, device);
    let mut state = None;
    for (step, (gradients, after)) in case.gradients.iter().zip(&case.after).enumerate() {
        let gradient = tensor(&gradients[index], shape, device);
        (parameter, state) = optimizer.step(case.lr, parameter, gradient, state);
        let what = format!("{}, step {}", case.case, step + 1);
        assert_close(&values(parameter.clone()), &after[index], 1e-5, 1e-6, &what);
    }
}
