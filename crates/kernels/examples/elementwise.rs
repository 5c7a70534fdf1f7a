//! Time and memory traffic of each kernel, with Burn's own primitives beside it:
//!
//!     cargo run --release -p brasa-kernels --example elementwise
//!
//! On flex, `f32`, rows x columns as given (default 1024 x 580). GB/s counts every buffer that the operation must
//! read or write once; the best of many runs is shown. An allocator that gives freed blocks back to the system
//! makes every large output pay for page faults; `MIMALLOC_PURGE_DELAY=-1` keeps them.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use brasa_kernels::optim::{Adam, AdamW, RmsProp, Sgd};
use brasa_kernels::{ActivationKind, Mode, activation, batch_norm_train, dropout, set_mode};
use burn::optim::Optimizer;
use burn::tensor::{Device, Distribution, Tensor};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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

/// A step of `optimizer` with its state warm.
fn steps(name: &str, shape: [usize; 2], passes: usize, optimizer: impl Optimizer) {
    let random = || Tensor::<2>::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex());
    let gradient = random();
    let mut parameter = random();
    let mut state = None;
    compare(name, shape[0] * shape[1], passes, || {
        // The old handle must go before the step, or the step has to copy.
        let current = std::mem::replace(&mut parameter, Tensor::empty([1, 1], &Device::flex()));
        let (next, next_state) = optimizer.step(1e-4, current, gradient.clone(), state.take());
        (parameter, state) = (next, next_state);
    });
}

fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let shape = [sizes.next().unwrap_or(1024), sizes.next().unwrap_or(580)];
    println!("{} x {}, {} threads", shape[0], shape[1], rayon::current_num_threads());
    for kind in ActivationKind::ALL {
        forward_and_backward(&format!("{kind:?}"), shape, |x| activation(x, kind));
    }
    forward_and_backward("Dropout", shape, |x| dropout(x, 0.3, 1));
    forward_and_backward("Batch norm", shape, |x| {
        let device = x.device();
        let (gamma, beta) = (Tensor::ones([shape[1]], &device), Tensor::zeros([shape[1]], &device));
        batch_norm_train(x, gamma, beta, 1e-5).0
    });
    steps("Sgd", shape, 3, Sgd::default());
    steps("Sgd momentum", shape, 5, Sgd { momentum: 0.9, ..Sgd::default() });
    steps("RmsProp", shape, 5, RmsProp::default());
    steps("Adam", shape, 7, Adam::default());
    steps("AdamW", shape, 7, AdamW::default());
}
