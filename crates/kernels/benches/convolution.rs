//! Convolutions in GFLOP/s, two operations for each product of the definition whatever the algorithm (Winograd's may
//! exceed the machine's ceiling), and poolings in GB/s: the layers of the networks that brasa trains.
//!
//!     cargo bench -p brasa-kernels --bench convolution [-- part of a name]
#![allow(missing_docs)]

mod common;

use brasa_kernels::{
    ConvOptions, Epilogue, PoolOptions, avg_pool2d, conv2d, global_avg_pool, max_over_time, max_pool2d,
};
use burn::tensor::Tensor;
use common::{constant, flops, leaf, memory_ceilings, numbers, passes, product_ceiling, random};
use criterion::{Criterion, criterion_group, criterion_main};

struct Layer {
    name: &'static str,
    x: [usize; 4],
    weight: [usize; 4],
    options: ConvOptions<2>,
    /// The first layer of a network needs no gradient of its input.
    first: bool,
}

fn layers() -> Vec<Layer> {
    let same = |kernel: usize| ConvOptions {
        padding: [kernel / 2; 2],
        epilogue: Epilogue::Relu,
        ..Default::default()
    };
    let valid = ConvOptions { epilogue: Epilogue::Relu, ..Default::default() };
    let strided = ConvOptions { stride: [2, 2], epilogue: Epilogue::None, ..same(3) };
    let depthwise = ConvOptions { groups: 128, ..same(3) };
    let of = |name, x, weight, options| Layer { name, x, weight, options, first: false };
    let first = |name, x, weight, options| Layer { first: true, ..of(name, x, weight, options) };
    vec![
        first("emotions 1 to 32", [128, 1, 48, 48], [32, 1, 3, 3], same(3)),
        of("emotions 32 to 32", [128, 32, 48, 48], [32, 32, 3, 3], same(3)),
        of("emotions 32 to 64", [128, 32, 24, 24], [64, 32, 3, 3], same(3)),
        of("emotions 64 to 64", [128, 64, 24, 24], [64, 64, 3, 3], same(3)),
        of("emotions 64 to 128", [128, 64, 12, 12], [128, 64, 3, 3], same(3)),
        of("emotions 128 to 128", [128, 128, 12, 12], [128, 128, 3, 3], same(3)),
        of("emotions strong, stride 2", [128, 64, 24, 24], [128, 64, 3, 3], strided),
        of("one face, 32 to 32", [1, 32, 48, 48], [32, 32, 3, 3], same(3)),
        of("one face, 64 to 64", [1, 64, 24, 24], [64, 64, 3, 3], same(3)),
        of("one face, 128 to 128", [1, 128, 12, 12], [128, 128, 3, 3], same(3)),
        first("mnist 1 to 16, 5x5", [256, 1, 28, 28], [16, 1, 5, 5], same(5)),
        of("mnist 16 to 32, 5x5", [256, 16, 14, 14], [32, 16, 5, 5], same(5)),
        first("titles, 2 words", [128, 50, 1, 20], [100, 50, 1, 2], valid),
        first("titles, 3 words", [128, 50, 1, 20], [100, 50, 1, 3], valid),
        first("titles, 4 words", [128, 50, 1, 20], [100, 50, 1, 4], valid),
        of("resnet 3 to 64, 7x7", [8, 3, 224, 224], [64, 3, 7, 7], ConvOptions { stride: [2, 2], ..same(7) }),
        of("resnet 64 to 256, 1x1", [8, 64, 56, 56], [256, 64, 1, 1], valid),
        of("resnet 512 to 512", [8, 512, 7, 7], [512, 512, 3, 3], same(3)),
        of("depthwise 128", [32, 128, 28, 28], [128, 1, 3, 3], depthwise),
    ]
}

fn convolutions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("convolution");
    for Layer { name, x, weight, options, first } in layers() {
        let (x, weight, bias) = (random(x), random(weight), random([weight[0]]));
        let forward = || conv2d(x.clone(), weight.clone(), Some(bias.clone()), options);
        let outputs: usize = forward().dims().iter().product();
        let count = 2 * outputs * weight.dims()[1..].iter().product::<usize>();
        let amounts = [flops(count), flops(if first { count } else { 2 * count })];
        passes(&mut group, name, amounts, forward, || {
            let x = if first { constant(&x) } else { leaf(&x) };
            conv2d(x, leaf(&weight), Some(leaf(&bias)), options)
        });
    }
}

fn pooling<const D: usize, const E: usize>(
    criterion: &mut Criterion,
    kernel: &str,
    shape: [usize; D],
    function: impl Fn(Tensor<D>) -> Tensor<E>,
) {
    let x = random(shape);
    let outputs: usize = function(x.clone()).dims().iter().product();
    let moved = numbers(shape.iter().product::<usize>() + outputs);
    let mut group = criterion.benchmark_group(kernel);
    let what = format!("{shape:?}");
    passes(&mut group, &what, [moved.clone(), moved], || function(x.clone()), || function(leaf(&x)));
}

fn poolings(criterion: &mut Criterion) {
    let halves = PoolOptions { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    let thirds = PoolOptions { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
    pooling(criterion, "max pool 2x2", [128, 32, 48, 48], |x| max_pool2d(x, halves));
    pooling(criterion, "max pool 2x2", [256, 16, 28, 28], |x| max_pool2d(x, halves));
    pooling(criterion, "max pool 3x3", [8, 64, 112, 112], |x| max_pool2d(x, thirds));
    pooling(criterion, "mean pool 2x2", [128, 32, 48, 48], |x| avg_pool2d(x, halves));
    pooling(criterion, "global mean", [128, 256, 6, 6], global_avg_pool);
    pooling(criterion, "maximum over time", [128, 100, 19], max_over_time);
}

criterion_group! {
    name = benches;
    config = common::config();
    targets = product_ceiling, memory_ceilings, convolutions, poolings
}
criterion_main!(benches);
