//! LSTM and GRU: against PyTorch, against Burn's primitives, and at the edges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use brasa_kernels::{Mode, gru, lstm, set_mode};
use burn::tensor::{Device, Tensor};
use common::{assert_close, tensor, uniform, values, with_threads};
use serde::Deserialize;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Lstm,
    Gru,
}

impl Kind {
    const BOTH: [Self; 2] = [Self::Lstm, Self::Gru];

    fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }

    fn run(self, x: Tensor<3>, parameters: &Parameters, reverse: bool) -> Tensor<3> {
        let Parameters { w_ih, w_hh, b_ih, b_hh } = parameters.clone();
        match self {
            Self::Lstm => lstm(x, w_ih, w_hh, b_ih, b_hh, reverse),
            Self::Gru => gru(x, w_ih, w_hh, b_ih, b_hh, reverse),
        }
    }
}

#[derive(Clone)]
struct Parameters {
    w_ih: Tensor<2>,
    w_hh: Tensor<2>,
    b_ih: Tensor<1>,
    b_hh: Tensor<1>,
}

/// A layer and what it is given, as plain numbers.
#[derive(Deserialize)]
struct Case {
    kind: Kind,
    /// `[batch, time, input]`
    shape: [usize; 3],
    hidden: usize,
    reverse: bool,
    x: Vec<f32>,
    w_ih: Vec<f32>,
    w_hh: Vec<f32>,
    b_ih: Vec<f32>,
    b_hh: Vec<f32>,
    upstream: Vec<f32>,
}

/// Output, and gradients of x, w_ih, w_hh, b_ih, b_hh.
type Everything = [Vec<f32>; 6];

const NAMES: [&str; 6] = ["output", "gradient of x", "of w_ih", "of w_hh", "of b_ih", "of b_hh"];

impl Case {
    fn random(kind: Kind, shape: [usize; 3], hidden: usize, reverse: bool, seed: u64) -> Self {
        let [batch, time, input] = shape;
        let width = kind.gates() * hidden;
        let bound = 1.0 / (hidden as f32).sqrt();
        let parameter = |len, more| uniform(len, -bound, bound, 10 * seed + more);
        Self {
            kind,
            shape,
            hidden,
            reverse,
            x: uniform(batch * time * input, -2.0, 2.0, 10 * seed),
            w_ih: parameter(input * width, 1),
            w_hh: parameter(hidden * width, 2),
            b_ih: parameter(width, 3),
            b_hh: parameter(width, 4),
            upstream: uniform(batch * time * hidden, -1.0, 1.0, 10 * seed + 5),
        }
    }

    fn parameters(&self, device: &Device) -> Parameters {
        let width = self.kind.gates() * self.hidden;
        Parameters {
            w_ih: tensor(&self.w_ih, [self.shape[2], width], device),
            w_hh: tensor(&self.w_hh, [self.hidden, width], device),
            b_ih: tensor(&self.b_ih, [width], device),
            b_hh: tensor(&self.b_hh, [width], device),
        }
    }

    fn upstream(&self, device: &Device) -> Tensor<3> {
        let [batch, time, _] = self.shape;
        tensor(&self.upstream, [batch, time, self.hidden], device)
    }

    fn everything(&self, device: &Device) -> Everything {
        let x = tensor(&self.x, self.shape, device).require_grad();
        let Parameters { w_ih, w_hh, b_ih, b_hh } = self.parameters(device);
        let parameters = Parameters {
            w_ih: w_ih.require_grad(),
            w_hh: w_hh.require_grad(),
            b_ih: b_ih.require_grad(),
            b_hh: b_hh.require_grad(),
        };
        let y = self.kind.run(x.clone(), &parameters, self.reverse);
        let gradients = (y.clone() * self.upstream(device)).sum().backward();
        let Parameters { w_ih, w_hh, b_ih, b_hh } = parameters;
        [
            values(y),
            values(x.grad(&gradients).unwrap()),
            values(w_ih.grad(&gradients).unwrap()),
            values(w_hh.grad(&gradients).unwrap()),
            values(b_ih.grad(&gradients).unwrap()),
            values(b_hh.grad(&gradients).unwrap()),
        ]
    }
}

/// The differences are compared with the size of the largest element: sums of many terms of either sign have none
/// of their own.
#[track_caller]
fn assert_same(actual: &Everything, expected: &Everything, relative: f32, what: &str) {
    for ((actual, expected), name) in actual.iter().zip(expected).zip(NAMES) {
        let size = expected.iter().fold(0.0f32, |size, value| size.max(value.abs()));
        assert_close(actual, expected, 0.0, relative * size, &format!("{what}: {name}"));
    }
}

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<FixtureCase>,
}

#[derive(Deserialize)]
struct FixtureCase {
    case: String,
    #[serde(flatten)]
    given: Case,
    output: Vec<f32>,
    gradients: FixtureGradients,
}

#[derive(Deserialize)]
struct FixtureGradients {
    x: Vec<f32>,
    w_ih: Vec<f32>,
    w_hh: Vec<f32>,
    b_ih: Vec<f32>,
    b_hh: Vec<f32>,
}

/// The mode holds for the whole process, so everything that changes it is one test.
#[test]
fn both_modes_equal_pytorch_and_each_other() {
    let device = Device::flex().autodiff();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/recurrent.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    for FixtureCase { case, given, output, gradients } in fixture.cases {
        let FixtureGradients { x, w_ih, w_hh, b_ih, b_hh } = gradients;
        let expected = [output, x, w_ih, w_hh, b_ih, b_hh];
        for mode in [Mode::Reference, Mode::Fast] {
            set_mode(mode);
            assert_same(&given.everything(&device), &expected, 1e-5, &format!("{case}, {mode:?}"));
        }
    }

    let shapes = [
        ([1, 1, 1], 1),
        ([1, 7, 3], 5),
        ([5, 1, 4], 16),
        ([3, 4, 2], 17),
        ([33, 6, 10], 32),
        ([17, 9, 31], 40),
        ([70, 3, 7], 65),
        ([2, 40, 5], 8),
    ];
    for (seed, (shape, hidden)) in shapes.into_iter().enumerate() {
        for kind in Kind::BOTH {
            for reverse in [false, true] {
                let case = Case::random(kind, shape, hidden, reverse, seed as u64);
                set_mode(Mode::Reference);
                let expected = case.everything(&device);
                set_mode(Mode::Fast);
                let what = format!("{kind:?} of {hidden}, {shape:?}, reverse {reverse}");
                assert_same(&case.everything(&device), &expected, 2e-5, &what);
            }
        }
    }
}

#[test]
fn gradients_are_central_differences() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [2, 3, 2], 3, kind == Kind::Gru, 1);
        let actual = case.everything(&Device::flex().autodiff());
        let device = Device::flex();
        let upstream = case.upstream(&device);
        let loss = |change: usize, index: usize, by: f32| {
            let mut moved = Case::random(kind, [2, 3, 2], 3, kind == Kind::Gru, 1);
            let changed = [&mut moved.x, &mut moved.w_ih, &mut moved.w_hh, &mut moved.b_ih, &mut moved.b_hh];
            changed.into_iter().nth(change).unwrap()[index] += by;
            let x = tensor(&moved.x, moved.shape, &device);
            let y = kind.run(x, &moved.parameters(&device), moved.reverse);
            values(y * upstream.clone()).into_iter().map(f64::from).sum::<f64>()
        };
        for change in 0..5 {
            for (index, &gradient) in actual[change + 1].iter().enumerate() {
                let step = 1e-2;
                let difference = (loss(change, index, step) - loss(change, index, -step)) / 2e-2;
                let distance = (f64::from(gradient) - difference).abs();
                assert!(distance < 2e-4, "{kind:?} {}: {gradient} {difference}", NAMES[change + 1]);
            }
        }
    }
}

#[test]
fn inputs_in_another_order_are_read_in_their_own() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [4, 3, 5], 6, false, 2);
        let expected = case.everything(&Device::flex().autodiff());
        let device = Device::flex().autodiff();
        let x = tensor(&case.x, case.shape, &device);
        let time_first = Tensor::<3>::from_data(x.swap_dims(0, 1).into_data(), &device).require_grad();
        let mut parameters = case.parameters(&device);
        parameters.w_hh =
            Tensor::<2>::from_data(parameters.w_hh.transpose().into_data(), &device).transpose();
        let y = kind.run(time_first.clone().swap_dims(0, 1), &parameters, false);
        let gradients = (y.clone() * case.upstream(&device)).sum().backward();
        assert_close(&values(y), &expected[0], 1e-6, 1e-7, "output");
        let gradient = time_first.grad(&gradients).unwrap().swap_dims(0, 1);
        assert_close(&values(gradient), &expected[1], 1e-5, 1e-6, "gradient of x");
    }
}

#[test]
fn without_autodiff_the_output_is_the_same() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [19, 5, 3], 20, true, 3);
        let device = Device::flex();
        let y = kind.run(tensor(&case.x, case.shape, &device), &case.parameters(&device), true);
        assert_eq!(values(y), case.everything(&device.autodiff())[0]);
    }
}

#[test]
fn parameters_that_are_constants_get_no_gradient_and_x_still_does() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [3, 4, 2], 5, false, 4);
        let device = Device::flex().autodiff();
        let x = tensor(&case.x, case.shape, &device).require_grad();
        let y = kind.run(x.clone(), &case.parameters(&Device::flex()), false);
        let gradients = (y * case.upstream(&device)).sum().backward();
        let expected = case.everything(&device);
        assert_close(&values(x.grad(&gradients).unwrap()), &expected[1], 1e-6, 1e-7, "gradient of x");
    }
}

#[test]
fn a_reversed_layer_is_the_layer_of_the_reversed_sequence() {
    for kind in Kind::BOTH {
        let case = Case::random(kind, [3, 6, 2], 5, true, 5);
        let device = Device::flex();
        let x = tensor(&case.x, case.shape, &device);
        let parameters = case.parameters(&device);
        let y = kind.run(x.clone(), &parameters, true);
        let flipped = kind.run(x.flip([1]), &parameters, false).flip([1]);
        assert_eq!(values(y), values(flipped));
    }
}

#[test]
fn empty_batches_and_empty_sequences_have_empty_outputs() {
    for kind in Kind::BOTH {
        for shape in [[0, 4, 3], [2, 0, 3]] {
            let case = Case::random(kind, shape, 5, false, 6);
            for device in [Device::flex(), Device::flex().autodiff()] {
                let x = tensor(&case.x, shape, &device);
                let y = kind.run(x, &case.parameters(&device), false);
                assert_eq!(y.dims(), [shape[0], shape[1], 5]);
            }
        }
    }
}

#[test]
fn saturated_gates_stay_finite() {
    for kind in Kind::BOTH {
        let mut case = Case::random(kind, [2, 5, 3], 4, false, 7);
        case.x.iter_mut().for_each(|x| *x *= 1e4);
        let everything = case.everything(&Device::flex().autodiff());
        assert!(everything.iter().flatten().all(|value| value.is_finite()));
    }
}

#[test]
fn nan_stays_in_its_sample() {
    for kind in Kind::BOTH {
        let mut case = Case::random(kind, [3, 2, 2], 4, false, 8);
        case.x[4] = f32::NAN;
        let device = Device::flex();
        let y = kind.run(tensor(&case.x, case.shape, &device), &case.parameters(&device), false);
        for (sample, values) in values(y).chunks(8).enumerate() {
            assert!(values.iter().all(|value| value.is_nan() == (sample == 1)), "{sample}: {values:?}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for kind in Kind::BOTH {
        for (seed, (shape, hidden)) in [([71, 9, 10], 64), ([33, 20, 64], 48)].into_iter().enumerate() {
            let case = Case::random(kind, shape, hidden, seed == 1, seed as u64 + 20);
            let run = || case.everything(&Device::flex().autodiff());
            let one = with_threads(1, run);
            for threads in [2, 3] {
                assert_eq!(one, with_threads(threads, run), "{threads} threads");
            }
        }
    }
}

#[test]
#[should_panic(
    expected = "an LSTM's w_ih must be [3, 20] for inputs of 3 and 5 hidden units, got the shape [2, 20]"
)]
fn weights_of_another_shape_are_refused() {
    let device = Device::flex();
    let (w_ih, w_hh) = (Tensor::zeros([2, 20], &device), Tensor::zeros([5, 20], &device));
    let bias = Tensor::zeros([20], &device);
    lstm(Tensor::zeros([1, 1, 3], &device), w_ih, w_hh, bias.clone(), bias, false);
}
