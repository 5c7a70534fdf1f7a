//! Layers of PyTorch, from `tests/fixtures/recurrent.json`, and random ones.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_kernels::{Direction, gru, lstm};
use burn::tensor::{Device, Tensor};
use serde::Deserialize;

use super::common::{assert_close, tensor, uniform, values};

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Lstm,
    Gru,
}

impl Kind {
    pub const BOTH: [Self; 2] = [Self::Lstm, Self::Gru];

    fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }

    pub fn run(self, x: Tensor<3>, parameters: &Parameters, reverse: bool) -> Tensor<3> {
        let direction = if reverse { Direction::Reverse } else { Direction::Forward };
        let Parameters { w_ih, w_hh, b_ih, b_hh } = parameters.clone();
        match self {
            Self::Lstm => lstm(x, w_ih, w_hh, b_ih, b_hh, direction),
            Self::Gru => gru(x, w_ih, w_hh, b_ih, b_hh, direction),
        }
    }
}

#[derive(Clone)]
pub struct Parameters {
    pub w_ih: Tensor<2>,
    pub w_hh: Tensor<2>,
    pub b_ih: Tensor<1>,
    pub b_hh: Tensor<1>,
}

/// A layer and what it is given, as plain numbers.
#[derive(Deserialize)]
pub struct Case {
    pub kind: Kind,
    /// `[batch, time, input]`
    pub shape: [usize; 3],
    pub hidden: usize,
    pub reverse: bool,
    pub x: Vec<f32>,
    pub w_ih: Vec<f32>,
    pub w_hh: Vec<f32>,
    pub b_ih: Vec<f32>,
    pub b_hh: Vec<f32>,
    pub upstream: Vec<f32>,
}

/// Output, and gradients of x, w_ih, w_hh, b_ih, b_hh.
pub type Everything = [Vec<f32>; 6];

pub const NAMES: [&str; 6] = ["output", "gradient of x", "of w_ih", "of w_hh", "of b_ih", "of b_hh"];

impl Case {
    pub fn random(kind: Kind, shape: [usize; 3], hidden: usize, reverse: bool, seed: u64) -> Self {
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

    pub fn parameters(&self, device: &Device) -> Parameters {
        let width = self.kind.gates() * self.hidden;
        Parameters {
            w_ih: tensor(&self.w_ih, [self.shape[2], width], device),
            w_hh: tensor(&self.w_hh, [self.hidden, width], device),
            b_ih: tensor(&self.b_ih, [width], device),
            b_hh: tensor(&self.b_hh, [width], device),
        }
    }

    pub fn upstream(&self, device: &Device) -> Tensor<3> {
        let [batch, time, _] = self.shape;
        tensor(&self.upstream, [batch, time, self.hidden], device)
    }

    pub fn everything(&self, device: &Device) -> Everything {
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
pub fn assert_same(actual: &Everything, expected: &Everything, relative: f32, what: &str) {
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

pub fn follow_pytorch() {
    let device = Device::flex().autodiff();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/recurrent.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!fixture.cases.is_empty());
    for FixtureCase { case, given, output, gradients } in fixture.cases {
        let FixtureGradients { x, w_ih, w_hh, b_ih, b_hh } = gradients;
        assert_same(&given.everything(&device), &[output, x, w_ih, w_hh, b_ih, b_hh], 1e-5, &case);
    }
}

/// One row, one step, sizes that no vector divides, several blocks and chunks.
pub fn shapes() -> impl Iterator<Item = Case> {
    let shapes = [
        ([1, 1, 1], 1),
        ([1, 7, 3], 5),
        ([5, 1, 4], 16),
        ([3, 4, 2], 17),
        ([33, 6, 10], 32),
        ([17, 9, 31], 40),
        ([70, 3, 7], 65),
        ([2, 140, 5], 8),
        ([19, 37, 150], 33),
    ];
    let kinds = [(Kind::Lstm, false), (Kind::Lstm, true), (Kind::Gru, false), (Kind::Gru, true)];
    shapes.into_iter().enumerate().flat_map(move |(seed, (shape, hidden))| {
        kinds.map(|(kind, reverse)| Case::random(kind, shape, hidden, reverse, seed as u64))
    })
}
