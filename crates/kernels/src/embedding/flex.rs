use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Int, Shape, Tensor, TensorData};
use rayon::prelude::*;

use super::reference;
use crate::flex::{CHUNK, Routed, SERIAL_BELOW, owned_contiguous, plain, route, tracked};

pub(super) fn embedding(table: Tensor<2>, ids: Tensor<2, Int>, padding: Option<usize>) -> Tensor<3> {
    let ([vocabulary, dims], shape) = (table.dims(), ids.dims());
    let rows = |ids: Tensor<2, Int>| Rows { shape, vocabulary, dims, padding, ids: rows(ids, vocabulary) };
    match route(table) {
        Routed::Other(table) => reference(table, ids, padding),
        Routed::Plain(table) => plain(rows(ids).of(&owned_contiguous(table))),
        Routed::Tracked(table, strategy) => {
            let (table, node) = table.into_parts();
            let rows = rows(ids);
            let output = rows.of(&owned_contiguous(table));
            let operation = EmbeddingBackward.prepare::<NoCheckpointing>([node]).compute_bound().stateful();
            let output = match operation {
                OpsKind::Tracked(operation) => operation.finish(rows, output),
                OpsKind::UnTracked(operation) => operation.finish(output),
            };
            tracked(output, strategy)
        }
    }
}

/// The ids, which are all below `vocabulary`.
fn rows(ids: Tensor<2, Int>, vocabulary: usize) -> Vec<usize> {
    let row = |id: i64| {
        let row = usize::try_from(id).ok().filter(|&row| row < vocabulary);
        assert!(row.is_some(), "the id {id} is out of bounds: the table has {vocabulary} rows");
        row.unwrap_or_default()
    };
    ids.into_data().iter::<i64>().map(row).collect()
}

/// Which rows are read.
#[derive(Clone, Debug)]
struct Rows {
    /// Of the ids.
    shape: [usize; 2],
    vocabulary: usize,
    dims: usize,
    padding: Option<usize>,
    ids: Vec<usize>,
}

impl Rows {
    /// `table` is contiguous.
    fn of(&self, table: &FlexTensor) -> FlexTensor {
        let table = table.storage::<f32>();
        let mut output = Vec::with_capacity(self.ids.len() * self.dims);
        for &id in &self.ids {
            output.extend_from_slice(&table[id * self.dims..][..self.dims]);
        }
        let [batch, length] = self.shape;
        FlexTensor::from_data(TensorData::new(output, Shape::new([batch, length, self.dims])))
    }

    /// The gradient of the table: each row belongs to one task, which adds in the order of the ids.
    fn scatter(&self, upstream: &[f32]) -> Vec<f32> {
        let mut gradient = vec![0.0; self.vocabulary * self.dims];
        let add = |first: usize, part: &mut [f32]| {
            for (&id, upstream) in self.ids.iter().zip(upstream.chunks_exact(self.dims)) {
                let Some(row) = id.checked_sub(first).filter(|_| self.padding != Some(id)) else { continue };
                if let Some(sums) = part.get_mut(row * self.dims..(row + 1) * self.dims) {
                    sums.iter_mut().zip(upstream).for_each(|(sum, upstream)| *sum += upstream);
                }
            }
        };
        if upstream.len() < SERIAL_BELOW || gradient.len() <= CHUNK {
            add(0, &mut gradient);
        } else {
            // Every task goes over all ids: as many tasks as threads.
            let rows = self.vocabulary.div_ceil(rayon::current_num_threads());
            let parts = gradient.par_chunks_mut(rows * self.dims).enumerate();
            parts.for_each(|(part, gradient)| add(part * rows, gradient));
        }
        gradient
    }
}

#[derive(Debug)]
struct EmbeddingBackward;

impl Backward<Flex, 1> for EmbeddingBackward {
    type State = Rows;

    fn backward(self, ops: Ops<Rows, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = owned_contiguous(grads.consume::<Flex>(&ops.node));
        let rows = ops.state;
        if let [Some(parent)] = ops.parents {
            let gradient = rows.scatter(upstream.storage());
            let shape = Shape::new([rows.vocabulary, rows.dims]);
            let gradient = FlexTensor::from_data(TensorData::new(gradient, shape));
            grads.register::<Flex>(parent.id, gradient);
        }
    }
}
