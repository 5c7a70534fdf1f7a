//! What the tests of the kernels share.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use burn::tensor::{Device, Shape, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Values from `low` to `high`, the same for the same `seed`.
pub fn uniform(len: usize, low: f32, high: f32, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..len).map(|_| rng.random_range(low..high)).collect()
}

pub fn tensor<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().unwrap()
}

/// Elementwise `|a - b| <= absolute + relative |b|`; NaN equals NaN, infinities equal themselves.
#[track_caller]
pub fn assert_close(actual: &[f32], expected: &[f32], relative: f32, absolute: f32, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}: length");
    for (i, (&a, &e)) in actual.iter().zip(expected).enumerate() {
        let same = a == e || (a.is_nan() && e.is_nan());
        assert!(same || (a - e).abs() <= absolute + relative * e.abs(), "{what}: element {i}: {a} for {e}");
    }
}

/// Runs `work` on a pool of `threads` threads.
pub fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// The distance between `actual` and the exact `expected`, in units of the last place of `expected` as an `f32`.
pub fn ulps(actual: f32, expected: f64) -> f64 {
    let nearest = (expected.abs() as f32).max(f32::MIN_POSITIVE);
    let unit = f64::from(f32::from_bits(nearest.to_bits() + 1)) - f64::from(nearest);
    (f64::from(actual) - expected).abs() / unit
}

/// Shapes with odd sizes, one row, no row, and enough elements for several threads.
pub const SHAPES: [[usize; 2]; 8] =
    [[1, 1], [1, 7], [3, 5], [0, 4], [17, 33], [64, 64], [129, 257], [731, 411]];

pub fn len(shape: impl Into<Shape>) -> usize {
    shape.into().num_elements()
}
