//! Time and memory traffic of each kernel, with Burn's own primitives beside it:
//!
//!     cargo run --release -p brasa-kernels --example elementwise
//!
//! On flex, `f32`, rows x columns as given (default 1024 x 580). GB/s counts every buffer that the operation must
//! read or write once; the best of many runs is shown.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use brasa_kernels::{ActivationKind, Mode, activation, set_mode};
use burn::tensor::{Device, Distribution, Tensor};

fn best_ms(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut best = f64::INFINITY;
    let mut runs = 0;
    while runs < 5 || (start.elapsed().as_secs_f64() < 0.4 && runs < 500) {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
        runs += 1;
    }
    best
}

/// Times `work` in both modes and prints a row; `passes` is the number of buffers of `elements` that it moves.
fn compare(name: &str, elements: usize, passes: usize, mut work: impl FnMut()) {
    let mut timed = |mode| {
        set_mode(mode);
        best_ms(&mut work)
    };
    let (reference, fast) = (timed(Mode::Reference), timed(Mode::Fast));
    let gigabytes = (elements * passes * 4) as f64 / 1e9;
    println!(
        "{name:<28} {fast:>9.3} ms {:>7.1} GB/s   Burn {reference:>9.3} ms   {:>6.1} x",
        gigabytes / (fast / 1e3),
        reference / fast
    );
}

/// Forward, backward, or both of `function` of one input.
fn forward_and_backward(name: &str, shape: [usize; 2], function: impl Fn(Tensor<2>) -> Tensor<2>) {
    let device = Device::flex();
    let elements = shape[0] * shape[1];
    let x = Tensor::<2>::random(shape, Distribution::Normal(0.0, 2.0), &device);
    compare(&format!("{name} forward"), elements, 2, || {
        black_box(function(x.clone()));
    });
    let tracked = Tensor::<2>::from_inner(x).require_grad();
    compare(&format!("{name} forward+backward"), elements, 5, || {
        black_box(function(tracked.clone()).backward());
    });
}

fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let shape = [sizes.next().unwrap_or(1024), sizes.next().unwrap_or(580)];
    println!("{} x {}, {} threads", shape[0], shape[1], rayon::current_num_threads());
    for kind in ActivationKind::ALL {
        forward_and_backward(&format!("{kind:?}"), shape, |x| activation(x, kind));
    }
}
