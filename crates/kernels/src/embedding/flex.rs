use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::tensor::{Int, Tensor};
use rayon::prelude::*;

use super::{reference, reference_sum};
use crate::flex::{CHUNK, Routed, SERIAL_BELOW, owned_contiguous, plain, route, tensor, tracked};

pub(super) fn embedding(table: Tensor<2>, ids: Tensor<2, Int>, padding: Option<usize>) -> Tensor<3> {
    read(table, ids, padding, Rows::each, reference)
}

pub(super) fn embedding_sum(table: Tensor<2>, ids: Tensor<2, Int>, padding: Option<usize>) -> Tensor<2> {
    read(table, ids, padding, Rows::summed, reference_sum)
}

/// Rows of `table`: each by itself (`D` = 3), or those of a line of ids in one sum (`D` = 2).
fn read<const D: usize>(
    table: Tensor<2>,
    ids: Tensor<2, Int>,
    padding: Option<usize>,
    of: impl Fn(&Rows, &FlexTensor) -> FlexTensor,
    reference: impl Fn(Tensor<2>, Tensor<2, Int>, Option<usize>) -> Tensor<D>,
) -> Tensor<D> {
    let ([vocabulary, dims], shape) = (table.dims(), ids.dims());
    let per_row = if D == 2 { shape[1] } else { 1 };
    let rows =
        |ids: Tensor<2, Int>| Rows { shape, vocabulary, dims, padding, per_row, ids: rows(ids, vocabulary) };
    match route(table) {
        Routed::Other(table) => reference(table, ids, padding),
        Routed::Plain(table) => plain(of(&rows(ids), &owned_contiguous(table))),
        Routed::Tracked(table, strategy) => {
            let (table, node) = table.into_parts();
            let rows = rows(ids);
            let output = of(&rows, &owned_contiguous(table));
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
    /// Ids that one row of the output belongs to.
    per_row: usize,
    ids: Vec<usize>,
}

impl Rows {
    /// The row of each id. `table` is contiguous.
    fn each(&self, table: &FlexTensor) -> FlexTensor {
        let table = table.storage::<f32>();
        let mut output = Vec::with_capacity(self.ids.len() * self.dims);
        for &id in &self.ids {
            output.extend_from_slice(&table[id * self.dims..][..self.dims]);
        }
        let [batch, length] = self.shape;
        tensor(output, [batch, length, self.dims])
    }

    /// The sum of the rows of each line of ids, padding left out. `table` is contiguous.
    fn summed(&self, table: &FlexTensor) -> FlexTensor {
        let table = table.storage::<f32>();
        let [batch, length] = self.shape;
        let mut output = vec![0.0; batch * self.dims];
        let add = |(sums, ids): (&mut [f32], &[usize])| {
            for &id in ids.iter().filter(|id| self.padding != Some(**id)) {
                let row = &table[id * self.dims..][..self.dims];
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        };
        let lines = self.ids.par_chunks_exact(length);
        // Small ones by one thread: waking another takes longer.
        let least = SERIAL_BELOW.div_ceil((length * self.dims).max(1));
        output.par_chunks_exact_mut(self.dims).zip(lines).with_min_len(least).for_each(add);
        tensor(output, [batch, self.dims])
    }

    /// The gradient of the table: each row belongs to one task, which adds in the order of the ids.
    fn scatter(&self, upstream: &[f32]) -> Vec<f32> {
        let mut gradient = vec![0.0; self.vocabulary * self.dims];
        let add = |first: usize, part: &mut [f32]| {
            let upstream = upstream.chunks_exact(self.dims);
            let of_ids = self.ids.chunks(self.per_row).zip(upstream);
            for (&id, upstream) in
                of_ids.flat_map(|(ids, upstream)| ids.iter().zip(std::iter::repeat(upstream)))
            {
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
            let gradient = tensor(rows.scatter(upstream.storage()), [rows.vocabulary, rows.dims]);
            grads.register::<Flex>(parent.id, gradient);
        }
    }
}
