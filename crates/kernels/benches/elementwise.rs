//! Operations that move more than they compute: GB/s, every number counted once that must be read or written.
//!
//!     cargo bench -p brasa-kernels --bench elementwise [-- part of a name]
#![allow(missing_docs)]

mod common;

use brasa_kernels::optim::{Adam, AdamW, RmsProp, Sgd};
use brasa_kernels::{
    ActivationKind, activation, batch_norm_train, dropout, embedding, softmax_cross_entropy,
};
use burn::optim::Optimizer;
use burn::tensor::{Device, Int, Tensor, TensorData};
use common::{constant, leaf, memory_ceilings, numbers, passes, random, whole};
use criterion::{Criterion, criterion_group, criterion_main};

/// Output to input: forward reads and writes, backward reads the upstream gradient, too.
fn unary<const D: usize>(
    criterion: &mut Criterion,
    kernel: &str,
    shape: [usize; D],
    function: impl Fn(Tensor<D>) -> Tensor<D>,
) {
    let x = random(shape);
    let len: usize = shape.iter().product();
    let mut group = criterion.benchmark_group(kernel);
    let amounts = [numbers(2 * len), numbers(3 * len)];
    passes(&mut group, &format!("{shape:?}"), amounts, || function(x.clone()), || function(leaf(&x)));
}

fn activations(criterion: &mut Criterion) {
    for kind in ActivationKind::ALL {
        unary(criterion, kind.name(), [256, 250], |x| activation(x, kind));
        unary(criterion, kind.name(), [1024, 580], |x| activation(x, kind));
    }
    unary(criterion, "ReLU", [128, 32, 48, 48], |x| activation(x, ActivationKind::Relu));
}

fn batch_norms(criterion: &mut Criterion) {
    fn of<const D: usize>(criterion: &mut Criterion, shape: [usize; D]) {
        let device = Device::flex();
        let (gamma, beta) = (Tensor::<1>::ones([shape[1]], &device), Tensor::<1>::zeros([shape[1]], &device));
        unary(criterion, "batch norm", shape, |x| {
            if x.device().is_autodiff() {
                batch_norm_train(x, leaf(&gamma), leaf(&beta), 1e-5).0
            } else {
                batch_norm_train(x, gamma.clone(), beta.clone(), 1e-5).0
            }
        });
    }
    of(criterion, [256, 250]);
    of(criterion, [128, 32, 48, 48]);
    of(criterion, [128, 128, 12, 12]);
}

fn dropouts(criterion: &mut Criterion) {
    unary(criterion, "dropout", [256, 250], |x| dropout(x, 0.2, 1));
    unary(criterion, "dropout", [128, 4608], |x| dropout(x, 0.5, 1));
    unary(criterion, "dropout", [64, 128, 256], |x| dropout(x, 0.75, 1));
}

fn losses(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("softmax cross-entropy");
    for shape in [[256, 10], [128, 7], [128, 100]] {
        let logits = random(shape);
        let targets = Tensor::<2>::full(shape, 1.0 / (shape[0] * shape[1]) as f32, &Device::flex());
        let len = shape[0] * shape[1];
        passes(
            &mut group,
            &format!("{shape:?}"),
            [numbers(2 * len), numbers(2 * len)],
            || softmax_cross_entropy(logits.clone(), targets.clone()),
            || softmax_cross_entropy(leaf(&logits), constant(&targets)),
        );
    }
}

fn embeddings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("embedding");
    let (words, dims, shape) = (20_000, 50, [128, 20]);
    let len = shape[0] * shape[1];
    let ids: Vec<i64> = (0..len).map(|place| (place * 7919 % words) as i64).collect();
    let ids = TensorData::new(ids, shape);
    let table = random([words, dims]);
    let look_up = |table: Tensor<2>| {
        let ids = Tensor::<2, Int>::from_data(ids.clone(), &table.device());
        embedding(table, ids, Some(0))
    };
    // The gradient of the table is written whole.
    let amounts = [numbers(2 * len * dims), numbers(2 * len * dims + words * dims)];
    let what = format!("{shape:?} of {words} x {dims}");
    passes(&mut group, &what, amounts, || look_up(table.clone()), || look_up(leaf(&table)));
}

/// A step of `optimizer` with its state warm; `passes` numbers are moved for each of the parameter.
fn steps(criterion: &mut Criterion, name: &str, passes: usize, optimizer: impl Optimizer) {
    let mut group = criterion.benchmark_group("optimizer");
    for shape in [[250, 784], [1024, 4608]] {
        let gradient = random(shape);
        let mut held = Some((random(shape), None));
        whole(&mut group, &format!("{name}, {shape:?}"), numbers(passes * shape[0] * shape[1]), || {
            if let Some((parameter, state)) = held.take() {
                held = Some(optimizer.step(1e-4, parameter, gradient.clone(), state));
            }
        });
    }
}

fn optimizers(criterion: &mut Criterion) {
    steps(criterion, "Sgd", 3, Sgd::default());
    steps(criterion, "Sgd with momentum", 5, Sgd { momentum: 0.9, ..Sgd::default() });
    steps(criterion, "RmsProp", 5, RmsProp::default());
    steps(criterion, "Adam", 7, Adam::default());
    steps(criterion, "AdamW", 7, AdamW::default());
}

criterion_group! {
    name = benches;
    config = common::config();
    targets = memory_ceilings, activations, batch_norms, dropouts, losses, embeddings, optimizers
}
criterion_main!(benches);
