//! Convolutions and poolings of PyTorch, from `tests/fixtures/convolutions.json`.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;

use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;

use super::common::{assert_close, tensor, values};

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Case {
    case: String,
    pub kind: String,
    #[serde(default)]
    pub kernel: Vec<usize>,
    pub stride: Vec<usize>,
    pub padding: Vec<usize>,
    pub groups: Option<usize>,
    pub relu: Option<bool>,
    inputs: Vec<Option<Given>>,
    upstream: Vec<f32>,
    output: Given,
    gradients: Vec<Option<Vec<f32>>>,
}

#[derive(Deserialize)]
struct Given {
    shape: Vec<usize>,
    values: Vec<f32>,
}

pub fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/convolutions.json");
    serde_json::from_str::<Fixture>(&std::fs::read_to_string(path).unwrap()).unwrap().cases
}

/// An input, kept flat so that its gradient is flat too.
#[derive(Clone)]
pub struct Leaf {
    values: Tensor<1>,
    shape: Vec<usize>,
}

impl Leaf {
    pub fn of<const D: usize>(self) -> Tensor<D> {
        let shape: [usize; D] = self.shape.try_into().unwrap();
        self.values.reshape(shape)
    }
}

impl Case {
    /// Whether `function` of the inputs (x, weight, bias as far as there are any) and its gradients are PyTorch's.
    pub fn follow<const D: usize>(&self, function: impl FnOnce([Option<Leaf>; 3]) -> Tensor<D>) {
        let device = Device::flex().autodiff();
        let leaves: RefCell<Vec<Option<Leaf>>> = RefCell::default();
        let inputs = std::array::from_fn(|i| {
            let leaf = self.inputs.get(i).and_then(Option::as_ref).map(|given| Leaf {
                values: tensor(&given.values, [given.values.len()], &device).require_grad(),
                shape: given.shape.clone(),
            });
            leaves.borrow_mut().push(leaf.clone());
            leaf
        });
        let output = function(inputs);
        assert_eq!(output.dims().to_vec(), self.output.shape, "{}", self.case);
        let upstream = Tensor::from_data(TensorData::new(self.upstream.clone(), output.dims()), &device);
        let gradients = (output.clone() * upstream).sum().backward();
        assert_close(&values(output), &self.output.values, 1e-5, 1e-5, &self.case);
        for (i, (leaf, expected)) in leaves.borrow().iter().zip(&self.gradients).enumerate() {
            if let (Some(leaf), Some(expected)) = (leaf, expected) {
                let gradient = values(leaf.values.grad(&gradients).unwrap());
                assert_close(&gradient, expected, 1e-5, 1e-5, &format!("{}: gradient {i}", self.case));
            }
        }
    }
}
