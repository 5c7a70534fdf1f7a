//! `brasa` on images, texts and series that nobody has described.

use std::fmt::Write;

use brasa_tests::{Home, Invocation, digit_files, list, number, text};

/// Little of everything, so that a test is short.
fn short(command: Invocation, epochs: usize) -> Invocation {
    command.set("training.epochs", epochs)
}

/// A folder `photos` with so many of each class in each split.
fn photos(home: &Home, splits: &[(&str, usize)]) {
    for (name, bytes) in digit_files(splits) {
        let path = home.path("photos").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_folder_of_images_trains_and_predicts_without_a_recipe() {
    let home = Home::new();
    photos(&home, &[("train", 12), ("test", 4)]);
    let inspected = home.command("brasa", "inspect photos --json").run().succeeds().json();
    assert!(list(&inspected, "/questions")[0].as_str().unwrap().contains("mirrored"), "{inspected}");
    home.command("brasa", "init photos --time soon")
        .run()
        .fails(2, &["expected a time such as 90s, 2m or 1h"]);
    let timed = home.command("brasa", "init photos --time 2m").run().succeeds();
    assert!(timed.stdout.contains("\ntime_limit = 120 "), "{}", timed.stdout);
    let written = home.command("brasa", "init photos --json").run().succeeds().json();
    let recipe = text(&written, "/toml");
    for part in ["folder = \"photos\"", "channels = 1  # all are grey", "kind = \"given\"", "residual 64"] {
        assert!(recipe.contains(part), "{part}: {recipe}");
    }
    let run = short(home.command("brasa", "train photos --effort quick --json"), 3).run().succeeds().json();
    assert_eq!(number(&run, "/epochs"), 3.0);
    let answers = home.command("brasa", "predict photos/test --json").run().succeeds().json();
    assert_eq!(list(&answers, "/predictions").len() % 4, 0, "{answers}");
    // A folder within another, with a slash at its end, is found as well.
    home.command("brasa", "init ./photos/").run().succeeds();
}

#[test]
fn images_whose_classes_a_table_names_train_from_the_table_or_the_folder() {
    let home = Home::new();
    let mut table = String::from("file,writer,digit\n");
    for (number, (name, bytes)) in digit_files(&[("train", 12)]).into_iter().enumerate() {
        let class = name.split('/').nth(1).unwrap();
        let flat = format!("{number}.png");
        home.write(&format!("scans/{flat}"), bytes);
        let _ = writeln!(table, "scans/{flat},w{},{class}", number % 3);
    }
    home.write("scans/other.png", b"no image, and named by no table");
    home.write("digits.csv", &table);
    let shown = home.command("brasa", "init digits.csv --target digit").run().succeeds().stdout;
    for part in ["folder = \".\"", "labels = \"digits.csv\"", "path = \"file\"", "target = \"digit\""] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let args = "train digits.csv --target digit --effort quick --json";
    let run = short(home.command("brasa", args), 2).run().succeeds().json();
    let rows =
        ["train", "valid", "test"].map(|split| number(&run, &format!("/{split}/rows"))).iter().sum::<f64>();
    assert_eq!(rows, (table.lines().count() - 1) as f64, "{run}");
    // By the folder, with paths below it and without endings.
    home.write("labels.csv", table.replace("scans/", "").replace(".png", ""));
    let shown =
        home.command("brasa", "init scans --labels labels.csv --target digit").run().succeeds().stdout;
    assert!(shown.contains("folder = \"scans\"\nlabels = \"labels.csv\""), "{shown}");
    let args = "train scans --labels labels.csv --target digit --effort quick --json";
    short(home.command("brasa", args), 1).run().succeeds();
    // Images of one writer stay together.
    let args = "scans --labels labels.csv --target digit --group writer --effort quick";
    let recipe = home.command("brasa", &format!("init {args}")).run().succeeds().stdout;
    assert!(recipe.contains("group = \"writer\"") && recipe.contains("kind = \"grouped\""), "{recipe}");
    let run = short(home.command("brasa", &format!("train {args} --json")), 1).run().succeeds().json();
    let pairs = list(&run, "/leaks/pairs");
    assert!(!pairs.is_empty() && pairs.iter().all(|pair| number(pair, "/shared_groups") == 0.0), "{run}");
    // Three writers of as many images: one for each split.
    let rows = ["train", "valid", "test"].map(|split| number(&run, &format!("/{split}/rows")));
    assert_eq!(rows, [40.0; 3], "{run}");
    let wrong = home.command("brasa", "init scans --labels labels.csv --target digit --group hand").run();
    wrong.fails(2, &["--group hand: the groups are in another column", "there are writer"]);
    // In an archive, the class before the path.
    let turned = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{},{},{}\n", cells[2], cells[1], cells[0].replace("scans/", ""))
    };
    home.write("turned.csv", table.lines().map(turned).collect::<String>());
    let entry = |line: &str| line.split(',').next().unwrap().replace("scans/", "");
    let entries = table.lines().skip(1).map(entry);
    let entries: Vec<(String, Vec<u8>)> = entries
        .map(|name| {
            let bytes = std::fs::read(home.path("scans").join(&name)).unwrap();
            (name, bytes)
        })
        .collect();
    home.write("scans.zip", brasa_tests::zip(&entries));
    let shown =
        home.command("brasa", "init scans.zip --labels turned.csv --target digit").run().succeeds().stdout;
    assert!(shown.contains("archive = \"scans.zip\"\nlabels = \"turned.csv\"\npath = \"file\""), "{shown}");
    // As a table, where that is what is asked for, and where a number is predicted.
    let columns = home.command("brasa", "init digits.csv --target digit --drop file").run().succeeds().stdout;
    assert!(columns.contains("[data.csv]"), "{columns}");
    home.command("brasa", "inspect digits.csv").run().succeeds();
    let missing = home.command("brasa", "train scans --labels labels.csv").run();
    missing.fails(
        2,
        &[
            "--target is missing: which column of labels.csv holds the classes of the images in `file`?",
            "--target writer",
        ],
    );
    let wrong = home.command("brasa", "train scans --labels labels.csv --target file").run();
    wrong.fails(
        2,
        &["--target file: the classes are in another column than the paths; there are writer, digit"],
    );
    home.write("digits.csv", table.replace("scans/0.png", "scans/gone.png"));
    let gone = home.command("brasa", "inspect digits.csv --target digit --json").run().succeeds().json();
    let questions =
        list(&gone, "/questions").iter().filter_map(|question| question.as_str()).collect::<String>();
    assert!(questions.contains("1 image cannot be read") && questions.contains("gone.png"), "{gone}");
}

#[test]
fn series_in_the_form_of_aeon_train_without_a_recipe() {
    let home = Home::new();
    let series = |from: usize, to: usize| -> String {
        let of = |row: usize| {
            let (class, steps) = (["up", "down"][row % 2], 20 + row % 5);
            let slope = [1.0, -1.0][row % 2];
            let value = |step: usize| format!("{:.3}", slope * step as f64 + (row * 7 % 5) as f64 / 3.0);
            let values = (0..steps).map(value).collect::<Vec<_>>().join(",");
            format!("{values}:{class}\n")
        };
        let header = "@problemName ramps\n@classLabel true up down\n@data\n".to_owned();
        header + &(from..to).map(of).collect::<String>()
    };
    home.write("old.ts", series(0, 40));
    home.write("new.ts", series(40, 60));
    let recipe = home.command("brasa", "init old.ts --test new.ts").run().succeeds().stdout;
    for part in ["pad = \"end\"", "kind = \"hydra-multirocket\"", "kind = \"given\""] {
        assert!(recipe.contains(part), "{part}: {recipe}");
    }
    let inspected = home.command("brasa", "inspect old.ts --test new.ts").run().succeeds().stdout;
    assert!(inspected.contains("40 series of up to 24 steps, 1 channels"), "{inspected}");
    let run = home.command("brasa", "train old.ts --test new.ts --json").run().succeeds().json();
    assert_eq!(number(&run, "/test/rows"), 20.0);
    assert!(number(&run, "/test/accuracy") > 0.9, "{run}");
    home.write("many.ts", series(0, 200));
    let best = home.command("brasa", "init many.ts --effort best").run().succeeds().stdout;
    assert!(
        best.contains("kind = \"inception-time\"") && best.contains("kind = \"hydra-multirocket\""),
        "{best}"
    );
    home.command("brasa", "init old.ts --time 1m").run().fails(2, &["this model is fitted at once"]);
    let quick = home.command("brasa", "init old.ts --effort quick").run().succeeds().stdout;
    assert!(quick.contains("kind = \"minirocket\""), "{quick}");
    home.command("brasa", "predict new.ts --json").run().succeeds();
    home.command("brasa", "train old.ts --target x")
        .run()
        .fails(2, &["--target does not go with series in the form .ts"]);
    home.write("bad.ts", "@data\n1,x,3:up\n");
    home.command("brasa", "inspect bad.ts").run().fails(2, &["bad.ts"]).assert_no_panic();
}

/// Two classes that their words tell apart.
fn reviews(rows: usize, from: usize) -> String {
    let row = |row: usize| {
        let words = [["splendid", "delightful"], ["dreadful", "tedious"]][row % 2];
        let stars = if row.is_multiple_of(2) { "good" } else { "bad" };
        format!(
            "{{\"body\": \"A {} evening, number {}\", \"stars\": \"{stars}\"}}\n",
            words[row / 2 % 2],
            row * 7 % 13
        )
    };
    (from..from + rows).map(row).collect()
}

#[test]
fn lines_of_json_with_texts_train_and_predict_without_a_recipe() {
    let home = Home::new();
    home.write("reviews.jsonl", reviews(160, 0));
    home.write("later.jsonl", reviews(20, 160));
    home.command("brasa", "train reviews.jsonl --text body").run().fails(2, &["--target stars  \"good\""]);

    let args = "train reviews.jsonl --target stars --text body --test later.jsonl --json";
    let run =
        home.command("brasa", args).set("training.epochs", 8).set("training.bag", 2).run().succeeds().json();
    assert!(number(&run, "/test/accuracy") > 0.9, "{run}");
    home.write("new.txt", "what a splendid day\nso tedious\n");
    let answers = home.command("brasa", "predict new.txt --json").run().succeeds().json();
    let said: Vec<&str> =
        list(&answers, "/predictions").iter().map(|answer| text(answer, "/class")).collect();
    assert_eq!(said, ["good", "bad"], "{answers}");
}

/// Two kinds of waves, with a label for each series.
fn waves(series: usize) -> (String, String) {
    let (mut steps, mut labels) = (String::from("id,t,a,b\n"), String::from("id,surface,room\n"));
    for id in 0..series {
        let fast = id % 2 == 0;
        for t in 0..24 {
            let angle = f64::from(t) * if fast { 1.3 } else { 0.4 } + id as f64;
            let _ = writeln!(steps, "{id},{t},{:.4},{:.4}", angle.sin(), angle.cos());
        }
        let _ = writeln!(labels, "{id},{},{}", if fast { "carpet" } else { "wood" }, id / 4);
    }
    (steps, labels)
}

#[test]
fn series_train_without_a_recipe() {
    let home = Home::new();
    let (steps, labels) = waves(60);
    home.write("x.csv", steps);
    home.write("y.csv", labels);
    let named = "--series id --step t --labels y.csv --target surface";
    home.command("brasa", "train x.csv --series id --target surface").run().fails(2, &["--step is missing"]);
    home.command("brasa", &format!("train x.csv {named} --drop c"))
        .run()
        .fails(2, &["no such channel", "a, b"]);
    let written = home.command("brasa", &format!("init x.csv {named} --group room")).run().succeeds();
    assert!(written.stdout.contains("kind = \"grouped\""), "{}", written.stdout);
    let args = format!("train x.csv {named} --group room --json");
    let command = short(home.command("brasa", &args), 15).set("model.depth", 2).set("model.filters", 8);
    let run = command.run().succeeds().json();
    assert!(number(&run, "/test/accuracy") > 0.9, "{run}");
}

/// Waves of a frequency that is to be told.
fn frequency(id: usize) -> f64 {
    0.2 + (id * 37 % 60) as f64 / 50.0
}

#[test]
fn series_whose_numbers_are_predicted_train_without_a_recipe() {
    let home = Home::new();
    let (mut steps, mut labels, mut ts) =
        (String::from("id,t,a\n"), String::from("id,hertz\n"), String::from("@targetlabel true\n@data\n"));
    for id in 0..90 {
        let readings = (0..32).map(|t| (frequency(id) * f64::from(t) + id as f64).sin());
        let readings: Vec<String> = readings.map(|reading| format!("{reading:.4}")).collect();
        readings.iter().enumerate().for_each(|(t, reading)| {
            let _ = writeln!(steps, "{id},{t},{reading}");
        });
        let _ = writeln!(labels, "{id},{}", frequency(id));
        let _ = writeln!(ts, "{}:{}", readings.join(","), frequency(id));
    }
    home.write("x.csv", steps);
    home.write("y.csv", &labels);
    home.write("waves.ts", ts);
    let run = home.command("brasa", "train waves.ts --json").run().succeeds().json();
    assert!(number(&run, "/test/r2") > 0.9, "{run}");
    let shown = home.command("brasa", "inspect waves.ts").run().succeeds().stdout;
    assert!(shown.contains("a number to predict, 0.2 to 1.38"), "{shown}");
    home.write("new.ts", "@data\n0.1,0.9,0.9,0.1,-0.8,-1,-0.3,0.7,1,0.5,-0.5,-1,-0.7,0.3,1,0.8,-0.1,-0.9,-0.9,-0.1,0.8,1,0.3,-0.7,-1,-0.5,0.5,1,0.7,-0.3,-1,-0.8\n");
    let answers = home.command("brasa", "predict new.ts --json").run().succeeds().json();
    let hertz = number(&answers, "/predictions/0/numbers/target");
    assert!((0.8..1.3).contains(&hertz), "{answers}");

    let named = "x.csv --series id --step t --labels y.csv --target hertz";
    let recipe = home.command("brasa", &format!("init {named}")).run().succeeds().stdout;
    assert!(recipe.contains("task = \"regression\"") && recipe.contains("--task classes"), "{recipe}");
    let classes = home.command("brasa", &format!("init {named} --task classes")).run().succeeds().stdout;
    assert!(classes.contains("60 classes"), "{classes}");
    let command = short(home.command("brasa", &format!("train {named} --json")), 40);
    let run = command.set("model.depth", 2).set("model.filters", 8).run().succeeds().json();
    assert!(number(&run, "/test/r2") > 0.5, "{run}");
    home.write("y.csv", labels.replace("\n5,", "\n5,x"));
    let wrong = ["y.csv: the target `hertz` has cells that are no number, such as `x0.3"];
    home.command("brasa", &format!("train {named} --task numbers")).run().fails(2, &wrong);
}

#[test]
fn flags_that_do_not_go_with_a_kind_of_data_are_refused() {
    let home = Home::new();
    photos(&home, &[("train", 3)]);
    home.write("t.csv", "a,b\n1,x\n2,y\n");
    home.write("t.ts", "@classLabel true a b\n@data\n1,2:a\n");
    for (args, parts) in [
        (
            "train photos --target x",
            ["--target does not go with images in a folder per class", "by --labels"],
        ),
        ("train photos --group x", ["--group does not go with images in a folder per class", "by --labels"]),
        (
            "train photos --text x",
            ["--text does not go with images", "these take --labels, --target, --group, --effort, --time"],
        ),
        ("train t.csv --text a --target b --group a", ["--group does not go with texts", "--text"]),
        ("train t.csv --series a --step a --text b", ["--text does not go with series", "--labels"]),
        ("train t.ts --task numbers", ["--task does not go with series in the form .ts", "--test"]),
        ("train nowhere/ --target b", ["nowhere/", "no such file or folder"]),
        ("train t.csv --target b --test u.csv", ["u.csv", "no such file"]),
        ("train --text a", ["--text goes with data of your own", "--set"]),
    ] {
        home.command("brasa", args).run().fails(2, &parts).assert_no_panic();
    }
    std::fs::create_dir(home.path("empty")).unwrap();
    home.command("brasa", "train empty").run().fails(2, &["empty", "expected"]).assert_no_panic();
}

#[test]
fn a_table_is_judged_by_another_file() {
    let home = Home::new();
    let rows = |from: usize, to: usize| -> String {
        (from..to)
            .fold("x,y\n".into(), |text, row| format!("{text}{}.5,{}\n", row * 7 % 31, row * 7 % 31 / 16))
    };
    home.write("old.csv", rows(0, 120));
    home.write("new.csv", rows(120, 150));
    let args = "train old.csv --target y --test new.csv --task classes --json";
    let command = home.command("brasa", args).set("training.epochs", 20).set("training.bag", 2);
    let run = command.set("model.hidden", "[16]").run().succeeds().json();
    assert_eq!(number(&run, "/test/rows"), 30.0, "{run}");
}

#[test]
fn a_table_may_be_lines_of_json_an_archive_a_spreadsheet_or_of_older_letters() {
    let home = Home::new();
    let rows = |write: fn(usize, &str) -> String| -> String {
        (0..90).map(|row| write(row * 7 % 31, ["M\u{fc}nchen", "Rome"][row % 31 * 7 % 31 / 16])).collect()
    };
    let csv = "x,town\n".to_owned() + &rows(|x, town| format!("{x}.5,{town}\n"));
    let old: Vec<u8> = csv.chars().map(|c| c as u8).collect();
    home.write("old.csv", &old);
    home.write("lines.jsonl", rows(|x, town| format!("{{\"x\": {x}.5, \"town\": \"{town}\"}}\n")));
    home.write("packed.zip", brasa_tests::zip(&[("data/t.csv".into(), csv.clone().into_bytes())]));
    let quick = |command: Invocation| {
        command.set("training.epochs", 3).set("training.bag", 2).set("model.hidden", "[8]").run()
    };
    for file in ["old.csv", "lines.jsonl", "packed.zip"] {
        let run =
            quick(home.command("brasa", &format!("train {file} --target town --json"))).succeeds().json();
        assert!(number(&run, "/test/accuracy") > 0.5, "{file}: {run}");
        let answers = home.command("brasa", &format!("predict {file} --json")).run().succeeds().json();
        assert_eq!(list(&answers, "/predictions").len(), 90, "{file}");
    }
    let inspected = home.command("brasa", "inspect old.csv --target town --json").run().succeeds().json();
    let questions = format!("{}", inspected["questions"]);
    assert!(questions.contains("windows-1252") && questions.contains("M\u{fc}nchen"), "{questions}");
    home.write("broken.xlsx", b"PK\x03\x04xx");
    let broken = home.command("brasa", "train broken.xlsx --target town").run();
    broken.fails(2, &["broken.xlsx", "cannot be read"]).assert_no_panic();
}

#[test]
fn a_parquet_file_is_the_table_that_it_was_made_of() {
    let home = Home::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    home.write("iris.csv", std::fs::read(format!("{root}/datasets/iris/iris.csv")).unwrap());
    home.write("iris.parquet", std::fs::read(format!("{root}/tests/fixtures/parquet/iris.parquet")).unwrap());
    let trained = |file: &str| {
        let words = format!("train {file} --target species --effort quick --json");
        home.command("brasa", &words).run().succeeds().json()["test"].clone()
    };
    assert_eq!(trained("iris.csv"), trained("iris.parquet"));
    let rows = home.command("brasa", "predict iris.parquet --json").run().succeeds().json();
    assert_eq!(rows["predictions"].as_array().unwrap().len(), 150);

    let cut = std::fs::read(format!("{root}/tests/fixtures/parquet/iris.parquet")).unwrap();
    home.write("cut.parquet", &cut[..cut.len() - 9]);
    let cut = home.command("brasa", "inspect cut.parquet").run();
    cut.fails(2, &["cut.parquet: is a Parquet file that cannot be read"]).assert_no_panic();
}
