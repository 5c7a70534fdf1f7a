//! Ctrl-C and kill in the middle of a training.
#![cfg(unix)]

use std::path::PathBuf;

use brasa_tests::{Home, Invocation, Running, list, number, read_json, read_json_lines, text, write_fashion};

const ROW: &str = "5.1,3.5,1.4,0.2\n";

fn endless(home: &Home) -> Invocation {
    home.iris("train --json --set training.epochs=1000000")
}

/// Waits until some epochs are on disk; the folder of the run.
fn wait_for_epochs(home: &Home, training: &mut Running) -> PathBuf {
    let metrics = || {
        let runs = brasa_tests::files_below(&home.path("runs"));
        runs.into_iter().find(|path| path.ends_with("metrics.jsonl"))
    };
    let lines = || metrics().map_or(0, |path| std::fs::read_to_string(path).unwrap().lines().count());
    training.wait_until("the third epoch", |_| lines() > 2);
    metrics().unwrap().parent().unwrap().into()
}

#[test]
fn ctrl_c_ends_the_epoch_and_leaves_a_whole_run() {
    for signal in ["INT", "TERM"] {
        let home = Home::new();
        let mut training = endless(&home).start();
        let run = wait_for_epochs(&home, &mut training);
        training.signal(signal);
        let finished = training.wait().succeeds();
        let answer = finished.json();
        assert_eq!(text(&answer, "/status"), "interrupted");
        assert_eq!(text(&answer, "/stop/reason"), "interrupted");
        assert!((0.0..=1.0).contains(&number(&answer, "/test/accuracy")));
        assert_eq!(text(&read_json(&run.join("run.json")), "/status"), "interrupted");
        assert_eq!(read_json_lines(&run.join("metrics.jsonl")).len() as f64, number(&answer, "/epochs"));
        assert!(run.join("report.html").is_file());
        home.assert_nothing_unfinished();
        let predicted = home.iris("predict --json -").stdin(ROW).run().succeeds().json();
        assert_eq!(list(&predicted, "/predictions").len(), 1);
        let listed = home.iris("runs list").run().succeeds();
        assert!(listed.stdout.contains("interrupted"), "{listed}");
    }
}

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 3000, 100);
    // An epoch that takes minutes.
    let args = "train --data pictures --recipe proper-split --set model.hidden=[1500,1500,1500] --set training.batch_size=1";
    let mut training = home.fashion(args).start();
    let begun =
        || brasa_tests::files_below(&home.path("runs")).iter().any(|path| path.ends_with("metrics.jsonl"));
    training.wait_until("the first epoch has begun", |_| begun());
    training.signal("INT");
    training.wait_until("the first Ctrl-C was heard", |training| {
        training.stderr().contains("stopping after this epoch")
    });
    training.signal("INT");
    let finished = training.wait();
    finished.assert_no_panic();
    assert_eq!(finished.code, Some(130), "{finished}");
    // Killed before the first epoch has ended: there is nothing to predict with.
    home.fashion("predict -").run().fails(2, &["no model", "first epoch"]);
    home.assert_nothing_unfinished();
}

#[test]
fn a_killed_training_leaves_its_best_weights() {
    let home = Home::new();
    let mut training = endless(&home).start();
    let run = wait_for_epochs(&home, &mut training);
    training.signal("KILL");
    let finished = training.wait();
    assert_eq!(finished.code, None, "{finished}");
    let listed = home.iris("runs list --json").run().succeeds().json();
    assert_eq!(text(&listed, "/runs/0/status"), "running");
    assert!(home.iris("runs list").run().succeeds().stdout.contains("running"));
    let shown = home.iris("runs show --json").run().succeeds().json();
    assert!(list(&shown, "/history").len() > 2);
    let predicted = home.iris("predict --json -").stdin(ROW).run().succeeds().json();
    assert_eq!(list(&predicted, "/predictions").len(), 1);
    let _ = home.iris("eval --json").run().succeeds().json();
    assert!(!run.join("report.html").exists());
}
