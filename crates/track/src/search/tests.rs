#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use brasa_run::{Environment, RunFolder, RunStatus};
use brasa_train::Recipe;
use brasa_tune::sampler::SamplerConfig;
use brasa_tune::study::{End, Next, Study};
use brasa_tune::{Direction, Header, Metric, Space};

use super::SearchTracker;
use super::delivery::STUDY;
use crate::server::{Mood, Server, nowhere};
use crate::{Ending, Target, push};

const RECIPE: &str = "[data.csv]\nfile = \"x.csv\"\ntarget = \"kind\"\n";

struct Search {
    root: tempfile::TempDir,
    folder: RunFolder,
    study: Study,
}

impl Search {
    /// Four trials of two epochs; the last one fails.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (folder, _) = RunFolder::create_empty(root.path(), "iris", "small-tune").unwrap();
        let recipe = Recipe::parse("small", RECIPE, &[]).unwrap();
        folder.write("recipe.toml", recipe.to_toml().unwrap().as_bytes()).unwrap();
        folder.write_json("environment.json", &Environment::capture("flex")).unwrap();
        folder.write("report.html", b"<p>").unwrap();
        let space = serde_json::json!({ "optimizer.lr": { "uniform": [0, 1] } });
        let metric = Metric { name: "accuracy".into(), direction: Direction::Maximize };
        let header = Header {
            app: "iris".into(),
            sampler: SamplerConfig::Random,
            trials: 4,
            max_epochs: 2,
            ..Header::new(Space::from_json(space.as_object().unwrap()).unwrap(), metric)
        };
        let study = Study::create(&folder.path().join(STUDY), header).unwrap();
        Self { root, folder, study }
    }

    fn track(&self, url: &str) -> SearchTracker {
        let target = Target::at("test", url, |_| None).unwrap();
        SearchTracker::new(target, self.folder.clone(), "iris", "small", Arc::new(|_: &str| ())).unwrap()
    }

    /// Runs so many trials; trial n has accuracies n and n + 1/2, tenths.
    fn run(&mut self, trials: usize, tracker: &SearchTracker) {
        for _ in 0..trials {
            let Next::Run(job) = self.study.next_job().unwrap() else { unreachable!() };
            tracker.started(job.trial);
            let value = job.trial as f64 / 10.0;
            let _ = self.study.report(job.trial, 1, value).unwrap();
            match job.trial {
                3 => self.study.ended(3, End::Failed("no room".into())).unwrap(),
                trial => drop(self.study.report(trial, 2, value + 0.05).unwrap()),
            }
            tracker.news();
        }
    }
}

fn assert_all(server: &Server, status: &str) {
    let memory = server.memory.lock().unwrap();
    let names: Vec<&str> = memory.runs.iter().map(|run| run["run_name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names[0].ends_with("small-tune"), "{names:?}");
    assert_eq!(names[1..], ["trial 0", "trial 1", "trial 2", "trial 3"]);
    for run in &memory.runs[1..] {
        let tags = run["tags"].as_array().unwrap();
        assert!(tags.iter().any(|tag| tag["key"] == "mlflow.parentRunId" && tag["value"] == "r1"), "{run}");
    }
    let metrics = memory.metrics();
    let of = |name: &str| -> Vec<(u64, f64)> {
        let own = metrics.iter().filter(|(key, _, _)| key == name);
        own.map(|(_, step, value)| (*step, *value)).collect()
    };
    let curve = [(1, 0.0), (2, 0.05), (1, 0.1), (2, 0.15000000000000002), (1, 0.2), (2, 0.25), (1, 0.3)];
    assert_eq!(of("valid/accuracy"), curve, "each report once");
    // Of the three trials with a result, and of the best among four.
    assert_eq!(of("valid_best/accuracy"), [(0, 0.05), (0, 0.15000000000000002), (0, 0.25), (4, 0.25)]);
    assert!(memory.pairs("params").contains_key("optimizer.lr"));
    assert_eq!(memory.pairs("tags")["brasa.error"], "no room");
    assert_eq!(memory.pairs("tags")["brasa.best_trial"], "2");
    let ends: Vec<_> = memory.updates.iter().map(|end| (&end["run_id"], &end["status"])).collect();
    assert_eq!(ends.iter().filter(|(_, status)| *status == "FAILED").count(), 1);
    assert_eq!(ends.last().unwrap(), &(&"r1".into(), &status.into()));
    assert!(memory.files.keys().any(|file| file.ends_with("r1/artifacts/report.html")));
    assert!(memory.files.keys().any(|file| file.ends_with("r1/artifacts/study.jsonl")));
}

fn pushed(search: &Search, url: &str) -> Vec<Ending> {
    let target = Target::at("test", url, |_| None).unwrap();
    let pushed = push(search.root.path(), "iris", Some(&target), |_| None).unwrap();
    pushed.into_iter().map(|run| run.ending).collect()
}

#[test]
fn trials_are_runs_below_the_search() {
    let server = Server::start(Mood::Well);
    let mut search = Search::new();
    let tracker = search.track(&server.url);
    search.run(4, &tracker);
    let ending = tracker.finish(RunStatus::Finished);
    assert!(matches!(ending, Some(Ending::Sent { refused: None, .. })));
    assert_all(&server, "FINISHED");
    assert!(pushed(&search, &server.url).is_empty(), "nothing is left");
}

#[test]
fn a_search_that_goes_on_goes_on_in_the_same_run() {
    let server = Server::start(Mood::Well);
    let mut search = Search::new();
    let tracker = search.track(&server.url);
    search.run(2, &tracker);
    assert!(matches!(tracker.finish(RunStatus::Interrupted), Some(Ending::Sent { .. })));
    assert_eq!(server.memory.lock().unwrap().updates.last().unwrap()["status"], "KILLED");
    server.memory.lock().unwrap().batches.retain(|batch| batch["run_id"] != "r1");
    let tracker = search.track(&server.url);
    search.run(2, &tracker);
    assert!(matches!(tracker.finish(RunStatus::Finished), Some(Ending::Sent { .. })));
    assert_all(&server, "FINISHED");
    let memory = server.memory.lock().unwrap();
    assert!(memory.updates.iter().any(|end| end["status"] == "RUNNING"), "it runs again");
}

#[test]
fn what_a_server_that_was_away_has_missed_of_a_search_is_pushed() {
    let mut search = Search::new();
    let tracker = search.track(&nowhere());
    search.run(4, &tracker);
    let ending = tracker.finish(RunStatus::Finished);
    assert!(matches!(&ending, Some(Ending::Pending { .. })), "{ending:?}");
    let server = Server::start(Mood::Well);
    let pushed_now = pushed(&search, &server.url);
    assert!(matches!(pushed_now[..], [Ending::Sent { refused: None, .. }]), "{pushed_now:?}");
    assert_all(&server, "FINISHED");
    assert!(pushed(&search, &server.url).is_empty());
}

#[test]
fn what_is_missed_by_a_later_life_of_a_search_is_pushed() {
    let server = Server::start(Mood::Well);
    let mut search = Search::new();
    let tracker = search.track(&server.url);
    search.run(2, &tracker);
    assert!(matches!(tracker.finish(RunStatus::Interrupted), Some(Ending::Sent { .. })));
    server.memory.lock().unwrap().batches.retain(|batch| batch["run_id"] != "r1");
    server.set(Mood::Away);
    let tracker = search.track(&server.url);
    search.run(2, &tracker);
    assert!(matches!(tracker.finish(RunStatus::Finished), Some(Ending::Pending { .. })));
    server.set(Mood::Well);
    assert!(matches!(pushed(&search, &server.url)[..], [Ending::Sent { refused: None, .. }]));
    assert_all(&server, "FINISHED");
}

#[test]
fn one_refused_parameter_does_not_take_its_trial_with_it() {
    let server = Server::start(Mood::Refuses("optimizer.lr"));
    let mut search = Search::new();
    let tracker = search.track(&server.url);
    search.run(4, &tracker);
    let ending = tracker.finish(RunStatus::Finished);
    assert!(matches!(ending, Some(Ending::Sent { refused: Some(_), .. })), "{ending:?}");
    let memory = server.memory.lock().unwrap();
    assert!(!memory.pairs("params").contains_key("optimizer.lr"));
    assert_eq!(memory.metrics().iter().filter(|(key, _, _)| key == "valid/accuracy").count(), 7);
    assert_eq!(memory.pairs("tags")["brasa.error"], "no room");
}

#[test]
fn a_file_that_a_kill_left_empty_or_with_half_a_line_is_no_fault() {
    let server = Server::start(Mood::Well);
    let mut search = Search::new();
    let path: PathBuf = search.folder.path().join(super::STATE);
    std::fs::write(&path, "").unwrap();
    let tracker = search.track(&server.url);
    search.run(2, &tracker);
    assert!(matches!(tracker.finish(RunStatus::Interrupted), Some(Ending::Sent { .. })));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(b"{\"sent\":{\"tri");
    std::fs::write(&path, bytes).unwrap();
    server.memory.lock().unwrap().batches.retain(|batch| batch["run_id"] != "r1");
    let tracker = search.track(&server.url);
    search.run(2, &tracker);
    assert!(matches!(tracker.finish(RunStatus::Finished), Some(Ending::Sent { .. })));
    assert_all(&server, "FINISHED");
}

#[test]
fn a_file_of_something_else_is_not_overwritten() {
    let search = Search::new();
    let path: PathBuf = search.folder.path().join(super::STATE);
    std::fs::write(&path, "notes\n").unwrap();
    let target = Target::at("test", &nowhere(), |_| None).unwrap();
    let tracker = SearchTracker::new(target, search.folder.clone(), "iris", "small", Arc::new(|_: &str| ()));
    assert!(tracker.is_err());
    assert_eq!(std::fs::read_to_string(path).unwrap(), "notes\n");
    assert!(matches!(pushed(&search, &nowhere())[..], [Ending::Pending { .. }]));
}
