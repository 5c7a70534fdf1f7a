//! Convolution and its gradients in `f64`, from the definition.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_kernels::{ConvOptions, Epilogue, conv2d};
use burn::tensor::{Device, Tensor};

use super::common::{assert_close, len, tensor, uniform, values};

/// The sizes of one convolution.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub x: [usize; 4],
    pub weight: [usize; 4],
    pub bias: bool,
    pub options: ConvOptions<2>,
}

impl Case {
    /// Stride 1, no padding, with bias.
    pub fn new(x: [usize; 4], weight: [usize; 4]) -> Self {
        Self { x, weight, bias: true, options: ConvOptions::default() }
    }

    pub fn stride(mut self, height: usize, width: usize) -> Self {
        self.options.stride = [height, width];
        self
    }

    pub fn padding(mut self, height: usize, width: usize) -> Self {
        self.options.padding = [height, width];
        self
    }

    pub fn groups(mut self, groups: usize) -> Self {
        self.options.groups = groups;
        self
    }

    pub fn relu(mut self) -> Self {
        self.options.epilogue = Epilogue::Relu;
        self
    }

    pub fn without_bias(mut self) -> Self {
        self.bias = false;
        self
    }

    pub fn output(&self) -> [usize; 4] {
        let ConvOptions { stride, padding, .. } = self.options;
        let axis =
            |axis: usize| (self.x[axis + 2] + 2 * padding[axis] - self.weight[axis + 2]) / stride[axis] + 1;
        [self.x[0], self.weight[0], axis(0), axis(1)]
    }
}

pub struct Data {
    pub x: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub upstream: Vec<f32>,
}

impl Data {
    pub fn new(case: &Case, seed: u64) -> Self {
        Self {
            x: uniform(len(case.x), -1.0, 1.5, seed),
            weight: uniform(len(case.weight), -1.0, 1.0, seed + 1000),
            bias: uniform(if case.bias { case.weight[0] } else { 0 }, -0.5, 0.5, seed + 2000),
            upstream: uniform(len(case.output()), -1.0, 1.0, seed + 3000),
        }
    }
}

/// Output, and the gradients of x, weight and bias.
pub type Everything = [Vec<f32>; 4];

pub const NAMES: [&str; 4] = ["output", "gradient of x", "gradient of the weight", "gradient of the bias"];

/// Calls `visit(output, input, weight)` with the places of every product.
fn products(case: &Case, mut visit: impl FnMut(usize, usize, usize)) {
    let [batch, outputs, oh, ow] = case.output();
    let [_, inputs, height, width] = case.x;
    let [_, depth, kh, kw] = case.weight;
    let ConvOptions { stride, padding, groups, .. } = case.options;
    for (b, o, y, x) in grid([batch, outputs, oh, ow]) {
        let first = o / (outputs / groups) * depth;
        for (c, i, j, _) in grid([depth, kh, kw, 1]) {
            let (row, column) = (y * stride[0] + i, x * stride[1] + j);
            if row < padding[0]
                || row >= height + padding[0]
                || column < padding[1]
                || column >= width + padding[1]
            {
                continue;
            }
            let input = ((b * inputs + first + c) * height + row - padding[0]) * width + column - padding[1];
            visit(((b * outputs + o) * oh + y) * ow + x, input, ((o * depth + c) * kh + i) * kw + j);
        }
    }
}

fn grid(size: [usize; 4]) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    let [a, b, c, d] = size;
    (0..a * b * c * d).map(move |i| (i / d / c / b, i / d / c % b, i / d % c, i % d))
}

/// The output in `f64`, before a ReLU.
pub fn exact_sums(case: &Case, x: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let [batch, outputs, oh, ow] = case.output();
    let bias = |i: usize| bias.get(i / (oh * ow) % outputs).copied().unwrap_or_default();
    let mut y: Vec<f64> = (0..batch * outputs * oh * ow).map(bias).collect();
    products(case, |o, i, w| y[o] += x[i] * weight[w]);
    y
}

/// The gradients of x, weight and bias in `f64`, for the upstream gradient of what [`exact_sums`] gives.
pub fn exact_gradients(case: &Case, x: &[f64], weight: &[f64], upstream: &[f64]) -> [Vec<f64>; 3] {
    let [_, outputs, oh, ow] = case.output();
    let bias = if case.bias { outputs } else { 0 };
    let (mut gx, mut gw, mut gb) = (vec![0.0; x.len()], vec![0.0; weight.len()], vec![0.0; bias]);
    products(case, |o, i, w| {
        gx[i] += upstream[o] * weight[w];
        gw[w] += upstream[o] * x[i];
    });
    if case.bias {
        upstream.iter().enumerate().for_each(|(i, g)| gb[i / (oh * ow) % outputs] += g);
    }
    [gx, gw, gb]
}

pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// Everything in `f64`. ReLU passes on the gradients of the elements that are positive in `output`: a sum near zero
/// may have either sign in `f32`.
pub fn exact(case: &Case, data: &Data, output: &[f32]) -> Everything {
    let (x, weight, mut upstream) = (wide(&data.x), wide(&data.weight), wide(&data.upstream));
    let mut y = exact_sums(case, &x, &weight, &wide(&data.bias));
    if case.options.epilogue == Epilogue::Relu {
        for (i, y) in y.iter_mut().enumerate() {
            *y = y.max(0.0);
            upstream[i] = if output[i] > 0.0 { upstream[i] } else { 0.0 };
        }
    }
    let [gx, gw, gb] = exact_gradients(case, &x, &weight, &upstream);
    [y, gx, gw, gb].map(|values| values.into_iter().map(|v| v as f32).collect())
}

/// The same by [`conv2d`].
pub fn ours(case: &Case, data: &Data, device: &Device) -> Everything {
    let x = tensor(&data.x, case.x, device).require_grad();
    let weight = tensor(&data.weight, case.weight, device).require_grad();
    let bias = case.bias.then(|| tensor(&data.bias, [case.weight[0]], device).require_grad());
    let y = conv2d(x.clone(), weight.clone(), bias.clone(), case.options);
    assert_eq!(y.dims(), case.output());
    let gradients = (y.clone() * tensor(&data.upstream, case.output(), device)).sum().backward();
    [
        values(y),
        values(x.grad(&gradients).unwrap()),
        values(weight.grad(&gradients).unwrap()),
        bias.map_or(vec![], |bias: Tensor<1>| values(bias.grad(&gradients).unwrap())),
    ]
}

/// Relative to the largest value: a sum of many terms of either sign has the rounding error of its terms.
#[track_caller]
pub fn assert_same(actual: &Everything, expected: &Everything, what: &str) {
    for ((actual, expected), name) in actual.iter().zip(expected).zip(NAMES) {
        let largest = expected.iter().fold(0.0f32, |a, b| a.max(b.abs()));
        assert_close(actual, expected, 1e-5, 1e-5 * largest, &format!("{what}: {name}"));
    }
}

pub fn check(case: Case, seed: u64) {
    let data = Data::new(&case, seed);
    let actual = ours(&case, &data, &Device::flex().autodiff());
    assert_same(&actual, &exact(&case, &data, &actual[0]), &format!("{case:?}"));
}
