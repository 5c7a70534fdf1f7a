//! `tune` and `study`: searches that repeat, go on after a kill, and say what is wrong.

use std::path::{Path, PathBuf};

use brasa_tests::{Home, files_below, list, number, python_with, text};
use serde_json::Value;

const RECIPE: &str = r#"
    [data]
    scaling = "standard"
    [data.csv]
    file = "iris.csv"
    target = "species"
    [data.split]
    test = 0.2
    [model]
    kind = "mlp"
    hidden = [4, 4]
    [training]
    epochs = 9
    batch_size = 16
    [optimizer]
    kind = "adam"
    [search]
    trials = 8
    metric = "accuracy"
    sampler = "SAMPLER"
    scheduler = { kind = "SCHEDULER" }
    [search.space]
    "optimizer.lr" = { loguniform = [1e-4, 1e-1] }
    "model.hidden[1]" = { randint = [2, 9] }
    "optimizer.kind" = { choice = ["adam", "sgd"] }
    "optimizer.momentum" = { uniform = [0, 0.9], when = { "optimizer.kind" = "sgd" } }
"#;

fn recipe(sampler: &str, scheduler: &str) -> String {
    RECIPE.replace("SAMPLER", sampler).replace("SCHEDULER", scheduler)
}

fn home(sampler: &str, scheduler: &str) -> Home {
    let home = Home::new();
    home.write("own.toml", recipe(sampler, scheduler));
    home
}

/// What a study came to, but for what time it took and where it stands.
fn outcome(answer: &Value) -> Value {
    serde_json::json!([answer["trials"], answer["best"], answer["rungs"], answer["scores"]])
}

fn weights(answer: &Value, home: &Home) -> Vec<u8> {
    std::fs::read(home.run_folder(answer).join("model/weights.safetensors")).unwrap()
}

#[test]
fn a_study_is_the_same_whatever_number_of_trials_runs_at_once() {
    for (sampler, scheduler) in [("random", "none"), ("sobol", "halving"), ("tpe", "hyperband")] {
        let run = |jobs: usize| {
            let home = home(sampler, scheduler);
            let answer =
                home.iris(&format!("tune --json --recipe own.toml --jobs {jobs}")).run().succeeds().json();
            assert_eq!(list(&answer, "/trials").len(), 8);
            (outcome(&answer), weights(&answer, &home))
        };
        assert!(run(1) == run(3), "{sampler} {scheduler}");
    }
}

#[test]
fn the_best_trial_is_a_run_with_its_weights_and_predicts() {
    let home = home("random", "asha");
    let answer = home.iris("tune --json --recipe own.toml --jobs 1").run().succeeds().json();
    let best =
        list(&answer, "/trials").iter().filter_map(|trial| trial["metric"].as_f64()).fold(0.0, f64::max);
    assert_eq!(number(&answer, "/best/metric"), best);
    assert!(number(&answer, "/scores/valid/accuracy") >= best, "a paused trial is trained to its end");
    assert!(Path::new(&home.path(text(&answer, "/report"))).is_file());
    let report = std::fs::read_to_string(home.path(text(&answer, "/report"))).unwrap();
    for part in [
        "What was tried",
        "Which keys mattered",
        "Learning curves",
        "Survivors",
        "too good",
        "from 3 other seeds",
        "<svg",
    ] {
        assert!(report.contains(part), "{part}");
    }
    assert_eq!((list(&answer, "/confirmed/valid").len(), list(&answer, "/confirmed/test").len()), (3, 3));
    let states: Vec<&str> = list(&answer, "/trials").iter().map(|trial| text(trial, "/state")).collect();
    assert!(states.contains(&"paused"), "{states:?}");
    home.iris("eval --split test").run().succeeds();
    let shown = home.iris("study show --json").run().succeeds().json();
    assert_eq!(shown["trials"], answer["trials"]);
    assert_eq!(list(&home.iris("study list --json").run().succeeds().json(), "/studies").len(), 1);
    let importance = home.iris("study importance --json").run().succeeds().json();
    let shares: f64 = list(&importance, "/importance").iter().map(|own| number(own, "/share")).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    let csv = home.iris("study export").run().succeeds();
    assert_eq!(csv.stdout.lines().count(), 9, "{csv}");
    assert!(home.iris("study best").run().succeeds().stdout.contains("--set 'optimizer.lr="));
}

#[test]
fn trials_can_be_judged_by_folds_which_leave_the_test_split_alone() {
    let run = |args: &str| {
        let home = home("random", "none");
        let args = format!("tune --json --recipe own.toml --trials 3 --objective cv=3 --confirm 1{args}");
        let answer = home.iris(&args).run().succeeds().json();
        (answer, home)
    };
    let (one, home) = run(" --jobs 1");
    let (two, _) = run(" --jobs 3");
    assert!(outcome(&one) == outcome(&two), "{one} for {two}");
    assert_eq!(text(&one, "/unit"), "fold");
    assert!(list(&one, "/trials").iter().all(|trial| number(trial, "/epochs") == 3.0));
    // The mean of the folds of the same values, cross-validated by themselves on all rows but the test split's.
    let report = std::fs::read_to_string(home.path(text(&one, "/report"))).unwrap();
    for part in ["mean of folds", "is the mean of 3 folds", "held-out rows of all folds"] {
        assert!(report.contains(part), "{part}");
    }
    // The confusion matrices count each row once: 150 flowers without the 30 of the test split.
    let study = study(&home).unwrap();
    let confusions = std::fs::read_to_string(study.with_file_name("confusion.jsonl")).unwrap();
    for line in confusions.lines() {
        let matrix: Value = serde_json::from_str(line).unwrap();
        let rows = list(&matrix, "/confusion").iter().flat_map(|row| row.as_array().unwrap());
        assert_eq!(rows.map(|count| count.as_u64().unwrap()).sum::<u64>(), 120);
    }
    let stopped = home.iris("tune --recipe own.toml --objective validation --resume").run();
    stopped.fails(2, &["another study"]);
    home.iris("tune --recipe own.toml --objective cv=1").run().fails(2, &["cv=K with K folds from 2"]);
    home.iris("tune --recipe own.toml --objective cv=200").run().fails(2, &["too few for 200 folds"]);
    let asha = recipe("random", "asha").replace("trials = 8", "trials = 3\nobjective = \"cv=3\"");
    home.write("asha.toml", asha.replace("\"asha\"", "\"asha\", grace_period = 9"));
    home.iris("tune --recipe asha.toml")
        .run()
        .fails(2, &["grace_period", "a number of folds from 1 to 3, got 9"]);
    home.write("asha.toml", asha);
    let answer = home.iris("tune --json --recipe asha.toml --jobs 1 --confirm 0").run().succeeds().json();
    assert!(list(&answer, "/trials").iter().any(|trial| number(trial, "/epochs") < 3.0), "{answer}");
}

#[test]
fn a_study_that_is_over_does_not_look_at_the_test_split_again() {
    let home = home("random", "none");
    let first = home.iris("tune --json --recipe own.toml --trials 3 --jobs 1").run().succeeds().json();
    let again = home.iris("tune --json --recipe own.toml --trials 3 --resume").run().succeeds();
    assert!(again.stderr.contains("already"), "{again}");
    assert_eq!(again.json(), first);
    let confirmed =
        home.iris("tune --json --recipe own.toml --trials 3 --resume --confirm 1").run().succeeds().json();
    assert_eq!(confirmed["run"], first["run"], "other seeds are trained, and not the best trial");
    assert_eq!(list(&confirmed, "/confirmed/seeds").len(), 1);
    let runs = files_below(&home.path("runs")).into_iter().filter(|path| path.ends_with("run.json")).count();
    assert_eq!(runs, 1, "the best trial is one run");
}

/// The file of the one study, where there is one.
fn study(home: &Home) -> Option<PathBuf> {
    files_below(&home.path("runs/iris")).into_iter().find(|path| path.ends_with("study.jsonl"))
}

#[test]
fn a_search_that_was_killed_goes_on_as_if_it_had_not_been() {
    for scheduler in ["halving", "asha"] {
        let whole = home("random", scheduler);
        let args = "tune --json --recipe own.toml --jobs 1";
        let whole_answer = whole.iris(args).run().succeeds().json();
        let lines = std::fs::read_to_string(study(&whole).unwrap()).unwrap().lines().count();
        let killed = home("random", scheduler);
        let mut resume = "";
        for part in 1..5 {
            let mut running = killed.iris(&format!("{args}{resume}")).start();
            running.wait_until("it has come so far", |_| {
                let text = study(&killed).and_then(|file| std::fs::read_to_string(file).ok());
                text.is_some_and(|text| text.lines().count() > lines * part / 6)
            });
            running.signal("KILL");
            let _ = running.wait();
            resume = " --resume";
        }
        let answer = killed.iris(&format!("{args} --resume")).run().succeeds().json();
        assert!(outcome(&answer) == outcome(&whole_answer), "{scheduler}: {answer} for {whole_answer}");
        assert!(weights(&answer, &killed) == weights(&whole_answer, &whole), "{scheduler}");
    }
}

#[test]
fn trials_can_be_added_and_a_damaged_end_is_cut_off() {
    let home = home("random", "none");
    home.iris("tune --recipe own.toml --trials 2").run().succeeds();
    let file = study(&home).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(b"{\"half");
    std::fs::write(&file, &bytes).unwrap();
    let more = home.iris("tune --json --recipe own.toml --trials 4 --resume latest").run().succeeds();
    assert!(more.stderr.contains("damaged") && more.stderr.contains("cut off"), "{more}");
    assert_eq!(list(&more.json(), "/trials").len(), 4);
    let text = String::from_utf8(std::fs::read(&file).unwrap()).unwrap();
    std::fs::write(&file, text.replacen("\"trial\":1", "\"trial\":7", 1)).unwrap();
    home.iris("tune --recipe own.toml --resume").run().fails(2, &["study.jsonl, line"]);
}

#[test]
fn what_cannot_be_searched_is_refused_with_its_key() {
    let home = home("random", "none");
    let with = |line: &str, other: &str| {
        let recipe = recipe("random", "none").replace(line, other);
        assert!(recipe.contains(other));
        home.write("own.toml", recipe);
        home.iris("tune --recipe own.toml")
    };
    let lr = "\"optimizer.lr\" = { loguniform = [1e-4, 1e-1] }";
    for (line, other, words) in [
        (lr, "\"optimizer.lr\" = { loguniform = [5e-3, 5e-5] }", &["own.toml, line", "reversed", "swap"][..]),
        (lr, "\"optimizer.lr\" = { uniform = [-1, 1] }", &["search.space.optimizer.lr", "a number above 0"]),
        (
            lr,
            "\"optimizer.rate\" = { uniform = [0, 1] }",
            &["search.space.optimizer.rate", "not a key of `adam`"],
        ),
        (lr, "\"optimizer.lr\" = { unifrom = [0, 1] }", &["did you mean `uniform`"]),
        ("metric = \"accuracy\"", "metric = \"acuracy\"", &["search.metric", "did you mean `accuracy`"]),
        ("metric = \"accuracy\"", "metric = \"rmse\"", &["search.metric", "found `rmse`"]),
        ("sampler = \"random\"", "sampler = \"grid\"", &["optimizer.lr", "grid"]),
        ("trials = 8", "trails = 8", &["search.trails", "did you mean `trials`"]),
        ("trials = 8", "trials = 0", &["trials", "at least 1"]),
    ] {
        home.refuses(with(line, other), words);
    }
    home.iris("tune").run().fails(2, &["has no table [search]"]);
    home.iris("tune --resume").run().fails(2, &["has no table [search]"]);
    home.iris("study show").run().fails(2, &["there is no study"]);
    home.write("own.toml", recipe("random", "none").split("[search.space]").next().unwrap());
    home.iris("tune --recipe own.toml").run().fails(2, &["search.space", "empty"]);
}

#[test]
fn a_study_of_another_recipe_and_trials_that_fail_are_told() {
    let home = home("random", "none");
    home.iris("tune --recipe own.toml --trials 2").run().succeeds();
    let other = home.iris("tune --recipe own.toml --set training.epochs=8 --resume").run();
    other.fails(2, &["another study", "recipe"]);
    // Every trial takes more memory than this.
    let all = home.iris("tune --recipe own.toml --trials 2 --memory 1 --set training.epochs=100000").run();
    all.fails(1, &["no trial of 2 came to a result", "more than 1 MiB of memory"]);
}

/// The version of Ray that is installed.
const RAY: &str = "2.60.0";

#[test]
#[ignore = "installs Ray"]
fn ray_runs_the_same_study() {
    let python = python_with("ray", RAY);
    let package = concat!(env!("CARGO_MANIFEST_DIR"), "/../integrations/ray");
    let home = home("random", "halving");
    let here = home.iris("tune --json --recipe own.toml --jobs 1").run().succeeds().json();
    let on_ray = home.iris("tune --json --recipe own.toml --jobs 2 --executor ray=local");
    let on_ray = on_ray.env("BRASA_PYTHON", &python).env("PYTHONPATH", package).run().succeeds().json();
    assert!(outcome(&on_ray) == outcome(&here), "{on_ray} for {here}");
    assert!(weights(&on_ray, &home) == weights(&here, &home));
    let cv = |executor: &str| {
        let cv = home.iris(&format!("cv --json --folds 3 --jobs 2 --executor {executor}"));
        let answer = cv.env("BRASA_PYTHON", &python).env("PYTHONPATH", package).run().succeeds().json();
        serde_json::json!([answer["metrics"], answer["out_of_fold"]])
    };
    assert_eq!(cv("ray=local"), cv("local"));
    // Two worker processes that are killed in the middle are lost trials, which go on elsewhere.
    let mut running = home
        .iris("tune --json --recipe own.toml --jobs 2 --executor ray=local --set training.epochs=300")
        .env("BRASA_PYTHON", &python)
        .env("PYTHONPATH", package)
        .start();
    running.wait_until("trials run", |_| kill_trials() > 0);
    let finished = running.wait().succeeds();
    assert!(
        finished.stderr.contains("was lost") && finished.stderr.contains("goes on elsewhere"),
        "{finished}"
    );
    let whole =
        home.iris("tune --json --recipe own.toml --jobs 1 --set training.epochs=300").run().succeeds().json();
    assert!(outcome(&finished.json()) == outcome(&whole));
}

/// Kills the trials that run, by the words that they were started with; how many there were.
fn kill_trials() -> usize {
    // Of this checkout's own binary: others may be at work on the machine.
    let binary = Home::binary("iris").display().to_string();
    let is_trial = |words: &str| words.contains("--json\0trial\0") && words.contains(&binary);
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let trials = processes.filter(|entry| {
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        is_trial(&String::from_utf8_lossy(&words))
    });
    trials
        .filter(|entry| {
            let id = entry.file_name().to_string_lossy().into_owned();
            std::process::Command::new("kill")
                .args(["-KILL", &id])
                .status()
                .is_ok_and(|status| status.success())
        })
        .count()
}

#[test]
fn ray_that_is_not_there_is_told() {
    let home = home("random", "none");
    let at = |executor: &str| home.iris(&format!("tune --recipe own.toml --executor {executor}"));
    at("ray").env("BRASA_PYTHON", "no-such-python").run().fails(2, &["--executor ray", "no-such-python"]);
    at("cluster").run().fails(2, &["local, ray, or ray=ADDRESS"]);
    let without = at("ray").env("PYTHONPATH", "nowhere").run();
    without.fails(1, &["Ray's driver ended", "pip install ./integrations/ray"]);
}
