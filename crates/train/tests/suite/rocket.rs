//! Fixed convolutions over time series, fitted at once.

use std::fmt::Write;
use std::path::Path;

use brasa_data::{Files, Role};
use brasa_models::{Network, select_device};
use brasa_train::{Leg, Outcome, Prepared, Recipe, score, train_network_leg};

const RECIPE: &str = r#"
    [data.ts]
    files = { train = "TRAIN.ts", test = "TEST.ts" }
    pad = "end"
    [data.split]
    kind = "given"
    valid = 0.25
    [model]
    kind = "minirocket"
    features = 840
    [training]
    monitor = "accuracy"
"#;

/// Waves of two paces and of uneven lengths.
fn series(folder: &Path, name: &str, count: usize) {
    let mut text = String::from(
        "@problemName waves\n@timeStamps false\n@univariate false\n@dimensions 2\n@equalLength false\n\
         @classLabel true slow fast\n@data\n",
    );
    for row in 0..count {
        let (pace, length) = (if row % 2 == 0 { 0.3 } else { 0.9 }, 25 + row * 7 % 13);
        for channel in 0..2 {
            let value = |at: usize| (at as f64 * pace + row as f64 + f64::from(channel)).sin();
            let values: Vec<String> = (0..length).map(|at| format!("{:.4}", value(at))).collect();
            write!(text, "{}:", values.join(",")).unwrap();
        }
        writeln!(text, "{}", ["slow", "fast"][row % 2]).unwrap();
    }
    std::fs::write(folder.join(name), text).unwrap();
}

fn train(folder: &Path, overrides: &[&str]) -> Result<(Outcome<Network>, f64), String> {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let recipe =
        Recipe::parse("recipe", RECIPE, &overrides).and_then(Recipe::check).map_err(|e| words(&e))?;
    let prepared = Prepared::new(&recipe, &Files::directory(folder)).map_err(|error| words(&error))?;
    let device = select_device("flex").unwrap();
    let outcome = train_network_leg(&recipe, &prepared, None, &device, &mut [], Leg::default());
    let outcome = outcome.map_err(|error| words(&error))?;
    let scores = score(&outcome.model, &recipe, &prepared, Role::Test, &device).unwrap();
    let accuracy = scores.figures.get("accuracy").unwrap();
    Ok((outcome, accuracy))
}

#[test]
fn series_of_uneven_length_are_told_apart_by_both_kinds() {
    let folder = tempfile::tempdir().unwrap();
    series(folder.path(), "TRAIN.ts", 40);
    series(folder.path(), "TEST.ts", 20);
    for kind in ["minirocket", "hydra-multirocket"] {
        let kind_is = format!("model.kind={kind}");
        let features = if kind == "minirocket" { "model.features=840" } else { "model.features=" };
        let (outcome, accuracy) = train(folder.path(), &[&kind_is, features]).unwrap();
        assert_eq!((accuracy, outcome.history.len(), outcome.best_epoch), (1.0, 1, 1), "{kind}");
        // Sharpened outputs are probabilities that can be told.
        assert!(outcome.history[0].valid.loss() < 0.1, "{kind}: {}", outcome.history[0].valid.loss());
        let (again, _) = train(folder.path(), &[&kind_is, features]).unwrap();
        assert_eq!(again.history[0].valid.loss(), outcome.history[0].valid.loss());
    }
}

#[test]
fn what_it_has_no_use_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    series(folder.path(), "TRAIN.ts", 24);
    series(folder.path(), "TEST.ts", 8);
    for (change, part) in [
        ("training.patience=3", "`training.patience`: \"minirocket\" has no use for it"),
        ("loss.class_weights=balanced", "`loss.class_weights`: \"minirocket\" has no use for it"),
        ("training.sampling=balanced", "sees every row, and each once"),
        ("data.ts.pad=refuse", "pad"),
        ("model.input=[1, 28, 28]", "time series [steps, channels] for \"minirocket\""),
    ] {
        let message = train(folder.path(), &[change]).err().unwrap();
        assert!(message.contains(part), "{change}: {message}");
    }
}
