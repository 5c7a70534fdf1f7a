#![allow(clippy::unwrap_used)]

use brasa_data::{DataConfig, Files, Scaler, load};
use brasa_models::{Architecture, Mlp, MlpConfig};

use super::*;
use crate::Answers;

/// A card for rows of two numbers.
fn card(classes: &[&str]) -> ModelCard {
    let files = Files::embedded(&[("t.csv", b"a,b,class\n1,2,x\n3,4,y\n")]);
    let csv = brasa_data::CsvConfig {
        file: Some("t.csv".into()),
        target: Some("class".into()),
        ..Default::default()
    };
    let data = DataConfig { csv: Some(csv), ..DataConfig::default() }.check().unwrap();
    let input = data.input_of(&load(&data, &files).unwrap());
    let classes = classes.iter().map(ToString::to_string).collect();
    ModelCard::new("toy", input, Scaler::Identity, Answers::Classes { classes })
}

fn network(outputs: usize) -> Mlp {
    MlpConfig::new(2, outputs).build(0, &Device::default()).unwrap()
}

#[test]
fn another_model_in_the_same_folder_has_its_own_card() {
    let folder = tempfile::tempdir().unwrap();
    for classes in [["x", "y"].as_slice(), &["p", "q", "r"]] {
        save_model(folder.path(), &card(classes), &network(classes.len())).unwrap();
        let device = Device::default();
        let saved = SavedModel::load_into(folder.path(), network(classes.len()), &device).unwrap();
        assert_eq!(saved.card().answers.names(), classes);
    }
}

#[test]
fn a_network_of_another_width_than_its_card_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    save_model(folder.path(), &card(&["x", "y"]), &network(4)).unwrap();
    let saved = SavedModel::load_into(folder.path(), network(4), &Device::default()).unwrap();
    let raw = saved.card().input.read("new.csv", b"a,b\n1,2\n", None).unwrap();
    let message = saved.predict_samples(&raw.samples).unwrap_err().to_string();
    assert_eq!(message, "the network has 4 outputs, its card names 2");
}
