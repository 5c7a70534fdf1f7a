//! Saved models as ONNX files, run by ONNX Runtime beside this crate. The variable `BRASA_ONNX_PYTHON` names a Python with it:
//! `.ci/run` installs it and runs the tests, `cargo test` leaves them out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

use brasa_data::{ColumnScale, InputSpec, Samples, Scaler, TableInput, Values};
use brasa_models::{MlpConfig, NetworkConfig, RealMlpConfig, SequentialConfig};
use brasa_predict::{Answers, Decision, ModelCard, Prediction, SavedModel, save_model};
use burn::tensor::Device;
use serde_json::{Value as Json, json};

fn nested(values: &[f64], shape: &[usize]) -> Json {
    match shape {
        [] => json!(values.first()),
        [_, rest @ ..] => {
            let size = rest.iter().product::<usize>().max(1);
            values.chunks(size).map(|part| nested(part, rest)).collect()
        }
    }
}

/// Whether the file computes what the saved model answers.
fn check(card: ModelCard, samples: &Samples, raw: &[f64]) {
    let python = std::env::var_os("BRASA_ONNX_PYTHON").expect("BRASA_ONNX_PYTHON names a Python with onnx");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/onnx_check.py");
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model");
    let network = card.network.as_ref().unwrap().init(5, &Device::default()).unwrap();
    save_model(&model, &card, &network).unwrap();
    let saved = SavedModel::load(&model, &Device::default()).unwrap();
    let (mut rows, mut classes) = (Vec::new(), Vec::new());
    for prediction in saved.predict_samples(samples).unwrap() {
        match prediction {
            Prediction::Class(answer) => {
                rows.push(json!(answer.probabilities));
                classes.push(json!(answer.class));
            }
            Prediction::Numbers { values } => rows.push(json!(values)),
            Prediction::NotFinite => panic!("an answer that is not finite"),
        }
    }
    let outputs = match classes.is_empty() {
        true => json!({ "values": rows }),
        false => json!({ "probabilities": rows, "class": classes }),
    };
    let shape: Vec<usize> = [samples.len()].into_iter().chain(samples.shape().iter().copied()).collect();
    let content =
        json!({ "inputs": { "input": nested(raw, &shape) }, "outputs": outputs, "tolerance": 1e-4 });
    let (file, wanted) = (folder.path().join("model.onnx"), folder.path().join("case.json"));
    std::fs::write(&file, saved.to_onnx().unwrap()).unwrap();
    std::fs::write(&wanted, content.to_string()).unwrap();
    let output = Command::new(python).arg(script).args([file, wanted]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn classes() -> Answers {
    Answers::Classes { classes: vec!["a".into(), "é".into(), "c".into()] }
}

fn card(network: NetworkConfig, input: InputSpec, scaler: Scaler, answers: Answers) -> ModelCard {
    ModelCard { network: Some(network), ..ModelCard::new("toy", input, scaler, answers) }
}

fn table(columns: usize) -> InputSpec {
    InputSpec::Table(TableInput::of((0..columns).map(|column| format!("c{column}")).collect()))
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn tables_with_numbers_agree() {
    let wave = (0..7 * 4).map(|at| f64::from(at) * 0.61);
    let raw: Vec<f64> = wave.zip(0..).map(|(x, at)| x.sin() * 3.0 + 1e8 * f64::from(at % 4)).collect();
    let samples = Samples::new(vec![4], Values::F64(raw.clone().into())).unwrap();
    let network = || NetworkConfig::Mlp(MlpConfig { hidden: vec![8], ..MlpConfig::new(4, 3) });
    let mean = (0..4).map(|column| 1e8 * f64::from(column)).collect();
    let scaler = Scaler::Standard { mean, std: vec![1.0, 2.0, 0.5, 3.0] };
    check(card(network(), table(4), scaler.clone(), classes()), &samples, &raw);
    let names = vec!["x".into(), "y".into(), "z".into()];
    let numbers = Answers::Numbers { numbers: names, mean: vec![1.0, 20.0, -3.0], std: vec![2.0, 5.0, 0.1] };
    check(card(network(), table(4), scaler, numbers), &samples, &raw);
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn two_classes_are_told_apart_by_the_threshold() {
    let raw: Vec<f64> = (0..7 * 4).map(|at| (f64::from(at) * 0.61).sin() * 3.0).collect();
    let samples = Samples::new(vec![4], Values::F64(raw.clone().into())).unwrap();
    for (positive, threshold) in [(0, 0.35), (1, 0.55), (1, 0.0), (0, 1.5)] {
        let network = NetworkConfig::Mlp(MlpConfig { hidden: vec![8], ..MlpConfig::new(4, 2) });
        let two = Answers::Classes { classes: vec!["no".into(), "yes".into()] };
        let card = card(network, table(4), Scaler::Identity, two);
        check(ModelCard { decision: Some(Decision { positive, threshold }), ..card }, &samples, &raw);
    }
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn tables_with_levels_and_missing_cells_agree() {
    let nan = f64::NAN;
    // A number, a level of three of which the second was not seen, a number with missing cells.
    let rows = [
        [1.0, 1.0, 5.0],
        [2.0, 2.0, nan],
        [-4e9, 3.0, 1e200],
        [0.5, 0.0, -2.0],
        [3.5, 9.0, 0.0],
        [8.0, 3.0, nan],
        [2.5, 1.0, 7.0],
    ];
    let raw = rows.concat();
    let samples = Samples::new(vec![3], Values::F64(raw.clone().into())).unwrap();
    let columns = vec![
        ColumnScale::Number { median: 2.0, factor: 0.7 },
        ColumnScale::Level { levels: 3, unseen: [2].into() },
        ColumnScale::Number { median: 1.0, factor: 1e3 },
    ];
    let network = NetworkConfig::RealMlp(RealMlpConfig::new(vec![0, 3, 0], 3));
    check(card(network, table(3), Scaler::Robust { columns }, classes()), &samples, &raw);
}

#[test]
#[ignore = "needs ONNX Runtime: run by .ci/run"]
fn images_and_series_agree() {
    let bytes: Vec<u8> = (0..7 * 2 * 6 * 5).map(|at| (at * 37 % 256) as u8).collect();
    let raw: Vec<f64> = bytes.iter().map(|&byte| f64::from(byte)).collect();
    let samples = Samples::new(vec![2, 6, 5], Values::U8(bytes.into())).unwrap();
    let layers = ["conv 4 3x3", "relu", "max-pool 2"].map(|layer| layer.parse().unwrap()).to_vec();
    let network =
        NetworkConfig::Sequential(SequentialConfig { layers, ..SequentialConfig::new(vec![2, 6, 5], 3) });
    let input = json!({ "kind": "image", "channels": 2, "height": 6, "width": 5, "resize": "bilinear" });
    let scaler = Scaler::Pixels { mean: vec![0.4, 0.6], std: vec![0.2, 0.3] };
    check(card(network, serde_json::from_value(input).unwrap(), scaler, classes()), &samples, &raw);

    let raw: Vec<f64> = (0..7 * 6 * 2).map(|at| f64::from((f64::from(at) * 0.7).sin() as f32)).collect();
    let values = raw.iter().map(|&value| value as f32).collect();
    let samples = Samples::new(vec![6, 2], Values::F32(values)).unwrap();
    let layers = ["conv 4 3", "relu", "global-avg-pool"].map(|layer| layer.parse().unwrap()).to_vec();
    let network =
        NetworkConfig::Sequential(SequentialConfig { layers, ..SequentialConfig::new(vec![6, 2], 3) });
    let input = json!({ "kind": "series", "series": "id", "step": "t", "columns": ["x", "y"], "steps": 6 });
    let scaler = Scaler::Channels { mean: vec![0.1, -0.2], std: vec![0.5, 2.0] };
    check(card(network, serde_json::from_value(input).unwrap(), scaler, classes()), &samples, &raw);
}
