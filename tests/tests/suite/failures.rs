//! What goes wrong on the way: exit code 1, and nothing half-written under a final name.
#![cfg(unix)]

use brasa_tests::{Home, read_json_lines};

#[test]
fn a_diverging_training_says_where_and_leaves_a_failed_run() {
    let home = Home::new();
    home.iris("train --set optimizer.lr=1e30")
        .run()
        .fails(1, &["not finite", "epoch ", "step ", "optimizer.lr"]);
    home.assert_failed_run("iris", "not finite at epoch");
    let listed = home.iris("runs list").run().succeeds();
    assert!(listed.stdout.contains("failed"), "{listed}");
    let shown = home.iris("runs show").run().succeeds();
    assert!(shown.stdout.contains("not finite"), "{shown}");
}

#[test]
fn a_folder_of_runs_that_cannot_be_made() {
    let home = Home::new();
    home.write("taken", "a file");
    for runs in ["taken", "taken/below"] {
        home.iris("train --runs").args([runs]).run().fails(1, &["cannot write", "taken"]);
    }
    assert_eq!(std::fs::read_to_string(home.path("taken")).unwrap(), "a file");
    home.iris("runs list --runs taken").run().fails(2, &["taken"]);
    home.iris("inspect --out taken/below").run().fails(1, &["cannot write", "taken"]);
}

/// A folder that nobody can write to, root included.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_of_runs_that_is_read_only() {
    let home = Home::new();
    home.iris("train --runs /sys/kernel").run().fails(1, &["cannot write", "/sys/kernel/iris"]);
    let _ = home.iris("runs list --runs /sys/kernel --json").run().succeeds();
}

#[test]
fn a_disk_that_is_full_at_the_weights() {
    let home = Home::new();
    let training = home.iris("train --recipe course").with_file_size_limit(8 << 10);
    training.run().fails(1, &["cannot write", "weights", "model"]);
    let run = home.assert_failed_run("iris", "cannot write weights");
    assert!(!run.join("model/model.json").exists() && !run.join("model/weights.safetensors").exists());
    home.iris("predict -").stdin("1,2,3,4\n").run().fails(2, &["no model"]);
}

#[test]
fn a_disk_that_is_full_at_the_metrics() {
    let home = Home::new();
    let training =
        home.iris("train --recipe course --set training.epochs=300").with_file_size_limit(32 << 10);
    training.run().fails(1, &["cannot write", "metrics.jsonl"]);
    let run = home.assert_failed_run("iris", "metrics.jsonl");
    assert!(read_json_lines(&run.join("metrics.jsonl")).len() > 50);
    let _ = home.iris("predict -").stdin("5.1,3.5,1.4,0.2\n").run().succeeds();
}

#[test]
fn a_disk_that_is_full_at_the_report() {
    let home = Home::new();
    let training = home.iris("train --recipe course --set training.epochs=20").with_file_size_limit(40 << 10);
    let finished = training.run().succeeds();
    assert!(
        finished.stderr.contains("warning: cannot write") && finished.stderr.contains("report.html"),
        "{finished}"
    );
    assert!(finished.stdout.contains("accuracy"), "{finished}");
    let record = brasa_tests::read_json(&home.only_run("iris").join("run.json"));
    assert_eq!(brasa_tests::text(&record, "/status"), "finished");
    assert!((0.0..=1.0).contains(&brasa_tests::number(&record, "/scores/test/accuracy")));
    let _ = home.iris("predict -").stdin("5.1,3.5,1.4,0.2\n").run().succeeds();
}

#[test]
fn a_disk_that_is_full_at_a_picture_of_inspect() {
    let home = Home::new();
    home.iris("inspect --out seen").with_file_size_limit(2 << 10).run().fails(1, &["cannot write", "seen"]);
    home.assert_nothing_unfinished();
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_cannot_be_written_is_a_failure_with_a_message() {
    let home = Home::new();
    for args in ["recipes", "recipes --json", "completions bash"] {
        // The device on which every write says that the disk is full.
        home.iris(args).after("exec >/dev/full").run().fails(1, &["stdout"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    let _ = home.trained_iris();
    home.write("new.csv", "5.1,3.5,1.4,0.2\n".repeat(1000));
    for args in [
        "recipes course",
        "summary",
        "runs show",
        "--help",
        "completions bash",
        "train --set training.epochs=1",
        "train --json --set training.epochs=1",
        "cv --folds 2 --set training.epochs=1",
        "eval",
        "inspect",
        "runs list --json",
        "predict new.csv",
    ] {
        // The reader has gone before the first write.
        let finished = home.iris(args).after("mkfifo gone; (: <gone) & exec >gone; rm gone; wait").run();
        finished.assert_no_panic();
        assert_eq!(finished.code, Some(0), "{finished}");
        assert!(!finished.stderr.contains("error"), "{finished}");
    }
}

#[test]
fn the_dashboard_asks_for_a_terminal() {
    let home = Home::new();
    home.refuses(home.iris("train --tui"), &["--tui", "terminal"]);
}

#[test]
fn a_reader_of_stderr_that_goes_away_does_not_end_a_training() {
    let home = Home::new();
    let train = home.iris("train --json --set training.epochs=3");
    let finished = train.after("mkfifo gone; (: <gone) & exec 2>gone; rm gone; wait").run();
    assert_eq!(finished.code, Some(0), "{finished}");
    let _ = finished.json();
    let record = brasa_tests::read_json(&home.only_run("iris").join("run.json"));
    assert_eq!(brasa_tests::text(&record, "/status"), "finished");
}
