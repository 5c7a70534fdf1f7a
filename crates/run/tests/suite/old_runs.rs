//! Run folders as the first version wrote them, `tests/fixtures/runs-0.1`, are read, scored and used to predict.

use std::path::PathBuf;

use brasa_data::{Samples, Values};
use brasa_models::select_device;
use brasa_predict::{Answers, SavedModel};
use brasa_run::{RunFolder, RunRecord, RunStatus, find_run, list_runs, unreadable_runs};
use brasa_train::StopReason;

fn run(app: &str) -> (RunFolder, RunRecord) {
    // Asked for when it runs: a cached test binary may come from a clone that is gone.
    let root =
        PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/fixtures/runs-0.1");
    assert_eq!(list_runs(&root, app).unwrap().len(), 1);
    assert!(unreadable_runs(&root, app).is_empty());
    find_run(&root, app, "latest").unwrap()
}

fn model(folder: &RunFolder) -> SavedModel {
    SavedModel::load(&folder.model(), &select_device("flex").unwrap()).unwrap()
}

#[test]
fn scores_epochs_and_facts_of_an_old_run_are_read() {
    let (folder, record) = run("emotions");
    assert_eq!((record.status, record.best_epoch), (RunStatus::Finished, Some(2)));
    let scores = record.scores.as_ref().unwrap();
    assert_eq!((scores.train.rows, scores.train.value("accuracy"), scores.train.loss()), (4, 0.75, 0.5));
    assert_eq!(scores.train.classes().unwrap().confusion, [[2, 0], [1, 1]]);
    assert_eq!(scores.train.classes().unwrap().per_class[1].recall, 0.5);
    let test = scores.test.as_ref().unwrap();
    assert!(test.loss().is_nan() && test.value("f1_macro") == 1.0);
    let top_k = scores.test_without_duplicates.as_ref().unwrap().classes().unwrap().top_k.unwrap();
    assert_eq!((top_k.k, top_k.accuracy), (2, 1.0));
    let epochs = folder.epochs().unwrap();
    let losses: Vec<f64> = epochs.iter().map(|epoch| epoch.valid.loss()).collect();
    assert_eq!((losses, epochs[0].train.value("f1_macro")), (vec![1.25, 0.625], 0.4));
    let facts = folder.data_facts().unwrap();
    assert_eq!((facts.sample_shape, facts.class_counts["train"].as_slice()), (vec![1, 2, 2], &[2, 2][..]));
    assert!(facts.leaks.is_clean());
    assert_eq!(folder.environment().unwrap().data, None);

    let (folder, record) = run("titles");
    assert_eq!(record.status, RunStatus::Interrupted);
    assert_eq!(record.stop, Some(StopReason::Other("enough".into())));
    assert_eq!(folder.data_facts().unwrap().text.unwrap().tokens, 9);
}

#[test]
fn recipes_of_old_runs_are_whole_and_name_their_data_by_todays_names() {
    for (app, old, new) in
        [("emotions", "[data.faces]", "[data.pixels]"), ("titles", "[data.titles]", "[data.text]")]
    {
        let (folder, _) = run(app);
        let text = std::fs::read_to_string(folder.path().join("recipe.toml")).unwrap();
        assert!(text.contains(old));
        let recipe = folder.recipe().unwrap();
        let resolved = recipe.clone().check().unwrap().resolved(4).unwrap();
        assert_eq!(resolved, recipe, "{app}");
        let written = recipe.to_toml().unwrap();
        assert!(written.contains(new) && !written.contains(old), "{written}");
    }
    let (folder, _) = run("emotions");
    let elsewhere = folder.recipe_on("data.faces.file = \"other.csv\"").unwrap();
    assert_eq!(elsewhere.data.pixels.unwrap().file.as_deref(), Some("other.csv"));
}

#[test]
fn models_of_old_runs_predict() {
    let (folder, _) = run("emotions");
    let faces = model(&folder);
    assert_eq!(faces.card().answers, Answers::Classes { classes: vec!["Angry".into(), "Happy".into()] });
    let face = Samples::new(vec![1, 2, 2], Values::U8(vec![255, 0, 0, 0].into())).unwrap();
    // Scaled: 1, -1, -1, -1; logits: 1 and -1 + 0.5.
    let answers = faces.predict_samples(&face).unwrap();
    let answer = answers[0].class().unwrap();
    assert_eq!(answer.class, "Angry");
    assert!((answer.probability - 1.0 / (1.0 + (-1.5_f64).exp())).abs() < 1e-6, "{answer:?}");

    let (folder, _) = run("titles");
    let titles = model(&folder);
    let raw = titles.card().input.read("new", b"title\nShoe cup\nshoe\n", None).unwrap();
    let answers = titles.predict(&raw).unwrap();
    // Means of the vectors of the words: (0.5, 1) and (0, 2).
    for (answer, margin) in answers.iter().zip([0.5_f64, 2.0]) {
        let answer = answer.class().unwrap();
        assert_eq!(answer.class, "shoes");
        assert!((answer.probability - 1.0 / (1.0 + (-margin).exp())).abs() < 1e-6, "{answer:?}");
    }
}
