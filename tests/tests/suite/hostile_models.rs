//! Saved models that no training made.
#![cfg(unix)]

use std::path::Path;

use brasa_tests::{Finished, Home, Invocation, read_json, text};
use serde_json::Value;

fn soon(invocation: Invocation) -> Finished {
    invocation.run_small("true")
}

fn refused(invocation: Invocation, parts: &[&str]) {
    let _ = soon(invocation).fails(2, parts);
}

const ROW: &str = "5.1,3.5,1.4,0.2\n";

fn predict(home: &Home) -> Invocation {
    home.iris("predict -").stdin(ROW)
}

/// Changes `model.json`.
fn card(run: &Path, change: impl FnOnce(&mut Value)) {
    let path = run.join("model/model.json");
    let mut card = read_json(&path);
    change(&mut card);
    std::fs::write(path, card.to_string()).unwrap();
}

#[test]
fn a_card_that_claims_a_network_which_the_file_does_not_hold() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    card(&run, |card| card["network"]["hidden"] = serde_json::json!([20_000, 20_000]));
    refused(predict(&home), &["weights.safetensors", "numbers, and the network of model.json has"]);
    card(&run, |card| card["network"]["hidden"] = serde_json::json!([4_611_686_018_427_387_904_u64]));
    refused(predict(&home), &["names a network that cannot be"]);
}

#[test]
fn scales_and_names_that_no_training_makes() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    let whole = std::fs::read(run.join("model/model.json")).unwrap();
    for std in [0.0, -1.0, 1e-320] {
        card(&run, |card| card["scaler"]["std"][1] = serde_json::json!(std));
        for verb in ["predict -", "eval"] {
            let finished = soon(home.iris(verb).stdin(ROW));
            let refuses = finished.code == Some(2);
            assert!(refuses && !finished.stdout.contains("setosa"), "{std}\n{finished}");
        }
        std::fs::write(run.join("model/model.json"), &whole).unwrap();
    }
    card(&run, |card| card["classes"][1] = card["classes"][0].clone());
    refused(predict(&home), &["which is blank or there twice"]);
}

/// The weights with one number put in the place of the last.
fn with_last_weight(run: &Path, number: f32) {
    let path = run.join("model/weights.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let place = bytes.len() - 4;
    bytes[place..].copy_from_slice(&number.to_le_bytes());
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn weights_that_are_no_numbers() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    for number in [f32::NAN, f32::NEG_INFINITY] {
        with_last_weight(&run, number);
        refused(predict(&home), &["weights.safetensors", "are not all finite numbers"]);
        refused(home.iris("eval"), &["are not all finite numbers"]);
    }
    // Finite, and too large for any output to be.
    with_last_weight(&run, 3e38);
    let finished = soon(home.iris("predict - --json").stdin("1e30,1e30,1e30,1e30\n"));
    assert!(!finished.stdout.contains("NaN") && finished.code != Some(101), "{finished}");
}

/// The same weights in numbers of 64, or of 16 bits.
fn widen(run: &Path, kind: &str) {
    let path = run.join("model/weights.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let data = &bytes[8 + length..];
    let mut all = Vec::new();
    for (name, entry) in header.as_object_mut().unwrap() {
        if name == "__metadata__" {
            continue;
        }
        let [from, to] = [0, 1].map(|place| entry["data_offsets"][place].as_u64().unwrap() as usize);
        let begin = all.len();
        for number in data[from..to].chunks(4) {
            let number = f32::from_le_bytes(number.try_into().unwrap());
            match kind {
                "F64" => all.extend(f64::from(number).to_le_bytes()),
                _ => all.extend(((number.to_bits() >> 16) as u16).to_le_bytes()),
            }
        }
        entry["dtype"] = kind.into();
        entry["data_offsets"] = serde_json::json!([begin, all.len()]);
    }
    let header = header.to_string();
    let content = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &all].concat();
    std::fs::write(path, content).unwrap();
}

#[test]
fn wider_and_narrower_weights_are_taken_over() {
    for kind in ["F64", "BF16"] {
        let home = Home::new();
        let run = home.run_folder(&home.trained_iris());
        let class = |finished: &Finished| text(&finished.json(), "/predictions/0/class").to_owned();
        let before = class(&home.iris("predict - --json").stdin(ROW).run().succeeds());
        widen(&run, kind);
        let after = class(&soon(home.iris("predict - --json").stdin(ROW)).succeeds());
        assert_eq!(before, after, "{kind}");
    }
}

#[test]
fn cells_beyond_all_numbers_get_no_score() {
    let home = Home::new();
    let _ = home.trained_iris();
    let header = "sepal_length,sepal_width,petal_length,petal_width,species\n";
    home.write("far.csv", format!("{header}3e38,3e38,3e38,3e38,setosa\n5.1,3.5,1.4,0.2,virginica\n"));
    let finished = soon(home.iris("eval --on far.csv"));
    let scored =
        finished.code == Some(0) && !finished.stdout.contains("inf") && !finished.stdout.contains("NaN");
    assert!(scored || finished.code == Some(2), "{finished}");
}
