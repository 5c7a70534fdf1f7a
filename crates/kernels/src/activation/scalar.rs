//! Each activation and its derivative for one `f32`.

use super::SELU;
use crate::flex::{Pointwise, SERIAL_BELOW, math};

pub(super) struct Relu;

impl Pointwise for Relu {
    const SERIAL_BELOW: usize = 2 * SERIAL_BELOW;

    #[inline(always)]
    fn value(x: f32) -> f32 {
        if x < 0.0 { 0.0 } else { x }
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        if x <= 0.0 { 0.0 } else { upstream }
    }
}

pub(super) struct LeakyRelu;

const LEAK: f32 = 0.01;

impl Pointwise for LeakyRelu {
    const SERIAL_BELOW: usize = 2 * SERIAL_BELOW;

    #[inline(always)]
    fn value(x: f32) -> f32 {
        if x < 0.0 { LEAK * x } else { x }
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        if x <= 0.0 { LEAK * upstream } else { upstream }
    }
}

/// With `e = e^x` and `n = e (e + 2)`, `tanh(ln(1 + e)) = n / (n + 2)`: no logarithm, no cancellation.
pub(super) struct Mish;

/// From here on mish is `x` in `f32`; larger `x` would overflow `n`.
const MISH_LINEAR: f32 = 20.0;

impl Pointwise for Mish {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        let x = math::at_least(x, math::EXP_ZERO);
        let e = math::exp(math::at_most(x, MISH_LINEAR));
        let n = e * (e + 2.0);
        x * (n / (n + 2.0))
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        let x = math::at_most(math::at_least(x, math::EXP_ZERO), MISH_LINEAR);
        let e = math::exp(x);
        let d = e * (e + 2.0) + 2.0;
        upstream * ((e * ((e + 2.0) * d + 4.0 * x * (e + 1.0))) / (d * d))
    }
}

pub(super) struct Gelu;

impl Pointwise for Gelu {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        let x = math::at_least(x, -math::NORMAL_ZERO);
        x * math::normal(x).0
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        let x = math::at_most(math::at_least(x, -math::NORMAL_ZERO), math::NORMAL_ZERO);
        let (probability, density) = math::normal(x);
        upstream * (probability + x * density)
    }
}

pub(super) struct Silu;

impl Pointwise for Silu {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        let x = math::at_least(x, math::EXP_ZERO);
        x * math::logistic(x).1
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        let x = math::at_most(math::at_least(x, math::EXP_ZERO), -math::EXP_ZERO);
        let (_, s, one_minus_s) = math::logistic(x);
        upstream * (s * (1.0 + x * one_minus_s))
    }
}

pub(super) struct Tanh;

impl Pointwise for Tanh {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        math::tanh(x)
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        // 1 - tanh^2 cancels; 4 e^-2x / (1 + e^-2x)^2 does not.
        let e = math::exp(-2.0 * math::at_most(x.abs(), -0.5 * math::EXP_ZERO));
        let d = 1.0 + e;
        upstream * (4.0 * e / (d * d))
    }
}

pub(super) struct Sigmoid;

impl Pointwise for Sigmoid {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        math::logistic(x).1
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        let (_, s, one_minus_s) = math::logistic(x);
        upstream * (s * one_minus_s)
    }
}

/// `e^x - 1 = 2 t / (1 - t)` with `t = tanh(x / 2)`, which does not cancel near zero.
pub(super) struct Selu;

impl Pointwise for Selu {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        let t = math::tanh(0.5 * math::at_most(x, 0.0));
        let negative = SELU[1] as f32 * (2.0 * t / (1.0 - t));
        if x > 0.0 { SELU[0] as f32 * x } else { negative }
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        let negative = SELU[1] as f32 * math::exp(math::at_least(math::at_most(x, 0.0), math::EXP_ZERO));
        upstream * if x > 0.0 { SELU[0] as f32 } else { negative }
    }
}

pub(super) struct Relu6;

impl Pointwise for Relu6 {
    const SERIAL_BELOW: usize = 2 * SERIAL_BELOW;

    #[inline(always)]
    fn value(x: f32) -> f32 {
        let x = if x < 0.0 { 0.0 } else { x };
        if x > 6.0 { 6.0 } else { x }
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        let upstream = if x <= 0.0 { 0.0 } else { upstream };
        if x >= 6.0 { 0.0 } else { upstream }
    }
}

pub(super) struct HardSigmoid;

impl Pointwise for HardSigmoid {
    const SERIAL_BELOW: usize = 2 * SERIAL_BELOW;

    #[inline(always)]
    fn value(x: f32) -> f32 {
        Relu6::value(x + 3.0) / 6.0
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        Relu6::gradient(x + 3.0, upstream) / 6.0
    }
}

pub(super) struct HardSwish;

impl Pointwise for HardSwish {
    const SERIAL_BELOW: usize = 2 * SERIAL_BELOW;

    #[inline(always)]
    fn value(x: f32) -> f32 {
        // Below -3 the product would be -inf times 0 at infinity.
        let inside = x * (x + 3.0) / 6.0;
        let value = if x <= -3.0 { 0.0 } else { inside };
        if x >= 3.0 { x } else { value }
    }
    #[inline(always)]
    fn gradient(x: f32, upstream: f32) -> f32 {
        let inside = x / 3.0 + 0.5;
        let slope = if x <= -3.0 { 0.0 } else { inside };
        upstream * if x >= 3.0 { 1.0 } else { slope }
    }
}
