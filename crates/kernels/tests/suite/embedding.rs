//! Embedding: against PyTorch, and at the edges.

use crate::common;
#[path = "../common/embedding.rs"]
mod tables;

use brasa_kernels::embedding;
use burn::tensor::{Device, Int, Tensor, TensorData};
use common::{tensor, values, with_threads};
use tables::Case;

#[test]
fn rows_and_gradients_follow_pytorch() {
    tables::follow_pytorch();
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let case = Case::random(3000, 64, [256, 40], Some(0), 6);
    let run = || case.run(&Device::flex().autodiff());
    let one = with_threads(1, run);
    for threads in [2, 3] {
        assert!(one == with_threads(threads, run), "{threads} threads");
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
#[should_panic(expected = "the id 3 is out of bounds: the table has 3 rows")]
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

/// The sums and the table's gradient of a case, whose upstream gradients differ from number to number.
fn sums(case: &Case, shape: [usize; 2], dims: usize, padding: Option<usize>) -> [Vec<f32>; 2] {
    let device = Device::flex().autodiff();
    let table = tensor(&case.table, [case.table.len() / dims, dims], &device).require_grad();
    let sums = brasa_kernels::embedding_sum(table.clone(), case.ids(&device), padding);
    let upstream = tensor(&common::uniform(shape[0] * dims, -1.0, 1.0, 3), [shape[0], dims], &device);
    let gradients = (sums.clone() * upstream).sum().backward();
    [values(sums), values(table.grad(&gradients).unwrap())]
}

#[test]
fn sums_and_their_gradients_are_those_of_the_rows() {
    for (shape, dims, padding) in [([5, 6], 7, Some(2)), ([64, 90], 32, Some(0)), ([3, 1], 4, None)] {
        let case = Case::random(40, dims, shape, padding, 9);
        let fused = sums(&case, shape, dims, padding);
        let reference = {
            let _reference = brasa_kernels::Mode::Reference.enter();
            sums(&case, shape, dims, padding)
        };
        for (fused, reference) in fused.iter().zip(&reference) {
            common::assert_close(fused, reference, 1e-5, 1e-5, "sums");
        }
        let one = with_threads(1, || sums(&case, shape, dims, padding));
        assert!(one == with_threads(3, || sums(&case, shape, dims, padding)), "threads");
    }
}
