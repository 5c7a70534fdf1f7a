//! Time and arithmetic rate of convolutions and poolings, layer by layer, of the networks that brasa trains:
//!
//!     MIMALLOC_PURGE_DELAY=-1 cargo run --release -p brasa-kernels --example conv [part of a name] [--batch=4] [--reference]
//!
//! GFLOP/s counts two operations per product of the definition, whatever the algorithm: Winograd's exceeds the
//! machine's. The first line is what a large matrix product reaches here. Best of many runs, forward, then
//! backward for the gradient of the input alone, of the weights alone, and of both; the gradient's own
//! creation, which is timed apart, is not counted.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use brasa_kernels::{
    ConvOptions, Mode, PoolOptions, avg_pool2d, conv2d, max_over_time, max_pool2d, set_mode,
};
use burn::tensor::{Device, Distribution, Tensor};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The best time of `work` on what `prepare` made, which is not timed.
fn best_ms<T>(mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) -> f64 {
    let start = Instant::now();
    let (mut best, mut runs) = (f64::INFINITY, 0);
    while runs < 5 || (start.elapsed().as_secs_f64() < 0.6 && runs < 300) {
        let given = prepare();
        let start = Instant::now();
        work(given);
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
        runs += 1;
    }
    best
}

struct Layer {
    name: &'static str,
    x: [usize; 4],
    weight: [usize; 4],
    options: ConvOptions<2>,
}

fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
}

fn tracked<const D: usize>(tensor: &Tensor<D>, gradient: bool) -> Tensor<D> {
    let tensor = Tensor::from_inner(tensor.clone());
    if gradient { tensor.require_grad() } else { tensor }
}

/// The time of the backward pass, without that of the sum behind it.
fn backward_ms<const D: usize>(output: [usize; D], make: impl Fn() -> Tensor<D>) -> f64 {
    let leaf = tracked(&random(output), true);
    let all = best_ms(|| make().sum(), |loss| drop(black_box(loss.backward())));
    let sum = best_ms(|| leaf.clone().sum(), |loss| drop(black_box(loss.backward())));
    (all - sum).max(0.0)
}

fn convolution(layer: &Layer) {
    let Layer { name, x, weight, options } = layer;
    let bias = random([weight[0]]);
    let (x, weight) = (random(*x), random(*weight));
    let run = |input: bool, weights: bool| {
        let (x, weight) = (tracked(&x, input), tracked(&weight, weights));
        conv2d(x, weight, Some(tracked(&bias, weights)), *options)
    };
    let forward =
        best_ms(|| (), |()| drop(black_box(conv2d(x.clone(), weight.clone(), Some(bias.clone()), *options))));
    let output = run(false, true).dims();
    let times = [
        forward,
        backward_ms(output, || run(true, false)),
        backward_ms(output, || run(false, true)),
        backward_ms(output, || run(true, true)),
    ];
    let products = output.iter().product::<usize>() * weight.dims()[1..].iter().product::<usize>();
    let flops = 2.0 * products as f64;
    print!("{name:<34}");
    for (ms, passes) in times.into_iter().zip([1.0, 1.0, 1.0, 2.0]) {
        print!(" {ms:>8.3} ms {:>6.0}", flops * passes / ms / 1e6);
    }
    println!();
}

fn pooling<const D: usize, const E: usize>(
    name: &str,
    shape: [usize; D],
    function: impl Fn(Tensor<D>) -> Tensor<E>,
) {
    let x = random(shape);
    let forward = best_ms(|| (), |()| drop(black_box(function(x.clone()))));
    let leaf = tracked(&x, true);
    let output = function(x.clone()).dims();
    let backward = backward_ms(output, || function(leaf.clone()));
    println!("{name:<34} {forward:>8.3} ms        {backward:>8.3} ms");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| arguments.iter().all(|a| a.starts_with("--") || name.contains(a.as_str()));
    if arguments.iter().any(|argument| argument == "--reference") {
        set_mode(Mode::Reference);
    }
    let batch = arguments.iter().find_map(|argument| argument.strip_prefix("--batch=")?.parse().ok());
    let size = 1024;
    let (a, b) = (random([size, size]), random([size, size]));
    let product = best_ms(|| (), |()| drop(black_box(a.clone().matmul(b.clone()))));
    println!(
        "{} threads, matrix product {:.0} GFLOP/s",
        rayon::current_num_threads(),
        2.0 * (size as f64).powi(3) / product / 1e6
    );
    println!("{:<34} {:>11} GFLOP/s {:>11} {:>17} {:>16}", "", "forward", "input", "weights", "both");
    let same = |kernel: usize| ConvOptions { padding: [kernel / 2; 2], relu: true, ..Default::default() };
    let valid = ConvOptions { relu: true, ..Default::default() };
    let of = |name, [images, channels, height, width]: [usize; 4], weight, options| Layer {
        name,
        x: [batch.unwrap_or(images), channels, height, width],
        weight,
        options,
    };
    let layers = [
        of("emotions 1 -> 32, 48x48", [128, 1, 48, 48], [32, 1, 3, 3], same(3)),
        of("emotions 32 -> 32, 48x48", [128, 32, 48, 48], [32, 32, 3, 3], same(3)),
        of("emotions 32 -> 64, 24x24", [128, 32, 24, 24], [64, 32, 3, 3], same(3)),
        of("emotions 64 -> 64, 24x24", [128, 64, 24, 24], [64, 64, 3, 3], same(3)),
        of("emotions 64 -> 128, 12x12", [128, 64, 12, 12], [128, 64, 3, 3], same(3)),
        of("emotions 128 -> 128, 12x12", [128, 128, 12, 12], [128, 128, 3, 3], same(3)),
        of("one face, 32 -> 32, 48x48", [1, 32, 48, 48], [32, 32, 3, 3], same(3)),
        of("one face, 64 -> 64, 24x24", [1, 64, 24, 24], [64, 64, 3, 3], same(3)),
        of("one face, 128 -> 128, 12x12", [1, 128, 12, 12], [128, 128, 3, 3], same(3)),
        of("mnist 1 -> 16, 5x5", [256, 1, 28, 28], [16, 1, 5, 5], same(5)),
        of("mnist 16 -> 32, 5x5", [256, 16, 14, 14], [32, 16, 5, 5], same(5)),
        of("titles 50 -> 100, 2 of 20", [128, 50, 1, 20], [100, 50, 1, 2], valid),
        of("titles 50 -> 100, 3 of 20", [128, 50, 1, 20], [100, 50, 1, 3], valid),
        of("titles 50 -> 100, 4 of 20", [128, 50, 1, 20], [100, 50, 1, 4], valid),
        of(
            "resnet 3 -> 64, 7x7 stride 2",
            [8, 3, 224, 224],
            [64, 3, 7, 7],
            ConvOptions { stride: [2, 2], ..same(7) },
        ),
        of(
            "resnet 64 -> 128, stride 2",
            [8, 64, 56, 56],
            [128, 64, 3, 3],
            ConvOptions { stride: [2, 2], ..same(3) },
        ),
        of("resnet 64 -> 256, 1x1", [8, 64, 56, 56], [256, 64, 1, 1], valid),
        of("resnet 512 -> 512, 7x7", [8, 512, 7, 7], [512, 512, 3, 3], same(3)),
        of(
            "depthwise 128, 3x3, 28x28",
            [32, 128, 28, 28],
            [128, 1, 3, 3],
            ConvOptions { groups: 128, ..same(3) },
        ),
    ];
    layers.iter().filter(|layer| wanted(layer.name)).for_each(convolution);

    let halves = PoolOptions { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    let thirds = PoolOptions { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
    if wanted("pool") {
        pooling("max pool 2x2, 128 x 32 x 48x48", [128, 32, 48, 48], |x| max_pool2d(x, halves));
        pooling("max pool 2x2, 256 x 16 x 28x28", [256, 16, 28, 28], |x| max_pool2d(x, halves));
        pooling("max pool 3x3, 8 x 64 x 112x112", [8, 64, 112, 112], |x| max_pool2d(x, thirds));
        pooling("mean pool 2x2, 128 x 32 x 48x48", [128, 32, 48, 48], |x| avg_pool2d(x, halves));
        pooling("max over time, 128 x 100 x 19", [128, 100, 19], max_over_time);
    }
}
