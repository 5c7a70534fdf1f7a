//! Embedding: against PyTorch, and at the edges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use brasa_kernels::{Mode, embedding, set_mode};
use burn::tensor::{Device, Int, Tensor, TensorData};
use common::{assert_close, tensor, uniform, values, with_threads};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    vocabulary: usize,
    dims: usize,
    shape: [usize; 2],
    padding: Option<usize>,
    table: Vec<f32>,
    ids: Vec<i64>,
    upstream: Vec<f32>,
    output: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    fn random(vocabulary: usize, dims: usize, shape: [usize; 2], padding: Option<usize>, seed: u64) -> Self {
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

    fn ids(&self, device: &Device) -> Tensor<2, Int> {
        Tensor::from_data(TensorData::new(self.ids.clone(), self.shape), device)
    }

    /// Output, and gradient of the table.
    fn run(&self, device: &Device) -> [Vec<f32>; 2] {
        let table = tensor(&self.table, [self.vocabulary, self.dims], device).require_grad();
        let rows = embedding(table.clone(), self.ids(device), self.padding);
        let [batch, length] = self.shape;
        assert_eq!(rows.dims(), [batch, length, self.dims]);
        let upstream = tensor(&self.upstream, [batch, length, self.dims], device);
        let gradients = (rows.clone() * upstream).sum().backward();
        [values(rows), values(table.grad(&gradients).unwrap())]
    }
}

/// The mode holds for the whole process, so everything that changes it is one test.
#[test]
fn both_modes_equal_pytorch_and_each_other() {
    let device = Device::flex().autodiff();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/embedding.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    for case in &fixture.cases {
        for mode in [Mode::Reference, Mode::Fast] {
            set_mode(mode);
            let [output, gradient] = case.run(&device);
            assert_eq!(output, case.output, "{}, {mode:?}", case.case);
            assert_close(&gradient, &case.gradient, 1e-5, 1e-6, &format!("{}, {mode:?}", case.case));
        }
    }
    for case in [
        Case::random(1, 1, [1, 1], None, 1),
        Case::random(50, 17, [9, 11], Some(3), 2),
        Case::random(3, 50, [64, 20], None, 3),
        Case::random(700, 33, [128, 20], Some(0), 4),
    ] {
        set_mode(Mode::Reference);
        let expected = case.run(&device);
        set_mode(Mode::Fast);
        let actual = case.run(&device);
        assert_eq!(actual[0], expected[0], "{}", case.case);
        assert_close(&actual[1], &expected[1], 1e-5, 1e-4, &case.case);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let case = Case::random(3000, 64, [256, 40], Some(0), 6);
    let run = || case.run(&Device::flex().autodiff());
    let one = with_threads(1, run);
    for threads in [2, 3] {
        assert_eq!(one, with_threads(threads, run), "{threads} threads");
    }
}

#[test]
fn without_autodiff_the_rows_are_the_same() {
    let case = Case::random(20, 7, [5, 6], Some(2), 7);
    let device = Device::flex();
    let rows = embedding(tensor(&case.table, [20, 7], &device), case.ids(&device), Some(2));
    assert_eq!(values(rows), case.run(&device.autodiff())[0]);
}

#[test]
fn a_transposed_table_and_transposed_ids_are_read_in_their_own_order() {
    let case = Case::random(6, 4, [3, 5], None, 8);
    let device = Device::flex();
    let table = tensor(&case.table, [4, 6], &device).transpose();
    let ids = Tensor::<2, Int>::from_data(TensorData::new(case.ids.clone(), [3, 5]), &device).transpose();
    let rows = values(embedding(table, ids, None));
    for (position, row) in rows.chunks(4).enumerate() {
        let id = case.ids[position % 3 * 5 + position / 3] as usize;
        let expected: Vec<f32> = (0..4).map(|dim| case.table[dim * 6 + id]).collect();
        assert_eq!(row, expected);
    }
}

#[test]
fn ids_of_32_bits_are_read_too() {
    let device = Device::flex();
    let ids = Tensor::<2, Int>::from_data(
        TensorData::new(vec![1i32, 0], [1, 2]),
        (&device, burn::tensor::DType::I32),
    );
    let table = tensor(&[1.0, 2.0], [2, 1], &device);
    assert_eq!(values(embedding(table, ids, None)), [2.0, 1.0]);
}

#[test]
fn no_ids_have_no_rows() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        for shape in [[0, 4], [3, 0]] {
            let ids = Tensor::<2, Int>::zeros(shape, &device);
            assert_eq!(embedding(Tensor::zeros([3, 2], &device), ids, None).dims(), [shape[0], shape[1], 2]);
        }
    }
}

#[test]
#[should_panic(expected = "3 out of bounds")]
fn an_id_beyond_the_table_is_refused() {
    let device = Device::flex();
    embedding(Tensor::zeros([3, 2], &device), Tensor::from_ints([[0, 3]], &device), None);
}

#[test]
#[should_panic(expected = "the padding row must be one of the table's 3 rows, got row 3")]
fn a_padding_row_beyond_the_table_is_refused() {
    let device = Device::flex();
    embedding(Tensor::zeros([3, 2], &device), Tensor::from_ints([[0]], &device), Some(3));
}
