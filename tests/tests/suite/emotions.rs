//! Emotions: faces as text in a column, from a plain file, gzip and zip; the tutorial's figure; augmentation.

use std::fmt::Write as _;

use brasa_tests::{Finished, Home, gzip, list, number, real_faces, text, zip};

const PIXELS: usize = 48 * 48;

/// Each expression is a bright band at a height of its own; each split has all seven.
fn faces() -> String {
    let mut csv = String::from("emotion,pixels,Usage\n");
    for row in 0..140 {
        let (class, usage) = (row % 7, ["Training", "Training", "PublicTest", "PrivateTest"][row / 7 % 4]);
        write!(csv, "{class},").unwrap();
        for pixel in 0..PIXELS {
            let band = pixel / 48 * 7 / 48;
            let value = if band == class { 200 + (pixel * 7 + row) % 50 } else { (pixel * 3 + row * 5) % 60 };
            write!(csv, "{}{value}", if pixel == 0 { "" } else { " " }).unwrap();
        }
        writeln!(csv, ",{usage}").unwrap();
    }
    csv
}

/// `train` with a network small enough for a test.
fn train(home: &Home, args: &str) -> Finished {
    let layers = "[\"conv 4 3x3 stride=2\", \"relu\", \"batch-norm\", \"max-pool 4\", \"dropout 0.1\"]";
    home.command("emotions", &format!("train --json {args} --set training.epochs=12"))
        .set("model.layers", layers)
        .set("optimizer.lr", "1e-2")
        .set("training.batch_size", 14)
        // Turned upside down, one band is another.
        .set("augment.steps", "[]")
        .run()
}

#[test]
fn a_run_tells_the_figure_as_the_text_counts_it() {
    let home = Home::new();
    home.write("data/emotions/fer2013.csv.gz", gzip(faces().as_bytes()));
    let run = train(&home, "--data data").succeeds().json();
    let [valid, test] = ["valid", "test"].map(|split| number(&run, &format!("/{split}/accuracy")));
    assert_eq!(number(&run, "/emotions/private"), test);
    let both = number(&run, "/emotions/public_and_private");
    assert!((both - (valid + test) / 2.0).abs() < 1e-12, "splits of one size: {valid}, {test}, {both}");
    assert!(test > 0.5, "bands of light are told apart better than by chance (0.14): {test}");
    let page = std::fs::read_to_string(home.path(text(&run, "/report"))).unwrap();
    assert!(page.contains("Public and private test") && page.contains("0.6213"));
}

#[test]
fn faces_that_also_train_are_counted_and_left_out_of_a_second_score() {
    let home = Home::new();
    let csv = faces();
    // The first face of the private split trains, too.
    let private = csv.lines().find(|line| line.ends_with("PrivateTest")).unwrap();
    let again = private.replace("PrivateTest", "Training");
    home.write("data/fer2013.csv", format!("{csv}{again}\n"));
    let run = train(&home, "--data data").succeeds().json();
    let rows = ["test", "test_without_duplicates"].map(|split| number(&run, &format!("/{split}/rows")));
    assert_eq!(rows, [35.0, 34.0]);
    let shared: f64 = list(&run, "/leaks/pairs").iter().map(|pair| number(pair, "/duplicates")).sum();
    assert_eq!(shared, 1.0, "{run}");
}

#[test]
fn plain_text_gzip_and_zip_are_the_same_faces() {
    let home = Home::new();
    let csv = faces();
    home.write("plain/fer2013.csv", &csv);
    home.write("zipped/fer2013.zip", zip(&[("fer2013.csv".into(), csv.clone().into_bytes())]));
    home.write("gz/fer2013.csv.gz", gzip(csv.as_bytes()));
    // What is there is found without being named.
    let scores = ["plain", "zipped", "gz"].map(|folder| {
        let run = train(&home, &format!("--data {folder}")).succeeds().json();
        (number(&run, "/valid/loss"), number(&run, "/test/loss"))
    });
    assert!(scores.iter().all(|one| *one == scores[0]), "{scores:?}");
}

#[test]
fn inspect_draws_splits_classes_faces_and_their_variants() {
    let home = Home::new();
    home.write("fer2013/fer2013.csv.gz", gzip(faces().as_bytes()));
    let seen = home.command("emotions", "inspect --json --augment --data .").run().succeeds().json();
    let rows = [0, 1, 2].map(|split| number(&seen, &format!("/data/splits/{split}/rows")));
    assert_eq!(rows, [70.0, 35.0, 35.0]);
    let pictures: Vec<&str> =
        list(&seen, "/pictures").iter().filter_map(|path| path.as_str()?.rsplit('/').next()).collect();
    for name in ["classes.svg", "splits.svg", "samples.png", "augmented.png"] {
        assert!(pictures.contains(&name), "{pictures:?}");
    }
    let sheet = image::open(home.path("runs/emotions/inspect/augmented.png")).unwrap();
    assert!(
        sheet.width() >= 8 * 48 * 2 && sheet.height() >= 7 * 48 * 2,
        "an original and seven variants a row"
    );
}

#[test]
fn votes_become_soft_labels() {
    let home = Home::new();
    let csv = faces();
    home.write("data/fer2013.csv.gz", gzip(csv.as_bytes()));
    let columns = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"];
    let mut votes = format!("Usage,{}\n", columns.join(","));
    for line in csv.lines().skip(1) {
        let usage = line.rsplit(',').next().unwrap();
        writeln!(votes, "{usage},1,0,0,0,8,0,1").unwrap();
    }
    home.write("data/ferplus_fer2013new.csv.gz", gzip(votes.as_bytes()));
    let soft = "--data data --source ferplus --set training.monitor=loss";
    let run = train(&home, soft).succeeds().json();
    // Eight of ten voted for anger, whatever the label says: that is what the network learns.
    let answered = list(&run, "/test/confusion").iter().all(|row| {
        let row: Vec<f64> = row.as_array().unwrap().iter().filter_map(serde_json::Value::as_f64).collect();
        row.iter().skip(1).sum::<f64>() == 0.0
    });
    assert!(answered, "{run}");
}

#[test]
fn faces_that_are_no_faces_are_refused() {
    let home = Home::new();
    let good = faces();
    let pixels = |line: usize| good.lines().nth(line).unwrap().split(',').nth(1).unwrap().to_owned();
    let first = pixels(1);
    let cases = [
        (
            good.replacen(&first, &first[first.find(' ').unwrap() + 1..], 1),
            ["line 2, column `pixels`", "2304 whole numbers"],
        ),
        (
            good.replacen(&first, &format!("256 {}", &first[first.find(' ').unwrap() + 1..]), 1),
            ["line 2, column `pixels`", "`256`"],
        ),
        (
            good.replacen("PublicTest", "Holiday", 1),
            ["column `Usage`", "Training, PublicTest or PrivateTest"],
        ),
        (good.replacen("\n1,", "\n7,", 1), ["line 3, column `emotion`", "from 0 to 6"]),
    ];
    for (csv, parts) in cases {
        home.write("bad/fer2013.csv.gz", gzip(csv.as_bytes()));
        home.refuses(home.command("emotions", "train --data bad"), &parts);
    }
    let cut = gzip(good.as_bytes());
    home.write("bad/fer2013.csv.gz", &cut[..cut.len() / 2]);
    home.refuses(home.command("emotions", "train --data bad"), &["fer2013.csv.gz"]);
}

#[test]
fn the_real_faces_are_counted_and_their_leaks_named() {
    let Some(folder) = real_faces() else { return };
    let home = Home::new();
    let seen = home.command("emotions", "inspect --json").env("BRASA_DATA", &folder).run().succeeds().json();
    let rows = [0, 1, 2].map(|split| number(&seen, &format!("/data/splits/{split}/rows")));
    assert_eq!(rows, [28_709.0, 3_589.0, 3_589.0]);
    let counts: Vec<f64> = (0..7)
        .map(|class| (0..3).map(|s| number(&seen, &format!("/data/splits/{s}/class_counts/{class}"))).sum())
        .collect();
    assert_eq!(counts, [4_953.0, 547.0, 5_121.0, 8_989.0, 6_077.0, 4_002.0, 6_198.0]);
    let duplicates: f64 = list(&seen, "/leaks/pairs").iter().map(|pair| number(pair, "/duplicates")).sum();
    assert!(duplicates > 0.0, "FER2013 has faces on two splits");
}
