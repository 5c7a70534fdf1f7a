//! The kernels of networks over tables: against Burn's primitives, and the same bits on any number of threads.
#![cfg(feature = "flex")]
#![allow(clippy::unwrap_used)]

use crate::common;

use brasa_kernels::{ActivationKind, Mode, PeriodicWeights, parametric_activation, periodic};
use burn::tensor::{Device, Tensor};
use common::{assert_close, len, tensor, uniform, values, with_threads};

/// Output and gradients of every input of `function`.
fn all(inputs: &[(Vec<usize>, f32)], function: impl Fn(&[Tensor<1>]) -> Tensor<2>) -> Vec<Vec<f32>> {
    let device = Device::flex().autodiff();
    let flat = inputs.iter().zip(1..).map(|((shape, size), seed)| {
        let count = shape.iter().product();
        tensor(&uniform(count, -size, *size, seed), [count], &device).require_grad()
    });
    let flat: Vec<Tensor<1>> = flat.collect();
    let output = function(&flat);
    let upstream = tensor(&uniform(len(output.dims()), -1.0, 1.0, 99), output.dims(), &device);
    let gradients = (output.clone() * upstream).sum().backward();
    let gradients = flat.iter().map(|input| values(input.grad(&gradients).unwrap()));
    std::iter::once(values(output)).chain(gradients).collect()
}

fn same_in_both_modes(name: &str, run: impl Fn() -> Vec<Vec<f32>>) {
    let fast = run();
    let reference = {
        let _mode = Mode::Reference.enter();
        run()
    };
    for (place, (fast, reference)) in fast.iter().zip(&reference).enumerate() {
        assert_close(fast, reference, 2e-5, 2e-5, &format!("{name}, {place}"));
    }
}

fn activated(batch: usize, features: usize, kind: ActivationKind) -> Vec<Vec<f32>> {
    let inputs = [(vec![batch, features], 3.0), (vec![features], 1.5)];
    all(&inputs, |flat| {
        parametric_activation(flat[0].clone().reshape([batch, features]), flat[1].clone(), kind)
    })
}

fn waves(batch: usize, features: usize, dims: usize, waves: usize) -> Vec<Vec<f32>> {
    let inputs = [
        (vec![batch, features], 3.0),
        (vec![features, waves], 0.5),
        (vec![features, waves], 3.2),
        (vec![features, dims, waves], 0.25),
        (vec![features, dims], 0.25),
    ];
    all(&inputs, |flat| {
        let weights = PeriodicWeights {
            frequency: flat[1].clone().reshape([features, waves]),
            phase: flat[2].clone().reshape([features, waves]),
            weight: flat[3].clone().reshape([features, dims, waves]),
            bias: flat[4].clone().reshape([features, dims]),
        };
        periodic(flat[0].clone().reshape([batch, features]), weights)
    })
}

#[test]
fn parametric_activations_agree_with_primitives() {
    for kind in ActivationKind::ALL {
        for (batch, features) in [(1, 1), (3, 5), (150, 33)] {
            same_in_both_modes(&format!("{kind:?} {batch} x {features}"), || {
                activated(batch, features, kind)
            });
        }
    }
}

#[test]
fn waves_agree_with_primitives() {
    for (batch, features, dims, count) in [(1, 1, 1, 1), (7, 3, 3, 16), (300, 9, 2, 20)] {
        same_in_both_modes(&format!("{batch} x {features}"), || waves(batch, features, dims, count));
    }
}

#[test]
fn threads_change_no_bit() {
    let run = || (activated(700, 257, ActivationKind::Mish), waves(600, 11, 3, 16));
    let one = with_threads(1, run);
    assert!(one == with_threads(3, run));
}
