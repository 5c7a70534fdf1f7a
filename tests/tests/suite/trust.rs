//! How far an answer can be trusted, and who says so: thresholds, sets and intervals, ranges, a linear model beside.

use std::fmt::Write;

use brasa_tests::{Home, Invocation, list, number, text};

/// Loans of which one in five is late, the more likely the more is owed; the chance is not certainty.
fn loans(rows: usize) -> String {
    let mut text = String::from("owed,age,town,late\n");
    for row in 0..rows {
        let (owed, luck) = (row * 37 % 101, row * 53 % 97);
        let late = if owed + luck > 140 { "yes" } else { "no" };
        let _ = writeln!(text, "{owed}.5,{},{},{late}", 20 + row * 7 % 50, ["Rome", "Oslo"][row % 2]);
    }
    text
}

fn quick(command: Invocation) -> Invocation {
    command.set("training.epochs", 12).set("training.bag", 2).set("model.hidden", "[16]")
}

fn home() -> Home {
    let home = Home::new();
    home.write("loans.csv", loans(400));
    home
}

#[test]
fn two_classes_are_told_apart_by_the_threshold_that_the_recipe_asks_for() {
    let home = home();
    let costly = quick(home.command("brasa", "train loans.csv --target late --json"))
        .set("decision.by", "cost")
        .set("decision.costs", "[1, 20]");
    let run = costly.run().succeeds().json();
    let of = |key: &str| number(&run, &format!("/decided/{key}"));
    assert_eq!(text(&run, "/decided/positive"), "yes");
    assert!(of("threshold") < 0.5 && of("test/recall") >= of("at_half/recall"), "{run}");
    assert!(of("valid/cost") <= 1.0, "{run}");
    let folder = text(&run, "/run");
    let report = std::fs::read_to_string(home.path(folder).join("report.html")).unwrap();
    assert!(report.contains("Thresholds of yes") && report.contains("ROC curve"));
    for picture in ["roc.svg", "precision-recall.svg"] {
        assert!(home.path(folder).join("pictures").join(picture).is_file(), "{picture}");
    }
    let predictions = std::fs::read_to_string(home.path(folder).join("predictions.csv")).unwrap();
    let said = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let rows: Vec<_> = predictions.lines().skip(1).map(said).filter(|cells| cells[1] == "test").collect();
    let (hits, misses) = (
        |cells: &&Vec<String>| cells[2] == "yes" && cells[3] == "yes",
        |cells: &&Vec<String>| cells[2] == "yes" && cells[3] == "no",
    );
    let counted = [rows.iter().filter(hits).count(), rows.iter().filter(misses).count()];
    assert_eq!(counted.map(|count| count as f64), [of("test/true_positives"), of("test/false_negatives")]);
    // It may be taken back on going on: no weight depends on it.
    let again =
        home.command("brasa", "train --resume --json").set("training.epochs", 14).set("decision.by", "f1");
    let again = again.set("decision.costs", "[]").set("training.linear", false).run();
    assert!(again.code == Some(0) || again.stderr.contains("training.epochs"), "{again}");
    // The saved model answers by it.
    home.write("new.csv", "owed,age,town\n5.5,30,Rome\n60.5,30,Rome\n75.5,30,Oslo\n99.5,30,Oslo\n");
    let answers = home.command("brasa", "predict new.csv --json").run().succeeds().json();
    for answer in list(&answers, "/predictions") {
        let late = number(answer, "/probabilities/yes") >= of("threshold");
        assert_eq!(text(answer, "/class"), if late { "yes" } else { "no" }, "{answer}");
    }

    let plain = quick(home.command("brasa", "train loans.csv --target late --json")).run().succeeds().json();
    assert_eq!(plain.pointer("/decided/in_force"), Some(&false.into()), "{plain}");
    for (change, words) in [
        (
            "decision.positive=maybe",
            "`decision.positive`: expected one of the classes, no, yes, found `maybe`",
        ),
        ("decision.costs=[1]", "needs decision.by = \"cost\""),
    ] {
        let command = home.command("brasa", "train loans.csv --target late").args(["--set", change]);
        command.run().fails(2, &[words]);
    }
}

#[test]
fn sets_and_intervals_hold_the_truth_as_often_as_asked_for() {
    let home = home();
    let run = quick(home.command("brasa", "train loans.csv --target late --json")).run().succeeds().json();
    let covered = list(&run, "/covered");
    assert_eq!(covered.len(), 3, "{run}");
    for covered in covered {
        let (asked, held) = (number(covered, "/asked"), number(covered, "/held/0"));
        // A set has a class at least: it holds the truth as often as the model is right.
        assert!(held > asked - 0.1 && held <= 1.0, "{covered}");
        assert!((1.0..=2.0).contains(&number(covered, "/size/0")), "{covered}");
    }
    home.write("new.csv", "owed,age,town\n5.5,30,Rome\n70.5,30,Rome\n");
    let answers = home.command("brasa", "predict new.csv --coverage 0.95 --json").run().succeeds().json();
    assert_eq!(list(&answers, "/predictions/0/set"), &["no"], "{answers}");
    let few = "--coverage 0.99: needs 99 rows that the model was judged on in training, there were 64";
    home.command("brasa", "predict new.csv --coverage 0.99").run().fails(2, &[few]);
    home.command("brasa", "predict new.csv --coverage 90").run().fails(2, &["a share from 0.01 to 0.99"]);

    // A number: from and to, around it, wider for more.
    let run = quick(home.command("brasa", "train loans.csv --target owed --json")).run().succeeds().json();
    assert_eq!(list(&run, "/covered").len(), 3, "{run}");
    home.write("new.csv", "age,town,late\n30,Rome,no\n");
    let width = |coverage: &str| {
        let args = format!("predict new.csv --coverage {coverage} --json");
        let answers = home.command("brasa", &args).run().succeeds().json();
        let owed = number(&answers, "/predictions/0/numbers/owed");
        let [from, to] = [0, 1].map(|end| number(&answers, &format!("/predictions/0/intervals/owed/{end}")));
        assert!(from < owed && owed < to, "{answers}");
        to - from
    };
    assert!(width("0.5") < width("0.9"));
    home.command("brasa", "predict new.csv --coverage 0.9 --out out.csv").run().succeeds();
    let csv = std::fs::read_to_string(home.path("out.csv")).unwrap();
    assert_eq!(csv.lines().next(), Some("input,owed,owed from,owed to,error"));
}

#[test]
fn what_the_model_has_seen_nothing_like_is_said() {
    let home = home();
    quick(home.command("brasa", "train loans.csv --target late")).run().succeeds();
    home.write("new.csv", "owed,age,town\n5.5,30,Rome\n9000,30,Rome\n12.5,-3,Oslo\n9001,31,Oslo\n");
    let answers = home.command("brasa", "predict new.csv --json").run().succeeds();
    let words = "2 rows with a `owed` beyond the training rows' 0.5 to 100.5, the first 9000 (new.csv:2)";
    assert!(answers.stderr.contains(words), "{}", answers.stderr);
    let answers = answers.json();
    assert_eq!(list(&answers, "/predictions").len(), 4);
    let outside = list(&answers, "/outside");
    let columns: Vec<&str> = outside.iter().map(|outside| text(outside, "/column")).collect();
    assert_eq!(columns, ["age", "owed"], "{answers}");
    assert_eq!(text(&outside[0], "/row"), "new.csv:3");
    assert_eq!(number(&outside[1], "/most"), 100.5);
}

#[test]
fn earlier_rows_train_and_later_ones_judge_where_time_counts() {
    let home = Home::new();
    let mut sales = String::from("sold,size,price\n");
    for row in 0..200 {
        let day = row * 77 % 200;
        let _ = writeln!(
            sales,
            "2024-{:02}-{:02},{}.5,{}",
            day / 28 + 1,
            day % 28 + 1,
            row * 7 % 31,
            100 * (row * 7 % 31) + day
        );
    }
    home.write("sales.csv", sales);
    let inspected = home.command("brasa", "inspect sales.csv --target price --json").run().succeeds().json();
    let questions =
        list(&inspected, "/questions").iter().filter_map(|question| question.as_str()).collect::<String>();
    assert!(questions.contains("Then --order sold splits by time"), "{inspected}");
    let ordered = home.command("brasa", "train sales.csv --target price --order sold --json");
    let run = quick(ordered).run().succeeds().json();
    let rows = ["train", "valid", "test"].map(|split| number(&run, &format!("/{split}/rows")));
    assert_eq!(rows, [128.0, 32.0, 40.0], "{run}");
    let predictions = std::fs::read_to_string(home.path(text(&run, "/run")).join("predictions.csv")).unwrap();
    let judged: Vec<usize> = predictions
        .lines()
        .filter(|line| line.contains(",test,"))
        .map(|line| line.split(',').next().unwrap().parse().unwrap())
        .collect();
    assert!(judged.iter().all(|row| row * 77 % 200 >= 160), "the last forty days judge");
    home.command("brasa", "cv sales.csv --target price --order sold")
        .run()
        .fails(2, &["folds would train on it"]);
    let wrong = home.command("brasa", "train sales.csv --target price --order day").run();
    wrong.fails(2, &["--order day: no feature of numbers or dates is called so; there are sold, size"]);
    let mixed = home.command("brasa", "train sales.csv --target price").set("data.split.order", "sold");
    mixed.run().fails(2, &["split.order", "goes with kind = \"ordered\" alone"]);
}

#[test]
fn a_linear_model_stands_beside_the_scores() {
    let home = home();
    let run = quick(home.command("brasa", "train loans.csv --target late --json")).run().succeeds().json();
    let (linear, most) = (number(&run, "/linear/accuracy"), number(&run, "/baseline/accuracy"));
    assert!(linear >= most && number(&run, "/linear/loss") < number(&run, "/baseline/loss"), "{run}");
    let none =
        quick(home.command("brasa", "train loans.csv --target late --json")).set("training.linear", false);
    assert_eq!(none.run().succeeds().json().pointer("/linear"), Some(&serde_json::Value::Null));
}

#[test]
fn a_learning_rate_is_found_and_nothing_is_left_of_it() {
    let home = home();
    let found =
        home.command("brasa", "train loans.csv --target late --find-lr --json").run().succeeds().json();
    let lr = number(&found, "/find_lr/suggestion");
    assert!((1e-6..1.0).contains(&lr), "{found}");
    let losses: Vec<f64> =
        list(&found, "/find_lr/points").iter().map(|point| number(point, "/smoothed")).collect();
    assert!(losses.len() > 20 && losses.iter().copied().fold(f64::INFINITY, f64::min) < losses[0], "{found}");
    assert!(!home.path("runs").exists(), "a run was left");
    let text = |row: usize| ["good stuff", "bad thing", "fine good", "poor bad"][row % 4];
    let lines: String =
        (0..120).map(|row| format!("{{\"body\": \"{}\", \"mood\": {}}}\n", text(row), row % 2)).collect();
    home.write("moods.jsonl", lines);
    let args = "train moods.jsonl --text body --target mood --find-lr --json";
    let found = home.command("brasa", args).run().succeeds().json();
    assert!(list(&found, "/find_lr/points").len() > 20, "{found}");
    let trees =
        home.command("brasa", "train loans.csv --target late --find-lr").set("model.kind", "boosted-trees");
    trees.run().fails(2, &["expected a network that learns by gradients"]);
}

#[test]
fn best_blends_one_more_kind_of_network() {
    let home = home();
    let recipe = home.command("brasa", "init loans.csv --target late --effort best").run().succeeds().stdout;
    assert!(recipe.contains("kind = \"tabm\"\nrate = 0.05"), "{recipe}");
    home.write("my.toml", &recipe);
    let run = home.command("brasa", "train my.toml --json").set("training.epochs", 3).set("training.bag", 2);
    let run = run.run().succeeds().json();
    let page = std::fs::read_to_string(home.path(text(&run, "/report"))).unwrap();
    assert!(page.contains("% tabm"), "{page}");
}
