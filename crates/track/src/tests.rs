#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use brasa_data::SourceFile;
use brasa_run::{DataFacts, Environment, RunFolder, RunObserver, RunRecord, RunStatus};
use brasa_train::metrics::{Figures, Metrics};
use brasa_train::{Callback, EpochRecord, Plan, Recipe, StepLoss};

use crate::journal::JOURNAL;
use crate::server::{Mood, Server, nowhere};
use crate::{Ending, Target, Tracker, push};

const RECIPE: &str =
    "description = \"four steps\"\n[data.csv]\nfile = \"x.csv\"\ntarget = \"kind\"\n[optimizer]\nlr = 0.25\n";

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A run that is driven by hand.
struct Drive {
    root: tempfile::TempDir,
    folder: RunFolder,
    record: RunRecord,
    tracker: Option<Tracker>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Drive {
    fn start(url: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let (folder, record, _lock) = RunFolder::create(root.path(), "iris", "small").unwrap();
        let recipe = Recipe::parse("small", RECIPE, &[]).unwrap();
        folder.write("recipe.toml", recipe.to_toml().unwrap().as_bytes()).unwrap();
        folder.write_json("environment.json", &Environment::capture("flex")).unwrap();
        let file = SourceFile { name: "x.csv".into(), bytes: 9, sha256: SHA256.into() };
        let facts = DataFacts {
            rows: Default::default(),
            targets: Vec::new(),
            text: None,
            warnings: Vec::new(),
            name: "x".into(),
            files: vec![file],
            sample_shape: vec![2],
            classes: vec!["a".into(), "b".into()],
            class_counts: Default::default(),
            leaks: Default::default(),
        };
        folder.write_json("data.json", &facts).unwrap();
        folder.write("pictures/a b.svg", b"<svg/>").unwrap();
        folder.write("model/weights.safetensors", &[7; 3000]).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let teller = {
            let told = told.clone();
            move |words: &str| told.lock().unwrap().push(words.to_string())
        };
        let mut tracker = Tracker::new(target(url), Arc::new(teller));
        tracker.on_folder(&folder, &record).unwrap();
        let plan = Plan {
            epochs: 2,
            steps: 1500,
            train_rows: 1,
            valid_rows: 1,
            metrics: Metrics::standard(),
            resumed: None,
        };
        tracker.on_start(&plan).unwrap();
        Self { root, folder, record, tracker: Some(tracker), told }
    }

    fn epoch(&mut self, epoch: usize) {
        let tracker = self.tracker.as_mut().unwrap();
        let loss = |step| StepLoss { epoch, step, rows: 1, loss: step as f64 / 8.0 };
        tracker.on_steps(&(1..=1500).map(loss).collect::<Vec<_>>());
        let scores: Figures = [("loss", 0.5), ("accuracy", 0.75), ("f1_macro", 0.25)].into_iter().collect();
        let record = EpochRecord {
            epoch,
            lr: 0.1,
            train_seconds: 2.0,
            valid_seconds: 1.0,
            train: scores.clone(),
            valid: scores,
            improved: true,
        };
        tracker.on_epoch(&record).unwrap();
    }

    fn finish(&mut self, status: RunStatus) -> Ending {
        let record = RunRecord { status, seconds: Some(9.0), best_epoch: Some(2), ..self.record.clone() };
        self.folder.write_record(&record).unwrap();
        self.tracker.take().unwrap().finish().unwrap()
    }

    fn heard(&self, words: &str) -> bool {
        self.told.lock().unwrap().iter().any(|told| told.contains(words))
    }

    fn pending(&self) -> bool {
        self.folder.path().join(JOURNAL).exists()
    }

    fn push(&self, url: &str) -> Vec<Ending> {
        let pushed = push(self.root.path(), "iris", Some(&target(url)), |_| None).unwrap();
        pushed.into_iter().map(|run| run.ending).collect()
    }
}

fn target(url: &str) -> Target {
    Target::at("test", url, |_| None).unwrap()
}

/// Each of two epochs with all of its steps, once.
fn assert_all_figures(server: &Server) {
    let memory = server.memory.lock().unwrap();
    let metrics = memory.metrics();
    let mut losses: Vec<_> = metrics
        .iter()
        .filter(|(key, _, _)| key == "step/loss")
        .map(|(_, step, value)| (*step, *value))
        .collect();
    losses.sort_by_key(|(step, _)| *step);
    let expected: Vec<_> = (0..3000u64).map(|index| (index + 1, (index % 1500 + 1) as f64 / 8.0)).collect();
    assert_eq!(losses, expected);
    for (key, value) in [
        ("train/loss", 0.5),
        ("valid/accuracy", 0.75),
        ("valid/f1_macro", 0.25),
        ("lr", 0.1),
        ("train/seconds", 2.0),
    ] {
        let found: Vec<_> = metrics
            .iter()
            .filter(|(name, _, _)| name == key)
            .map(|(_, step, value)| (*step, *value))
            .collect();
        assert_eq!(found, [(1, value), (2, value)], "{key}");
    }
    for batch in &memory.batches {
        let count = |of: &str| batch.get(of).and_then(|list| list.as_array()).map_or(0, Vec::len);
        assert!(count("metrics") <= 1000 && count("params") <= 100 && count("tags") <= 100);
    }
}

fn status_of(server: &Server) -> String {
    let memory = server.memory.lock().unwrap();
    assert_eq!(memory.runs.len(), 1, "{:?}", memory.runs);
    memory.updates.last().unwrap()["status"].as_str().unwrap().into()
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_arrives_whole() {
    let server = Server::start(Mood::Well);
    let mut drive = Drive::start(&server.url);
    drive.epoch(1);
    drive.epoch(2);
    let ending = drive.finish(RunStatus::Finished);
    assert_eq!(
        ending,
        Ending::Sent {
            page: format!("{}/#/experiments/3/runs/r1?workflowType=machine_learning", server.url),
            refused: None
        }
    );
    assert!(!drive.pending());
    assert_all_figures(&server);
    assert_eq!(status_of(&server), "FINISHED");
    let memory = server.memory.lock().unwrap();
    assert_eq!(memory.experiments, ["iris"]);
    let run = &memory.runs[0];
    assert_eq!(run["run_name"], drive.record.id.as_str());
    let start = run["start_time"].as_u64().unwrap();
    assert_eq!(memory.updates[0]["end_time"].as_u64().unwrap(), start + 9000);
    let params = memory.pairs("params");
    assert_eq!((params["optimizer.lr"].as_str(), params["data.csv.file"].as_str()), ("0.25", "x.csv"));
    let tags = memory.pairs("tags");
    assert_eq!((tags["mlflow.source.name"].as_str(), tags["brasa.device"].as_str()), ("iris", "flex"));
    assert_eq!(
        (tags["mlflow.note.content"].as_str(), tags["brasa.best_epoch"].as_str()),
        ("four steps", "2")
    );
    assert_eq!(memory.files["3/r1/artifacts/model/weights.safetensors"], [7; 3000]);
    assert!(memory.files.contains_key("3/r1/artifacts/pictures/a%20b.svg"), "{:?}", memory.files.keys());
    let datasets = &memory.inputs[0]["datasets"];
    assert_eq!(datasets[0]["dataset"]["name"], "x.csv");
    assert_eq!(datasets[0]["dataset"]["digest"], SHA256[..36]);
    // A short run may have ended before the thread could tell.
    let page = format!("tracked  {}/#/experiments/3/runs/r1?workflowType=machine_learning", server.url);
    assert!(drive.told.lock().unwrap().iter().all(|words| *words == page));
}

#[test]
fn what_a_server_that_was_never_there_has_missed_is_pushed_later() {
    let mut drive = Drive::start(&nowhere());
    drive.epoch(1);
    drive.epoch(2);
    let ending = drive.finish(RunStatus::Interrupted);
    assert!(matches!(&ending, Ending::Pending { path, .. } if path.ends_with(JOURNAL)), "{ending}");
    assert!(drive.told.lock().unwrap().iter().all(|words| words.contains("is away")));
    assert!(matches!(&drive.push(&nowhere())[..], [Ending::Pending { .. }]));
    let server = Server::start(Mood::Well);
    assert!(matches!(&drive.push(&server.url)[..], [Ending::Sent { refused: None, .. }]));
    assert_all_figures(&server);
    assert_eq!(status_of(&server), "KILLED");
    assert!(!drive.pending() && drive.push(&server.url).is_empty());
}

#[test]
fn a_server_that_comes_back_gets_all() {
    let server = Server::start(Mood::Well);
    let mut drive = Drive::start(&server.url);
    drive.epoch(1);
    wait_until("the first epoch has arrived", || server.memory.lock().unwrap().metrics().len() == 1509);
    server.set(Mood::Away);
    drive.epoch(2);
    wait_until("it is missed", || drive.heard("is away"));
    server.set(Mood::Well);
    wait_until("it is heard of again", || drive.heard("answers again"));
    assert!(matches!(drive.finish(RunStatus::Failed), Ending::Sent { .. }));
    let told = drive.told.lock().unwrap();
    assert!(told[0].contains("/#/experiments/3/runs/r1") && told.len() == 3, "{told:?}");
    drop(told);
    assert_all_figures(&server);
    assert_eq!(status_of(&server), "FAILED");
}

#[test]
fn a_run_whose_creation_was_not_answered_is_not_made_twice() {
    let server = Server::start(Mood::ForgetsToAnswer);
    let mut drive = Drive::start(&server.url);
    drive.epoch(1);
    drive.epoch(2);
    wait_until("the answer is missed", || drive.heard("is away"));
    server.set(Mood::Well);
    assert!(matches!(drive.finish(RunStatus::Finished), Ending::Sent { .. }));
    assert_all_figures(&server);
    assert_eq!(status_of(&server), "FINISHED");
}

#[test]
fn a_killed_run_is_ended_by_the_next_one() {
    let server = Server::start(Mood::Away);
    let mut drive = Drive::start(&server.url);
    drive.epoch(1);
    drive.epoch(2);
    // As a kill leaves it: the record says `running`, and nobody holds the file.
    assert!(matches!(drive.finish(RunStatus::Running), Ending::Pending { .. }));
    server.set(Mood::Well);
    let (folder, record, _lock) = RunFolder::create(drive.root.path(), "iris", "next").unwrap();
    for name in ["recipe.toml", "environment.json", "data.json"] {
        folder.write(name, &std::fs::read(drive.folder.path().join(name)).unwrap()).unwrap();
    }
    let told = drive.told.clone();
    let mut next = Tracker::new(
        target(&server.url),
        Arc::new(move |words: &str| told.lock().unwrap().push(words.into())),
    );
    next.on_folder(&folder, &record).unwrap();
    wait_until("the earlier run has arrived", || !drive.pending());
    assert_all_figures(&server);
    assert_eq!(server.memory.lock().unwrap().updates[0]["status"], "KILLED");
    assert!(matches!(next.finish(), Some(Ending::Sent { .. })));
    assert!(drive.heard("tracked earlier"));
}

#[test]
fn a_training_that_panics_is_ended_on_the_server() {
    let server = Server::start(Mood::Well);
    let mut drive = Drive::start(&server.url);
    drive.epoch(1);
    drive.epoch(2);
    drive.folder.write_record(&RunRecord { status: RunStatus::Failed, ..drive.record.clone() }).unwrap();
    let tracker = drive.tracker.take();
    let panicked = std::thread::spawn(move || {
        let _tracker = tracker;
        std::panic::resume_unwind(Box::new("in the middle of an epoch"));
    });
    assert!(panicked.join().is_err());
    assert_eq!(status_of(&server), "FAILED");
    assert!(!drive.pending());
}

#[test]
fn a_server_that_knows_no_data_sets_gets_the_rest() {
    let server = Server::start(Mood::Old);
    let mut drive = Drive::start(&server.url);
    drive.epoch(1);
    drive.epoch(2);
    let ending = drive.finish(RunStatus::Finished);
    assert!(matches!(&ending, Ending::Sent { refused: Some(_), .. }), "{ending}");
    assert_all_figures(&server);
    assert_eq!(status_of(&server), "FINISHED");
}

#[test]
fn one_refused_parameter_does_not_take_the_others_with_it() {
    let server = Server::start(Mood::Refuses("data.csv.file"));
    let mut drive = Drive::start(&server.url);
    let ending = drive.finish(RunStatus::Finished);
    let Ending::Sent { refused: Some(refused), .. } = ending else { unreachable!("{ending}") };
    assert!(refused.contains("INVALID_PARAMETER_VALUE, says the test"), "{refused}");
    let memory = server.memory.lock().unwrap();
    let params = memory.pairs("params");
    assert!(params.contains_key("optimizer.lr") && !params.contains_key("data.csv.file"));
}

#[test]
fn who_may_not_write_keeps_it_for_later() {
    let server = Server::start(Mood::Guarded);
    let mut drive = Drive::start(&server.url);
    drive.epoch(1);
    drive.epoch(2);
    let ending = drive.finish(RunStatus::Finished);
    assert!(matches!(&ending, Ending::Pending { reason, .. } if reason.contains("401")), "{ending}");
    let token = |name: &str| (name == "MLFLOW_TRACKING_TOKEN").then(|| "open".to_string());
    // The address stands in the run's folder alone: it gets no credentials.
    let pushed = push(drive.root.path(), "iris", None, token).unwrap();
    assert!(matches!(&pushed[0].ending, Ending::Pending { reason, .. } if reason.contains("401")));
    let named = |name: &str| match name {
        "MLFLOW_TRACKING_URI" => Some(server.url.clone()),
        name => token(name),
    };
    let pushed = push(drive.root.path(), "iris", None, named).unwrap();
    assert!(matches!(pushed[0].ending, Ending::Sent { .. }));
    assert_eq!(server.memory.lock().unwrap().authorization.as_deref(), Some("Bearer open"));
    assert_all_figures(&server);
}

#[test]
fn a_foreign_server_is_named() {
    let server = Server::start(Mood::Well);
    let mut drive = Drive::start(&format!("{}/elsewhere", server.url));
    let ending = drive.finish(RunStatus::Finished);
    assert!(
        matches!(&ending, Ending::Pending { reason, .. } if reason.contains("ENDPOINT_NOT_FOUND")),
        "{ending}"
    );
}

#[test]
fn a_folder_that_holds_no_journal_turns_tracking_off() {
    let root = tempfile::tempdir().unwrap();
    let (folder, record, _lock) = RunFolder::create(root.path(), "iris", "small").unwrap();
    std::fs::write(folder.path().join(JOURNAL), "taken").unwrap();
    let mut tracker = Tracker::new(target(&nowhere()), Arc::new(|_: &str| ()));
    tracker.on_folder(&folder, &record).unwrap();
    tracker.on_steps(&[StepLoss { epoch: 1, step: 1, rows: 1, loss: 0.0 }]);
    assert!(matches!(tracker.finish(), Some(Ending::Off { .. })));
    assert!(Path::new(folder.path()).join(JOURNAL).exists());
}
