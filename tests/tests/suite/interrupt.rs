//! Ctrl-C and kill in the middle of a training.
#![cfg(unix)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use brasa_tests::{
    Finished, Home, Invocation, Running, list, number, read_json, read_json_lines, text, write_fashion,
};

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

/// Sends a signal and waits for the end, which must come soon: within a second, and what a busy machine adds.
fn ends_soon(running: Running, signal: &str) -> Finished {
    running.signal(signal);
    let started = Instant::now();
    let finished = running.wait();
    assert!(started.elapsed() < Duration::from_secs(3), "{signal}: took {:?}\n{finished}", started.elapsed());
    finished
}

#[test]
fn sigterm_and_sighup_end_a_training_at_once_and_keep_its_best_weights() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let home = Home::new();
        let mut training = endless(&home).start();
        let run = wait_for_epochs(&home, &mut training);
        let words = format!("stopped by SIG{signal}");
        let finished =
            ends_soon(training, signal).fails(code, &[&words, "keeps the weights of epoch", "iris"]);
        assert!(text(&finished.json(), "/error").contains(&words), "{finished}");
        let record = read_json(&run.join("run.json"));
        assert_eq!(text(&record, "/status"), "interrupted");
        assert!(text(&record, "/error").contains(&words), "{record}");
        let epochs = read_json_lines(&run.join("metrics.jsonl"));
        assert_eq!(number(&record, "/epochs"), epochs.len() as f64);
        let best = &epochs[number(&record, "/best_epoch") as usize - 1];
        assert_eq!(best["improved"], true);
        let _ = home.iris("predict --json -").stdin(ROW).run().succeeds();
        assert!(!run.join("report.html").exists());
        home.assert_nothing_unfinished();
    }
}

#[test]
fn a_signal_ends_the_judging_too() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let home = Home::new();
        write_fashion(&home.path("pictures"), 2_000, 40_000);
        // One epoch of a second, and judging that takes several.
        let args = "train --json --data pictures --recipe proper-split --set training.epochs=1 \
             --set training.batch_size=1000 --set model.hidden=[2000,1500,100]";
        let mut training = home.fashion(args).start();
        let is_over =
            || brasa_tests::files_below(&home.path("runs")).iter().any(|path| path.ends_with("epoch-1.ckpt"));
        training.wait_until("the training is over", |_| is_over());
        let finished = ends_soon(training, signal).fails(code, &["stopped by", "weights of epoch 1"]);
        let run = home.only_run("fashion-mnist");
        assert_eq!(text(&read_json(&run.join("run.json")), "/status"), "interrupted", "{finished}");
        assert!(!run.join("report.html").exists());
        assert!(run.join("model/model.json").is_file() && run.join("model/weights.safetensors").is_file());
        home.assert_nothing_unfinished();
    }
}

#[test]
fn a_signal_ends_the_reading_and_every_other_verb() {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let home = Home::new();
        // So many rows that reading them takes seconds.
        let rows = "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,versicolor\n".repeat(1_000_000);
        home.write(
            "own/iris.csv",
            format!("sepal_length,sepal_width,petal_length,petal_width,species\n{rows}"),
        );
        let waits = ["train --json --data own", "cv --json --data own", "inspect --json --data own"];
        for args in waits.into_iter().chain(["bench --json --steps 1000000"]) {
            let mut running = home.iris(args).start();
            running.wait_until("it listens", |running| running.listens());
            let finished = ends_soon(running, signal).fails(code, &["stopped by"]);
            assert!(text(&finished.json(), "/error").starts_with("stopped by"), "{args}\n{finished}");
        }
        assert!(!home.path("runs").exists(), "nothing was begun");
    }
}

#[test]
fn nohup_lets_a_training_go_on_when_its_terminal_is_gone() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let home = Home::new();
    let mut training = endless(&home).after("trap '' HUP").start();
    wait_for_epochs(&home, &mut training);
    training.signal("HUP");
    let epochs =
        || std::fs::read_to_string(home.only_run("iris").join("metrics.jsonl")).unwrap().lines().count();
    let before = epochs();
    training.wait_until("it goes on", |_| epochs() > before + 3);
    ends_soon(training, "TERM").fails(143, &["stopped by SIGTERM"]);
}

#[test]
fn ctrl_c_ends_the_training_and_leaves_a_whole_run() {
    let home = Home::new();
    let mut training = endless(&home).start();
    let run = wait_for_epochs(&home, &mut training);
    training.signal("INT");
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

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 3000, 100);
    // A step that takes minutes.
    let args = "train --data pictures --recipe proper-split --set model.hidden=[4000,4000,4000] --set training.kernels=reference --set training.batch_size=0";
    let mut training = home.fashion(args).start();
    let begun =
        || brasa_tests::files_below(&home.path("runs")).iter().any(|path| path.ends_with("metrics.jsonl"));
    training.wait_until("the first epoch has begun", |_| begun());
    training.signal("INT");
    training.wait_until("the first Ctrl-C was heard", |training| {
        training.stderr().contains("stopping after this step")
    });
    ends_soon(training, "INT").fails(130, &["stopped by Ctrl-C", "no epoch had ended"]);
    let record = read_json(&home.only_run("fashion-mnist").join("run.json"));
    assert_eq!(text(&record, "/status"), "interrupted");
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
    assert_eq!(text(&listed, "/runs/0/status"), "killed");
    assert!(home.iris("runs list").run().succeeds().stdout.contains("killed"));
    let shown = home.iris("runs show --json").run().succeeds().json();
    assert!(list(&shown, "/history").len() > 2);
    let predicted = home.iris("predict --json -").stdin(ROW).run().succeeds().json();
    assert_eq!(list(&predicted, "/predictions").len(), 1);
    let _ = home.iris("eval --json").run().succeeds().json();
    assert!(!run.join("report.html").exists());
}
