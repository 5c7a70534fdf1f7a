//! Numbers as vectors that are linear between the quantiles of their column.

use brasa_onnx::Value;
use burn::module::{Module, Param, RunningState};
use burn::tensor::{Device, Tensor, TensorData};

use crate::init::{Initializer, Spread};
use crate::{Emitter, Result, read_back};

/// Each column of numbers becomes a vector, the sum of a linear one and of one that bends at the column's quantiles.
///
/// # Reference
/// [Gorishniy et al. 2022](https://arxiv.org/abs/2203.05556), piecewise-linear encoding; as its authors' package `rtdl_num_embeddings` has it in version "B".
#[derive(Module, Debug)]
pub(super) struct Pieces {
    /// How far a number is through each bin is `x * slope + offset`, within `least` and `greatest`: 0 and 1, but that the first bin has
    /// no lower end and the last no upper one. `[columns, bins]`.
    slope: RunningState<Tensor<2>>,
    offset: RunningState<Tensor<2>>,
    least: RunningState<Tensor<2>>,
    greatest: RunningState<Tensor<2>>,
    /// Of the linear vector, `[columns, dims]`.
    direct: Param<Tensor<2>>,
    bias: Param<Tensor<2>>,
    /// Of the one that bends, `[columns, bins, dims]`.
    weight: Param<Tensor<3>>,
}

/// What a bin without an end is bounded by.
const FAR: f32 = 1e30;

/// The bins of a column, by their `bins + 1` edges at most.
fn row(edges: &[f32], bins: usize) -> [Vec<f32>; 4] {
    // What is left over stays 0 whatever the number is.
    let mut of = [vec![0.0; bins], vec![0.0; bins], vec![0.0; bins], vec![0.0; bins]];
    let last = edges.len().saturating_sub(2);
    for (bin, pair) in edges.windows(2).enumerate().take(bins) {
        let &[from, to] = pair else { continue };
        let slope = 1.0 / (to - from);
        let values =
            [slope, -from * slope, if bin == 0 { -FAR } else { 0.0 }, if bin == last { FAR } else { 1.0 }];
        for (row, value) in of.iter_mut().zip(values) {
            row[bin] = value;
        }
    }
    of
}

/// Quantiles at equal distances, each once, as `torch.quantile` has them.
fn edges(mut values: Vec<f32>, bins: usize) -> Vec<f32> {
    values.retain(|value| value.is_finite());
    values.sort_by(f32::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    let at = |edge: usize| {
        let place = edge as f64 / bins.max(1) as f64 * last;
        let (below, above) = (values.get(place.floor() as usize)?, values.get(place.ceil() as usize)?);
        Some(below + (above - below) * (place - place.floor()) as f32)
    };
    let mut edges: Vec<f32> = (0..=bins).filter_map(at).collect();
    // Nearer than this, one over their distance is beyond what can be reckoned with.
    edges.dedup_by(|later, earlier| *later - *earlier < 1e-6);
    edges
}

impl Pieces {
    /// For so many columns; the bins are those of evenly spread numbers from -2 to 2 until [`fitted`](Self::fitted).
    pub(super) fn init(columns: usize, bins: usize, dims: usize, initializer: &mut Initializer<'_>) -> Self {
        let device = initializer.device().clone();
        let spread = Spread::Uniform(1.0 / (dims as f64).sqrt());
        let mut draw = || initializer.draw(spread, columns * dims);
        let (direct, bias) = (draw(), draw());
        let (direct, bias) =
            (initializer.param(direct, [columns, dims]), initializer.param(bias, [columns, dims]));
        let weight = initializer.param(vec![0.0; columns * bins * dims], [columns, bins, dims]);
        let even: Vec<f32> = (0..=bins).map(|edge| 4.0 * edge as f32 / bins as f32 - 2.0).collect();
        let [slope, offset, least, greatest] = states(&vec![even; columns], bins, &device);
        Self { slope, offset, least, greatest, direct, bias, weight }
    }

    /// With the quantiles of these rows.
    ///
    /// # Shapes
    /// `numbers [rows, columns]`.
    pub(super) fn fitted(mut self, numbers: Tensor<2>, device: &Device) -> Result<Self> {
        let [_, columns] = numbers.dims();
        let bins = self.weight.dims()[1];
        let values = read_back(numbers, "the training rows")?;
        let of = |column: usize| {
            edges(values.iter().skip(column).step_by(columns.max(1)).copied().collect(), bins)
        };
        let edges: Vec<Vec<f32>> = (0..columns).map(of).collect();
        [self.slope, self.offset, self.least, self.greatest] = states(&edges, bins, device);
        Ok(self)
    }

    /// # Shapes
    /// `[batch, columns]` to `[batch, columns * dims]`.
    pub(super) fn forward(&self, numbers: Tensor<2>) -> Tensor<2> {
        let ([batch, columns], [_, bins, dims]) = (numbers.dims(), self.weight.dims());
        let numbers = numbers.unsqueeze_dim::<3>(2);
        let of = |state: &RunningState<Tensor<2>>| state.value().unsqueeze::<3>();
        let shape = [batch, columns, bins];
        let through = numbers.clone() * of(&self.slope) + of(&self.offset);
        let through =
            through.max_pair(of(&self.least).expand(shape)).min_pair(of(&self.greatest).expand(shape));
        let bent = through.swap_dims(0, 1).matmul(self.weight.val()).swap_dims(0, 1);
        let direct = numbers * self.direct.val().unsqueeze::<3>() + self.bias.val().unsqueeze::<3>();
        (bent + direct).reshape([batch, columns * dims])
    }

    /// Its nodes in a graph.
    pub(super) fn emit(&self, emitter: &mut Emitter<'_>, numbers: &Value) -> Result<Value> {
        let [columns, bins, dims] = self.weight.dims();
        let wide = emitter.reshape(numbers, &[0, columns as i64, 1]);
        let slope = emitter.parameter("slope", self.slope.value())?;
        let offset = emitter.parameter("offset", self.offset.value())?;
        let least = emitter.parameter("least", self.least.value())?;
        let greatest = emitter.parameter("greatest", self.greatest.value())?;
        let through = emitter.node("Mul", &[&wide, &slope], []);
        let through = emitter.node("Add", &[&through, &offset], []);
        let through = emitter.node("Max", &[&through, &least], []);
        let through = emitter.node("Min", &[&through, &greatest], []);
        let through = emitter.reshape(&through, &[0, columns as i64, 1, bins as i64]);
        let weight = emitter.parameter("weight", self.weight.val())?;
        let bent = emitter.node("MatMul", &[&through, &weight], []);
        let bent = emitter.reshape(&bent, &[0, columns as i64, dims as i64]);
        let direct = emitter.parameter("direct", self.direct.val())?;
        let bias = emitter.parameter("bias", self.bias.val())?;
        let straight = emitter.node("Mul", &[&wide, &direct], []);
        let straight = emitter.node("Add", &[&straight, &bias], []);
        let sums = emitter.node("Add", &[&bent, &straight], []);
        Ok(emitter.node("Flatten", &[&sums], [("axis", 1.into())]))
    }
}

/// Slopes, offsets, and both ends of all bins.
fn states(edges: &[Vec<f32>], bins: usize, device: &Device) -> [RunningState<Tensor<2>>; 4] {
    let rows: Vec<[Vec<f32>; 4]> = edges.iter().map(|edges| row(edges, bins)).collect();
    [0, 1, 2, 3].map(|which| {
        let values = rows.iter().filter_map(|row| row.get(which)).flatten().copied().collect::<Vec<_>>();
        let values = TensorData::new(values, [edges.len(), bins]);
        RunningState::new(Tensor::from_data(values, device))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Init;

    #[test]
    fn a_number_is_encoded_as_its_authors_do() {
        let device = Device::default();
        let mut initializer = Initializer::new(Init::default(), 1, &device);
        let mut pieces = Pieces::init(1, 3, 3, &mut initializer);
        // rtdl_num_embeddings.PiecewiseLinearEncoding([0, 1, 3, 4]) of -1, 0.5, 2, 3.5, 6.
        let [slope, offset, least, greatest] = states(&[vec![0.0, 1.0, 3.0, 4.0]], 3, &device);
        (pieces.slope, pieces.offset, pieces.least, pieces.greatest) = (slope, offset, least, greatest);
        let weight = TensorData::new(vec![1.0_f32, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], [1, 3, 3]);
        pieces.weight = Param::from_data(weight, &device);
        let zeros = || Param::from_tensor(Tensor::<2>::zeros([1, 3], &device));
        (pieces.direct, pieces.bias) = (zeros(), zeros());
        let numbers = Tensor::<2>::from_floats([[-1.0], [0.5], [2.0], [3.5], [6.0]], &device);
        let encoded = read_back(pieces.forward(numbers), "codes").unwrap();
        let expected = [-1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 1.0, 0.5, 0.0, 1.0, 1.0, 0.5, 1.0, 1.0, 3.0];
        assert_eq!(encoded, expected);
    }

    #[test]
    fn edges_are_quantiles_that_differ() {
        assert_eq!(edges((0..=100).map(|value| value as f32).collect(), 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(edges(vec![1.0, 0.0, 0.0, 1.0, f32::NAN, 0.0], 4), [0.0, 1.0]);
        assert_eq!(edges(vec![5.0; 9], 4), [5.0], "a constant has no bin");
        assert_eq!(row(&[5.0], 2), [vec![0.0; 2], vec![0.0; 2], vec![0.0; 2], vec![0.0; 2]]);
    }
}
