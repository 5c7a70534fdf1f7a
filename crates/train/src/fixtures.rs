//! Reading the reference fixtures in tests.
#![allow(clippy::unwrap_used)]

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The cases of a file in `tests/fixtures`.
pub(crate) fn cases<T: DeserializeOwned>(file: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct Fixture<T> {
        cases: Vec<T>,
    }
    // Asked when it runs: a cached test binary may come from a clone that is gone.
    let path = format!("{}/../../tests/fixtures/{file}", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let fixture: Fixture<T> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    fixture.cases
}

pub(crate) fn assert_all_close(found: &TensorData, expected: &[f64], tolerance: f64, what: &str) {
    let found: Vec<f32> = found.clone().try_into_vec().unwrap();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let difference = (f64::from(*found) - expected).abs();
        assert!(difference <= tolerance * expected.abs().max(1.0), "{what}: {found} for {expected}");
    }
}

#[derive(Deserialize)]
pub(crate) struct FixtureTensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// The fixtures' module: a matrix and a vector.
#[derive(Module, Debug)]
pub(crate) struct Pair {
    pub(crate) matrix: Param<Tensor<2>>,
    pub(crate) vector: Param<Tensor<1>>,
}

impl Pair {
    pub(crate) fn new(tensors: &[FixtureTensor], device: &Device) -> Self {
        let data =
            |index: usize| TensorData::new(tensors[index].values.clone(), tensors[index].shape.clone());
        Self { matrix: Param::from_data(data(0), device), vector: Param::from_data(data(1), device) }
    }
}
