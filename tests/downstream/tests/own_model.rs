//! A network, a metric, a callback and data of one's own: trained, saved, loaded, predicting.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;

use brasa_data::{CsvConfig, DataConfig, Files, Role, Scaling, SplitConfig};
use brasa_downstream::{Diary, LastClassRecall, OwnCnn, SIDE};
use brasa_models::select_device;
use brasa_predict::{Answers, ModelCard, SavedModel, save_model};
use brasa_train::metrics::Metrics;
use brasa_train::recipe::{Adam, TrainingRecipe};
use brasa_train::{Prepared, Recipe, score, train};

/// Bars, upright or lying, each somewhere in the picture and on a little noise.
fn pictures() -> String {
    let names: Vec<String> = (0..SIDE * SIDE).map(|pixel| format!("p{pixel}")).collect();
    let mut text = format!("{},bar\n", names.join(","));
    for row in 0..240_usize {
        let (place, upright) = (row / 2 % SIDE, row % 2 == 0);
        for pixel in 0..SIDE * SIDE {
            let across = if upright { pixel % SIDE } else { pixel / SIDE };
            let noise = (row * 31 + pixel * 17) % 11;
            write!(text, "{},", if across == place { 90 + noise } else { noise }).unwrap();
        }
        text.push_str(if upright { "upright\n" } else { "lying\n" });
    }
    text
}

#[test]
fn it_trains_is_saved_is_loaded_and_predicts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bars.csv"), pictures()).unwrap();
    let csv = CsvConfig { file: Some("bars.csv".into()), target: Some("bar".into()), ..CsvConfig::default() };
    let split = SplitConfig { valid: 0.2, test: 0.2, ..SplitConfig::default() };
    let data = DataConfig { csv: Some(csv), scaling: Scaling::Standard, split, ..DataConfig::default() };
    let training = TrainingRecipe {
        epochs: 8,
        batch_size: 16,
        monitor: "last_class_recall".into(),
        ..TrainingRecipe::default()
    };
    let recipe = Recipe::new(data).optimizer(Adam { lr: 1e-2, ..Adam::default() }).training(training);
    let recipe = recipe.check_with(Metrics::standard().with(LastClassRecall)).unwrap();
    let prepared = Prepared::new(&recipe, &Files::directory(folder.path())).unwrap();

    let device = select_device("flex").unwrap();
    device.seed(1);
    let mut diary = Diary::default();
    let model = OwnCnn::new(prepared.data.class_count(), &device);
    let outcome = train(&recipe, &prepared, model, &device, &mut [&mut diary]).unwrap();
    assert_eq!(diary.losses.len(), 8);
    assert!(diary.losses[7] < diary.losses[0], "{:?}", diary.losses);
    let test = score(&outcome.model, &recipe, &prepared, Role::Test, &device).unwrap();
    assert!(test.figure("last_class_recall").unwrap() > 0.9, "{test:?}");

    let classes = prepared.data.class_names().to_vec();
    let input = recipe.data().input_of(&prepared.data);
    let card = ModelCard::new("bars", input, (*prepared.scaler).clone(), Answers::Classes { classes });
    save_model(folder.path(), &card, &outcome.model).unwrap();

    let saved = SavedModel::load_into(folder.path(), OwnCnn::new(2, &device), &device).unwrap();
    let bytes = std::fs::read(folder.path().join("bars.csv")).unwrap();
    let raw = saved.card().input.read("bars.csv", &bytes, None).unwrap();
    let predictions = saved.predict_samples(&raw.samples).unwrap();
    // The loaded model answers as the trained one was judged.
    let labels = prepared.data.labels();
    let test_rows = prepared.split.rows(Role::Test);
    let right =
        test_rows.iter().filter(|&&row| predictions[row].class().unwrap().index == labels[row]).count();
    assert_eq!(right as f64 / test_rows.len() as f64, test.figure("accuracy").unwrap());
    assert!(right * 10 > test_rows.len() * 9, "{right} of {}", test_rows.len());
    // A model of one's own has no architecture that brasa could make.
    let error = SavedModel::load(folder.path(), &device).unwrap_err().to_string();
    assert!(error.contains("trained by code of one's own"), "{error}");
}
