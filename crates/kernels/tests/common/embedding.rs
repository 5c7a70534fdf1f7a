//! Embeddings of PyTorch, from `tests/fixtures/embedding.json`, and random ones.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_kernels::embedding;
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::Deserialize;

use super::common::{assert_close, tensor, uniform, values};

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Case {
    pub case: String,
    pub vocabulary: usize,
    pub dims: usize,
    pub shape: [usize; 2],
    pub padding: Option<usize>,
    pub table: Vec<f32>,
    pub ids: Vec<i64>,
    upstream: Vec<f32>,
    output: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    pub fn random(
        vocabulary: usize,
        dims: usize,
        shape: [usize; 2],
        padding: Option<usize>,
        seed: u64,
    ) -> Self {
        let count = shape[0] * shape[1];
        let ids = uniform(count, 0.0, vocabulary as f32, seed).into_iter();
        Self {
            case: format!("{vocabulary} x {dims}, {shape:?}"),
            vocabulary,
            dims,
            shape,
            padding,
            table: uniform(vocabulary * dims, -1.0, 1.0, seed + 1000),
            ids: ids.map(|id| (id as i64).min(vocabulary as i64 - 1)).collect(),
            upstream: uniform(count * dims, -1.0, 1.0, seed + 2000),
            output: vec![],
            gradient: vec![],
        }
    }

    pub fn ids(&self, device: &Device) -> Tensor<2, Int> {
        Tensor::from_data(TensorData::new(self.ids.clone(), self.shape), device)
    }

    /// Output, and gradient of the table.
    pub fn run(&self, device: &Device) -> [Vec<f32>; 2] {
        let table = tensor(&self.table, [self.vocabulary, self.dims], device).require_grad();
        let rows = embedding(table.clone(), self.ids(device), self.padding);
        let [batch, length] = self.shape;
        assert_eq!(rows.dims(), [batch, length, self.dims]);
        let upstream = tensor(&self.upstream, [batch, length, self.dims], device);
        let gradients = (rows.clone() * upstream).sum().backward();
        [values(rows), values(table.grad(&gradients).unwrap())]
    }
}

pub fn follow_pytorch() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/embedding.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    for case in &fixture.cases {
        let [output, gradient] = case.run(&Device::flex().autodiff());
        assert_eq!(output, case.output, "{}", case.case);
        assert_close(&gradient, &case.gradient, 1e-5, 1e-6, &case.case);
    }
}

pub fn shapes() -> [Case; 4] {
    [
        Case::random(1, 1, [1, 1], None, 1),
        Case::random(50, 17, [9, 11], Some(3), 2),
        Case::random(3, 50, [64, 20], None, 3),
        Case::random(700, 33, [128, 20], Some(0), 4),
    ]
}
