//! A run remembers where its data are, and scores a labelled file of one's own.

use brasa_tests::{Home, list, number, read_json, text, write_fashion};
use serde_json::Value;

const RECIPE: &str =
    "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n[data.split]\ntest = 0.2\n[training]\nepochs = 5\n";

/// Two features, three classes.
fn rows(from: usize, count: usize) -> String {
    let row =
        |i: usize| format!("{},{},{}\n", i % 3 * 4 + i % 5, (i * 7) % 11, ["low", "mid", "high"][i % 3]);
    (from..from + count).map(row).collect()
}

fn trained(home: &Home) -> Value {
    home.write("own/t.csv", format!("x,y,kind\n{}", rows(0, 90)));
    home.write("t.toml", RECIPE);
    home.iris("train --json --recipe t.toml --data own").run().succeeds().json()
}

#[test]
fn eval_and_look_read_the_data_where_the_run_read_them() {
    let home = Home::new();
    let trained = trained(&home);
    let environment = read_json(&home.run_folder(&trained).join("environment.json"));
    let own = std::fs::canonicalize(home.path("own")).unwrap();
    assert_eq!(std::fs::canonicalize(text(&environment, "/data")).unwrap(), own);
    let scores = home.iris("eval --json --split test").run().succeeds().json();
    assert_eq!(scores.pointer("/scores"), trained.pointer("/test"));
    let _ = home.iris("look regions").run().succeeds();

    // --data goes before, and so does what the run remembers before the environment.
    home.write("other/t.csv", format!("x,y,kind\n{}", rows(1, 90)));
    let other = home.iris("eval --json --split test --data other").run().succeeds();
    assert!(other.stderr.contains("not those that the run was trained on"), "{other}");
    let eval = home.iris("eval --json --split test").env("BRASA_DATA", home.path("other")).run().succeeds();
    assert_eq!(eval.json().pointer("/scores"), trained.pointer("/test"));
}

#[test]
fn data_that_moved_are_asked_for_by_the_place_they_had() {
    let home = Home::new();
    let trained = trained(&home);
    std::fs::rename(home.path("own"), home.path("moved")).unwrap();
    for verb in ["eval", "look regions"] {
        let finished = home.iris(verb).run().fails(2, &["t.csv", "own", "not there any more", "--data"]);
        assert!(!finished.stderr.contains("fetch"), "{finished}");
    }
    let found = home.iris("eval --json --split test --data moved").run().succeeds().json();
    assert_eq!(found.pointer("/scores"), trained.pointer("/test"));
}

#[test]
fn only_the_data_of_an_app_are_to_be_fetched() {
    let home = Home::new();
    home.write("t.toml", RECIPE);
    for verb in ["train", "inspect", "cv"] {
        let finished = home.iris(verb).args(["--recipe", "t.toml"]).run();
        let finished = finished.fails(2, &["t.csv", "no part of the data set of iris", "--data"]);
        assert!(!finished.stderr.contains("fetch"), "{finished}");
    }
    home.fashion("train --recipe proper-split").run().fails(2, &["fashion-mnist data fetch"]);
    home.fashion("inspect").run().fails(2, &["fashion-mnist data fetch"]);
}

/// The share of rows for which `predict` names the class in the last column.
fn share_right(home: &Home, file: &str, classes: &[&str]) -> f64 {
    let predicted = home.iris("predict --json").args([file]).run().succeeds().json();
    let predicted = list(&predicted, "/predictions");
    assert_eq!(predicted.len(), classes.len());
    let right = predicted.iter().zip(classes).filter(|(p, class)| text(p, "/class") == **class).count();
    right as f64 / classes.len() as f64
}

#[test]
fn a_labelled_file_is_scored_as_predict_answers_it() {
    let home = Home::new();
    let trained = trained(&home);
    let split = home.iris("eval --json --on own/t.csv").run().succeeds().json();
    assert_eq!(number(&split, "/scores/rows"), 90.0);
    let splits = ["train", "valid", "test"].map(|split| {
        number(&trained, &format!("/{split}/rows")) * number(&trained, &format!("/{split}/accuracy"))
    });
    let right = number(&split, "/scores/accuracy") * 90.0;
    assert!((right - splits.iter().sum::<f64>()).abs() < 1e-6, "all rows of the run: {split}");

    // Other columns, another order, fewer rows than a split could deal, and two of the three classes.
    home.write("new/mine.csv", "id,kind,y,x\n1,high,3,9\n2,low,4,1\n3,high,0,8\n4,low,5,2\n5,low,5,11\n");
    let scored = home.iris("eval --json --on new/mine.csv").run().succeeds().json();
    assert_eq!(text(&scored, "/on"), "new/mine.csv");
    let expected = share_right(&home, "new/mine.csv", &["high", "low", "high", "low", "low"]);
    assert!((number(&scored, "/scores/accuracy") - expected).abs() < 1e-12, "{scored}");
    let support: Vec<f64> =
        list(&scored, "/scores/per_class").iter().map(|class| number(class, "/support")).collect();
    assert_eq!(support, [2.0, 3.0, 0.0], "high, low, mid");
    let shown = home.iris("eval --on new/mine.csv").run().succeeds();
    assert!(shown.stdout.contains("new/mine.csv") && shown.stdout.contains("accuracy"), "{shown}");
}

#[test]
fn numbers_are_scored_on_a_file_as_predict_answers_them() {
    let home = Home::new();
    let row = |i: usize| format!("{},{},{}\n", i % 13, (i * 7) % 11, 3 * (i % 13) + 100);
    home.write("own/t.csv", format!("x,y,price\n{}", (0..90).map(row).collect::<String>()));
    let recipe = RECIPE.replace("[data.csv]", "[data]\ntask = \"regression\"\n[data.csv]");
    home.write(
        "t.toml",
        recipe.replace("\"kind\"", "\"price\"").replace("test = 0.2", "kind = \"random\"\ntest = 0.2"),
    );
    let _ = home.iris("train --json --recipe t.toml --data own").run().succeeds();
    home.write("mine.csv", "y,price,x\n1,103,1\n5,120,6\n9,140,12\n");
    let scored = home.iris("eval --json --on mine.csv").run().succeeds().json();
    let predicted = home.iris("predict --json mine.csv").run().succeeds().json();
    let squares = list(&predicted, "/predictions").iter().zip([103.0, 120.0, 140.0]);
    let squares = squares.map(|(p, price): (&Value, f64)| (number(p, "/numbers/price") - price).powi(2));
    let rmse = (squares.sum::<f64>() / 3.0).sqrt();
    assert!((number(&scored, "/scores/rmse") - rmse).abs() < 1e-4 * rmse, "{rmse}: {scored}");
}

#[test]
fn a_file_that_does_not_fit_the_run_is_refused() {
    let home = Home::new();
    let _ = trained(&home);
    for (name, table, parts) in [
        ("class.csv", "x,y,kind\n1,2,low\n1,3,top\n", ["top", "line 3"]),
        ("column.csv", "x,z,kind\n1,2,low\n1,3,mid\n", ["column.csv", "`y`"]),
        ("target.csv", "x,y\n1,2\n1,3\n", ["target.csv", "`kind`"]),
        ("cell.csv", "x,y,kind\n1,2,low\n1,b,mid\n", ["cell.csv", "line 3"]),
    ] {
        home.write(name, table);
        home.iris("eval --on").args([name]).run().fails(2, &parts);
    }
    home.iris("eval --on nowhere.csv").run().fails(2, &["nowhere.csv", "no such file"]);
    home.iris("eval --on t.toml --split test").run().fails(2, &["--on", "--split"]);
    let _ = home.trained_fashion();
    home.fashion("eval --on pictures").run().fails(2, &["--on reads a table or images"]);
}

#[test]
fn a_folder_of_images_is_scored_too() {
    let home = Home::new();
    let _ = home.trained_mnist("lenet", 1);
    for (name, bytes) in brasa_tests::digit_files(&[("new", 2)]) {
        home.write(&name, bytes);
    }
    let scored = home.command("mnist", "eval --json --on new").run().succeeds().json();
    assert_eq!(number(&scored, "/scores/rows"), 20.0);
    let predicted = home.command("mnist", "predict --json").args((0..10).map(|class| format!("new/{class}")));
    let predicted = predicted.run().succeeds().json();
    let right = list(&predicted, "/predictions")
        .iter()
        .filter(|p| text(p, "/input").split('/').nth(1) == Some(text(p, "/class")));
    assert!((number(&scored, "/scores/accuracy") - right.count() as f64 / 20.0).abs() < 1e-12);
}

#[test]
fn a_run_of_files_in_a_folder_of_the_apps_name_is_found_again() {
    let home = Home::new();
    write_fashion(&home.path("data/fashion-mnist"), 200, 60);
    let args = "train --json --data data --recipe proper-split --set training.epochs=1";
    let trained = home.fashion(args).run().succeeds().json();
    let scores = home.fashion("eval --json --split test").run().succeeds().json();
    assert_eq!(scores.pointer("/scores"), trained.pointer("/test"));
}

#[test]
fn a_split_that_was_edited_behind_a_run_is_told() {
    let home = Home::new();
    let run = home.run_folder(&home.trained_iris());
    let unchanged = home.iris("eval --json").run().succeeds();
    assert!(!unchanged.stderr.contains("deals the rows otherwise"), "{unchanged}");
    let path = run.join("recipe.toml");
    let recipe = std::fs::read_to_string(&path).unwrap();
    assert!(recipe.contains("[data.split]"), "{recipe}");
    let seed =
        recipe.split("[data.split]").nth(1).unwrap().lines().find(|line| line.starts_with("seed")).unwrap();
    std::fs::write(&path, recipe.replacen(&format!("{seed}\n"), "seed = 77\n", 1)).unwrap();
    let edited = home.iris("eval --json").run().succeeds();
    assert!(edited.stderr.contains("recipe.toml deals the rows otherwise than the run did"), "{edited}");
}
