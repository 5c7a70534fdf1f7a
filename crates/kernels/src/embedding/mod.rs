//! Rows of a table.

#[cfg(feature = "flex")]
mod flex;

use burn::tensor::{Int, Tensor};

use crate::Mode;

/// The row of `table` for each id, as PyTorch's `nn.Embedding`.
///
/// The gradient of the table is dense: each row's is the sum of the upstream gradients where its id occurs, added in
/// the order of the ids. The row `padding` reads as it is stored and gets no gradient.
///
/// On flex with `f32` the threads share the rows of the gradient, so that their number changes no bit. Elsewhere: Burn's
/// primitives.
///
/// # Shapes
///
/// - `table`: `[vocabulary, dims]`
/// - `ids`: `[batch, length]`, each from 0 to `vocabulary - 1`
/// - output: `[batch, length, dims]`
///
/// # Panics
///
/// If `padding` is not a row of `table`; on the CPU also if an id is not one.
///
/// ```
/// use brasa_kernels::embedding;
/// use burn::tensor::{Device, Int, Tensor};
///
/// let device = Device::flex().autodiff();
/// let table = Tensor::<2>::from_floats([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]], &device).require_grad();
/// let ids = Tensor::<2, Int>::from_ints([[2, 0, 2]], &device);
///
/// let rows = embedding(table.clone(), ids, Some(0));
/// let gradients = rows.clone().sum().backward();
/// assert_eq!(rows.into_data().try_into_vec::<f32>().unwrap(), [3.0, 4.0, 0.0, 0.0, 3.0, 4.0]);
/// let gradient = table.grad(&gradients).unwrap().into_data().try_into_vec::<f32>().unwrap();
/// assert_eq!(gradient, [0.0, 0.0, 0.0, 0.0, 2.0, 2.0]);
/// ```
pub fn embedding(table: Tensor<2>, ids: Tensor<2, Int>, padding: Option<usize>) -> Tensor<3> {
    check_padding(&table, padding);
    let [batch, length] = ids.dims();
    if batch == 0 || length == 0 {
        return Tensor::zeros([batch, length, table.dims()[1]], (&table.device(), table.dtype()));
    }
    match crate::mode() {
        Mode::Reference => reference(table, ids, padding),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::embedding(table, ids, padding),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference(table, ids, padding),
    }
}

/// The sum of the rows of `table` over each line of ids, as PyTorch's `nn.EmbeddingBag` with `mode="sum"`: what [`embedding`] makes
/// is not laid out. Ids of the row `padding` count for nothing and give it no gradient.
///
/// On flex with `f32` each sum is one thread's, in the order of the ids, so that the number of threads changes no bit. Elsewhere:
/// Burn's primitives.
///
/// # Shapes
///
/// - `table`: `[vocabulary, dims]`
/// - `ids`: `[batch, length]`, each from 0 to `vocabulary - 1`
/// - output: `[batch, dims]`
///
/// # Panics
///
/// As [`embedding`].
///
/// ```
/// use brasa_kernels::embedding_sum;
/// use burn::tensor::{Device, Int, Tensor};
///
/// let device = Device::flex();
/// let table = Tensor::<2>::from_floats([[9.0, 9.0], [1.0, 2.0], [3.0, 4.0]], &device);
/// let ids = Tensor::<2, Int>::from_ints([[2, 0, 2], [1, 2, 0]], &device);
/// let sums = embedding_sum(table, ids, Some(0)).into_data().try_into_vec::<f32>().unwrap();
/// assert_eq!(sums, [6.0, 8.0, 4.0, 6.0]);
/// ```
pub fn embedding_sum(table: Tensor<2>, ids: Tensor<2, Int>, padding: Option<usize>) -> Tensor<2> {
    check_padding(&table, padding);
    let [batch, length] = ids.dims();
    if batch == 0 || length == 0 {
        return Tensor::zeros([batch, table.dims()[1]], (&table.device(), table.dtype()));
    }
    match crate::mode() {
        Mode::Reference => reference_sum(table, ids, padding),
        #[cfg(feature = "flex")]
        Mode::Fast => flex::embedding_sum(table, ids, padding),
        #[cfg(not(feature = "flex"))]
        Mode::Fast => reference_sum(table, ids, padding),
    }
}

fn check_padding(table: &Tensor<2>, padding: Option<usize>) {
    let [vocabulary, _] = table.dims();
    if let Some(row) = padding {
        assert!(
            row < vocabulary,
            "the padding row must be one of the table's {vocabulary} rows, got row {row}"
        );
    }
}

fn reference_sum(table: Tensor<2>, ids: Tensor<2, Int>, padding: Option<usize>) -> Tensor<2> {
    let [batch, length] = ids.dims();
    let [_, dims] = table.dims();
    let rows = reference(table, ids.clone(), padding);
    let rows = match padding {
        None => rows,
        Some(row) => {
            let padded = ids.equal_elem(row as i64).unsqueeze_dim::<3>(2).expand([batch, length, dims]);
            rows.mask_fill(padded, 0.0)
        }
    };
    rows.sum_dim(1).reshape([batch, dims])
}

fn reference(table: Tensor<2>, ids: Tensor<2, Int>, padding: Option<usize>) -> Tensor<3> {
    let [batch, length] = ids.dims();
    let [_, dims] = table.dims();
    let ids = ids.reshape([batch * length]);
    let rows = table.select(0, ids.clone());
    let rows = match padding {
        None => rows,
        Some(row) => {
            let padded = ids.equal_elem(row as i64).unsqueeze_dim::<2>(1).expand([batch * length, dims]);
            rows.clone().mask_where(padded, rows.detach())
        }
    };
    rows.reshape([batch, length, dims])
}
