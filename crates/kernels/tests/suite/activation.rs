//! Activations: against exact values, against Burn's primitives, and at the edges.
#![cfg(feature = "flex")]

use crate::common;

use brasa_kernels::{ActivationKind, activation};
use burn::tensor::activation as burn_activation;
use burn::tensor::{Device, FloatDType, Tensor};
use common::{SHAPES, assert_close, len, tensor, ulps, uniform, values, with_threads};

fn exact(kind: ActivationKind, x: f64) -> f64 {
    match kind {
        ActivationKind::Relu => x.max(0.0),
        ActivationKind::LeakyRelu => {
            if x < 0.0 {
                f64::from(0.01f32) * x
            } else {
                x
            }
        }
        ActivationKind::Mish => x * x.exp().ln_1p().tanh(),
        ActivationKind::Gelu => 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
        ActivationKind::Silu => x / (1.0 + (-x).exp()),
        ActivationKind::Tanh => x.tanh(),
        ActivationKind::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        ActivationKind::Selu if x > 0.0 => f64::from(1.050_701_f32) * x,
        ActivationKind::Selu => f64::from(1.758_099_3_f32) * x.exp_m1(),
        ActivationKind::Relu6 => x.clamp(0.0, 6.0),
        ActivationKind::HardSigmoid => (x + 3.0).clamp(0.0, 6.0) / 6.0,
        ActivationKind::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
    }
}

fn burn_primitive<const D: usize>(kind: ActivationKind, x: Tensor<D>) -> Tensor<D> {
    match kind {
        ActivationKind::Relu => burn_activation::relu(x),
        ActivationKind::LeakyRelu => burn_activation::leaky_relu(x, 0.01),
        ActivationKind::Mish => burn_activation::mish(x),
        ActivationKind::Gelu => burn_activation::gelu(x),
        ActivationKind::Silu => burn_activation::silu(x),
        ActivationKind::Tanh => burn_activation::tanh(x),
        ActivationKind::Sigmoid => burn_activation::sigmoid(x),
        ActivationKind::Selu => burn_activation::selu(x),
        ActivationKind::Relu6 => x.clamp(0.0, 6.0),
        ActivationKind::HardSigmoid => burn_activation::hard_sigmoid(x, 1.0 / 6.0, 0.5),
        ActivationKind::HardSwish => x.clone() * burn_activation::hard_sigmoid(x, 1.0 / 6.0, 0.5),
    }
}

/// Every 3001st `f32` from `-limit` to `limit`.
fn sweep(limit: f32) -> Vec<f32> {
    let sizes = (0..=limit.to_bits()).step_by(3001).map(f32::from_bits);
    sizes.flat_map(|x| [x, -x]).collect()
}

#[test]
fn values_are_within_4_ulp() {
    for kind in ActivationKind::ALL {
        let x = sweep(1e30);
        let y = values(activation(tensor(&x, [x.len()], &Device::flex()), kind));
        let mut worst = (0.0, 0.0);
        for (&x, &y) in x.iter().zip(&y) {
            let expected = exact(kind, f64::from(x));
            let subnormal_inside = x < -87.0 && kind != ActivationKind::LeakyRelu;
            if subnormal_inside || expected.abs() < 2e-37 {
                assert!((f64::from(y) - expected).abs() <= 1e-41, "{kind:?}({x}) = {y}, exactly {expected}");
                continue;
            }
            let error = ulps(y, expected);
            if error > worst.1 {
                worst = (x, error);
            }
        }
        println!("{kind:?}: {:.2} ulp at {}", worst.1, worst.0);
        assert!(worst.1 <= 4.0, "{kind:?}: {} ulp at {}", worst.1, worst.0);
    }
}

#[test]
fn gradients_are_the_derivatives() {
    for kind in ActivationKind::ALL {
        let x: Vec<f32> = sweep(120.0).into_iter().filter(|x| x.abs() > 1e-4).collect();
        let device = Device::flex().autodiff();
        let input = tensor(&x, [x.len()], &device).require_grad();
        let gradients = activation(input.clone(), kind).sum().backward();
        let gradient = values(input.grad(&gradients).unwrap());
        for (&x, &gradient) in x.iter().zip(&gradient) {
            let x = f64::from(x);
            let step = 1e-5 * x.abs().max(0.01);
            let slope = (exact(kind, x + step) - exact(kind, x - step)) / (2.0 * step);
            let error = (f64::from(gradient) - slope).abs();
            assert!(error <= 1e-6, "{kind:?}'({x}) = {gradient}, central difference {slope}");
        }
    }
}

#[test]
fn agrees_with_burns_primitives_forward_and_backward() {
    for kind in ActivationKind::ALL {
        for (seed, shape) in SHAPES.into_iter().enumerate() {
            let x = uniform(len(shape), -8.0, 8.0, seed as u64);
            let upstream = uniform(len(shape), -2.0, 2.0, 100 + seed as u64);
            let run = |function: &dyn Fn(Tensor<2>) -> Tensor<2>| {
                let device = Device::flex().autodiff();
                let x = tensor(&x, shape, &device).require_grad();
                let y = function(x.clone());
                let gradients = (y.clone() * tensor(&upstream, shape, &device)).sum().backward();
                (values(y), values(x.grad(&gradients).unwrap()))
            };
            let (y, gradient) = run(&|x| activation(x, kind));
            let (y_burn, gradient_burn) = run(&|x| burn_primitive(kind, x));
            assert_close(&y, &y_burn, 1e-5, 1e-6, &format!("{kind:?} {shape:?}"));
            assert_close(&gradient, &gradient_burn, 1e-5, 4e-6, &format!("{kind:?}' {shape:?}"));
        }
    }
}

#[test]
fn views_and_expanded_gradients_are_read_in_their_own_order() {
    let device = Device::flex().autodiff();
    let x = tensor(&uniform(35, -3.0, 3.0, 1), [5, 7], &device).require_grad();
    let run = |function: &dyn Fn(Tensor<2>) -> Tensor<2>| {
        // Transposed, narrowed, and with an upstream gradient that sum() expands from one number.
        let y = function(x.clone().transpose().slice([1..6, 0..4]));
        let gradients = y.clone().sum().backward();
        (values(y), values(x.grad(&gradients).unwrap()))
    };
    let (y, gradient) = run(&|x| activation(x, ActivationKind::Mish));
    let (y_burn, gradient_burn) = run(&|x| burn_primitive(ActivationKind::Mish, x));
    assert_close(&y, &y_burn, 1e-5, 1e-6, "value");
    assert_close(&gradient, &gradient_burn, 1e-5, 1e-6, "gradient");
}

#[test]
fn a_tensor_that_is_used_again_keeps_its_values_and_sums_its_gradients() {
    let device = Device::flex().autodiff();
    let x = tensor(&[-1.0, 0.5, 2.0], [3], &device).require_grad();
    let y = activation(x.clone(), ActivationKind::Sigmoid);
    let z = y.clone() * activation(y.clone(), ActivationKind::Tanh) + y.clone();
    let gradients = z.sum().backward();
    let expected: Vec<f32> = [-1.0f64, 0.5, 2.0]
        .iter()
        .map(|&x| {
            let y = 1.0 / (1.0 + (-x).exp());
            ((y.tanh() + y * (1.0 - y.tanh().powi(2)) + 1.0) * y * (1.0 - y)) as f32
        })
        .collect();
    assert_close(&values(x.clone().grad(&gradients).unwrap()), &expected, 1e-6, 0.0, "gradient");
    assert_eq!(values(x), [-1.0, 0.5, 2.0]);
}

/// Of straight lines: the gradient at NaN is that of one of them.
fn straight(kind: ActivationKind) -> bool {
    let straight =
        [ActivationKind::Relu, ActivationKind::LeakyRelu, ActivationKind::Relu6, ActivationKind::HardSigmoid];
    straight.contains(&kind)
}

#[test]
fn nan_stays_and_infinity_goes_to_the_limit() {
    for kind in ActivationKind::ALL {
        let device = Device::flex().autodiff();
        let x = tensor(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY], [3], &device).require_grad();
        let y = activation(x.clone(), kind);
        let gradients = y.clone().sum().backward();
        let (y, gradient) = (values(y), values(x.grad(&gradients).unwrap()));
        let (at_plus, at_minus) = match kind {
            ActivationKind::Tanh => (1.0, -1.0),
            ActivationKind::Sigmoid => (1.0, 0.0),
            ActivationKind::LeakyRelu => (f32::INFINITY, f32::NEG_INFINITY),
            ActivationKind::Selu => (f32::INFINITY, -1.758_099_3),
            ActivationKind::Relu6 => (6.0, 0.0),
            ActivationKind::HardSigmoid => (1.0, 0.0),
            _ => (f32::INFINITY, 0.0),
        };
        assert!(y[0].is_nan(), "{kind:?}");
        assert_eq!(y[1..], [at_plus, at_minus], "{kind:?}");
        let slopes = match kind {
            ActivationKind::Tanh | ActivationKind::Sigmoid => [0.0, 0.0],
            ActivationKind::Relu6 | ActivationKind::HardSigmoid => [0.0, 0.0],
            ActivationKind::LeakyRelu => [1.0, 0.01],
            ActivationKind::Selu => [1.050_701, 0.0],
            _ => [1.0, 0.0],
        };
        assert!(gradient[0].is_nan() || straight(kind));
        assert_close(&gradient[1..], &slopes, 2e-7, 0.0, &format!("{kind:?}'"));
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let x = uniform(300_007, -10.0, 10.0, 3);
    for kind in ActivationKind::ALL {
        let run = || {
            let x = tensor(&x, [x.len()], &Device::flex().autodiff()).require_grad();
            let y = activation(x.clone(), kind);
            let gradients = y.clone().sum().backward();
            (values(y), values(x.grad(&gradients).unwrap()))
        };
        assert_eq!(with_threads(1, run), with_threads(3, run), "{kind:?}");
    }
}

#[test]
fn other_float_types_take_burns_primitives() {
    let x = tensor(&[-1.5, 2.5], [2], &Device::flex()).cast(FloatDType::F64);
    let y = activation(x, ActivationKind::Gelu).into_data();
    assert_eq!(y.dtype(), burn::tensor::DType::F64);
    let expected = exact(ActivationKind::Gelu, 2.5);
    assert!((y.iter::<f64>().nth(1).unwrap() - expected).abs() < 1e-6);
}

#[test]
fn gradient_checkpointing_gives_the_same_gradients() {
    let run = |device: Device| {
        let x = tensor(&uniform(12, -3.0, 3.0, 5), [3, 4], &device).require_grad();
        let y = activation(x.clone().exp() * 0.1, ActivationKind::Silu);
        let gradients = (y.exp() + 1.0).log().sum().backward();
        values(x.grad(&gradients).unwrap())
    };
    assert_eq!(run(Device::flex().autodiff()), run(Device::flex().autodiff().gradient_checkpointing()));
}
