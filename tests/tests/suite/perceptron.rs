//! The perceptron: weights of every epoch, the moving line, and whether a line exists.

use brasa_tests::{Home, files_below, list, number, read_json, text};
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let cases = read_json(&folder.join("perceptron.json"));
    list(&cases, "/cases")
        .iter()
        .find(|case| text(case, "/case") == name)
        .expect("a case of this name")
        .clone()
}

/// The points of a fixture as the course's table, all of them for training. Two more rows are the validation split.
fn course_table(case: &Value) -> String {
    let mut table = String::from("X1,X2,Y,split\n");
    for (point, label) in list(case, "/points").iter().zip(list(case, "/labels")) {
        table += &format!("{},{},{label},train\n", number(point, "/0"), number(point, "/1"));
    }
    table + "0.05,0.06,0,valid\n0.95,0.94,1,valid\n"
}

const TABLE_RECIPE: &str = r#"
    [data.csv]
    file = "points.csv"
    target = "Y"
    side = "split"
    [data.split]
    kind = "given"
    [model]
    kind = "perceptron"
    [optimizer]
    kind = "perceptron"
    [training]
    epochs = 15
    batch_size = 0
    shuffle = false
"#;

#[test]
fn a_table_of_points_gives_the_weights_of_the_courses_loop() {
    for name in ["line", "xor"] {
        let (home, case) = (Home::new(), fixture(name));
        home.write("own/points.csv", course_table(&case));
        home.write("own/points.toml", TABLE_RECIPE);
        let train = home.command("perceptron", "train --json --recipe own/points.toml --data own");
        let answer = train.run().succeeds().json();
        let epochs = list(&answer, "/perceptron/epochs");
        assert_eq!(epochs.len(), 15);
        for (epoch, expected) in epochs.iter().zip(list(&case, "/after")) {
            for (found, expected) in [("/bias", "/0"), ("/weights/0", "/1"), ("/weights/1", "/2")]
                .map(|(found, at)| (number(epoch, found), number(expected, at)))
            {
                assert!((found - expected).abs() < 1e-6, "{name}: {epoch} for {expected}");
            }
        }
        assert_eq!(answer.pointer("/perceptron/separable"), case.pointer("/separable"), "{name}");
    }
}

#[test]
fn a_separable_set_is_learnt_and_the_weights_come_to_rest() {
    let home = Home::new();
    let answer = home.command("perceptron", "train --json --recipe separable").run().succeeds().json();
    let after = number(&answer, "/perceptron/separated_after") as usize;
    let epochs = list(&answer, "/perceptron/epochs");
    assert!((2..epochs.len()).contains(&after), "{after}");
    let errors: Vec<f64> = epochs.iter().map(|epoch| number(epoch, "/errors")).collect();
    assert!(errors[..after - 1].iter().all(|&errors| errors > 0.0) && errors[after - 1] == 0.0);
    for later in &epochs[after..] {
        assert_eq!(number(later, "/corrections"), 0.0);
        assert_eq!(later.pointer("/weights"), epochs[after - 1].pointer("/weights"));
    }
    assert_eq!(answer.pointer("/perceptron/separable"), Some(&Value::Bool(true)));
    assert!(number(&answer, "/test/accuracy") >= 0.95);
}

#[test]
fn exclusive_or_is_said_to_have_no_line() {
    let home = Home::new();
    let finished = home.command("perceptron", "train --recipe xor --set training.epochs=3").run().succeeds();
    for part in ["weights after each epoch", "w(X1)", "corrections", "the training points are not separable"]
    {
        assert!(finished.stdout.contains(part), "no {part}\n{finished}");
    }
    let table = finished.stdout.split("weights after each epoch").nth(1).unwrap();
    let row = table.lines().find(|line| line.starts_with("3 ")).expect("a row for epoch 3");
    assert_eq!(row.split_whitespace().count(), 6, "{row}");
}

#[test]
fn the_line_is_left_as_pictures_and_moves_in_the_report() {
    let home = Home::new();
    let answer = home.command("perceptron", "train --json --set training.epochs=4").run().succeeds().json();
    let run = home.run_folder(&answer);
    let pictures = files_below(&run.join("pictures"));
    let names: Vec<_> = pictures.iter().map(|path| path.file_name().unwrap().to_string_lossy()).collect();
    for name in ["epoch-01.svg", "epoch-02.svg", "epoch-03.svg", "epoch-04.svg", "decision.png"] {
        assert!(names.iter().any(|found| found == name), "no {name} among {names:?}");
    }
    let frame = std::fs::read_to_string(run.join("pictures/epoch-04.svg")).unwrap();
    assert!(frame.contains("Epoch 4") && frame.contains("X1") && frame.contains("decision line"));
    let animation = std::fs::read(run.join("pictures/decision.png")).unwrap();
    // The chunk `acTL` begins with the number of frames.
    let at = animation.windows(4).position(|chunk| chunk == b"acTL").expect("an animated PNG") + 4;
    assert_eq!(animation[at..at + 4], [0, 0, 0, 4]);
    image::load_from_memory(&animation).unwrap();
    let page = std::fs::read_to_string(home.path(text(&answer, "/report"))).unwrap();
    for part in
        ["The decision line, epoch by epoch", "data:image/png;base64,", "pictures/decision.png", "w(X2)"]
    {
        assert!(page.contains(part), "the report has no {part}");
    }
    home.assert_nothing_unfinished();
}

#[test]
fn points_of_ones_own_are_read_from_a_table() {
    let home = Home::new();
    let rows: String = (0..30).map(|i| format!("{i},{},{}\n", i % 7, u32::from(i >= 15))).collect();
    home.write("mine/points.csv", format!("X1,X2,Y\n{rows}"));
    let answer =
        home.command("perceptron", "train --json --source table --data mine").run().succeeds().json();
    assert_eq!(answer.pointer("/perceptron/features"), Some(&serde_json::json!(["X1", "X2"])));
    assert_eq!(answer.pointer("/perceptron/separable"), Some(&serde_json::json!(true)));
    home.write("mine/other.csv", "X1,X2,label\n1,2,0\n");
    let other =
        home.command("perceptron", "train --source table --data mine").set("data.csv.file", "other.csv");
    other.run().fails(2, &["other.csv", "no column `Y`", "`label`"]);
}

#[test]
fn the_other_verbs_know_it() {
    let home = Home::new();
    let run = |args: &str| home.command("perceptron", args).run().succeeds();
    let trained = run("train --json").json();
    let again = run("eval --json --split train").json();
    assert_eq!(again.pointer("/scores"), trained.pointer("/train"), "{again}");
    home.write("new.csv", "X2,X1\n0.95,0.05\n0.05,0.95\n");
    let said = run("predict --json new.csv").json();
    let classes: Vec<&str> = list(&said, "/predictions").iter().map(|said| text(said, "/class")).collect();
    assert_eq!(classes, ["0", "1"], "{said}");
    assert!(run("summary").stdout.contains("perceptron"));
    assert!(run("bench --steps 2 --warm-up 1").stdout.contains("samples"));
    for args in ["inspect", "runs list", "runs show", "data show", "data check", "data fetch", "recipes"] {
        run(args);
    }
}

#[test]
fn what_a_perceptron_cannot_have_is_refused() {
    let home = Home::new();
    let train = || home.command("perceptron", "train");
    home.refuses(train().set("model.hidden", "[3]"), &["`model.hidden` is not a key of `perceptron`"]);
    home.refuses(train().set("optimizer.kind", "adam"), &["optimizer.kind", "perceptron", "adam"]);
    home.refuses(train().set("optimizer.momentum", "0.9"), &["optimizer.momentum", "perceptron"]);
    home.refuses(train().set("data.points.shape", "ring"), &["data.points.shape", "xor"]);
    home.refuses(train().set("data.points.noise", "0.1"), &["points.noise", "line"]);
    home.refuses(train().set("data.points.row", "9"), &["data.points.row", "rows"]);
    home.write(
        "own/t.csv",
        format!("x,kind\n{}", (0..30).map(|i| format!("{i},{}\n", i % 3)).collect::<String>()),
    );
    home.write("own/t.toml", "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n[model]\nkind = \"perceptron\"\n[optimizer]\nkind = \"perceptron\"\n");
    let three = home.command("perceptron", "train --recipe own/t.toml --data own");
    home.refuses(three, &["model.kind", "two classes", "found 3"]);
}

#[test]
fn a_run_that_goes_on_shows_all_of_its_epochs() {
    let home = Home::new();
    let train =
        |rest: &str| home.command("perceptron", &format!("train --json {rest}")).run().succeeds().json();
    let twin = train("--set training.epochs=4");
    let half = home.run_folder(&train("--set training.epochs=2"));
    let name = half.file_name().unwrap().to_string_lossy().into_owned();
    let gone_on = train(&format!("--resume {name} --set training.epochs=4"));
    assert_eq!(list(&gone_on, "/perceptron/epochs").len(), 4);
    assert_eq!(gone_on.pointer("/perceptron"), twin.pointer("/perceptron"));
    // One that has lost a part of what it was says nothing rather than something else.
    std::fs::write(half.join("perceptron.jsonl"), "{\n").unwrap();
    let lost = train(&format!("--resume {name} --set training.epochs=5"));
    assert_eq!(lost.pointer("/perceptron"), None);
}
