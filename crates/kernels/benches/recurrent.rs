//! Recurrent layers in GFLOP/s, two operations for each number of a product; the gates count nothing.
//!
//!     cargo bench -p brasa-kernels --bench recurrent [-- part of a name]
#![allow(missing_docs)]

mod common;

use brasa_kernels::{Direction, gru, lstm};
use burn::tensor::Tensor;
use common::{constant, flops, leaf, passes, product_ceiling, random};
use criterion::{Criterion, criterion_group, criterion_main};

/// Batch, steps, inputs and hidden units; a network's first layer needs no gradient of its input.
const LAYERS: [(&str, [usize; 4], bool); 4] = [
    ("floor, first layer", [64, 128, 10, 256], true),
    ("floor, further layers", [64, 128, 256, 256], false),
    ("floor, one series", [1, 128, 256, 256], false),
    ("odd sizes", [33, 50, 31, 70], false),
];

fn layers(criterion: &mut Criterion) {
    for (kernel, gates) in [("lstm", 4), ("gru", 3)] {
        let mut group = criterion.benchmark_group(kernel);
        for (name, [batch, time, input, hidden], first) in LAYERS {
            let width = gates * hidden;
            let scale = 1.0 / (hidden as f32).sqrt();
            let x = random([batch, time, input]);
            let [w_ih, w_hh] = [random([input, width]), random([hidden, width])].map(|w| w * scale);
            let [b_ih, b_hh] = [random([width]), random([width])].map(|b: Tensor<1>| b * scale);
            let layer = if gates == 4 { lstm } else { gru };
            let products = 2 * batch * time * width;
            let of_inputs = if first { input } else { 2 * input };
            let amounts = [products * (input + hidden), products * (of_inputs + 2 * hidden)].map(flops);
            passes(
                &mut group,
                name,
                amounts,
                || {
                    layer(
                        x.clone(),
                        w_ih.clone(),
                        w_hh.clone(),
                        b_ih.clone(),
                        b_hh.clone(),
                        Direction::Forward,
                    )
                },
                || {
                    let x = if first { constant(&x) } else { leaf(&x) };
                    layer(x, leaf(&w_ih), leaf(&w_hh), leaf(&b_ih), leaf(&b_hh), Direction::Forward)
                },
            );
        }
    }
}

criterion_group! {
    name = benches;
    config = common::config();
    targets = product_ceiling, layers
}
criterion_main!(benches);
