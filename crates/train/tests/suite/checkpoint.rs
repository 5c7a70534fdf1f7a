//! A training in parts, each from the checkpoint of the one before, gives the bits of the whole.

use std::path::Path;

use brasa_data::Files;
use brasa_models::{Network, save_weights, select_device};
use brasa_train::{
    Callback, CheckedRecipe, EpochRecord, Every, Leg, Outcome, Plan, Position, Prepared, Recipe, Result,
    Resumed, StepRecord, StopReason, TrainError, latest_checkpoint, train_network_leg,
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

/// A part that goes on from a folder, and leaves there what it came to.
fn in_folder(folder: &Path) -> Leg<'_> {
    Leg { from: Some(folder), save: Some(folder), ..Leg::default() }
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
        let leg = Leg { until: pauses.get(part).copied(), ..in_folder(folder) };
        let outcome = run(&recipe(settings), leg).unwrap();
        if let Some(&pause) = pauses.get(part) {
            assert_eq!((outcome.history.len(), &outcome.stop), (pause, &StopReason::Paused));
            assert_eq!(latest_checkpoint(folder), Some(Position { epochs: pause, steps: 0 }));
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
        vec!["training.ema=0.9", "training.sam=0.05"],
        vec!["optimizer.kind=muon"],
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
    let leg = in_folder(folder.path());
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
    let leg = |at, until| Leg { at: Some(at), until: Some(until), ..in_folder(folder.path()) };
    let there = |epoch: usize| folder.path().join(format!("epoch-{epoch}.ckpt")).exists();
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
    let leg = in_folder(folder.path());
    run(&recipe(&["training.epochs=4"]), leg).unwrap();
    for other in ["training.seed=7", "optimizer.lr=0.01", "data.split.seed=3", "training.monitor=accuracy"] {
        let message = run(&recipe(&["training.epochs=4", other]), leg).unwrap_err().to_string();
        assert!(
            message.ends_with("it is of another recipe, of other data or of other pretrained weights"),
            "{other}: {message}"
        );
    }
    let more = run(&recipe(&[]), leg).unwrap();
    assert!(
        bits(&more) == bits(&run(&recipe(&[]), Leg::default()).unwrap()),
        "a constant schedule does not see the end"
    );
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_one_before_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let whole = run(&recipe(&[]), Leg::default()).unwrap();
    let leg = |until| Leg { until: Some(until), every: Some(Every::Epochs(1)), ..in_folder(folder.path()) };
    run(&recipe(&[]), leg(4)).unwrap();
    let file = |epoch: usize| folder.path().join(format!("epoch-{epoch}.ckpt"));
    let damage = |epoch: usize, place: usize| {
        let mut bytes = std::fs::read(file(epoch)).unwrap();
        bytes.truncate(bytes.len() - place);
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(file(epoch), bytes).unwrap();
    };
    damage(4, 0);
    let mut listener = Listener::default();
    let prepared = Prepared::new(&recipe(&[]), &Files::embedded(RINGS)).unwrap();
    let device = select_device("flex").unwrap();
    let outcome =
        train_network_leg(&recipe(&[]), &prepared, None, &device, &mut [&mut listener], leg(5)).unwrap();
    let resumed = listener.resumed.unwrap();
    assert_eq!((resumed.history.len(), resumed.steps), (3, 0));
    assert!(resumed.passed_over[0].contains("epoch-4.ckpt is damaged"), "{:?}", resumed.passed_over);
    assert!(outcome.history.len() == 5 && file(5).exists() && file(4).exists(), "it came again");

    damage(5, 3);
    damage(4, 900);
    let error = run(&recipe(&[]), in_folder(folder.path())).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("checkpoint ") && message.contains("epoch-5.ckpt"), "{message}");
    assert!(!error.is_input());
    std::fs::remove_dir_all(folder.path()).unwrap();
    assert!(bits(&run(&recipe(&[]), in_folder(folder.path())).unwrap()) == bits(&whole));
}

/// Where it goes on, and an end in the middle of an epoch.
#[derive(Default)]
struct Listener {
    resumed: Option<Resumed>,
    steps: usize,
    stop_after: usize,
}

impl Callback for Listener {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        self.resumed.clone_from(&plan.resumed);
        Ok(())
    }

    fn on_step(&mut self, _step: &StepRecord) {
        self.steps += 1;
    }

    fn stop_now(&mut self) -> Option<StopReason> {
        (self.steps == self.stop_after).then_some(StopReason::Paused)
    }
}

/// Trains in parts that end after so many steps of their own, each with another number of loader threads.
fn in_lives(recipe: impl Fn(usize) -> CheckedRecipe, lives: &[usize], every: Every) -> Outcome<Network> {
    let folder = tempfile::tempdir().unwrap();
    let device = select_device("flex").unwrap();
    let mut last = None;
    for (life, stop_after) in lives.iter().chain([&usize::MAX]).enumerate() {
        let recipe = recipe(life % 3);
        let prepared = Prepared::new(&recipe, &Files::embedded(RINGS)).unwrap();
        let mut listener = Listener { stop_after: *stop_after, ..Listener::default() };
        let leg = Leg { every: Some(every), ..in_folder(folder.path()) };
        let outcome =
            train_network_leg(&recipe, &prepared, None, &device, &mut [&mut listener], leg).unwrap();
        assert_eq!(listener.resumed.is_some(), life > 0);
        last = Some(outcome);
    }
    last.unwrap()
}

#[test]
fn an_end_in_the_middle_of_an_epoch_leaves_no_trace() {
    for settings in [
        vec!["optimizer.kind=adamw", "schedule.kind=one-cycle", "schedule.max_lr=0.1", "schedule.per=step"],
        vec!["optimizer.kind=sgd", "optimizer.momentum=0.9", "training.sampling=balanced"],
        vec!["training.clip_norm=0.5", "training.top_k=2"],
        vec!["data.task=regression", "data.csv.target=x", "data.csv.features=[\"y\"]", "model.dropout=[0.1]"],
        vec!["training.patience=2", "training.monitor=f1_macro"],
    ] {
        let with =
            |workers: usize| recipe(&[&settings[..], &[&format!("training.workers={workers}")]].concat());
        let whole = run(&with(0), Leg::default()).unwrap();
        // Twice within one epoch, at its end, over an end, and after one step.
        for every in [Every::Never, Every::Steps(3), Every::Time(std::time::Duration::from_nanos(1))] {
            let outcome = in_lives(with, &[5, 3, 1, 40, 1], every);
            let (own, expected) = (bits(&outcome), bits(&whole));
            let differs = own.1.iter().zip(&expected.1).find(|(own, other)| own != other);
            assert!(own == expected, "{settings:?}, {every}, weights {}: {differs:?}", own.0 == expected.0);
        }
    }
}

#[test]
fn a_bag_goes_on_member_by_member() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = recipe(&["training.bag=3", "training.patience=3"]);
    let whole = run(&recipe, Leg::default()).unwrap();
    let prepared = Prepared::new(&recipe, &Files::embedded(RINGS)).unwrap();
    let device = select_device("flex").unwrap();
    // Asked once all members are on their way, whatever they have done by then.
    struct Soon(std::time::Instant, std::time::Duration);
    impl Callback for Soon {
        fn stop_now(&mut self) -> Option<StopReason> {
            (self.0.elapsed() > self.1).then_some(StopReason::Paused)
        }
    }
    for life in 0..4 {
        let mut soon = Soon(std::time::Instant::now(), std::time::Duration::from_millis(5 * life));
        let leg = Leg { every: Some(Every::Steps(2)), ..in_folder(folder.path()) };
        train_network_leg(&recipe, &prepared, None, &device, &mut [&mut soon], leg).unwrap();
    }
    let members = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(members, 3);
    let outcome = run(&recipe, in_folder(folder.path())).unwrap();
    assert!(bits(&outcome) == bits(&whole));
}

#[test]
fn what_a_killed_writer_left_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let left = folder.path().join(format!("{}abc", brasa_data::TEMPORARY));
    std::fs::write(&left, "half").unwrap();
    run(&recipe(&[]), in_folder(folder.path())).unwrap();
    assert!(!left.exists());
}

#[test]
fn a_checkpoint_that_cannot_be_written_ends_the_training_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-folder");
    std::fs::write(&file, "").unwrap();
    let error = run(&recipe(&[]), in_folder(&file)).unwrap_err();
    assert!(matches!(error, TrainError::Checkpoint { .. }) && !error.is_input(), "{error}");
}
