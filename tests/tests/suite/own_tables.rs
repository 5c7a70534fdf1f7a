//! `brasa` on a table that nobody has described: from a file to a report and to predictions.

use std::fmt::Write;
use std::path::PathBuf;

use brasa_tests::{Home, Invocation, list, number, text};

/// A table with a row number, numbers of which some are missing, two kinds of categories and a date; the price follows
/// from size and town.
fn flats(rows: usize) -> String {
    let towns = ["Rome", "Oslo", "Lima", "Bonn"];
    let mut text = String::from("no;size;town;floor;built;price\n");
    for row in 0..rows {
        let (size, town) = (30 + row * 37 % 71, row * 7 % 4);
        let floor = if row % 11 == 5 { "NA".into() } else { (row * 5 % 6).to_string() };
        let price = 1000 * size + 9000 * town;
        let _ = writeln!(
            text,
            "{};{size},5;{};{floor};{}.0{}.2001;{price}",
            row + 1,
            towns[town],
            row % 27 + 1,
            row % 9 + 1
        );
    }
    text
}

/// Little of everything, so that a test is short.
fn quick(command: Invocation) -> Invocation {
    let command = command.set("training.epochs", 30).set("training.bag", 2);
    command.set("model.hidden", "[32]").set("training.batch_size", 32)
}

fn trained(home: &Home, args: &str) -> serde_json::Value {
    quick(home.command("brasa", args)).run().succeeds().json()
}

#[test]
fn a_table_trains_judges_and_predicts_without_a_recipe() {
    let home = Home::new();
    home.write("flats.csv", flats(240));
    let inspected = home.command("brasa", "inspect flats.csv --target price --json").run().succeeds().json();
    for (column, kind) in
        [("size", "number"), ("town", "category"), ("floor", "number?"), ("built", "date %d.%m.%Y")]
    {
        assert_eq!(text(&inspected, &format!("/columns/{column}/kind")), kind, "{inspected}");
        assert!(!text(&inspected, &format!("/columns/{column}/reason")).is_empty());
    }
    assert_eq!(text(&inspected, "/columns/no/use"), "left-out");

    let run = trained(&home, "train flats.csv --target price --json");
    assert!(number(&run, "/test/r2") > 0.8, "{run}");
    assert!(number(&run, "/baseline/rmse") > number(&run, "/test/rmse"), "{run}");

    // Other order, an extra column, no target, a town and a date as training has none.
    home.write(
        "new.csv",
        "town;extra;built;size;floor\nRome;x;05.05.2001;60,5;2\nParis;y;05.05.2031;60,5;\n",
    );
    home.command("brasa", "predict new.csv --out out.csv").run().succeeds();
    let answers = std::fs::read_to_string(home.path("out.csv")).unwrap();
    let prices: Vec<f64> =
        answers.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(answers.lines().next(), Some("input,price,error"));
    assert!((prices[0] - 60_000.0).abs() < 15_000.0 && prices[1].is_finite(), "{answers}");

    let judged = home.command("brasa", "eval --json --split test").run().succeeds().json();
    assert_eq!(number(&judged, "/scores/rmse"), number(&run, "/test/rmse"), "{judged}");
}

/// The rows of a run's `predictions.csv`.
fn predictions(run: PathBuf) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(run.join("predictions.csv")).unwrap();
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn the_predictions_of_a_run_give_its_figures() {
    let home = Home::new();
    let rows = (0..200).map(|row| {
        let colour = ["red", "blue", ""][row % 3];
        let class = if row % 3 == 0 || row % 10 == 1 { "yes" } else { "no" };
        format!("{}.25,{colour},{class}\n", row * 13 % 17)
    });
    home.write("t.csv", "x,colour,answer\n".to_owned() + &rows.collect::<String>());
    let run = trained(&home, "train t.csv --target answer --json");
    let rows = predictions(home.run_folder(&run));
    let head = [
        "row",
        "split",
        "true",
        "predicted",
        "probability",
        "probability of true",
        "probability of no",
        "probability of yes",
    ];
    assert_eq!(rows[0], head);
    for split in ["valid", "test"] {
        let own: Vec<_> = rows.iter().filter(|row| row[1] == split).collect();
        let right = own.iter().filter(|row| row[2] == row[3]).count();
        let loss = own.iter().map(|row| -row[5].parse::<f64>().unwrap().ln()).sum::<f64>() / own.len() as f64;
        assert_eq!(right as f64 / own.len() as f64, number(&run, &format!("/{split}/accuracy")));
        assert!((loss - number(&run, &format!("/{split}/loss"))).abs() < 1e-6, "{split}: {loss}");
    }
}

#[test]
fn cross_validation_takes_folds_from_a_file() {
    let home = Home::new();
    home.write("flats.csv", flats(120));
    let fold = |fold: usize| (0..120).filter(|row| row % 3 == fold).collect::<Vec<_>>();
    home.write("folds.json", format!("{:?}", (0..3).map(fold).collect::<Vec<_>>()));
    let judged = trained(&home, "cv flats.csv --target price --folds-from folds.json --json");
    assert_eq!(list(&judged, "/fold_results").len(), 3, "{judged}");
    assert!(number(&judged, "/metrics/rmse/mean") < 30_000.0, "{judged}");
    let refuses = |folds: &str, parts: &[&str]| {
        home.write("bad.json", folds);
        let line = "cv flats.csv --target price --folds-from bad.json --json";
        quick(home.command("brasa", line)).run().fails(2, &[&["bad.json"], parts].concat());
    };
    refuses("[[0, 1]]", &["1 folds are too few"]);
    refuses("[[0, 1], [1]]", &["row 1 is in two folds"]);
    refuses("[[0], [120]]", &["fold 2 has row 120; flats.csv has 120 rows"]);
    refuses("{}", &["expected a list with a list of rows for each fold"]);
}

#[test]
fn the_recipe_can_be_written_edited_and_trained() {
    let home = Home::new();
    home.write("flats.csv", flats(120));
    let recipe = home.command("brasa", "init flats.csv --target price").run().succeeds().stdout;
    assert!(recipe.contains("# no: left out, counts the rows"), "{recipe}");
    home.write("my.toml", recipe.replace("built = \"date %d.%m.%Y\"", "#"));
    let by_recipe = trained(&home, "train my.toml --json");
    let by_flag = trained(&home, "train flats.csv --target price --drop built --json");
    assert_eq!(number(&by_recipe, "/test/rmse"), number(&by_flag, "/test/rmse"));
}

#[test]
fn what_cannot_be_trained_is_told_in_one_sentence() {
    let home = Home::new();
    home.write("flats.csv", flats(60));
    let train = |file: &str, args: &str| home.command("brasa", &format!("train {file} {args}")).run();
    train("flats.csv", "").fails(2, &["--target is missing: which column of flats.csv", "--target price"]);
    train("flats.csv", "--target prise").fails(2, &["there is no column `prise`", "did you mean `price`?"]);
    train("none.csv", "--target y").fails(2, &["none.csv: no such file"]);
    train("flats.csv", "--target town --task numbers")
        .fails(2, &["the target `town` has cells that are no number, such as `"]);
    train("flats.csv", "--target price --recipe my.toml")
        .fails(2, &["are data, for which a recipe is written"]);
    std::fs::create_dir(home.path("folder")).unwrap();
    train("folder", "--target y").fails(2, &["--target does not go with images"]);
    for (name, content, problem) in [
        ("empty.csv", "", "is empty"),
        ("blank.csv", " \n\n", "is empty"),
        ("header.csv", "x,y\n", "there are no rows"),
        ("one.csv", "x,y\n1,a\n", "the target `y` is `a` in every row that has one"),
        ("class.csv", "x,y\n1,a\n2,a\n3,a\n", "the target `y` is `a` in every row that has one"),
        ("missing.csv", "x,y\n1,NA\n2,\n", "the target `y` is missing in every row"),
        ("alone.csv", "y\n1\n2\n3\n", "has no column to learn from beside the target"),
        ("binary.csv", "\u{1}\u{0}\u{2}x,y\n", "is no text"),
        ("ragged.csv", "x,y\n1,2\n1,2,3\n", "line 3: expected 2 cells, found 3"),
        ("quote.csv", "x,y\n1,\"2\n3,4\n", "line 2"),
    ] {
        home.write(name, content);
        train(name, "--target y").fails(2, &[name, problem]);
    }
    // What is wrong with a few rows is wrong with a split: said, too.
    home.write("two.csv", "x,y\n1,a\n2,b\n");
    train("two.csv", "--target y").fails(2, &[]);
}

#[test]
fn rows_without_a_target_are_left_out_and_said() {
    let home = Home::new();
    let table = flats(120);
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    let (head, _) = lines[5].rsplit_once(';').unwrap();
    lines[5] = format!("{head};");
    home.write("flats.csv", lines.join("\n") + "\n");
    let run = trained(&home, "train flats.csv --target price --json");
    let warnings = list(&run, "/warnings");
    assert!(
        warnings.iter().any(|warning| warning == "1 row has no target and was left out."),
        "{warnings:?}"
    );
}

#[test]
fn a_bag_is_scored_on_its_validation_split_by_what_it_has_not_seen() {
    let home = Home::new();
    home.write("flats.csv", flats(150));
    let run = trained(&home, "train flats.csv --target price --json");
    let judged = home.command("brasa", "eval --json --split valid").run().succeeds().json();
    assert_eq!(number(&judged, "/scores/rmse"), number(&run, "/valid/rmse"), "{judged}");
}

#[test]
fn a_gzipped_table_and_one_whose_columns_stand_in_another_order_are_read() {
    let home = Home::new();
    home.write("flats.csv.gz", brasa_tests::gzip(flats(150).as_bytes()));
    let run = trained(&home, "train flats.csv.gz --target price --json");
    let turned = flats(150).lines().fold(String::new(), |text, line| {
        let cells: Vec<&str> = line.split(';').collect();
        text + &[cells[5], cells[4], cells[3], cells[2], cells[1]].join(";") + "\n"
    });
    home.write("turned.csv", turned);
    let whole = home.command("brasa", "eval --json --on turned.csv").run().succeeds().json();
    let rows = number(&whole, "/scores/rows");
    assert!(rows == 150.0 && number(&whole, "/scores/r2") > 0.8, "{whole} {run}");
}

#[test]
fn flags_for_a_table_are_refused_where_there_is_none() {
    let home = Home::new();
    home.write("my.toml", "");
    for flag in ["--target y", "--task numbers", "--group y", "--drop y", "--missing=-9", "--effort quick"] {
        let flag_alone = flag.split([' ', '=']).next().unwrap();
        home.command("brasa", &format!("train my.toml {flag}"))
            .run()
            .fails(2, &[flag_alone, "goes with data of your own"]);
    }
    home.command("brasa", "train my.toml --recipe other.toml").run().fails(2, &["my.toml is a recipe, too"]);
}

#[test]
fn classes_may_be_called_as_if_they_were_missing() {
    let home = Home::new();
    let row = |row: usize| {
        format!(
            "{}.5,{},{}\n",
            row * 7 % 23,
            if row.is_multiple_of(9) { "NA" } else { "2.5" },
            ["None", "some", "-"][row % 3]
        )
    };
    home.write("t.csv", "x,z,y\n".to_owned() + &(0..150).map(row).collect::<String>());
    let run = trained(&home, "train t.csv --target y --json");
    let names: Vec<_> = list(&run, "/test/per_class").iter().map(|class| text(class, "/name")).collect();
    assert_eq!(names, ["-", "None", "some"], "{run}");
}

#[test]
fn other_apps_take_no_file() {
    let home = Home::new();
    home.iris("train flats.csv").run().fails(2, &["unexpected argument 'flats.csv'"]);
    home.iris("train --target price").run().fails(2, &["unexpected argument '--target'"]);
}

#[test]
fn the_columns_that_matter_are_told_and_how() {
    let home = Home::new();
    home.write("flats.csv", flats(240));
    trained(&home, "train flats.csv --target price --json");
    let told = home.command("brasa", "explain --repeats 3 --json").run().succeeds().json();
    let columns: Vec<&str> = list(&told, "/importance").iter().map(|one| text(one, "/column")).collect();
    assert_eq!(columns[0], "size", "{told}");
    assert_eq!(columns.len(), 4, "{told}");
    let partial = &list(&told, "/partial")[0];
    assert_eq!(text(partial, "/column"), "size");
    let prices: Vec<f64> = list(partial, "/answers/0").iter().map(|one| one.as_f64().unwrap()).collect();
    assert!(prices[prices.len() - 1] > prices[0] + 20_000.0, "{prices:?}");
    for picture in list(&told, "/pictures") {
        assert!(std::fs::read_to_string(home.path(picture.as_str().unwrap())).unwrap().contains("<svg"));
    }
    let again = home.command("brasa", "explain --repeats 3 --json").run().succeeds().json();
    assert_eq!(told, again);
    home.command("brasa", "explain --rows 0").run().fails(2, &["--rows and --repeats take numbers from 1"]);
    // As well of a table by a recipe.
    let _ = home.trained_iris();
    home.command("iris", "explain --partial 1").run().succeeds();
}

#[test]
fn a_bag_that_is_ended_before_its_end_says_that_it_left_no_weights() {
    let home = Home::new();
    home.write("flats.csv", flats(240));
    let command = home.command("brasa", "train flats.csv --target price").set("training.epochs", 100_000);
    let command = command.set("training.bag", 2).set("model.hidden", "[8]");
    let mut running = command.start();
    let begun = |running: &brasa_tests::Running| running.stderr().contains("epoch ");
    running.wait_until("an epoch", begun);
    running.signal("TERM");
    running.wait().fails(143, &["holds no weights: those of a bag are written at its end"]);
}

/// Orders of a shop: levels in an order, yes and no in two spellings, a time of day, and accounts with parentheses.
fn orders(rows: usize) -> String {
    let (sizes, gifts) = (["S", "M", "L", "XL"], ["Yes", "no", "YES", ""]);
    let mut text = String::from("size,gift,at,balance,spent\n");
    for row in 0..rows {
        let (size, gift, cents) = (row * 7 % 4, row * 13 % 4, row * 37 % 101);
        let balance = if row % 3 == 0 { format!("({cents}.50)") } else { format!("{cents}.25") };
        let spent = 10 * size + if gift % 2 == 0 { 5 } else { 0 };
        let _ = writeln!(
            text,
            "{},{},{}:{:02},{balance},{spent}.{}",
            sizes[size],
            gifts[gift],
            row * 5 % 24,
            row * 11 % 60,
            row % 10
        );
    }
    text
}

#[test]
fn levels_in_an_order_yes_and_no_and_times_are_told_apart() {
    let home = Home::new();
    home.write("orders.csv", orders(240));
    let recipe = home.command("brasa", "init orders.csv --target spent").run().succeeds().stdout;
    for line in [
        "size = \"ordered\"",
        "gift = \"yes/no?\"",
        "at = \"time\"",
        "parentheses = true",
        "size = [\"S\", \"M\", \"L\", \"XL\"]",
    ] {
        assert!(recipe.contains(line), "{line}\n{recipe}");
    }
    let run = trained(&home, "train orders.csv --target spent --json");
    assert!(number(&run, "/test/r2") > 0.8, "{run}");
    // Pictures have the levels by name.
    home.command("brasa", "explain --repeats 2 --partial 2").run().succeeds();
    let pictures = ["partial-1.svg", "partial-2.svg"]
        .map(|name| std::fs::read_to_string(home.run_folder(&run).join("explain").join(name)).unwrap());
    for words in ["\nXL\n", "\n(missing)\n"] {
        assert!(pictures.iter().any(|picture| picture.contains(words)), "{words}");
    }

    // Another language, a blank, and a size that no order has: it is answered and said.
    home.write("new.csv", "size,gift,at,balance\nXXL,ja,12:00,(20.00)\nS,,8:30 PM,5\n");
    let answers = home.command("brasa", "predict new.csv --json").run().succeeds();
    let words = "1 row whose `size` no row of the training has, or that lack it, the first new.csv:1";
    assert!(answers.stderr.contains(words), "{}", answers.stderr);
    let answers = answers.json();
    assert_eq!(list(&answers, "/predictions").len(), 2);
    assert_eq!(answers["outside"][0]["unknown_level"], true, "{answers}");
    // What is neither yes nor no is answered, too; a time has to be one.
    home.write("new.csv", "size,gift,at,balance\n,maybe,12:00,5\n");
    let told = home.command("brasa", "predict new.csv").run().succeeds().stderr;
    assert!(told.contains("whose `gift` no row") && told.contains("whose `size` no row"), "{told}");
    home.write("new.csv", "size,gift,at,balance\nS,no,25:00,5\n");
    let wrong = ["new.csv: line 2, column `at`: expected a time of day, found `25:00`"];
    home.command("brasa", "predict new.csv").run().fails(2, &wrong);

    // The order is said by the recipe: without it, or with another kind of column, there is none.
    let own = recipe.replace("size = [\"S\", \"M\", \"L\", \"XL\"]", "");
    home.write("own.toml", own);
    home.command("brasa", "train own.toml").run().fails(2, &["the levels of `size` are not given"]);
    home.write("own.toml", recipe.replace("size = \"ordered\"", "size = \"number\""));
    home.command("brasa", "train own.toml").run().fails(2, &["`size` is no column", "\"ordered\""]);
    home.write("own.toml", recipe.replace("[\"S\", \"M\", \"L\", \"XL\"]", "[\"S\", \"M\", \"L\"]"));
    let warned = quick(home.command("brasa", "train own.toml")).run().succeeds();
    let words = "`size` has the levels S < M < L; 60 cells, the first `XL`, are none of them";
    assert!(format!("{}{}", warned.stdout, warned.stderr).contains(words), "{warned}");
    // Since rows of the training have it as well, it is nothing new.
    home.write("new.csv", "size,gift,at,balance\nXL,no,12:00,5\n");
    let told = home.command("brasa", "predict new.csv").run().succeeds().stderr;
    assert!(!told.contains("no row of the training"), "{told}");
    // It needs the scaling that knows what to do without.
    home.write("own.toml", recipe.replace("scaling = \"robust\"", "scaling = \"standard\""));
    home.command("brasa", "train own.toml").run().fails(2, &["scaling = \"robust\""]);
    // A target of yes and no is among those that are offered.
    let targets = home.command("brasa", "inspect orders.csv").run().succeeds().stdout;
    assert!(targets.contains("gift: every cell is yes or no"), "{targets}");
}
