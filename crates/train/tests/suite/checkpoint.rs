//! A training in parts, each from the checkpoint of the one before, gives the bits of the whole.

use std::path::Path;

use brasa_data::Files;
use brasa_models::{Network, save_weights, select_device};
use brasa_train::{
    CheckedRecipe, EpochRecord, Leg, Outcome, Prepared, Recipe, Result, StopReason, latest_epoch,
    train_network_leg,
};

const RECIPE: &str = r#"
    [data]
    scaling = "standard"
    csv = { file = "rings.csv", target = "ring" }
    split = { kind = "stratified", valid = 0.25, test = 0.25, seed = 1 }
    [model]
    hidden = [16, 8]
    batch_norm = true
    dropout = [0.2]
    [optimizer]
    lr = 0.02
    [training]
    epochs = 9
    batch_size = 16
"#;

const RINGS: &[(&str, &[u8])] = &[("rings.csv", include_bytes!("../rings.csv"))];

fn recipe(overrides: &[&str]) -> CheckedRecipe {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    Recipe::parse("rings", RECIPE, &overrides).unwrap().check().unwrap()
}

fn run(recipe: &CheckedRecipe, leg: Leg<'_>) -> Result<Outcome<Network>> {
    let prepared = Prepared::new(recipe, &Files::embedded(RINGS)).unwrap();
    train_network_leg(recipe, &prepared, None, &select_device("flex").unwrap(), &mut [], leg)
}

/// The weights as bytes, and all that an epoch says but how long it took.
fn bits(outcome: &Outcome<Network>) -> (Vec<u8>, Vec<EpochRecord>, usize, StopReason) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weights.safetensors");
    save_weights(&outcome.model, &file).unwrap();
    let timeless =
        |record: &EpochRecord| EpochRecord { train_seconds: 0.0, valid_seconds: 0.0, ..record.clone() };
    let history = outcome.history.iter().map(timeless).collect();
    (std::fs::read(file).unwrap(), history, outcome.best_epoch, outcome.stop.clone())
}

fn in_parts(pauses: &[usize], settings: &[Vec<&str>], folder: &Path) -> Outcome<Network> {
    let mut last = None;
    for (part, settings) in settings.iter().enumerate() {
        let leg = Leg { from: Some(folder), until: pauses.get(part).copied(), save: Some(folder), at: None };
        let outcome = run(&recipe(settings), leg).unwrap();
        if let Some(&pause) = pauses.get(part) {
            assert_eq!((outcome.history.len(), &outcome.stop), (pause, &StopReason::Paused));
            assert_eq!(latest_epoch(folder), Some(pause));
            let count = std::fs::read_dir(folder).unwrap().count();
            assert_eq!(count, (part + 1).min(2), "this checkpoint and the one before");
        }
        last = Some(outcome);
    }
    last.unwrap()
}

#[test]
fn parts_are_the_bits_of_the_whole_whatever_the_optimizer_the_schedule_and_the_loader_threads() {
    for settings in [
        vec!["optimizer.kind=adam"],
        vec!["optimizer.kind=adamw"],
        vec!["optimizer.kind=adam", "schedule.kind=cosine", "schedule.t_max=9"],
        vec![
            "optimizer.kind=adamw",
            "optimizer.weight_decay=0.1",
            "schedule.kind=cosine",
            "schedule.t_max=9",
        ],
        vec![
            "optimizer.kind=sgd",
            "optimizer.momentum=0.9",
            "optimizer.nesterov=true",
            "schedule.kind=one-cycle",
            "schedule.max_lr=0.1",
        ],
        vec![
            "optimizer.kind=rmsprop",
            "optimizer.momentum=0.5",
            "schedule.kind=plateau",
            "schedule.patience=1",
        ],
        vec!["optimizer.kind=adagrad", "training.clip_norm=0.5"],
        vec!["training.patience=2", "training.monitor=accuracy"],
    ] {
        let whole = run(&recipe(&settings), Leg::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let with = |workers| [&settings[..], &[workers]].concat();
        let parts = [
            with("training.workers=0"),
            with("training.workers=2"),
            with("training.workers=1"),
            with("training.workers=0"),
        ];
        let end = whole.history.len();
        let outcome = in_parts(&[1, 2, end - 1], &parts, folder.path());
        let (own, expected) = (bits(&outcome), bits(&whole));
        let differs = own.1.iter().zip(&expected.1).find(|(own, other)| own != other);
        assert!(own == expected, "{settings:?}, weights {}: {differs:?}", own.0 == expected.0);
    }
}

#[test]
fn a_training_that_ended_stays_ended_and_one_without_a_checkpoint_begins() {
    let folder = tempfile::tempdir().unwrap();
    let leg = Leg { from: Some(folder.path()), until: None, save: Some(folder.path()), at: None };
    let first =
        run(&recipe(&["training.patience=1", "optimizer.lr=1e-30", "model.dropout=[]"]), leg).unwrap();
    assert_eq!(first.stop, StopReason::Patience);
    let again =
        run(&recipe(&["training.patience=1", "optimizer.lr=1e-30", "model.dropout=[]"]), leg).unwrap();
    assert!(bits(&again) == bits(&first));
}

#[test]
fn an_older_checkpoint_is_there_until_the_part_after_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let leg = |at, until| Leg {
        from: Some(folder.path()),
        at: Some(at),
        until: Some(until),
        save: Some(folder.path()),
    };
    let there = |epoch: usize| folder.path().join(format!("epoch-{epoch}")).exists();
    run(&recipe(&[]), leg(0, 2)).unwrap();
    let four = run(&recipe(&[]), leg(2, 4)).unwrap();
    assert!(there(2) && there(4));
    // Nobody heard of epoch 4: the part is done again.
    let again = run(&recipe(&[]), leg(2, 4)).unwrap();
    assert!(bits(&again) == bits(&four));
    run(&recipe(&[]), leg(4, 6)).unwrap();
    assert!(!there(2) && there(4) && there(6));
}

#[test]
fn a_checkpoint_of_another_recipe_is_refused_and_more_epochs_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let leg = Leg { from: Some(folder.path()), until: None, save: Some(folder.path()), at: None };
    run(&recipe(&["training.epochs=4"]), leg).unwrap();
    for other in ["training.seed=7", "optimizer.lr=0.01", "data.split.seed=3", "training.monitor=accuracy"] {
        let message = run(&recipe(&["training.epochs=4", other]), leg).unwrap_err().to_string();
        assert!(message.ends_with("it is of another recipe, or of other data"), "{other}: {message}");
    }
    let more = run(&recipe(&[]), leg).unwrap();
    assert!(
        bits(&more) == bits(&run(&recipe(&[]), Leg::default()).unwrap()),
        "a constant schedule does not see the end"
    );
}

#[test]
fn a_damaged_checkpoint_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let leg = Leg { from: Some(folder.path()), until: Some(2), save: Some(folder.path()), at: None };
    run(&recipe(&[]), leg).unwrap();
    for (file, content) in [("state.json", &b"{"[..]), ("model.bpk", b"noise"), ("optimizer.bpk", b"")] {
        let path = folder.path().join("epoch-2").join(file);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, content).unwrap();
        let error = run(&recipe(&[]), leg).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("checkpoint ") && message.contains("epoch-2"), "{message}");
        assert!(!error.is_input());
        std::fs::write(&path, whole).unwrap();
    }
    run(&recipe(&[]), leg).unwrap();
}
