//! `cv`: k-fold cross-validation in processes.

use std::collections::BTreeMap;

use brasa_tests::{Home, files_below, list, number, read_json, text, write_fashion};
use serde_json::Value;

const SHORT: &str = "cv --json --set training.epochs=5";

/// What does not depend on clocks and names.
fn figures(mut answer: Value) -> String {
    let object = answer.as_object_mut().unwrap();
    for key in ["run", "report", "id", "started", "jobs", "seconds"] {
        assert!(object.remove(key).is_some(), "no {key}");
    }
    for fold in object["fold_results"].as_array_mut().unwrap() {
        assert!(fold.as_object_mut().unwrap().remove("seconds").is_some());
    }
    answer.to_string()
}

/// Rows of predictions.csv: row, fold, repeat, true, predicted, probability.
fn predictions(home: &Home, answer: &Value) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(home.run_folder(answer).join("predictions.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("row,fold,repeat,true,predicted,probability"));
    lines.map(|line| line.split(',').map(ToString::to_string).collect()).collect()
}

#[test]
fn the_figures_do_not_depend_on_how_many_folds_run_at_once() {
    let home = Home::new();
    let run = |jobs: usize| {
        let args = ["--repeats", "2", "--jobs", &jobs.to_string()];
        let answer = home.iris(SHORT).set("training.batch_size", 16).args(args).run().succeeds().json();
        let rows = predictions(&home, &answer);
        (figures(answer), rows)
    };
    let one = run(1);
    for jobs in [1, 2, 3] {
        assert!(run(jobs) == one, "{jobs} jobs: other figures");
    }
}

#[test]
fn pictures_with_dropout_and_batch_normalisation_do_not_depend_on_it_either() {
    let home = Home::new();
    write_fashion(&home.path("pictures"), 600, 60);
    let args = "cv --json --data pictures --recipe cosine --folds 3 --set training.epochs=2 --set schedule.t_max=2 \
         --set training.batch_size=64";
    let run = |jobs: &str| home.fashion(args).args(["--jobs", jobs]).run().succeeds().json();
    let one = run("1");
    assert_eq!(number(&one, "/rows"), 600.0);
    assert_eq!(number(&one, "/untouched_test_rows"), 60.0);
    assert_eq!(figures(one), figures(run("3")));
}

#[test]
fn every_row_is_held_out_once_per_repeat_by_a_model_that_has_not_seen_it() {
    let home = Home::new();
    let answer = home.iris(SHORT).args(["--repeats", "2", "--folds", "4"]).run().succeeds().json();
    let rows = predictions(&home, &answer);
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in &rows {
        *seen.entry((row[2].clone(), row[0].clone())).or_default() += 1;
    }
    assert_eq!((rows.len(), seen.len()), (300, 300));
    assert!(
        (0..150).all(|row| ["1", "2"]
            .iter()
            .all(|repeat| seen.contains_key(&((*repeat).into(), row.to_string()))))
    );
    for fold in list(&answer, "/fold_results") {
        let splits = ["/train_rows", "/valid_rows", "/scores/rows"].map(|key| number(fold, key));
        assert_eq!(splits.iter().sum::<f64>(), 150.0, "{fold}");
        assert!(splits.iter().all(|&rows| rows > 0.0));
    }
    let right = rows.iter().filter(|row| row[3] == row[4]).count();
    assert_eq!(number(&answer, "/out_of_fold/accuracy"), right as f64 / 300.0);
}

#[test]
fn the_answer_the_file_and_the_folder_agree() {
    let home = Home::new();
    let finished = home.iris(SHORT).set("training.top_k", 2).run().succeeds();
    let answer = finished.json();
    for name in
        ["accuracy", "precision_macro", "recall_macro", "f1_macro", "top_k_accuracy", "roc_auc", "loss"]
    {
        let of = |key: &str| number(&answer, &format!("/metrics/{name}/{key}"));
        assert!(of("interval/0") <= of("mean") && of("mean") <= of("interval/1"), "{name}: {answer}");
        assert!(of("deviation") >= 0.0);
    }
    let accuracies: Vec<f64> =
        list(&answer, "/fold_results").iter().map(|fold| number(fold, "/scores/accuracy")).collect();
    assert_eq!(accuracies.len(), 5);
    let mean = accuracies.iter().sum::<f64>() / 5.0;
    assert!((number(&answer, "/metrics/accuracy/mean") - mean).abs() < 1e-12);
    assert_eq!(text(&answer, "/interval"), "student_t");
    assert_eq!(text(&answer, "/split"), "stratified");
    assert_eq!(text(&answer, "/status"), "finished");
    assert_eq!(number(&answer, "/out_of_fold/rows"), 150.0);

    let folder = home.run_folder(&answer);
    assert!(text(&answer, "/run").ends_with("-tuned-cv"), "{answer}");
    let written = read_json(&folder.join("cv.json"));
    for (key, value) in written.as_object().unwrap() {
        assert_eq!(answer.get(key), Some(value), "{key}");
    }
    for name in ["recipe.toml", "environment.json", "predictions.csv", "report.html", "pictures/folds.svg"] {
        assert!(folder.join(name).is_file(), "no {name}");
    }
    assert!(finished.stderr.contains("5/5"), "a line per fold on stderr\n{finished}");
    home.assert_nothing_unfinished();

    let listed = home.iris("runs list --json").run().succeeds().json();
    assert!(list(&listed, "/runs").is_empty(), "no run that can predict");
}

#[test]
fn many_folds_off_a_terminal_are_some_twenty_lines() {
    let home = Home::new();
    let args = "cv --json --folds 10 --repeats 3 --set training.epochs=1";
    let finished = home.iris(args).run().succeeds();
    assert_eq!(list(&finished.json(), "/fold_results").len(), 30);
    let told: Vec<&str> = finished.stderr.lines().filter(|line| line.contains("/30 ")).collect();
    assert!((15..=21).contains(&told.len()), "{finished}");
    assert!(
        told[0].trim().starts_with("1/30") && told.last().unwrap().trim().starts_with("30/30"),
        "{finished}"
    );
}

#[test]
fn a_recipe_that_is_called_cv_already_is_not_called_so_twice() {
    let home = Home::new();
    let recipe = home.iris("recipes course").run().succeeds().stdout;
    for (file, ending) in [("cv.toml", "-cv"), ("mine-cv.toml", "-mine-cv"), ("mine.toml", "-mine-cv")] {
        home.write(file, &recipe);
        let answer = home.iris(SHORT).args(["--folds", "2", "--recipe", file]).run().succeeds().json();
        let run = text(&answer, "/run");
        let (time, name) = run.rsplit('/').next().unwrap().split_at("20261126-013400".len());
        assert!(time.chars().all(|c| c.is_ascii_digit() || c == '-'), "{run}");
        assert!(name == ending || name == format!("{ending}-2"), "{run}");
    }
}

#[test]
fn a_person_sees_the_figures_and_who_judged() {
    let home = Home::new();
    let finished = home.iris("cv --set training.epochs=2 --repeats 2 --folds 3").run().succeeds();
    for part in [
        "2 times repeated 3-fold stratified cross-validation of 150 rows",
        "95 % interval",
        "Macro F1",
        "repeat 2, fold 3",
        "confusion matrix (out of fold, 300 predictions",
        "the best loss on its validation split",
        "Nadeau and Bengio",
    ] {
        assert!(finished.stdout.contains(part), "no {part}\n{finished}");
    }
}

#[test]
fn groups_are_held_out_whole() {
    let home = Home::new();
    let row = |i: usize| format!("{},{},{},g{}\n", i * 7 % 31, i % 13, ["no", "yes"][i % 2], i / 6);
    home.write("own/t.csv", format!("x,y,kind,plot\n{}", (0..90).map(row).collect::<String>()));
    let recipe = "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\ngroup = \"plot\"\n\
         [data.split]\nkind = \"grouped\"\nvalid = 0.2\n[training]\nepochs = 1\n";
    home.write("own/t.toml", recipe);
    let args = "cv --json --recipe own/t.toml --data own --folds 4";
    let answer = home.iris(args).run().succeeds().json();
    assert_eq!(text(&answer, "/split"), "grouped");
    assert_eq!(number(&answer, "/leaks/shared_groups"), 0.0);
    let mut fold_of_group: BTreeMap<usize, String> = BTreeMap::new();
    for row in predictions(&home, &answer) {
        let group = row[0].parse::<usize>().unwrap() / 6;
        assert_eq!(fold_of_group.entry(group).or_insert_with(|| row[1].clone()), &row[1]);
    }
    let answer = home.iris(args).set("data.split.kind", "stratified").run().succeeds().json();
    assert!(number(&answer, "/leaks/shared_groups") > 0.0, "and where they are not, it is said");
}

#[test]
fn what_cannot_be_cross_validated_is_refused_before_anything_is_written() {
    let home = Home::new();
    for (args, parts) in [
        ("--folds 1", ["1 folds are too few", "at least 2"]),
        ("--folds 51", ["the class `setosa` has 50 of the rows", "too few for 51 folds"]),
        ("--repeats 0", ["expected 1 to 1000 repeats", "found 0"]),
        ("--jobs 0", ["--jobs 0", "leave it out"]),
        ("--device tpu", ["tpu", "flex"]),
        ("--recipe none", ["no recipe `none`", "tuned"]),
        ("--data nowhere", ["nowhere", "no such folder"]),
    ] {
        home.refuses(home.iris("cv").args(args.split(' ')), &parts);
    }
}

#[test]
fn a_fold_that_fails_is_named_with_its_message_and_ends_the_others() {
    let home = Home::new();
    let args = "cv --json --set optimizer.lr=1e30 --jobs 2";
    let finished = home.iris(args).run().fails(1, &["fold ", " of repeat 1: ", "the training diverged"]);
    assert!(text(&finished.json(), "/error").contains("diverged"));
    let record = read_json(&only_record(&home));
    assert_eq!(text(&record, "/status"), "failed");
    assert!(text(&record, "/error").contains("diverged"));
    home.assert_nothing_unfinished();
}

fn only_record(home: &Home) -> std::path::PathBuf {
    let records = files_below(&home.path("runs")).into_iter().filter(|path| path.ends_with("cv.json"));
    let records: Vec<_> = records.collect();
    assert_eq!(records.len(), 1, "{records:?}");
    records[0].clone()
}

/// Processes with this home, by their command lines.
#[cfg(target_os = "linux")]
fn fold_processes(home: &Home) -> usize {
    let folder = std::fs::canonicalize(home.path("")).unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ours = processes.filter(|process| {
        let words = std::fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
        let cwd = std::fs::read_link(process.path().join("cwd")).unwrap_or_default();
        words.contains("--json\0trial\0") && cwd == folder
    });
    ours.count()
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_and_kill_end_all_folds() {
    for signal in ["INT", "TERM", "KILL"] {
        let home = Home::new();
        let mut running = home.iris("cv --json --set training.epochs=1000000 --jobs 2").start();
        running.wait_until("two folds run", |_| fold_processes(&home) == 2);
        running.signal(signal);
        let finished = running.wait();
        if signal == "KILL" {
            assert_eq!(finished.code, None, "{finished}");
        } else {
            let code = if signal == "TERM" { 143 } else { 130 };
            let finished = finished.fails(code, &["stopped after 0 of 5 folds"]);
            assert!(text(&finished.json(), "/error").contains("no result"));
            assert_eq!(text(&read_json(&only_record(&home)), "/status"), "interrupted");
        }
        let started = std::time::Instant::now();
        while fold_processes(&home) > 0 {
            assert!(started.elapsed().as_secs() < 60, "{signal}: folds go on");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

#[test]
fn a_cross_validation_that_was_killed_goes_on_with_the_folds_that_are_left() {
    let home = Home::new();
    let args = "cv --json --folds 4 --repeats 2 --set training.epochs=30 --jobs 1";
    let result = |mut answer: serde_json::Value| {
        let object = answer.as_object_mut().unwrap();
        for key in ["run", "report", "id", "started", "seconds"] {
            object.remove(key);
        }
        for fold in object["fold_results"].as_array_mut().unwrap() {
            fold.as_object_mut().unwrap().remove("seconds");
        }
        answer
    };
    let twin = home.iris(args).run().succeeds().json();
    let twin_predictions = std::fs::read(home.path(text(&twin, "/run")).join("predictions.csv")).unwrap();
    std::fs::remove_dir_all(home.path("runs")).unwrap();
    home.iris(args).args(["--resume"]).run().fails(2, &["--resume: no cross-validation of this recipe"]);
    let mut running = home.iris(args).start();
    let lines = || {
        let files = brasa_tests::files_below(&home.path("runs"));
        let kept = files.into_iter().find(|path| path.ends_with("folds.jsonl"));
        kept.map_or(0, |path| std::fs::read_to_string(path).unwrap().lines().count())
    };
    running.wait_until("two folds are done", |_| lines() > 2);
    let killed = running.kill();
    assert_eq!(killed.code, None, "{killed}");
    let resumed = home.iris(args).args(["--resume"]).run().succeeds();
    assert!(resumed.stderr.contains("of 8 folds are done"), "{resumed}");
    let own = resumed.json();
    let own_predictions = std::fs::read(home.path(text(&own, "/run")).join("predictions.csv")).unwrap();
    assert!(own_predictions == twin_predictions);
    assert_eq!(result(own), result(twin));
    home.iris(args).args(["--resume"]).run().fails(2, &["was ended before its time"]);
}
