//! What the benches share: both bodies of an operation side by side, and what the machine can do at most.
#![allow(dead_code)]

use std::hint::black_box;
use std::time::Duration;

use brasa_kernels::Mode;
use burn::tensor::{Device, Distribution, Tensor};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use rayon::prelude::*;

/// Keeps freed blocks: large outputs would pay for page faults otherwise.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BODIES: [(Mode, &str); 2] = [(Mode::Fast, "fast"), (Mode::Reference, "Burn")];

/// Few samples: some of Burn's bodies take seconds.
pub fn config() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
}

/// Shown as Gelem/s: GFLOP/s.
pub fn flops(count: usize) -> Throughput {
    Throughput::Elements(count as u64)
}

/// `f32` numbers that are read or written, shown as GB/s.
pub fn numbers(count: usize) -> Throughput {
    Throughput::BytesDecimal(4 * count as u64)
}

pub fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
}

/// A leaf with the values of `tensor`.
pub fn leaf<const D: usize>(tensor: &Tensor<D>) -> Tensor<D> {
    constant(tensor).require_grad()
}

/// The values of `tensor` on the autodiff device.
pub fn constant<const D: usize>(tensor: &Tensor<D>) -> Tensor<D> {
    Tensor::from_inner(tensor.clone())
}

/// Both bodies, forward without autodiff and backward alone, with what each pass moves or computes. `tracked` gives the
/// output on the autodiff device; its upstream gradient is 1 everywhere, and made in the time that is measured.
pub fn passes<const D: usize, const E: usize>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    [forward, backward]: [Throughput; 2],
    plain: impl Fn() -> Tensor<D>,
    tracked: impl Fn() -> Tensor<E>,
) {
    for (mode, body) in BODIES {
        group.throughput(forward.clone());
        group.bench_function(BenchmarkId::new(format!("{what}, forward"), body), |bencher| {
            let _scope = mode.enter();
            bencher.iter(&plain);
        });
        group.throughput(backward.clone());
        group.bench_function(BenchmarkId::new(format!("{what}, backward"), body), |bencher| {
            let _scope = mode.enter();
            bencher.iter_batched(&tracked, |output| output.backward(), BatchSize::PerIteration);
        });
    }
}

/// Both bodies of something that has no two passes.
pub fn whole(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    amount: Throughput,
    mut work: impl FnMut(),
) {
    group.throughput(amount);
    for (mode, body) in BODIES {
        group.bench_function(BenchmarkId::new(what, body), |bencher| {
            let _scope = mode.enter();
            bencher.iter(&mut work);
        });
    }
}

/// The product of the gemm crate on all threads, `[m, k]` by `[k, n]`: the ceiling of GFLOP/s.
pub fn product_ceiling(criterion: &mut Criterion) {
    let [m, k, n] = [2048, 1024, 1024];
    let (a, b, mut c) = (vec![0.5f32; m * k], vec![0.5f32; k * n], vec![0.0f32; m * n]);
    let mut group = criterion.benchmark_group("ceiling");
    group.throughput(flops(2 * m * k * n));
    group.bench_function(format!("product of {m} x {k} and {k} x {n}"), |bencher| {
        bencher.iter(|| {
            let (k_stride, n_stride) = (k.cast_signed(), n.cast_signed());
            let threads = gemm::Parallelism::Rayon(0);
            // SAFETY: three buffers of the sizes of the matrices, with the strides of row-major ones.
            unsafe {
                gemm::gemm(
                    m,
                    n,
                    k,
                    c.as_mut_ptr(),
                    1,
                    n_stride,
                    false,
                    a.as_ptr(),
                    1,
                    k_stride,
                    b.as_ptr(),
                    1,
                    n_stride,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    threads,
                );
            }
            black_box(&c);
        });
    });
}

/// `a = b + 3 c` on all threads, over numbers that fit into the caches and numbers that do not: the ceilings of GB/s.
pub fn memory_ceilings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ceiling");
    for (place, len) in [("second-level cache", 64 * 1024), ("memory", 32 * 1024 * 1024)] {
        let (mut a, b, c) = (vec![0.0f32; len], vec![1.0f32; len], vec![2.0f32; len]);
        group.throughput(numbers(3 * len));
        group.bench_function(format!("triad in {place}"), |bencher| {
            bencher.iter(|| {
                let part = len.div_ceil(rayon::current_num_threads());
                let parts = a.par_chunks_mut(part).zip(b.par_chunks(part)).zip(c.par_chunks(part));
                parts.for_each(|((a, b), c)| {
                    for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                        *a = b + 3.0 * c;
                    }
                });
                black_box(&a);
            });
        });
    }
}
