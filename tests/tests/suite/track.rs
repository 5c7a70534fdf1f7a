//! `--track` without a server: what is refused, and what is kept for later.

use brasa_tests::{Home, read_json, text};

/// Nobody listens there.
const NOWHERE: &str = "mlflow=http://127.0.0.1:1";

#[test]
fn what_names_no_server_is_refused_before_a_run_begins() {
    for flag in ["nonsense", "mlflow=here:5000", "mlflow=", "wandb=http://here", "mlflow=ftp://here"] {
        let home = Home::new();
        home.refuses(home.iris("train --track").args([flag]), &["--track", flag, "http://127.0.0.1:5000"]);
    }
    let home = Home::new();
    let secret =
        home.refuses(home.iris("train --track mlflow=http://me:secret@here"), &["MLFLOW_TRACKING_PASSWORD"]);
    assert!(!secret.stderr.contains("secret"), "{secret}");
    let variable = home.iris("train").env("MLFLOW_TRACKING_URI", "http://a b");
    home.refuses(variable, &["MLFLOW_TRACKING_URI", "http://a b"]);
    home.refuses(home.command("mnist", "lesson overfitting --track nonsense"), &["--track nonsense"]);
    home.refuses(home.fashion("compare --track nonsense"), &["--track nonsense"]);
    home.refuses(home.iris("runs push --track nonsense"), &["--track nonsense"]);
    home.refuses(home.iris("runs push --track none"), &["--track none"]);
}

#[test]
fn nothing_is_tracked_unless_asked_for() {
    for (args, uri) in [("", ""), ("", "sqlite:///mlflow.db"), ("--track none", "http://127.0.0.1:1")] {
        let home = Home::new();
        let train = home.iris("train --json --set training.epochs=2").args(args.split_whitespace());
        let finished = train.env("MLFLOW_TRACKING_URI", uri).run().succeeds();
        assert!(finished.json()["tracked"].is_null(), "{finished}");
        assert!(!finished.stderr.contains("MLflow"), "{finished}");
        assert!(!home.only_run("iris").join("mlflow-pending.jsonl").exists());
    }
}

#[test]
fn a_server_that_is_away_costs_the_run_nothing() {
    let home = Home::new();
    let train = "train --json --set training.epochs=2";
    let finished = home.iris(train).args(["--track", NOWHERE]).run().succeeds();
    let answer = finished.json();
    let run = home.run_folder(&answer);
    let kept = run.join("mlflow-pending.jsonl");
    assert_eq!(text(&answer, "/tracked/status"), "pending");
    assert_eq!(home.path(text(&answer, "/tracked/path")), kept);
    assert!(kept.is_file() && run.join("report.html").is_file());
    assert_eq!(text(&read_json(&run.join("run.json")), "/status"), "finished");
    assert!(finished.stderr.contains("iris runs push"), "{finished}");
    let by_variable = home.iris(train).env("MLFLOW_TRACKING_URI", "http://127.0.0.1:1").run().succeeds();
    assert_eq!(text(&by_variable.json(), "/tracked/status"), "pending");
    home.iris("runs push").run().fails(1, &["2 of 2 runs", "127.0.0.1:1", "is away"]);
    home.iris("runs push --json --track mlflow=http://127.0.0.1:2").run().fails(1, &["127.0.0.1:2"]);
    assert!(kept.is_file());
}

#[test]
fn a_failed_training_keeps_its_own_message_and_what_is_left_to_send() {
    let home = Home::new();
    let train = home.iris("train --set optimizer.lr=1e30 --track").args([NOWHERE]);
    let finished = train.run().fails(1, &["not finite"]);
    assert!(finished.stderr.contains("iris runs push"), "{finished}");
    let run = home.assert_failed_run("iris", "not finite");
    assert!(run.join("mlflow-pending.jsonl").is_file());
}

#[test]
fn a_lesson_tells_of_each_of_its_trainings() {
    let home = Home::new();
    let lesson = home.iris("lesson batch-size --json --set training.epochs=2 --track").args([NOWHERE]);
    let answer = lesson.run().succeeds().json();
    let tracked = brasa_tests::list(&answer, "/tracked");
    assert_eq!(tracked.len(), brasa_tests::list(&answer, "/runs").len());
    assert!(tracked.iter().all(|ending| text(ending, "/status") == "pending"), "{answer}");
}

#[test]
fn there_is_nothing_to_push_without_tracked_runs() {
    let home = Home::new();
    let _ = home.trained_iris();
    let pushed = home.iris("runs push --json").run().succeeds().json();
    assert_eq!(brasa_tests::list(&pushed, "/pushed").len(), 0);
    let told = home.iris("runs push").run().succeeds();
    assert!(told.stdout.starts_with("nothing to send in "), "{told}");
}
