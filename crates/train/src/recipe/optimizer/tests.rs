#![allow(clippy::unwrap_used)]

use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::*;
use crate::fixtures::{FixtureTensor, Pair, assert_all_close, cases};

#[derive(Deserialize)]
struct Case {
    case: String,
    kind: String,
    options: Map<String, Value>,
    lr: f64,
    parameters: Vec<FixtureTensor>,
    gradients: Vec<Vec<Vec<f32>>>,
    after: Vec<Vec<Vec<f64>>>,
}

#[test]
fn ten_steps_agree_with_torch() {
    let device = Device::default();
    for case in
        cases::<Case>("optimizers.json").into_iter().chain(cases("adagrad.json")).chain(cases("muon.json"))
    {
        let mut keys = case.options.clone();
        keys.remove("amsgrad");
        keys.insert("kind".into(), case.kind.clone().into());
        keys.insert("lr".into(), case.lr.into());
        let recipe: OptimizerRecipe = serde_json::from_value(keys.into()).unwrap();
        recipe.check().unwrap();
        let mut optimizer = recipe.init(&ParameterGroups::default());
        let mut pair = Pair::new(&case.parameters, &device.clone().autodiff());
        for (gradients, expected) in case.gradients.iter().zip(&case.after) {
            let mut registered = GradientsParams::new();
            let matrix = TensorData::new(gradients[0].clone(), case.parameters[0].shape.clone());
            let vector = TensorData::new(gradients[1].clone(), case.parameters[1].shape.clone());
            registered.register(pair.matrix.id, Tensor::<2>::from_data(matrix, &device));
            registered.register(pair.vector.id, Tensor::<1>::from_data(vector, &device));
            pair = optimizer.step(case.lr, pair, registered);
            assert_all_close(&pair.matrix.val().into_data(), &expected[0], 1e-5, &case.case);
            assert_all_close(&pair.vector.val().into_data(), &expected[1], 1e-5, &case.case);
        }
    }
}

fn read(text: &str) -> Result<OptimizerRecipe, String> {
    toml::from_str(text).map_err(|error| error.message().to_owned())
}

#[test]
fn a_key_of_another_kind_is_refused_and_both_are_named() {
    assert_eq!(
        read("kind = 'adam'\nmomentum = 0.9").unwrap_err(),
        "`momentum` is not a key of `adam`; it has lr, betas, eps, weight_decay, lazy (it is a key of sgd, rmsprop, muon)"
    );
    assert_eq!(
        read("kind = 'sgd'\nmomentun = 0.9").unwrap_err(),
        "`momentun` is not a key of `sgd`; did you mean `momentum`? It has lr, momentum, dampening, nesterov, weight_decay"
    );
    assert_eq!(
        read("kind = 'perceptron'\nweight_decay = 0.0").unwrap_err(),
        "`weight_decay` is not a key of `perceptron`; it has lr (it is a key of sgd, rmsprop, adam, adamw, adagrad, muon)"
    );
}

#[test]
fn a_kind_that_does_not_exist_is_told_apart_from_those_that_do() {
    let message = read("kind = 'adamm'").unwrap_err();
    assert!(message.starts_with("`kind`: expected one of \"sgd\", \"rmsprop\", "), "{message}");
    assert!(message.ends_with("found \"adamm\"; did you mean \"adam\"?"), "{message}");
}

#[test]
fn every_kind_has_the_defaults_of_torch_and_is_written_as_it_is_read() {
    for (text, whole) in [
        ("", "kind = 'adam'\nlr = 1e-3\nbetas = [0.9, 0.999]\neps = 1e-8\nweight_decay = 0.0\nlazy = false"),
        (
            "kind = 'adamw'",
            "kind = 'adamw'\nlr = 1e-3\nbetas = [0.9, 0.999]\neps = 1e-8\nweight_decay = 1e-2\nlazy = false\nanneal_decay = false",
        ),
        (
            "kind = 'sgd'",
            "kind = 'sgd'\nlr = 1e-3\nmomentum = 0.0\ndampening = 0\nnesterov = false\nweight_decay = 0",
        ),
        (
            "kind = 'rmsprop'",
            "kind = 'rmsprop'\nlr = 1e-2\nalpha = 0.99\neps = 1e-8\nmomentum = 0\ncentered = false\nweight_decay = 0",
        ),
        ("kind = 'perceptron'", "kind = 'perceptron'\nlr = 0.5"),
    ] {
        let short = read(text).unwrap();
        assert_eq!(short, read(whole).unwrap());
        let written: toml::Table = toml::to_string(&short).unwrap().parse().unwrap();
        let expected: toml::Table = whole.parse().unwrap();
        assert!(written.keys().eq(expected.keys()), "{written}");
        assert_eq!(read(&written.to_string()).unwrap(), short);
    }
}

#[test]
fn values_that_cannot_be_are_refused_by_every_kind_that_has_the_key() {
    for kind in OptimizerRecipe::facts() {
        for (key, value) in [("lr", "0"), ("lr", "nan"), ("betas", "[0.9, 1]"), ("eps", "-1"), ("alpha", "1")]
        {
            let Ok(recipe) = read(&format!("kind = '{}'\n{key} = {value}", kind.name)) else { continue };
            let message = recipe.check().unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("`{key}")) && message.contains("expected a number"),
                "{message}"
            );
        }
    }
    let betas = read("kind = 'adam'\nbetas = [0.9, 1]").unwrap().check().unwrap_err();
    assert_eq!(betas.to_string(), "`betas[1]`: expected a number in [0, 1), found 1");
}

#[test]
fn nesterov_needs_momentum() {
    let check = |text: &str| read(text).unwrap().check();
    assert!(check("kind = 'sgd'\nnesterov = true\nmomentum = 0.9").is_ok());
    assert!(check("kind = 'sgd'\nnesterov = true\nmomentum = 0.9\ndampening = 0.1").is_err());
    let message = check("kind = 'sgd'\nnesterov = true").unwrap_err().to_string();
    assert_eq!(
        message,
        "`nesterov`: expected momentum above 0 and no dampening, found momentum 0, dampening 0"
    );
}
