//! A training that was ended, by whatever means, and went on, is the one that was not.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use brasa_tests::{
    Home, Invocation, Running, files_below, read_json, read_json_lines, text, weights, write_fashion,
};
use serde_json::Value;

/// What a run comes to: its weights, its figures, its scores and its answers; no times.
#[derive(Debug, PartialEq)]
struct Result {
    weights: (Value, Vec<u8>),
    epochs: Vec<Value>,
    scores: Value,
    best_epoch: Value,
    stop: Value,
    answers: String,
}

fn result(run: &Path) -> Result {
    let timeless = |mut epoch: Value| {
        let object = epoch.as_object_mut().unwrap();
        assert!(object.remove("train_seconds").is_some() && object.remove("valid_seconds").is_some());
        epoch
    };
    let record = read_json(&run.join("run.json"));
    assert_eq!(text(&record, "/status"), "finished", "{record}");
    Result {
        weights: weights(run),
        epochs: read_json_lines(&run.join("metrics.jsonl")).into_iter().map(timeless).collect(),
        scores: record["scores"].clone(),
        best_epoch: record["best_epoch"].clone(),
        stop: record["stop"].clone(),
        answers: std::fs::read_to_string(run.join("predictions.csv")).unwrap(),
    }
}

/// Every checkpoint of a run ends with the checksum of what stands before.
fn assert_checkpoints_are_whole(run: &Path) {
    for path in files_below(&run.join("checkpoints")) {
        if path.extension().is_some_and(|ending| ending == "ckpt") {
            let bytes = std::fs::read(&path).unwrap();
            let (content, checksum) = bytes.split_last_chunk::<32>().unwrap();
            let found: String = checksum.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, brasa_data::SourceFile::of("", content).sha256, "{}", path.display());
        }
    }
}

fn assert_same(own: &Result, twin: &Result, what: &str) {
    let differs = own.epochs.iter().zip(&twin.epochs).find(|(own, twin)| own != twin);
    assert!(differs.is_none() && own.epochs.len() == twin.epochs.len(), "{what}: {differs:?}");
    assert!(own.weights == twin.weights, "{what}: other weights");
    assert!(own == twin, "{what}: other scores or answers");
}

/// The newest run of `app`, as soon as it is there.
fn wait_for_run(home: &Home, app: &str, training: &mut Running) -> PathBuf {
    let found = || {
        let files = files_below(&home.path("runs").join(app));
        files.into_iter().rev().find(|path| path.ends_with("metrics.jsonl"))
    };
    training.wait_until("the training has begun", |_| found().is_some());
    found().unwrap().parent().unwrap().into()
}

fn id(run: &Path) -> String {
    run.file_name().unwrap().to_string_lossy().into_owned()
}

/// Kills a training again and again, goes on with it with another number of loader threads each time, and compares it with
/// its twin. The moments are those of the machine: every one is to do.
fn survives_kills(home: &Home, app: &str, train: impl Fn() -> Invocation, kills: usize) {
    let twin = home.run_folder(&train().run().succeeds().json());
    let twin = result(&twin);
    std::fs::remove_dir_all(home.path("runs")).unwrap();
    let mut training = train().start();
    let run = wait_for_run(home, app, &mut training);
    let mut killed = 0;
    for life in 0..kills {
        std::thread::sleep(Duration::from_millis(20 + (life as u64 * 67) % 150));
        let ended = training.kill();
        match ended.code {
            None => killed += 1,
            // It was over before, or the life before was killed when all was written.
            code => assert!(code == Some(0) || ended.stderr.contains("is over after"), "{ended}"),
        }
        assert_checkpoints_are_whole(&run);
        training = home
            .command(app, &format!("train --json --resume {} --set training.workers={}", id(&run), life % 3))
            .start();
    }
    let ended = training.wait();
    assert!(ended.code == Some(0) || ended.stderr.contains("is over after"), "{ended}");
    assert!(killed > 2, "it was killed {killed} times");
    assert_same(&result(&run), &twin, app);
    home.assert_nothing_unfinished();
}

#[test]
fn a_perceptron_that_is_killed_again_and_again() {
    let home = Home::new();
    survives_kills(
        &home,
        "iris",
        || {
            home.iris("train --json --set training.epochs=400 --set training.batch_size=4")
                .set("training.checkpoint", "7 steps")
        },
        8,
    );
}

#[test]
fn a_convolutional_network_that_is_killed_again_and_again() {
    let home = Home::new();
    brasa_tests::write_digits(&home.path("digits"), &[("train", 40), ("valid", 5), ("test", 5)]);
    let args = "train --json --data digits --recipe cnn --set training.epochs=3 --set training.batch_size=10";
    survives_kills(
        &home,
        "mnist",
        || {
            home.command("mnist", args)
                .set("training.checkpoint", "3 steps")
                .set("augment.steps", "[{kind=\"mixup\", alpha=0.4}, {kind=\"crop\", padding=2}]")
        },
        8,
    );
}

#[test]
fn a_signal_leaves_a_checkpoint_in_the_middle_of_an_epoch() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 2000, 60);
    let train = || {
        home.fashion("train --json --data pictures --recipe proper-split --set training.epochs=2")
            .set("training.batch_size", 2)
            .set("training.checkpoint", "never")
    };
    let twin = result(&home.run_folder(&train().run().succeeds().json()));
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        std::fs::remove_dir_all(home.path("runs")).unwrap();
        let mut training = train().start();
        let run = wait_for_run(&home, "fashion-mnist", &mut training);
        training.signal(signal);
        let words = [&format!("--resume {}", id(&run)), "no epoch had ended", "stopped by"];
        let _ = training.wait().fails(code, &words.map(|words| words as &str));
        let record = read_json(&run.join("run.json"));
        assert_eq!(text(&record, "/status"), "interrupted");
        let checkpoints = files_below(&run.join("checkpoints"));
        assert!(
            matches!(checkpoints.as_slice(), [one] if one.to_str().unwrap().contains("epoch-0+")),
            "{checkpoints:?}"
        );
        // The newest one that is not finished needs no name.
        let finished = home.fashion("train --json --resume").run().succeeds();
        assert!(finished.stderr.contains("going on after epoch 1, step"), "{finished}");
        assert_same(&result(&run), &twin, signal);
        let resumed = &read_json(&run.join("run.json"))["resumed"];
        assert!(text(resumed, "/0/from").starts_with("epoch 1, step"), "{resumed}");
        let report = std::fs::read_to_string(run.join("report.html")).unwrap();
        assert!(report.contains("as if it had not been"));
    }
}

#[test]
fn a_bag_and_its_trees_go_on() {
    let home = Home::new();
    let table: String =
        (0..300).map(|i| format!("{},{},{}\n", i % 17, (i * 7) % 23, (i % 17) * 3 + i % 5)).collect();
    home.write("own.csv", format!("a,b,price\n{table}"));
    let args = "train --json own.csv --target price --set training.epochs=60";
    let train = || home.command("brasa", args).set("training.checkpoint", "5 steps");
    let twin = result(&home.run_folder(&train().run().succeeds().json()));
    std::fs::remove_dir_all(home.path("runs")).unwrap();
    let mut training = train().start();
    let run = wait_for_run(&home, "brasa", &mut training);
    training.wait_until("it has checkpoints", |_| !files_below(&run.join("checkpoints")).is_empty());
    training.signal("KILL");
    assert_eq!(training.wait().code, None);
    let mut training = home.command("brasa", "train --resume").start();
    training.wait_until("it goes on", |training| training.stderr().contains("training on"));
    std::thread::sleep(Duration::from_millis(200));
    training.signal("TERM");
    let ended = training.wait();
    assert!(matches!(ended.code, Some(143 | 0)), "{ended}");
    if ended.code == Some(143) {
        let _ = home.command("brasa", "train --resume").run().succeeds();
    }
    assert_same(&result(&run), &twin, "a bag");
}

#[test]
fn more_epochs_go_on_with_a_run_that_is_over() {
    let home = Home::new();
    let train = |epochs: usize| {
        home.iris("train --json --set optimizer.kind=adam --set training.patience=1000")
            .set("training.epochs", epochs)
    };
    let twin = result(&home.run_folder(&train(9).run().succeeds().json()));
    let run = home.run_folder(&train(4).run().succeeds().json());
    let name = id(&run);
    home.iris("train --resume")
        .args([&name])
        .run()
        .fails(2, &["is over after 4 epochs", "--set training.epochs=..."]);
    home.iris("train --resume").run().fails(2, &["--resume: no run in", "was ended before its time"]);
    let more = home.iris("train --json --resume").args([&name]).set("training.epochs", 9).run().succeeds();
    assert!(more.stderr.contains("going on after epoch 4 of 9"), "{more}");
    assert_same(&result(&run), &twin, "nine epochs");
}

#[test]
fn what_would_make_another_training_of_it_is_refused_or_remembered() {
    let home = Home::new();
    let table: String = (0..80).map(|i| format!("{},{},{}\n", i % 9, i % 7, ["a", "b"][i % 2])).collect();
    home.write("own.csv", format!("x,y,class\n{table}"));
    home.write(
        "own.toml",
        "data.csv = { file = \"own.csv\", target = \"class\" }\nmodel.hidden = [4]\ntraining.epochs = 3\n",
    );
    let trained = home.command("brasa", "train --json own.toml").run().succeeds().json();
    let run = home.run_folder(&trained);
    let resume = |further: &str| {
        home.command(
            "brasa",
            &format!("train --json --resume {} --set training.epochs=6 {further}", id(&run)),
        )
    };
    resume("--set optimizer.lr=0.5")
        .run()
        .fails(2, &["cannot go on as it began", "optimizer.lr was", "is 0.5", "--force"]);
    resume("--set training.seed=7").run().fails(2, &["training.seed was 42 and is 7"]);
    home.write("own.csv", format!("x,y,class\n1,2,a\n{table}"));
    resume("").run().fails(2, &["the data file own.csv is another", "--force"]);
    let forced = resume("--force").run().succeeds();
    let answer = forced.json();
    assert!(text(&answer, "/resumed/0/forced/0").contains("own.csv is another"), "{forced}");
    let report = std::fs::read_to_string(run.join("report.html")).unwrap();
    assert!(report.contains("although the data file own.csv is another"));
    home.command("brasa", "train own.csv --resume").run().fails(2, &["--resume"]);
    home.command("brasa", "train --force own.toml").run().fails(2, &["--resume"]);
    home.iris("train --resume").args([run.to_str().unwrap()]).run().fails(2, &["is a run of `brasa`"]);
}

#[test]
fn one_process_trains_a_run() {
    let home = Home::new();
    let mut training = home.iris("train --json --set training.epochs=1000000").start();
    let run = wait_for_run(&home, "iris", &mut training);
    assert_eq!(text(&home.iris("runs show --json").run().succeeds().json(), "/run/status"), "running");
    home.iris("train --resume").args([id(&run)]).run().fails(2, &["another process trains it"]);
    training.signal("TERM");
    let _ = training.wait().fails(143, &["stopped by SIGTERM"]);
}

#[test]
fn a_damaged_checkpoint_is_named_and_the_one_before_is_used() {
    let home = Home::new();
    let train = |epochs: usize| {
        home.iris("train --json").set("training.epochs", epochs).set("training.checkpoint", "1 epoch")
    };
    let twin = result(&home.run_folder(&train(6).run().succeeds().json()));
    let run = home.run_folder(&train(4).run().succeeds().json());
    let newest = run.join("checkpoints/epoch-4.ckpt");
    let whole = std::fs::read(&newest).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&newest, &bytes).unwrap();
    let resume = || home.iris("train --json --set training.epochs=6 --resume").args([id(&run)]);
    let finished = resume().run().succeeds();
    assert!(
        finished.stderr.contains("passed over") && finished.stderr.contains("epoch-4.ckpt"),
        "{finished}"
    );
    assert!(finished.stderr.contains("going on after epoch 3 of 6"), "{finished}");
    assert_same(&result(&run), &twin, "from the third epoch");
    for path in files_below(&run.join("checkpoints")) {
        std::fs::write(path, &whole[..100]).unwrap();
    }
    let resume = home.iris("train --set training.epochs=8 --resume").args([id(&run)]);
    resume.run().fails(1, &["checkpoint", "epoch-6.ckpt", "cut off"]);
}

#[test]
fn a_checkpoint_that_finds_no_room_ends_the_training_and_the_one_before_is_whole() {
    let home = Home::new();
    let twin = home.iris("train --json --set training.epochs=600").run().succeeds().json();
    let twin = result(&home.run_folder(&twin));
    let train = "train --set training.epochs=600 --set training.checkpoint=1epoch";
    // Weights and metrics find room; a checkpoint holds the whole history.
    let ended = home.iris(train).with_file_size_limit(128 << 10).run();
    let ended = ended.fails(1, &["checkpoint", "cannot be written", "is whole"]);
    let run = home.runs("iris").pop().unwrap();
    assert_checkpoints_are_whole(&run);
    let finished = home.iris("train --resume").run().succeeds();
    assert!(finished.stderr.contains("going on after epoch"), "{ended}\n{finished}");
    assert_same(&result(&run), &twin, "after a full disk");
}
