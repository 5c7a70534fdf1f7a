//! Gradients in `f64`, where Burn's primitives run, against central differences; and the kernels' gradients in `f32`
//! against those.
#![cfg(feature = "flex")]

use crate::common;

use brasa_kernels::{
    ActivationKind, ConvOptions,
    Direction::{Forward, Reverse},
    PoolOptions, activation, avg_pool2d, batch_norm_train, conv1d, conv2d, embedding, global_avg_pool, gru,
    lstm, max_over_time, max_pool2d, residual_relu, softmax_cross_entropy,
};
use brasa_kernels::{PeriodicWeights, parametric_activation, periodic};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use common::{assert_close, len, uniform};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn flat(values: &[f64], device: &Device, dtype: DType) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), (device, dtype))
}

fn numbers(tensor: Tensor<1>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// Numbers of the inputs, and upstream gradients.
struct Point {
    inputs: Vec<Vec<f64>>,
    upstream: Vec<f64>,
}

impl Point {
    /// The sum of the outputs of `function`, each times its upstream gradient.
    fn loss(&self, function: impl Fn(&[Tensor<1>]) -> Tensor<1>) -> f64 {
        let device = Device::flex();
        let inputs: Vec<_> = self.inputs.iter().map(|input| flat(input, &device, DType::F64)).collect();
        let output = numbers(function(&inputs));
        output.iter().zip(&self.upstream).map(|(y, g)| y * g).sum()
    }

    /// The gradients of that sum.
    fn gradients(&self, function: impl Fn(&[Tensor<1>]) -> Tensor<1>, dtype: DType) -> Vec<Vec<f64>> {
        let device = Device::flex().autodiff();
        let leaf = |input: &Vec<f64>| flat(input, &device, dtype).require_grad();
        let inputs: Vec<_> = self.inputs.iter().map(leaf).collect();
        let loss = (function(&inputs) * flat(&self.upstream, &device, dtype)).sum();
        let gradients = loss.backward();
        inputs.iter().map(|input| numbers(input.grad(&gradients).unwrap())).collect()
    }
}

/// Checks `function` of flat tensors of the given lengths, drawn from -1 to 1 as numbers that `f32` holds exactly.
fn check(what: &str, lens: &[usize], function: impl Fn(&[Tensor<1>]) -> Tensor<1>) {
    let inputs = lens.iter().zip(1..);
    let inputs = inputs.map(|(&len, seed)| uniform(len, -1.0, 1.0, seed).iter().map(|&v| v.into()).collect());
    check_at(what, inputs.collect(), function);
}

fn check_at(what: &str, inputs: Vec<Vec<f64>>, function: impl Fn(&[Tensor<1>]) -> Tensor<1>) {
    let plain: Vec<_> = inputs.iter().map(|input| flat(input, &Device::flex(), DType::F64)).collect();
    let outputs = function(&plain).dims()[0];
    let upstream = uniform(outputs, -1.0, 1.0, 99).into_iter().map(f64::from).collect();
    let mut point = Point { inputs, upstream };
    let exact = point.gradients(&function, DType::F64);
    // Miri, which takes a thousand times as long, looks for the kernels' errors with memory.
    let to_differ = if cfg!(miri) { 0 } else { exact.len() };
    for (input, exact) in exact.iter().enumerate().take(to_differ) {
        let largest = exact.iter().fold(1.0f64, |a, b| a.max(b.abs()));
        for (place, &gradient) in exact.iter().enumerate() {
            let step = 1e-5;
            let value = point.inputs[input][place];
            let [above, below] = [step, -step].map(|step| {
                point.inputs[input][place] = value + step;
                point.loss(&function)
            });
            point.inputs[input][place] = value;
            let difference = (above - below) / (2.0 * step);
            assert!(
                (difference - gradient).abs() <= 1e-7 * largest,
                "{what}: input {input}, element {place}: the gradient {gradient}, the difference {difference}"
            );
        }
    }
    for (input, (fast, exact)) in point.gradients(&function, DType::F32).iter().zip(&exact).enumerate() {
        let largest = exact.iter().fold(0.0f64, |a, b| a.max(b.abs())) as f32;
        let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<f32>>();
        assert_close(&narrow(fast), &narrow(exact), 0.0, 1e-5 * largest, &format!("{what}: input {input}"));
    }
}

/// Different numbers with a distance of 0.01, so that no step changes which is the largest.
fn ranks(len: usize) -> Vec<f64> {
    let mut ranks: Vec<f64> = (0..len).map(|rank| f64::from(rank as f32 * 0.01)).collect();
    ranks.shuffle(&mut ChaCha8Rng::seed_from_u64(5));
    ranks
}

fn flatten<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let len = len(tensor.dims());
    tensor.reshape([len])
}

#[test]
fn activations() {
    // Away from zero, where the slope of ReLU jumps.
    let x: Vec<f64> = (-60..60).map(|i| (f64::from(i) + 0.5) / 16.0).collect();
    for kind in ActivationKind::ALL {
        check_at(&format!("{kind:?}"), vec![x.clone()], |x| activation(x[0].clone(), kind));
    }
}

#[test]
fn parametric_activations() {
    let x: Vec<f64> = (-60..60).map(|i| (f64::from(i) + 0.5) / 16.0).collect();
    let slopes: Vec<f64> = (0..6).map(|i| 0.25 * f64::from(i)).collect();
    for kind in ActivationKind::ALL {
        check_at(&format!("parametric {kind:?}"), vec![x.clone(), slopes.clone()], |inputs| {
            flatten(parametric_activation(inputs[0].clone().reshape([20, 6]), inputs[1].clone(), kind))
        });
    }
}

#[test]
fn waves() {
    check("waves", &[5 * 2, 2 * 4, 2 * 4, 2 * 3 * 4, 2 * 3], |inputs| {
        let weights = PeriodicWeights {
            frequency: inputs[1].clone().reshape([2, 4]),
            phase: inputs[2].clone().reshape([2, 4]),
            weight: inputs[3].clone().reshape([2, 3, 4]),
            bias: inputs[4].clone().reshape([2, 3]),
        };
        flatten(periodic(inputs[0].clone().reshape([5, 2]), weights))
    });
}

#[test]
fn batch_norm() {
    for shape in [[7, 3, 1, 1], [2, 3, 2, 5]] {
        check("batch norm", &[len(shape), 3, 3], |inputs| {
            let x = inputs[0].clone().reshape(shape);
            flatten(batch_norm_train(x, inputs[1].clone(), inputs[2].clone(), 1e-3).0)
        });
    }
}

#[test]
fn residuals() {
    let shape = [2, 3, 4, 5];
    let maps = |flat: &Tensor<1>| flat.clone().reshape(shape);
    check("residual", &[len(shape), 6, len(shape)], |inputs| {
        let weights = inputs[1].clone().reshape([2, 3]);
        flatten(residual_relu(maps(&inputs[0]), Some(weights), maps(&inputs[2])))
    });
    check("residual without weights", &[len(shape), len(shape)], |inputs| {
        flatten(residual_relu(maps(&inputs[0]), None, maps(&inputs[1])))
    });
}

#[test]
fn convolutions() {
    let cases = [
        ([2, 3, 5, 4], [4, 3, 3, 3], ConvOptions { padding: [1, 1], ..Default::default() }),
        ([1, 4, 6, 5], [6, 2, 2, 3], ConvOptions { stride: [2, 1], groups: 2, ..Default::default() }),
        ([4, 16, 4, 5], [16, 16, 3, 3], ConvOptions { padding: [1, 1], ..Default::default() }),
    ];
    for (shape, weight, options) in cases {
        check(&format!("{shape:?} {weight:?}"), &[len(shape), len(weight), weight[0]], |inputs| {
            let [x, w] = [inputs[0].clone().reshape(shape), inputs[1].clone().reshape(weight)];
            flatten(conv2d(x, w, Some(inputs[2].clone()), options))
        });
    }
    check("conv1d", &[2 * 5 * 9, 7 * 5 * 3, 7], |inputs| {
        let [x, w] = [inputs[0].clone().reshape([2, 5, 9]), inputs[1].clone().reshape([7, 5, 3])];
        flatten(conv1d(x, w, Some(inputs[2].clone()), ConvOptions { padding: [1], ..Default::default() }))
    });
}

#[test]
fn poolings() {
    let shape = [2, 2, 5, 6];
    for (kernel, stride, padding) in [([2, 2], [2, 2], [0, 0]), ([3, 2], [1, 2], [1, 1])] {
        let options = PoolOptions { kernel, stride, padding };
        check_at("max pool", vec![ranks(len(shape))], |x| {
            flatten(max_pool2d(x[0].clone().reshape(shape), options))
        });
        check("mean pool", &[len(shape)], |x| flatten(avg_pool2d(x[0].clone().reshape(shape), options)));
    }
    check("global mean", &[len(shape)], |x| flatten(global_avg_pool(x[0].clone().reshape(shape))));
    check_at("maximum over time", vec![ranks(60)], |x| {
        flatten(max_over_time(x[0].clone().reshape([3, 4, 5])))
    });
}

#[test]
fn recurrent_layers() {
    let [batch, time, input, hidden] = [2, 3, 4, 3];
    for (gates, direction) in [(4, Forward), (4, Reverse), (3, Forward), (3, Reverse)] {
        let width = gates * hidden;
        let lens = [batch * time * input, input * width, hidden * width, width, width];
        check(&format!("{gates} gates, {direction:?}"), &lens, |inputs| {
            let x = inputs[0].clone().reshape([batch, time, input]);
            let w_ih = inputs[1].clone().reshape([input, width]);
            let w_hh = inputs[2].clone().reshape([hidden, width]);
            let layer = if gates == 4 { lstm } else { gru };
            flatten(layer(x, w_ih, w_hh, inputs[3].clone(), inputs[4].clone(), direction))
        });
    }
}

#[test]
fn losses_and_embeddings() {
    let targets = uniform(24, 0.0, 1.0, 7);
    check("cross-entropy", &[24], |logits| {
        let targets = TensorData::new(targets.clone(), [4, 6]);
        let targets = Tensor::from_data(targets, (&logits[0].device(), logits[0].dtype()));
        softmax_cross_entropy(logits[0].clone().reshape([4, 6]), targets)
    });
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let ids: Vec<i64> = (0..15).map(|_| rng.random_range(0..6)).collect();
    for padding in [None, Some(2)] {
        // The padding row gets no gradient, though the output follows it.
        let ids: Vec<i64> = ids.iter().map(|&id| if padding == Some(id as usize) { 0 } else { id }).collect();
        check("embedding", &[6 * 5], |table| {
            let ids = Tensor::<2, Int>::from_data(TensorData::new(ids.clone(), [3, 5]), &table[0].device());
            flatten(embedding(table[0].clone().reshape([6, 5]), ids, padding))
        });
    }
}
