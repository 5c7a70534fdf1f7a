//! Iris from an empty folder: what `train` says and leaves.

use brasa_tests::{Home, files_below, list, number, read_json, read_json_lines, text, weights};

#[test]
fn train_answers_with_one_object_that_holds_the_scores_of_three_splits() {
    let home = Home::new();
    let finished = home.iris("train --json --set training.epochs=3").run().succeeds();
    let answer = finished.json();
    assert!((1.0..=3.0).contains(&number(&answer, "/best_epoch")));
    assert!(home.run_folder(&answer).is_dir());
    for split in ["train", "valid", "test"] {
        assert!(number(&answer, &format!("/{split}/loss")) > 0.0);
        for key in ["accuracy", "f1_macro", "precision_macro", "recall_macro"] {
            assert!((0.0..=1.0).contains(&number(&answer, &format!("/{split}/{key}"))), "{split} {key}");
        }
    }
    let rows = ["train", "valid", "test"].map(|split| number(&answer, &format!("/{split}/rows")));
    assert_eq!(rows.iter().sum::<f64>(), 150.0);
    assert!(finished.stderr.contains("epoch 3/3"), "progress goes to stderr\n{finished}");
}

#[test]
fn a_person_sees_the_confusion_matrix_with_class_names_and_where_the_run_is() {
    let home = Home::new();
    let finished = home.iris("train --set training.epochs=2").run().succeeds();
    for part in
        ["confusion matrix", "setosa", "versicolor", "virginica", "accuracy", "Macro F1", "leak check"]
    {
        assert!(finished.stdout.contains(part), "no {part}\n{finished}");
    }
    let shown = |label: &str| {
        let line =
            finished.stdout.lines().find_map(|line| line.strip_prefix(label)).expect("a line with the path");
        home.path(line.trim())
    };
    assert_eq!(shown("run "), home.only_run("iris"));
    assert!(shown("report ").is_file());
}

#[test]
fn the_run_folder_explains_itself() {
    let home = Home::new();
    let answer = home.trained_iris();
    let run = home.run_folder(&answer);
    let record = read_json(&run.join("run.json"));
    assert_eq!(text(&record, "/status"), "finished");
    assert_eq!(text(&record, "/id"), text(&answer, "/id"));
    assert_eq!(record.pointer("/scores/test"), answer.pointer("/test"));
    let epochs = read_json_lines(&run.join("metrics.jsonl"));
    assert_eq!(epochs.iter().map(|line| number(line, "/epoch")).collect::<Vec<_>>(), [1.0, 2.0]);
    for key in ["/train/loss", "/train/accuracy", "/valid/loss", "/valid/accuracy", "/valid/f1_macro", "/lr"]
    {
        epochs.iter().for_each(|line| assert!(number(line, key).is_finite()));
    }
    let environment = read_json(&run.join("environment.json"));
    assert_eq!(text(&environment, "/device"), "flex");
    assert_eq!(text(&environment, "/burn"), "0.22.1");
    let data = read_json(&run.join("data.json"));
    assert_eq!(text(&data, "/files/0/sha256").len(), 64);
    assert_eq!(list(&data, "/classes").len(), 3);
    let recipe = std::fs::read_to_string(run.join("recipe.toml")).unwrap();
    assert!(recipe.contains("epochs = 2"), "the resolved recipe: {recipe}");
    let card = read_json(&run.join("model/model.json"));
    assert_eq!(list(&card, "/input/columns").len(), 4);
    assert!(run.join("model/weights.safetensors").metadata().unwrap().len() > 1000);
    let pictures: Vec<_> =
        files_below(&run.join("pictures")).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    for name in ["loss.svg", "accuracy.svg", "macro-f1.svg", "learning-rate.svg", "confusion.svg"] {
        assert!(pictures.iter().any(|picture| picture == name), "no {name} among {pictures:?}");
    }
    home.assert_nothing_unfinished();
}

#[test]
fn the_report_needs_no_other_file_and_no_network() {
    let home = Home::new();
    let answer = home.trained_iris();
    let page = std::fs::read_to_string(home.path(text(&answer, "/report"))).unwrap();
    for part in ["<svg", "setosa", "confusion", "recall", "[optimizer]", "viewport", "@media print"] {
        assert!(page.to_lowercase().contains(&part.to_lowercase()), "the report has no {part}");
    }
    for loader in ["<link", "<script", "@import", "<iframe"] {
        assert!(!page.contains(loader), "the report has {loader}");
    }
    for (mark, allowed) in [("src=\"", "data:"), ("url(", "#")] {
        for target in page.split(mark).skip(1) {
            let shown: String = target.chars().take(60).collect();
            assert!(target.starts_with(allowed) || target.starts_with("data:"), "the report loads {shown}");
        }
    }
}

#[test]
fn the_resolved_recipe_of_a_run_repeats_it() {
    let home = Home::new();
    let first = home.run_folder(
        &home
            .iris("train --json --seed 7 --set training.epochs=4 --set training.batch_size=16")
            .run()
            .succeeds()
            .json(),
    );
    let recipe = first.join("recipe.toml");
    let second = home.run_folder(&home.iris("train --json --recipe").args([&recipe]).run().succeeds().json());
    assert_ne!(first, second);
    assert_eq!(
        std::fs::read_to_string(&recipe).unwrap(),
        std::fs::read_to_string(second.join("recipe.toml")).unwrap()
    );
    assert!(weights(&first) == weights(&second), "the weights differ");
}

#[test]
fn a_table_of_ones_own_is_trained_by_a_recipe_file() {
    let home = Home::new();
    let row = |i: usize| format!("{};{};\"{}\"\r\n", i % 2 * 10 + i % 5, i % 3, ["no", "yes"][i % 2]);
    home.write("own/points.csv", format!("\u{feff}x;y;kind\r\n{}", (0..60).map(row).collect::<String>()));
    let recipe = "[data]\nscaling = \"standard\"\n[data.csv]\nfile = \"points.csv\"\ndelimiter = \";\"\ntarget = \"kind\"\n\
         [data.split]\nkind = \"random\"\nvalid = 0.2\ntest = 0.2\n[model]\nhidden = [8]\n[optimizer]\nlr = 0.05\n\
         [training]\nepochs = 30\n";
    home.write("own/points.toml", recipe);
    let answer = home.iris("train --json --recipe own/points.toml --data own").run().succeeds().json();
    assert_eq!(text(&answer, "/recipe"), "points");
    assert_eq!(number(&answer, "/test/accuracy"), 1.0);
}

#[test]
fn test_rows_that_are_also_in_training_are_counted_and_the_score_is_given_without_them() {
    let home = Home::new();
    let row = |i: usize| format!("{i},{},{}\n", i * i % 17, ["no", "yes"][i % 2]);
    // Every fourth row is there twice.
    let rows = (0..80).flat_map(|i| std::iter::repeat_n(row(i), 1 + i % 4 / 3));
    home.write("own/t.csv", format!("x,y,kind\n{}", rows.collect::<String>()));
    let recipe = "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n\
         [data.split]\nvalid = 0.2\ntest = 0.3\n[training]\nepochs = 1\n";
    home.write("own/t.toml", recipe);
    let answer = home.iris("train --json --recipe own/t.toml --data own").run().succeeds().json();
    let leaked: f64 = list(&answer, "/leaks/pairs").iter().map(|pair| number(pair, "/duplicates")).sum();
    assert!(leaked > 0.0, "{answer}");
    assert!(number(&answer, "/test_without_duplicates/rows") < number(&answer, "/test/rows"));
    let page = std::fs::read_to_string(home.path(text(&answer, "/report"))).unwrap();
    assert!(page.contains("also occur in training or validation"), "the report tells the leak");
}

#[test]
fn the_test_accuracy_is_at_least_0_95_over_20_seeds() {
    let accuracies: Vec<f64> = std::thread::scope(|scope| {
        let half = |seeds: std::ops::Range<u64>| {
            scope.spawn(move || {
                let home = Home::new();
                let train =
                    |seed| home.iris("train --json").set("training.seed", seed).set("data.split.seed", seed);
                seeds
                    .map(|seed| number(&train(seed).run().succeeds().json(), "/test/accuracy"))
                    .collect::<Vec<_>>()
            })
        };
        [half(0..10), half(10..20)].into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    assert!(mean >= 0.95, "mean {mean:.4} of {accuracies:?}");
}
