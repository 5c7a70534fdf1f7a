//! The perceptron beside the course's own loop in Python.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_models::PerceptronConfig;
use burn::tensor::Device;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    points: Vec<[f32; 2]>,
    labels: Vec<u32>,
    rate: f64,
    /// `[b, w1, w2]` after each epoch.
    after: Vec<[f64; 3]>,
}

#[test]
fn weights_after_each_epoch_agree_with_the_courses_loop() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/perceptron.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(fixture.cases.len() > 5);
    for case in fixture.cases {
        let inputs = case.points.as_flattened();
        // On the device with autodiff, as in training.
        let device = Device::default().autodiff();
        let mut perceptron = PerceptronConfig { inputs: 2 }.init(&device).unwrap();
        for (epoch, expected) in (1..).zip(&case.after) {
            (perceptron, _) = perceptron.learn(inputs, &case.labels, case.rate).unwrap();
            let found = perceptron.weights().unwrap();
            for (found, expected) in [found.bias, found.weight[0], found.weight[1]].into_iter().zip(expected)
            {
                let difference = (f64::from(found) - expected).abs();
                assert!(difference < 1e-6, "{} epoch {epoch}: {found} for {expected}", case.case);
            }
        }
    }
}
