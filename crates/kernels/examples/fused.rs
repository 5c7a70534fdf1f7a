//! Kernels in a training step by hand: a convolution with its ReLU in one pass, batch norm, a pool, and an optimizer that
//! steps in place; then the same step by Burn's primitives, to compare.
//!
//!     cargo run --release -p brasa-kernels --example fused
use std::time::Instant;

use brasa_kernels::optim::Sgd;
use brasa_kernels::{ConvOptions, Epilogue, Mode, batch_norm_train, conv2d, global_avg_pool};
use burn::optim::Optimizer;
use burn::tensor::{Device, Distribution, Tensor};

fn main() {
    let device = Device::flex().autodiff();
    device.seed(1);
    let images = Tensor::<4>::random([32, 16, 28, 28], Distribution::Normal(0.0, 1.0), &device);
    let first = Tensor::<4>::random([32, 16, 3, 3], Distribution::Normal(0.0, 0.1), &device).inner();
    let options = ConvOptions { padding: [1, 1], epilogue: Epilogue::Relu, ..Default::default() };

    let train = || {
        let (mut weight, mut state) = (first.clone(), None);
        let mut losses = Vec::new();
        for _ in 0..20 {
            let tracked = Tensor::from_inner(weight.clone()).require_grad();
            let maps = conv2d(images.clone(), tracked.clone(), None, options);
            let (gamma, beta) = (Tensor::ones([32], &device), Tensor::zeros([32], &device));
            let (maps, ..) = batch_norm_train(maps, gamma, beta, 1e-5);
            let loss = global_avg_pool(maps.powf_scalar(3.0)).mean();
            losses.push(loss.clone().into_scalar::<f32>());
            let Some(gradient) = tracked.grad(&loss.backward()) else { break };
            (weight, state) = Sgd::default().step(0.5, weight, gradient, state);
        }
        losses
    };
    for mode in [Mode::Fast, Mode::Reference] {
        let started = Instant::now();
        let losses = mode.scope(train);
        let ends = losses.first().zip(losses.last());
        println!("{mode:?}: loss from and to {ends:?}, {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    }
}
