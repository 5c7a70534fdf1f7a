//! Runs on a real MLflow server, read back by MLflow's own client. The tests install the server from PyPI, which takes a
//! minute, a network and Python: `.ci/run` runs them, `cargo test` leaves them out.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;

use brasa_tests::{Home, MlflowServer, Running, files_below, list, number, read_json, read_json_lines, text};
use serde_json::{Value, json};

/// Step and value of every point of a metric, in the order of their steps.
fn history(read: &Value, key: &str) -> Vec<(u64, f64)> {
    let points = read["metrics"].get(key).and_then(Value::as_array);
    let points = points.unwrap_or_else(|| panic!("no {key} in {}", read["metrics"]));
    let mut points: Vec<(u64, f64)> =
        points.iter().map(|point| (point[0].as_u64().unwrap(), point[1].as_f64().unwrap())).collect();
    points.sort_by_key(|(step, _)| *step);
    points
}

/// Every figure of every line of `metrics.jsonl`, to the last digit, and one loss for each step, whose mean is the epoch's.
fn assert_figures(read: &Value, run: &Path) {
    let epochs = read_json_lines(&run.join("metrics.jsonl"));
    assert!(!epochs.is_empty());
    let mut names = vec!["lr".to_string()];
    for split in ["train", "valid"] {
        names.extend(["loss", "accuracy", "f1_macro", "seconds"].map(|figure| format!("{split}/{figure}")));
    }
    for name in names {
        let pointer = if name.ends_with("seconds") { name.replace('/', "_") } else { name.clone() };
        let expected: Vec<_> = epochs
            .iter()
            .map(|epoch| (epoch["epoch"].as_u64().unwrap(), number(epoch, &format!("/{pointer}"))))
            .collect();
        assert_eq!(history(read, &name), expected, "{name}");
    }
    let batch = text(read, "/params/training.batch_size").parse::<usize>().unwrap();
    let rows = read_json(&run.join("data.json"));
    let rows: u64 = list(&rows, "/class_counts/train").iter().map(|count| count.as_u64().unwrap()).sum();
    let (rows, steps) = (rows as usize, (rows as usize).div_ceil(batch));
    let losses = history(read, "step/loss");
    let numbers: Vec<u64> = losses.iter().map(|(step, _)| *step).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "each step once");
    // An epoch that was not over has steps, too: all of them, where the stop was asked for after its last one.
    let of_epochs = epochs.len() * steps;
    assert!((of_epochs..=of_epochs + steps).contains(&numbers.len()), "{} for {of_epochs}", numbers.len());
    for (epoch, losses) in epochs.iter().zip(losses.chunks(steps)) {
        let of_step = |index: usize| batch.min(rows - index * batch) as f64;
        let sum: f64 = losses.iter().enumerate().map(|(index, (_, loss))| loss * of_step(index)).sum();
        let (mean, expected) = (sum / rows as f64, number(epoch, "/train/loss"));
        assert!((mean - expected).abs() < 1e-9, "{mean} {expected}");
    }
}

/// The parameters are the resolved recipe.
fn assert_params(read: &Value, run: &Path) {
    fn flatten(key: &str, value: &Value, into: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(table) => {
                for (name, value) in table {
                    flatten(format!("{key}.{name}").trim_start_matches('.'), value, into);
                }
            }
            Value::String(text) => drop(into.insert(key.into(), text.clone())),
            value => drop(into.insert(key.into(), value.to_string())),
        }
    }
    let recipe: Value = toml::from_str(&std::fs::read_to_string(run.join("recipe.toml")).unwrap()).unwrap();
    let mut expected = BTreeMap::new();
    flatten("", &recipe, &mut expected);
    assert_eq!(read["params"], json!(expected));
}

/// The artifacts are the run's files, byte for byte.
fn assert_artifacts(home: &Home, run: &Path) {
    let files = |folder: &Path| -> BTreeMap<String, Vec<u8>> {
        let name = |path: &Path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        files_below(folder).iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
    };
    let (sent, mut kept) = (files(&home.path("artifacts")), files(run));
    // What a run needs to go on stays where it is, and what a killed process left unfinished.
    let stays = |name: &str| {
        name.starts_with("checkpoints/")
            || name.starts_with("not-finite/")
            || [".reserve", "run.lock"].contains(&name)
            || [".part", ".tmp"].iter().any(|ending| name.ends_with(ending))
    };
    kept.retain(|name, _| !stays(name));
    assert_eq!(sent.keys().collect::<Vec<_>>(), kept.keys().collect::<Vec<_>>());
    for (name, bytes) in kept {
        assert!(sent[&name] == bytes, "{name}");
    }
}

/// All of a run that has come to its end, with its status.
fn assert_whole(home: &Home, server: &MlflowServer, run: &Path, status: &str) -> Value {
    let record = read_json(&run.join("run.json"));
    let read = server.read(home, &experiment(home), text(&record, "/id"));
    assert_eq!(text(&read, "/status"), status);
    assert!((number(&read, "/seconds") - number(&record, "/seconds")).abs() < 0.01, "{read}");
    assert_figures(&read, run);
    assert_params(&read, run);
    assert_artifacts(home, run);
    assert!(!run.join("mlflow-pending.jsonl").exists());
    read
}

fn mini_batch(home: &Home, server: &str, epochs: usize) -> brasa_tests::Invocation {
    let train = home.iris("train --json --recipe mini-batch --track").args([format!("mlflow={server}")]);
    train.set("training.epochs", epochs).env("MLFLOW_EXPERIMENT_NAME", experiment(home))
}

/// An experiment of its own for each test: runs that start in the same second have the same name.
fn experiment(home: &Home) -> String {
    home.path("").file_name().unwrap().to_string_lossy().into_owned()
}

/// A training that goes on until it is told to stop, once the server shows it.
fn shown_endless(home: &Home, server: &str) -> Running {
    let train = mini_batch(home, server, 1_000_000).set("model.hidden", "[300,300]");
    let mut training = train.start();
    training.wait_until("the server shows it", |training| training.stderr().contains("/#/experiments/"));
    let epochs = || files_below(&home.path("runs")).iter().any(|path| path.ends_with("weights.safetensors"));
    training.wait_until("an epoch has ended", |_| epochs());
    training
}

#[test]
#[ignore = "installs MLflow from PyPI: run by .ci/run"]
fn a_run_reads_back_as_its_folder_has_it() {
    let (home, server) = (Home::new(), MlflowServer::shared());
    let answer = mini_batch(&home, &server.url, 40).run().succeeds().json();
    let run = home.run_folder(&answer);
    let read = assert_whole(&home, server, &run, "FINISHED");
    assert_eq!(answer["tracked"], json!({ "status": "sent", "page": read["page"], "refused": null }));
    let environment = read_json(&run.join("environment.json"));
    for (tag, expected) in [
        ("mlflow.runName", &answer["id"]),
        ("mlflow.source.name", &json!("iris")),
        ("mlflow.source.type", &json!("LOCAL")),
        ("brasa.recipe", &json!("mini-batch")),
        ("brasa.device", &environment["device"]),
        ("brasa.version", &environment["brasa"]),
        ("burn.version", &environment["burn"]),
        ("brasa.stop", &json!("all epochs were run")),
        ("brasa.best_epoch", &json!(answer["best_epoch"].to_string())),
    ] {
        assert_eq!(&read["tags"][tag], expected, "{tag}");
    }
    assert!(text(&read, "/tags/mlflow.note.content").starts_with("The course's network in batches"));
    for (split, section) in [("train", "train_best"), ("valid", "valid_best"), ("test", "test")] {
        for figure in ["loss", "accuracy", "precision_macro", "recall_macro", "f1_macro", "f1_weighted"] {
            let score = answer[split][figure].as_f64().unwrap();
            assert_eq!(history(&read, &format!("{section}/{figure}")), [(0, score)]);
        }
    }
    let data = read_json(&run.join("data.json"));
    let digest = &text(&data, "/files/0/sha256")[..36];
    assert_eq!(read["datasets"], json!([[data["files"][0]["name"], digest]]));
}

#[test]
#[ignore = "installs MLflow from PyPI: run by .ci/run"]
fn what_a_server_that_was_away_has_missed_is_pushed() {
    let home = Home::new();
    let port = MlflowServer::free_port();
    let url = format!("http://127.0.0.1:{port}");
    let answer = mini_batch(&home, &url, 40).run().succeeds().json();
    let run = home.run_folder(&answer);
    assert_eq!(text(&answer, "/tracked/status"), "pending");
    assert!(run.join("report.html").is_file() && run.join("mlflow-pending.jsonl").is_file());
    home.iris("runs push").run().fails(1, &["1 of 1 runs", "is away"]);

    let server = MlflowServer::start_at(port);
    let pushed = home.iris("runs push --json").run().succeeds().json();
    let read = assert_whole(&home, &server, &run, "FINISHED");
    let expected = json!({ "run": answer["id"], "status": "sent", "page": read["page"], "refused": null });
    assert_eq!(pushed["pushed"], json!([expected]));
    let again = home.iris("runs push").run().succeeds();
    assert!(again.stdout.starts_with("nothing to send"), "{again}");
}

#[test]
#[ignore = "installs MLflow from PyPI: run by .ci/run"]
fn a_training_that_diverges_is_failed() {
    let (home, server) = (Home::new(), MlflowServer::shared());
    let finished =
        mini_batch(&home, &server.url, 40).set("optimizer.lr", "1e30").run().fails(1, &["not finite"]);
    let run = home.assert_failed_run("iris", "not finite");
    let read = server.read(&home, &experiment(&home), &run.file_name().unwrap().to_string_lossy());
    assert_eq!(text(&read, "/status"), "FAILED");
    assert!(text(&read, "/tags/brasa.error").contains("not finite"));
    assert!(finished.stderr.contains(text(&read, "/page")), "{finished}");
    assert_artifacts(&home, &run);
}

#[test]
#[ignore = "installs MLflow from PyPI: run by .ci/run"]
fn ctrl_c_leaves_a_killed_run_with_all_of_its_epochs() {
    let (home, server) = (Home::new(), MlflowServer::shared());
    let training = shown_endless(&home, &server.url);
    training.signal("INT");
    let answer = training.wait().succeeds().json();
    let read = assert_whole(&home, server, &home.run_folder(&answer), "KILLED");
    assert_eq!(text(&read, "/tags/brasa.stop"), "interrupted by the user");
}

#[test]
#[ignore = "installs MLflow from PyPI: run by .ci/run"]
fn a_process_that_was_killed_is_ended_by_a_push() {
    let (home, server) = (Home::new(), MlflowServer::shared());
    let training = shown_endless(&home, &server.url);
    training.signal("KILL");
    assert_eq!(training.wait().code, None);
    let run = home.only_run("iris");
    // As if it had been killed while it wrote these: whether it was is chance.
    for unfinished in ["model/.weights.safetensors.part", "model/.weights.safetensors.part.1-2.tmp"] {
        std::fs::write(run.join(unfinished), "half").unwrap();
    }
    let name = run.file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(text(&server.read(&home, &experiment(&home), &name), "/status"), "RUNNING");
    let _ = home.iris("runs push").run().succeeds();
    let read = server.read(&home, &experiment(&home), &name);
    assert_eq!(text(&read, "/status"), "KILLED");
    // What it wrote to its folder last it may not have written down for the server.
    let epochs = read_json_lines(&run.join("metrics.jsonl"));
    let losses = history(&read, "valid/loss");
    assert!(losses.len() + 1 >= epochs.len(), "{} of {}", losses.len(), epochs.len());
    for ((step, loss), epoch) in losses.iter().zip(&epochs) {
        assert_eq!((*step, *loss), (epoch["epoch"].as_u64().unwrap(), number(epoch, "/valid/loss")));
    }
    assert_artifacts(&home, &run);
}

#[test]
#[ignore = "installs MLflow from PyPI: run by .ci/run"]
fn the_trials_of_a_search_are_runs_below_it() {
    let (home, server) = (Home::new(), MlflowServer::shared());
    home.write("own.toml", "[data]\nscaling = \"standard\"\n[data.csv]\nfile = \"iris.csv\"\ntarget = \"species\"\n\
        [data.split]\ntest = 0.2\n[training]\nepochs = 4\n[optimizer]\nkind = \"adam\"\n[search]\ntrials = 3\n\
        metric = \"accuracy\"\nsampler = \"random\"\n[search.space]\n\"optimizer.lr\" = { loguniform = [1e-3, 1e-1] }\n");
    let tune = home.iris("tune --json --recipe own.toml --confirm 0 --track");
    let tune = tune.args([format!("mlflow={}", server.url)]).env("MLFLOW_EXPERIMENT_NAME", experiment(&home));
    let answer = tune.run().succeeds().json();
    let study = home.path(text(&answer, "/study"));
    let parent = server.read(&home, &experiment(&home), &study.file_name().unwrap().to_string_lossy());
    assert_eq!(text(&parent, "/status"), "FINISHED");
    assert_eq!(answer["tracked"]["page"], parent["page"]);
    assert!(home.path("artifacts/report.html").is_file() && home.path("artifacts/study.jsonl").is_file());
    for trial in list(&answer, "/trials") {
        let child = server.read(&home, &experiment(&home), &format!("trial {}", trial["number"]));
        assert!(text(&parent, "/page").contains(text(&child, "/tags/mlflow.parentRunId")));
        assert_eq!(text(&child, "/params/optimizer.lr"), trial["values"]["optimizer.lr"].to_string());
        assert_eq!(history(&child, "valid_best/accuracy"), [(0, number(trial, "/metric"))]);
        assert_eq!(history(&child, "valid/accuracy").len(), 4);
        assert_eq!(text(&child, "/status"), "FINISHED");
    }
    let best = server.read(
        &home,
        &experiment(&home),
        &home.run_folder(&answer).file_name().unwrap().to_string_lossy(),
    );
    assert!(text(&parent, "/page").contains(text(&best, "/tags/mlflow.parentRunId")));
    assert_eq!(history(&best, "test/accuracy"), [(0, number(&answer, "/scores/test/accuracy"))]);
}

#[test]
#[ignore = "installs MLflow from PyPI: run by .ci/run"]
fn a_run_that_goes_on_goes_on_in_the_same_run() {
    let (home, server) = (Home::new(), MlflowServer::shared());
    for signal in ["TERM", "KILL"] {
        let _ = std::fs::remove_dir_all(home.path("runs"));
        let mut training = mini_batch(&home, &server.url, 400).set("model.hidden", "[300,300]").start();
        training.wait_until("the server shows it", |training| training.stderr().contains("/#/experiments/"));
        training.signal(signal);
        let _ = training.wait();
        let run = home.only_run("iris");
        let name = run.file_name().unwrap().to_string_lossy().into_owned();
        let resume = format!("train --json --resume {name} --track mlflow={}", server.url);
        let answer =
            home.iris(&resume).env("MLFLOW_EXPERIMENT_NAME", experiment(&home)).run().succeeds().json();
        // The only run of that name, or it could not be read.
        let read = server.read(&home, &experiment(&home), &name);
        assert_eq!(text(&read, "/status"), "FINISHED", "{signal}");
        assert_eq!(text(&answer, "/tracked/page"), text(&read, "/page"));
        let epochs = read_json_lines(&run.join("metrics.jsonl"));
        let losses = history(&read, "valid/loss");
        for epoch in &epochs {
            let step = epoch["epoch"].as_u64().unwrap();
            let of_step: Vec<f64> =
                losses.iter().filter(|(own, _)| *own == step).map(|(_, loss)| *loss).collect();
            // An epoch that was done twice was told twice, with the same figures.
            assert!(!of_step.is_empty() || signal == "KILL", "{signal}: epoch {step}");
            assert!(
                of_step.iter().all(|loss| *loss == number(epoch, "/valid/loss")),
                "{signal}: epoch {step}"
            );
        }
    }
}
