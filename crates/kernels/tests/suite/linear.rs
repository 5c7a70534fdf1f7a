//! Linear layers: against sums in `f64`, on any number of threads, beside any rows, and at the edges.
#![cfg(feature = "flex")]

use crate::common;

use brasa_kernels::{linear, optim::Sgd};
use burn::optim::Optimizer;
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, uniform, values, with_threads};

/// Rows, inputs and outputs: single ones, strips and panels that are not full, more than a part of the depth, few rows with many
/// columns, and enough for several threads.
const SIZES: [[usize; 3]; 11] = [
    [1, 1, 1],
    [1, 7, 3],
    [1, 1100, 1000],
    [2, 300, 33],
    [3, 31, 129],
    [5, 4, 1],
    [7, 256, 64],
    [13, 257, 65],
    [17, 513, 31],
    [5, 600, 800],
    [130, 120, 100],
];

struct Data {
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    upstream: Vec<f32>,
}

impl Data {
    fn new([rows, inputs, outputs]: [usize; 3]) -> Self {
        let draw = |len, seed| uniform(len, -1.0, 1.0, seed);
        Self {
            x: draw(rows * inputs, 1),
            weight: draw(inputs * outputs, 2),
            bias: draw(outputs, 3),
            upstream: draw(rows * outputs, 4),
        }
    }

    /// Output and gradients of input, weight and bias.
    fn ours(&self, [rows, inputs, outputs]: [usize; 3]) -> [Vec<f32>; 4] {
        let device = Device::flex().autodiff();
        let x = tensor(&self.x, [rows, inputs], &device).require_grad();
        let weight = tensor(&self.weight, [inputs, outputs], &device).require_grad();
        let bias = tensor(&self.bias, [outputs], &device).require_grad();
        let y = linear(x.clone(), weight.clone(), Some(bias.clone()));
        let gradients = (y.clone() * tensor(&self.upstream, [rows, outputs], &device)).sum().backward();
        let [dx, dw] = [x, weight].map(|tensor| values(tensor.grad(&gradients).unwrap()));
        [values(y), dx, dw, values(bias.grad(&gradients).unwrap())]
    }
}

/// `a b` of `[rows, depth]` and `[depth, columns]`, which the functions read.
fn product(
    [rows, depth, columns]: [usize; 3],
    a: impl Fn(usize, usize) -> f32,
    b: impl Fn(usize, usize) -> f32,
) -> Vec<f32> {
    let sum = |row: usize, column: usize| -> f64 {
        (0..depth).map(|k| f64::from(a(row, k)) * f64::from(b(k, column))).sum()
    };
    (0..rows * columns).map(|at| sum(at / columns, at % columns) as f32).collect()
}

#[test]
fn values_and_gradients_are_the_sums() {
    for sizes @ [rows, inputs, outputs] in SIZES {
        let data = Data::new(sizes);
        let [y, dx, dw, db] = data.ours(sizes);
        let x = |row: usize, k: usize| data.x[row * inputs + k];
        let weight = |k: usize, column: usize| data.weight[k * outputs + column];
        let upstream = |row: usize, column: usize| data.upstream[row * outputs + column];
        let mut expected = product([rows, inputs, outputs], x, weight);
        expected.iter_mut().enumerate().for_each(|(at, y)| *y += data.bias[at % outputs]);
        let close = |actual: &[f32], expected: &[f32], depth: usize, what: &str| {
            assert_close(actual, expected, 1e-5, 1e-6 * depth as f32, &format!("{sizes:?}: {what}"));
        };
        close(&y, &expected, inputs, "output");
        let expected = product([rows, outputs, inputs], upstream, |k, column| weight(column, k));
        close(&dx, &expected, outputs, "gradient of x");
        let expected = product([inputs, rows, outputs], |row, k| x(k, row), upstream);
        close(&dw, &expected, rows, "gradient of the weight");
        let expected = product([1, rows, outputs], |_, _| 1.0, upstream);
        close(&db, &expected, rows, "gradient of the bias");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for sizes in SIZES {
        let run = |threads| with_threads(threads, || Data::new(sizes).ours(sizes));
        let one = run(1);
        for threads in [2, 3, 7] {
            assert_eq!(run(threads), one, "{sizes:?} on {threads} threads");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_beside_any_others() {
    let device = Device::flex();
    for sizes @ [rows, inputs, outputs] in SIZES {
        let data = Data::new(sizes);
        let weight = tensor(&data.weight, [inputs, outputs], &device);
        let run =
            |x: &[f32]| values(linear(tensor(x, [x.len() / inputs, inputs], &device), weight.clone(), None));
        let all = run(&data.x);
        for count in [1, 2, 6, 12] {
            for (x, expected) in data.x.chunks(count * inputs).zip(all.chunks(count * outputs)) {
                assert_eq!(run(x), expected, "{count} of {rows} rows, {sizes:?}");
            }
        }
    }
}

#[test]
fn changed_weights_are_seen_in_evaluation() {
    let (device, sizes @ [rows, inputs, outputs]) = (Device::flex(), [2, 40, 50]);
    let data = Data::new(sizes);
    let mut weight = tensor(&data.weight, [inputs, outputs], &device);
    let (mut state, optimizer) = (None, Sgd::default());
    for _ in 0..3 {
        let run = || values(linear(tensor(&data.x, [rows, inputs], &device), weight.clone(), None));
        let kept = values(weight.clone());
        let x = |row: usize, k: usize| data.x[row * inputs + k];
        let expected = product(sizes, x, |k, column| kept[k * outputs + column]);
        assert_close(&run(), &expected, 1e-5, 1e-5, "first call");
        assert_eq!(run(), run(), "by what was kept");
        let gradient = Tensor::ones([inputs, outputs], &device);
        (weight, state) = optimizer.step(0.1, weight, gradient, state);
    }
}

#[test]
fn constants_get_no_gradient_and_no_rows_are_no_rows() {
    let device = Device::flex().autodiff();
    let x = Tensor::<2>::ones([3, 4], &device);
    let weight = Tensor::<2>::ones([4, 5], &device).require_grad();
    let gradients = linear(x.clone(), weight.clone(), None).sum().backward();
    assert!(x.grad(&gradients).is_none());
    assert_eq!(values(weight.grad(&gradients).unwrap()), [3.0; 20]);
    let none = linear(Tensor::<2>::ones([0, 4], &device), weight, None);
    assert_eq!(none.dims(), [0, 5]);
}

#[test]
fn nan_and_infinities_stay_in_their_row() {
    let device = Device::flex();
    let mut x = vec![1.0; 3 * 40];
    (x[41], x[90]) = (f32::NAN, f32::INFINITY);
    let y = values(linear(tensor(&x, [3, 40], &device), Tensor::ones([40, 9], &device), None));
    assert_eq!(y[..9], [40.0; 9]);
    assert!(y[9..18].iter().all(|y| y.is_nan()) && y[18..].iter().all(|y| *y == f32::INFINITY));
}

#[test]
#[should_panic(expected = "a linear layer's weight of the shape [4, 5] takes 4 inputs, got 3")]
fn another_width_is_refused() {
    let device = Device::flex();
    let _ = linear(Tensor::ones([2, 3], &device), Tensor::ones([4, 5], &device), None);
}
